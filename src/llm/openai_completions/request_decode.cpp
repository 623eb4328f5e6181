// Requests of clients.
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

using json::Value;

constexpr std::int64_t kMaxTokens = 16;  // the API's own default

// What a chat model is asked when text stands on both sides.
std::string between(Str before, Str after) {
  std::string text =
      "Text is missing between the two parts below. Answer with the missing text and nothing else: no part "
      "again, no explanation, no code fence.\n<before>\n";
  text.append(before).append("\n</before>\n<after>\n").append(after).append("\n</after>");
  return text;
}

struct Asked {
  Str suffix;
  bool echo = false;
};

void add_prompt(Request& r, Str prompt, const Asked& asked) {
  Message& m = r.messages.emplace_back();
  m.role = Role::user;
  Block& b = m.content.emplace_back();
  b.text = prompt;
  if (asked.suffix.empty() && !asked.echo) return;
  b.format = kName;
  const json::Member members[] = {{"prompt", Value::string(prompt)},
                                  {"suffix", Value::string(asked.suffix)},
                                  {"echo", Value::boolean(asked.echo)}};
  b.raw = Value::object(r.arena, members);
  if (!asked.suffix.empty()) b.text = r.arena.keep(between(prompt, asked.suffix));
}

// Token ids: nobody but a provider of this format can read them.
Result<void> add_tokens(Request& r, Value ids, const Path& at, const Asked& asked) {
  if (ids.size() == 0) return at.fail("must not be empty");
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (!ids.at(i).is_number()) return Path(at, i).wrong_type("a token's number", ids.at(i));
  Message& m = r.messages.emplace_back();
  m.role = Role::user;
  Block& b = m.content.emplace_back();
  b.kind = Block::Kind::opaque;
  b.format = kName;
  const json::Member members[] = {
      {"prompt", ids}, {"suffix", Value::string(asked.suffix)}, {"echo", Value::boolean(asked.echo)}};
  b.raw = Value::object(r.arena, members);
  return {};
}

Result<void> read_prompts(Request& r, Value v, const Path& at, const Asked& asked) {
  if (v.is_null()) return at.fail("must be given: a string or an array of strings");
  if (v.is_string()) {
    add_prompt(r, v.as_string(), asked);
    return {};
  }
  if (!v.is_array()) return at.wrong_type("a string or an array of strings", v);
  if (v.size() == 0) return at.fail("must not be empty");
  if (v.at(0).is_number()) return add_tokens(r, v, at, asked);
  if (v.size() > kPromptsMax) return at.fail("holds more than " + std::to_string(kPromptsMax) + " prompts");
  for (std::size_t i = 0; i < v.size(); ++i) {
    const Value p = v.at(i);
    if (p.is_array()) {
      TRY(add_tokens(r, p, Path(at, i), asked));
      continue;
    }
    if (!p.is_string()) return Path(at, i).wrong_type("a string", p);
    add_prompt(r, p.as_string(), asked);
  }
  return {};
}

Result<void> read_stop(Value v, const Path& at, std::vector<Str>& out) {
  if (v.is_string()) {
    out.push_back(v.as_string());
    return {};
  }
  if (v.is_null()) return {};
  if (!v.is_array()) return at.wrong_type("a string or an array of strings", v);
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!v.at(i).is_string()) return Path(at, i).wrong_type("a string", v.at(i));
    out.push_back(v.at(i).as_string());
  }
  return {};
}

// `seed` may be negative, unlike the other whole numbers.
Result<void> read_seed(Value v, const Path& at, Request& r) {
  if (v.is_null()) return {};
  constexpr std::int64_t kNot = INT64_MIN;
  if (!v.is_number() || v.as_int(kNot) == kNot) return at.wrong_type("a whole number", v);
  r.seed = v.as_int();
  return {};
}

}  // namespace

std::size_t prompts_of(const Request* request) {
  return request != nullptr && request->format == kName && !request->messages.empty()
             ? request->messages.size()
             : 1;
}

