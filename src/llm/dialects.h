// The dialects that exist, for dialect.cpp's table and for tests. Everything else finds them by name.
#pragma once
#include "llm/dialect.h"

namespace pb::llm {

extern const Dialect kOpenaiChat;  // openai_chat.cpp
extern const Dialect kAnthropic;   // anthropic.cpp
extern const Dialect kMistral;     // mistral.cpp
extern const Dialect kGemini;      // gemini.cpp
extern const Dialect kCohere;      // cohere.cpp

}  // namespace pb::llm
