#include "sim/vendor.h"

#include <fmt/format.h>

#include "base/json.h"
#include "llm/embed/embed.h"
#include "llm/ollama/listing.h"
#include "sim/names.h"

namespace pb::sim {
namespace {

constexpr VendorStyle kStyles[] = {
    // Its path ends as OpenAI's does: what stands before tells them apart. Calls have ids of nine characters.
    {"mistral", "cmpl-sim", "simCl", "mistral-correlation-id", "/mistral/v1/chat/completions", {}, false},
    {"openai_chat", "chatcmpl-sim", "call_sim", "x-request-id", "/chat/completions", {}, false},
    {"anthropic", "msg_sim", "toolu_sim", "request-id", "/messages", {}, true},
    {"ollama", "ollama-sim", "call_sim", "x-request-id", "/api/chat", {}, false},
    {"ollama_generate", "ollama-sim", "call_sim", "x-request-id", "/api/generate", {}, false},
    {"cohere", "sim-", "call_sim", "x-debug-trace-id", "/v2/chat", {}, false},
    {"openai_responses", "resp_sim", "call_sim", "x-request-id", "/responses", {}, false},
    {"gemini",
     {},
     {},
     "x-request-id",
     "/models/{model}:generateContent",
     "/models/{model}:streamGenerateContent",
     false,
     true},
    {"openai_completions", "cmpl-sim", "call_sim", "x-request-id", "/completions", {}, false},
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

void write_model(json::Writer& w, std::string_view id, std::string_view dialect) {
  w.begin_object();
  if (dialect == "anthropic") {
    w.field("type", "model");
    w.field("id", id);
    w.field("display_name", id);
    w.field("created_at", "2026-01-01T00:00:00Z");
  } else if (dialect == "gemini") {
    w.field("name", std::string_view(fmt::format("models/{}", id)));
    w.field("version", "001");
    w.field("displayName", id);
    w.field("inputTokenLimit", 1'000'000);
    w.field("outputTokenLimit", 65'536);
    w.key("supportedGenerationMethods");
    w.raw(R"(["generateContent","countTokens"])");
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
  if (dialect == "gemini") return;  // says it in the body
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
  if (dialect.starts_with("ollama")) return;  // it has no others
  headers.emplace_back("x-ratelimit-limit-requests", "500");
  headers.emplace_back("x-ratelimit-remaining-requests", "0");
  headers.emplace_back("x-ratelimit-reset-requests", fmt::format("{}s", retry_after_s));
  headers.emplace_back("x-ratelimit-limit-tokens", "200000");
  headers.emplace_back("x-ratelimit-remaining-tokens", "0");
  headers.emplace_back("x-ratelimit-reset-tokens", fmt::format("{}s", retry_after_s));
}

std::string models_body(std::string_view dialect) {
  const bool gemini = dialect == "gemini";
  std::string out;
  json::Writer w(out);
  w.begin_object();
  if (dialect != "anthropic" && !gemini) w.field("object", "list");
  w.key(gemini ? "models" : "data");
  w.begin_array();
  for (const std::string_view id : kModels) write_model(w, id, dialect);
  w.end_array();
  if (dialect == "anthropic") {
    w.field("has_more", false);
    w.field("first_id", kModels[0]);
    w.field("last_id", kModels[std::size(kModels) - 1]);
  }
  w.end_object();
  return out;
}

Result<std::string> model_body(std::string_view id, std::string_view dialect) {
  TRY(parse_model(id));
  std::string out;
  json::Writer w(out);
  write_model(w, id, dialect);
  return out;
}

namespace {

// The simulator's models think when asked to, and look at images.
llm::ollama::ModelCard card(std::string_view name) { return {name, 131'072, true, true}; }

}  // namespace

std::optional<Result<std::string>> ollama_page(std::string_view method, std::string_view path,
                                               std::string_view body) {
  if (method == "POST") {
    if (!path.ends_with("/api/show")) return std::nullopt;
    const std::string model = llm::ollama::asked_model(body);
    if (model.empty()) return fail(Code::invalid_request, "model is required", "model");
    if (auto known = parse_model(model); !known) return std::unexpected(std::move(known.error()));
    return llm::ollama::show_body(card(model));
  }
  if (path.ends_with("/api/tags")) {
    std::vector<llm::ollama::ModelCard> cards;
    for (const std::string_view name : kModels) cards.push_back(card(name));
    return llm::ollama::tags_body(cards);
  }
  if (path.ends_with("/api/version")) return llm::ollama::version_body();
  if (path.ends_with("/api/ps")) return llm::ollama::ps_body();
  return std::nullopt;
}

}  // namespace pb::sim
