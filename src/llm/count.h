// Token counts of texts, conversations and answers: for count_tokens, for limits, and for what a provider does not report.
// Exact for the texts of OpenAI's models; for others an approximation (tokens/models.h), and what providers add to the texts
// is known in part only: docs/tokens.md.
#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>

#include "llm/chat.h"
#include "llm/tokens/counter.h"

namespace pb::llm {

namespace tokens {
struct Model;
}

// Tokens of a text in o200k, or as a model's provider counts them.
std::int64_t count_text(Str text);
std::int64_t count_text(Str text, Str model);

// Tokens of a prompt: messages, tools, pictures (by their size) and framing, as the provider of `request.model` counts them.
// 100 MB/s and more on ordinary text: large conversations are work for net/blocking.h.
std::int64_t count_request(const Request& request);
// The same for another model (the one the provider is asked for). nullopt once `stop` is asked for.
std::optional<std::int64_t> count_request(const Request& request, Str model, std::stop_token stop = {});

// The output of a whole answer. Only `output` and `reasoning` are set, and `known`.
Usage count_answer(const Response& response, Str model);

// The same of a streamed one, from its events as they pass. What it costs while the answer runs is a copy of the text.
class AnswerCount {
 public:
  explicit AnswerCount(Str model);
  void add(const Event& event);
  bool empty() const { return calls_ == 0 && text_.empty() && thinking_.empty(); }
  Usage usage() const;

 private:
  const tokens::Model& model_;
  tokens::RunningCount text_, thinking_;
  std::int64_t calls_ = 0;
};

}  // namespace pb::llm
