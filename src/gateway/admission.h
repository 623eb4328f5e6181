// Whether a caller may ask for what it asks for, and for how much of it there is room.
#pragma once
#include <optional>
#include <string_view>

#include "gateway/caller.h"
#include "gateway/exchange.h"
#include "gateway/hold.h"
#include "gateway/key_ring.h"
#include "gateway/shared/line.h"

namespace pb::gateway {

// The key may use neither the model asked for nor the one that it leads to, or one of the request's tools is not for it. The
// error tells nothing but that: not what exists here, nor where it is. `meaning`: null where the name leads nowhere;
// `by_rule`: a rule of the configuration led there.
std::optional<Error> rights_fault(const Caller& caller, const Snapshot& snapshot, std::string_view asked,
                                  const Meaning* meaning, bool by_rule);
// A tool by its name: one that a request offers the model, or one of ours over MCP.
bool may_use_tool(const Caller& caller, std::string_view name);
std::optional<Error> tools_fault(const Caller& caller, std::string_view body);
// Whether the key may see a model of a provider in a list.
bool may_see(const Caller& caller, std::string_view id, std::string_view provider);

// Tokens and dollars that a request may take at most, from its size and the answer's limit: quick, and rather too high.
// `answer_tokens`: when the request does not say; 0 for requests without an answer of tokens.
route::Estimate estimate(const Snapshot& snapshot, const Meaning& meaning, std::string_view body,
                         std::int64_t answer_max, std::int64_t answer_tokens, std::int64_t& prompt_tokens);

struct Admission {
  KeyRing* keys = nullptr;  // null: nobody has limits
  Caller& caller;
  shared::Line* shared = nullptr;  // null: limits are this process' own
};
// Rights, then a place under the limits of the key and its team, which the record keeps; fills in caller.reply. The error to
// answer with otherwise.
Task<std::optional<Error>> admit(Exchange& x, Admission admission, const Result<Meaning>& meaning,
                                 bool by_rule, std::int64_t answer_tokens);

// Whether the attempt's provider or deployment has limits, or the attempt before holds a place under those of another one.
bool provider_limits(const Exchange& x, bool keys);
// A place under them, waiting for it as long as the configuration says.
Task<std::optional<Error>> admit_provider(Exchange& x, KeyRing* keys, shared::Line* shared);

// Adds what the caller's limits say to every answer.
class LimitResponder final : public net::Responder {
 public:
  LimitResponder(net::Responder& out, const Caller& caller) : out_(out), caller_(caller) {}
  Task<void> send(int status, const net::Headers& headers, std::string_view body) override;
  Task<void> start(int status, const net::Headers& headers) override;
  bool nudge(int status, const net::Headers& headers, std::string_view bytes) override {
    return caller_.reply.size() == 0 ? out_.nudge(status, headers, bytes)
                                     : out_.nudge(status, with(headers), bytes);
  }
  Task<void> write(std::string_view bytes) override { return out_.write(bytes); }
  Task<void> finish(std::string_view last) override { return out_.finish(last); }
  void abort() override { out_.abort(); }
  bool started() const override { return out_.started(); }

 private:
  net::Headers with(const net::Headers& headers) const;
  net::Responder& out_;
  const Caller& caller_;
};

// The headers of OpenAI's or, for its clients, Anthropic's API.
void limit_headers(const route::Standing& standing, bool anthropic, std::int64_t unix_ms, net::Headers& to);
// What is told of a refusal.
Error refusal_error(const route::Refusal& refusal);

}  // namespace pb::gateway
