// What a request asks of the model's thinking and output, fitted to what the Gemini behind the name accepts. Requests that came
// in this format are left as they are: their client knows its model.
#pragma once
#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {

struct Plan {
  int version = 0;                     // gemini_version()
  std::optional<bool> include;         // thinkingConfig.includeThoughts
  std::optional<std::int64_t> budget;  // -1 = the model decides
  Str level;                           // "LOW"; "" = none
  bool json_schema = true;             // takes JSON Schema; else OpenAPI's subset
  bool json_mode = true;               // takes a JSON answer's format; else an instruction stands in
  bool validated = false;              // tools are held to their schemas (mode VALIDATED)
  bool sign_calls = false;             // calls need a signature, or the word that stands for one
  bool media_in_results = true;        // a function's response may hold media; else it follows the response
};

// Rules, by version:
//   no Gemini      what was asked, in the words nearest to it
//   before 2.5     no thinking, no JSON Schema
//   2.5            a budget: minimal and low 1024, medium 8192, high 24576 tokens, within the model's range; pro cannot be
//                  kept from thinking; a JSON answer excludes tools; no media in responses of functions
//   from 3         a level; none, and minimal where it is not known, are the lowest there is; calls need signatures
Plan make_plan(const Request& request, const EncodeOptions& options, Dropped& dropped);

}  // namespace pb::llm::gemini