Result<void> can_be_a_chat(const Request& r) {
  for (const Message& m : r.messages)
    if (m.content[0].kind == Block::Kind::opaque)
      return fail(Code::invalid_request,
                  "prompt holds token ids, which the model's provider cannot read: send text, or name a "
                  "provider that "
                  "speaks this format",
                  "prompt");
  if (prompts_of(&r) > 1)
    return fail(
        Code::invalid_request,
        "prompt holds " + std::to_string(r.messages.size()) +
            " prompts, and the model's provider answers one at a time: send each in a request of its own, or "
            "name a provider that speaks this format",
        "prompt");
  const bool echo = !r.messages.empty() && r.messages[0].content[0].raw["echo"].as_bool();
  if (echo && r.logprobs.value_or(false))
    return fail(
        Code::invalid_request,
        "echo and logprobs together ask for the probabilities of the prompt's own tokens, which the model's "
        "provider does not tell: leave one of them out, or name a provider that speaks this format",
        "echo");
  if (r.max_tokens == 0)
    return fail(
        Code::invalid_request,
        "max_tokens must be at least 1: only a provider that speaks this format answers with no tokens",
        "max_tokens");
  return {};
}

Result<Request> decode_request(std::string body) {
  Request r;
  r.text = std::make_unique<std::string>(std::move(body));
  r.format = kName;
  TRY_ASSIGN(const Value root, json::parse(*r.text, r.arena));
  const Path top;
  if (!root.is_object()) return top.wrong_type("an object", root);
  TRY_ASSIGN(r.model, maybe_string(root, "model", top));
  if (r.model.empty()) return Path(top, "model").fail("must be given: a string that names the model");
  Asked asked;
  TRY_ASSIGN(asked.suffix, maybe_string(root, "suffix", top));
  TRY_ASSIGN(const auto echo, maybe_bool(root, "echo", top));
  asked.echo = echo.value_or(false);
  TRY(read_prompts(r, root["prompt"], Path(top, "prompt"), asked));
  TRY_ASSIGN(const auto stream, maybe_bool(root, "stream", top));
  r.stream = stream.value_or(false);
  const Value options = root["stream_options"];
  const Path options_at(top, "stream_options");
  if (!options.is_null() && !options.is_object()) return options_at.wrong_type("an object", options);
  TRY_ASSIGN(const auto usage, maybe_bool(options, "include_usage", options_at));
  r.stream_usage = usage.value_or(false);
  TRY_ASSIGN(r.max_tokens, maybe_int(root, "max_tokens", top));
  if (!r.max_tokens) r.max_tokens = kMaxTokens;
  TRY_ASSIGN(r.temperature, maybe_double(root, "temperature", top));
  TRY_ASSIGN(r.top_p, maybe_double(root, "top_p", top));
  TRY_ASSIGN(r.top_k, maybe_int(root, "top_k", top));
  TRY_ASSIGN(r.frequency_penalty, maybe_double(root, "frequency_penalty", top));
  TRY_ASSIGN(r.presence_penalty, maybe_double(root, "presence_penalty", top));
  TRY_ASSIGN(r.n, maybe_int(root, "n", top));
  TRY(read_seed(root["seed"], Path(top, "seed"), r));
  TRY(read_stop(root["stop"], Path(top, "stop"), r.stop));
  TRY_ASSIGN(r.user, maybe_string(root, "user", top));
  TRY_ASSIGN(r.top_logprobs, maybe_int(root, "logprobs", top));
  if (r.top_logprobs) r.logprobs = true;
  if (const Value bias = root["logit_bias"]; !bias.is_null()) {
    if (!bias.is_object()) return Path(top, "logit_bias").wrong_type("an object", bias);
    r.logit_bias = bias;
  }
  r.extra = rest_of(root,
                    {"model", "prompt", "suffix", "echo", "stream", "stream_options", "max_tokens",
                     "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "n", "seed",
                     "stop", "user", "logprobs", "logit_bias"},
                    r.arena);
  return r;
}

}  // namespace pb::llm::openai_completions
