// The dialects that exist, for dialect.cpp's table and for tests. Everything else finds them by name.
#pragma once
#include "llm/dialect.h"

namespace pb::llm {

extern const Dialect kOpenaiChat;         // openai_chat.cpp
extern const Dialect kAnthropic;          // anthropic.cpp
extern const Dialect kMistral;            // mistral.cpp
extern const Dialect kGemini;             // gemini.cpp
extern const Dialect kOllama;             // ollama.cpp
extern const Dialect kOllamaGenerate;     // ollama.cpp; not in dialects()
extern const Dialect kCohere;             // cohere.cpp
extern const Dialect kOpenaiResponses;    // openai_responses.cpp
extern const Dialect kOpenaiCompletions;  // completions.cpp

}  // namespace pb::llm
