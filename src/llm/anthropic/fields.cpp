// Small readings shared by requests, answers and streams: members, stop reasons, usage, ids, model names.
#include <algorithm>

#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

struct StopRow {
  Stop stop;
  Str name;
};

// The first row of a Stop is how it is written.
constexpr StopRow kStops[] = {
    {Stop::end, "end_turn"},
    {Stop::max_tokens, "max_tokens"},
    {Stop::stop_sequence, "stop_sequence"},
    {Stop::tool_use, "tool_use"},
    {Stop::refusal, "refusal"},
    {Stop::pause, "pause_turn"},
    {Stop::context_full, "model_context_window_exceeded"},
    {Stop::content_filter, "refusal"},
};

bool id_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

Stop read_stop(Str reason) {
  for (const StopRow& row : kStops)
    if (row.name == reason) return row.stop;
  return Stop::unset;
}

Str stop_name(Stop stop) {
  for (const StopRow& row : kStops)
    if (row.stop == stop) return row.name;
  return "end_turn";
}

RawUsage RawUsage::of(const Usage& u) {
  return {.input = std::max<std::int64_t>(0, u.input - u.cache_read - u.cache_write),
          .output = u.output,
          .cache_read = u.cache_read,
          .cache_write = u.cache_write,
          .cache_write_1h = u.cache_write_1h,
          .reasoning = u.reasoning,
          .known = u.known};
}

void RawUsage::merge(json::Value usage) {
  if (!usage.is_object()) return;
  known = true;
  auto take = [](json::Value v, std::int64_t& into) {
    if (v.is_number()) into = std::max<std::int64_t>(0, v.as_int(into));
  };
  take(usage["input_tokens"], input);
  take(usage["output_tokens"], output);
  take(usage["cache_read_input_tokens"], cache_read);
  take(usage["cache_creation_input_tokens"], cache_write);
  take(usage["cache_creation"]["ephemeral_1h_input_tokens"], cache_write_1h);
  take(usage["output_tokens_details"]["thinking_tokens"], reasoning);
}

Usage RawUsage::usage() const {
  Usage u;
  u.input = input + cache_read + cache_write;
  u.output = output;
  u.cache_read = cache_read;
  u.cache_write = cache_write;
  u.cache_write_1h = std::min(cache_write_1h, cache_write);
  u.reasoning = reasoning;
  u.known = known;
  return u;
}

json::Value usage_rest(json::Value usage, json::Arena& arena) {
  return rest_of(usage,
                 {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
                  "cache_creation", "output_tokens_details", "service_tier"},
                 arena);
}

void write_usage(json::Writer& w, const Usage& u, json::Value extra, Str service_tier) {
  const std::int64_t fresh = std::max<std::int64_t>(0, u.input - u.cache_read - u.cache_write);
  w.begin_object();
  w.field("input_tokens", fresh);
  w.field("cache_creation_input_tokens", u.cache_write);
  w.field("cache_read_input_tokens", u.cache_read);
  if (!service_tier.empty()) {  // the final usage of a stream goes without these two
    w.key("cache_creation");
    w.begin_object();
    w.field("ephemeral_5m_input_tokens", u.cache_write - u.cache_write_1h);
    w.field("ephemeral_1h_input_tokens", u.cache_write_1h);
    w.end_object();
  }
  w.field("output_tokens", u.output);
  if (u.reasoning > 0) {
    w.key("output_tokens_details");
    w.begin_object();
    w.field("thinking_tokens", u.reasoning);
    w.end_object();
  }
  if (!service_tier.empty()) w.field("service_tier", service_tier);
  write_rest(w, extra);
  w.end_object();
}

Str response_tier(Str tier, bool same_format) {
  if (same_format && !tier.empty()) return tier;
  return tier == "priority" || tier == "batch" ? tier : "standard";
}

bool is_blank(Str text) { return text.find_first_not_of(" \t\r\n\f\v") == Str::npos; }

std::string safe_id(Str id) {
  if (!id.empty() && std::all_of(id.begin(), id.end(), id_char)) return std::string(id);
  std::string out(id);
  std::uint32_t hash = 2166136261u;  // FNV-1a: ids that differ only in replaced characters stay different
  for (char& c : out) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    if (!id_char(c)) c = '_';
  }
  out += '_';
  for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15];
  return out;
}

std::string message_id(Str id, Str fallback) {
  if (id.empty()) id = fallback;
  if (id.starts_with("msg_")) return std::string(id);
  return std::string("msg_").append(id.empty() ? std::string("0") : safe_id(id));
}

int claude_version(Str model) {
  const std::size_t start = model.find("claude");
  if (start == Str::npos) return 0;
  int major = -1;
  for (std::size_t at = start + 6; at < model.size();) {
    std::size_t end = at;
    while (end < model.size() && model[end] >= '0' && model[end] <= '9') ++end;
    const std::size_t digits = end - at;
    if (digits == 0 || digits > 2) {
      if (major >= 0) return major * 100;
      at = digits == 0 ? at + 1 : end;
      continue;
    }
    const int n = digits == 1 ? model[at] - '0' : (model[at] - '0') * 10 + (model[at + 1] - '0');
    if (major >= 0) return major * 100 + n;
    major = n;
    at = end + 1;  // the one character between major and minor
  }
  return major >= 0 ? major * 100 : 9999;
}

}  // namespace pb::llm::anthropic
