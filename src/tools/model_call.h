// A tool asks models: through the gateway like any client, with the caller's key, limits, routes, cache and ledger.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/task.h"
#include "tools/tools.h"

namespace pb::tools {

struct ModelQuestion {
  std::string model;            // as clients name it: "provider/model", a bare name, an alias, a route
  std::string messages = "[]";  // a JSON array, as of OpenAI's chat format
  double temperature = -1;      // negative = the provider's default
  std::int64_t max_tokens = 0;  // of the answer; 0 = the provider's default
  std::string more;    // further members of the request, as a JSON object; "" = none. `stream` is not for it
  int timeout_ms = 0;  // for the whole answer; 0 = as long as the provider's timeouts say
  bool fresh = false;  // no kept answer will do, and this one is not kept
};
// One user message after an optional system one.
std::string plain_messages(std::string_view system, std::string_view user);

struct ModelAnswer {
  std::string text, reasoning, finish_reason;
  std::string body;             // the whole completion, as of OpenAI's chat format
  std::string provider, model;  // which answered
  std::string cache;  // what answered instead of the provider: "hit", "shared", "semantic"; "" = nothing
  std::int64_t input = 0, output = 0;  // tokens; both 0 where `usage_known` is false
  bool usage_known = false;
  bool usage_estimated = false;  // the provider did not tell it
  double cost = 0;               // US dollars
  bool cost_known = false;
  std::int64_t latency_us = 0;
  std::int64_t first_token_us = -1;  // -1 = it was not streamed
};

// What all questions of one call of a tool may take together. Not thread-safe.
struct Allowance {
  int calls = 0;  // that may still be begun
  std::int64_t tokens =
      0;               // that answers and prompts may still take; a call begins only while it is positive
  double dollars = 0;  // likewise
};
// What the configuration grants one call of a tool (`mcp.tools`).
Allowance allowance(const Deps& deps);

// Of an error of ask_model: the question was never asked, because the allowance is used up.
bool never_asked(const Error& error);

// Where an answer's text is to go as it comes; the question is streamed then.
using OnText = std::function<void(std::string_view piece)>;

// Takes the call off the allowance before, tokens and dollars after. Error: as clients of the gateway get it, with Code
// rate_limited where the allowance is used up. Ends with the call: a client that cancels cancels the request to the provider.
Task<Result<ModelAnswer>> ask_model(const Deps& deps, mcp::Context& context, const ModelQuestion& question,
                                    Allowance& left, OnText on_text = {});

// Asks all, `parallel` at a time (0 = as many as the configuration grants, which is the most), in their order; the answers are in the questions' order.
// `on_done` hears of each one that ends.
using OnDone = std::function<void(std::size_t index, const Result<ModelAnswer>& answer)>;
Task<std::vector<Result<ModelAnswer>>> ask_models(const Deps& deps, mcp::Context& context,
                                                  std::vector<ModelQuestion> questions, Allowance& left,
                                                  int parallel = 0, OnDone on_done = {});

// The members of an answer that tools tell: model, provider, text as `response`, usage, cost, latency.
void write_answer(json::Writer& w, const ModelAnswer& answer);

// What a tool answers with when a model did not: the message, the error's code and when to try again.
mcp::ToolResult error_result(const Error& error);

}  // namespace pb::tools
