#include "sim/vendor.h"

#include <fmt/format.h>

#include "base/json.h"
#include "llm/embed/embed.h"
#include "sim/names.h"

namespace pb::sim {
namespace {

constexpr VendorStyle kStyles[] = {
    // Its path ends as OpenAI's does: what stands before tells them apart. Calls have ids of nine characters.
    {"mistral", "cmpl-sim", "simCl", "mistral-correlation-id", "/mistral/v1/chat/completions", {}, false},
    {"openai_chat", "chatcmpl-sim", "call_sim", "x-request-id", "/chat/completions", {}, false},
    {"anthropic", "msg_sim", "toolu_sim", "request-id", "/messages", {}, true},
    {"cohere", "sim-", "call_sim", "x-debug-trace-id", "/v2/chat", {}, false},
};

// The names worth showing in a list; parameters and combinations are in docs/simulator.md.
constexpr std::string_view kModels[] = {
    "echo",
    "sim-text",
    "sim-tools",
    "sim-tools-parallel",
    "sim-tools-3",
    "sim-thinking",
    "sim-json",
    "sim-image",
    "sim-refusal",
    "sim-stream-100",
    "sim-size-16384",
    "sim-slow-first-500ms",
    "sim-slow-token-50ms",
    "sim-429-3",
    "sim-error-500",
    "sim-cut",
    "sim-hang",
};
constexpr std::int64_t kCreated = 1'767'225'600;  // 2026-01-01T00:00:00Z

void write_model(json::Writer& w, std::string_view id, bool anthropic) {
  w.begin_object();
  if (anthropic) {
    w.field("type", "model");
    w.field("id", id);
    w.field("display_name", id);
    w.field("created_at", "2026-01-01T00:00:00Z");
  } else {
    w.field("id", id);
    w.field("object", "model");
    w.field("created", kCreated);
    w.field("owned_by", "patchbay-simulator");
  }
  w.end_object();
}

}  // namespace

const VendorStyle& style_of(std::string_view dialect) {
  for (const VendorStyle& s : kStyles)
    if (s.dialect == dialect) return s;
  return style_of("openai_chat");
}

PathMatch match_path(std::string_view path) {
  PathMatch m;
  for (const VendorStyle& s : kStyles) {
    m.stream = llm::match_path_end(s.stream_path_end, path, m.model);
    if (!m.stream && !llm::match_path_end(s.path_end, path, m.model)) continue;
    m.style = &s;
    return m;
  }
  return m;
}

void add_rate_limit_headers(std::string_view dialect, int retry_after_s, HeaderList& headers) {
  headers.emplace_back("retry-after", std::to_string(retry_after_s));
  if (dialect == "anthropic") {
    headers.emplace_back("anthropic-ratelimit-requests-limit", "50");
    headers.emplace_back("anthropic-ratelimit-requests-remaining", "0");
    headers.emplace_back("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z");
    headers.emplace_back("anthropic-ratelimit-tokens-limit", "80000");
    headers.emplace_back("anthropic-ratelimit-tokens-remaining", "0");
    headers.emplace_back("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:00Z");
    return;
  }
  headers.emplace_back("x-ratelimit-limit-requests", "500");
  headers.emplace_back("x-ratelimit-remaining-requests", "0");
  headers.emplace_back("x-ratelimit-reset-requests", fmt::format("{}s", retry_after_s));
  headers.emplace_back("x-ratelimit-limit-tokens", "200000");
  headers.emplace_back("x-ratelimit-remaining-tokens", "0");
  headers.emplace_back("x-ratelimit-reset-tokens", fmt::format("{}s", retry_after_s));
}

std::string models_body(bool anthropic) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  if (!anthropic) w.field("object", "list");
  w.key("data");
  w.begin_array();
  for (const std::string_view id : kModels) write_model(w, id, anthropic);
  w.end_array();
  if (anthropic) {
    w.field("has_more", false);
    w.field("first_id", kModels[0]);
    w.field("last_id", kModels[std::size(kModels) - 1]);
  }
  w.end_object();
  return out;
}

Result<std::string> model_body(std::string_view id, bool anthropic) {
  TRY(parse_model(id));
  std::string out;
  json::Writer w(out);
  write_model(w, id, anthropic);
  return out;
}

}  // namespace pb::sim
