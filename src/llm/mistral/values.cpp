// The vocabulary that requests, answers and streams share.
#include <algorithm>

#include "base/strings.h"
#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

constexpr std::size_t kIdBytes = 9;

bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }

// The number a text begins with, and what follows it; -1 when it does not begin with one.
int leading_number(Str& text) {
  int n = -1;
  while (!text.empty() && is_digit(text.front()) && n < 100'000) {
    n = std::max(n, 0) * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return n;
}

}  // namespace

std::string call_id(Str id) {
  if (id.size() == kIdBytes && std::all_of(id.begin(), id.end(), is_alphanumeric)) return std::string(id);
  constexpr Str kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint64_t hash = 14695981039346656037ull;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdull;  // similar ids become different ones
  hash ^= hash >> 33;
  std::string out;
  for (; out.size() < kIdBytes; hash /= kAlphabet.size()) out += kAlphabet[hash % kAlphabet.size()];
  return out;
}

// As of 2026-11: Small 4 (2603), Medium 3.5 (2604) and later think when asked to; of the large ones Large 4 does, and
// `mistral-large-latest` is still its predecessor.
Reasoning reasoning_of(Str model) {
  if (const std::size_t slash = model.rfind('/'); slash != Str::npos) model.remove_prefix(slash + 1);
  if (model.starts_with("magistral")) return Reasoning::always;
  struct Row {
    Str prefix;
    Reasoning latest, since;
    int date, version;  // the first that reasons: yymm, and 10 × version
  };
  static constexpr Row kRows[] = {{"mistral-small-", Reasoning::on_off, Reasoning::on_off, 2603, 40},
                                  {"mistral-medium-", Reasoning::on_off, Reasoning::on_off, 2604, 35},
                                  {"mistral-large-", Reasoning::none, Reasoning::levels, 2609, 40}};
  for (const Row& row : kRows) {
    if (!model.starts_with(row.prefix)) continue;
    Str rest = model.substr(row.prefix.size());
    if (rest == "latest") return row.latest;
    int n = leading_number(rest);
    if (n > 1000) return n >= row.date ? row.since : Reasoning::none;
    n *= 10;
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '.')) {
      rest.remove_prefix(1);
      if (const int minor = leading_number(rest); minor > 0 && minor < 10) n += minor;
    }
    return n >= row.version ? row.since : Reasoning::none;
  }
  return Reasoning::none;
}

Str finish_of(Stop stop) {
  return stop == Stop::context_full ? Str("model_length") : openai_chat::write_finish(stop, false);
}

void write_usage(json::Writer& w, const Usage& u, Str service_tier) {
  w.begin_object();
  w.field("prompt_tokens", u.input);
  w.field("completion_tokens", u.output);
  w.field("total_tokens", u.input + u.output);
  w.key("prompt_tokens_details");
  w.begin_object();
  w.field("cached_tokens", u.cache_read);
  if (u.cache_write > 0) w.field("cache_write_tokens", u.cache_write);
  if (u.audio_input > 0) w.field("audio_tokens", u.audio_input);
  w.end_object();
  if (u.reasoning > 0 || u.audio_output > 0) {
    w.key("completion_tokens_details");
    w.begin_object();
    w.field("reasoning_tokens", u.reasoning);
    if (u.audio_output > 0) w.field("audio_tokens", u.audio_output);
    w.end_object();
  }
  if (!service_tier.empty())
    w.field("service_tier", service_tier == "priority" ? Str("priority") : Str("standard"));
  w.end_object();
}

void write_thinking(json::Writer& w, Str text, Str signature) {
  w.begin_object();
  w.field("type", "thinking");
  w.key("thinking");
  w.begin_array();
  if (!text.empty()) {
    w.begin_object();
    w.field("type", "text");
    w.field("text", text);
    w.end_object();
  }
  w.end_array();
  if (!signature.empty()) w.field("signature", signature);
  w.end_object();
}

void write_call(json::Writer& w, const Block& call, Str id, int index) {
  openai_chat::write_function_call(w, call, id);
  w.field("index", index);
}

}  // namespace pb::llm::mistral
