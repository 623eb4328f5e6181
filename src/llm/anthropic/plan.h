// What a request asks of the model's thinking, sampling and output, fitted to what the Claude behind the name
// accepts. Requests that came in Anthropic's format are left as they are: their client knows its model.
#pragma once
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {

struct Plan {
  std::int64_t max_tokens = 0;
  Thinking::Kind thinking = Thinking::Kind::unset;
  std::int64_t budget_tokens = 0;  // of `enabled`
  Str effort;                      // of output_config; "" = none
  std::optional<double> temperature, top_p;
  std::optional<std::int64_t> top_k;
  bool json_schema = true;  // output_config.format is understood, else an instruction stands in
};

// Rules, by version (claude_version):
//   no Claude      an Anthropic-compatible vendor: thinking by budget, the form they all know
//   before 3.7     no thinking
//   3.7 to 4.5     thinking by budget: minimal 1024, low 2048, medium 8192, high 16384, xhigh and max 32768 tokens
//   from 4.6       adaptive thinking and `effort`; a budget becomes an effort (to 4096 low, to 16384 medium, else high)
//   from 4.7       temperature, top_p and top_k are refused
// A thinking budget is added to a default max_tokens and kept below one the client gave; where the API would
// refuse thinking (a forced tool, calls without their thinking, too small a max_tokens) it is dropped by name.
Plan make_plan(const Request& request, const EncodeOptions& options, Dropped& dropped);

}  // namespace pb::llm::anthropic
