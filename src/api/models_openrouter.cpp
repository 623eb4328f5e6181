#include "api/models_openrouter.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "api/endpoints.h"
#include "api/models.h"
#include "base/json.h"
#include "base/strings.h"
#include "gateway/record.h"
#include "gateway/route.h"

namespace pb::api {
namespace {

constexpr std::int64_t kCreated = 1'735'689'600;  // the vendors' own dates are not known
constexpr std::size_t kPageDefault = 500;
// What requests may say here, whichever model they are for: what a model does not take is dropped and named.
constexpr std::string_view kParameters[] = {"max_tokens",
                                            "temperature",
                                            "top_p",
                                            "top_k",
                                            "stop",
                                            "seed",
                                            "tools",
                                            "tool_choice",
                                            "parallel_tool_calls",
                                            "response_format",
                                            "structured_outputs",
                                            "reasoning",
                                            "reasoning_effort",
                                            "include_reasoning"};

// Dollars a token as a decimal text; "-1", as OpenRouter writes what has no fixed price, where none is known.
std::string per_token(std::optional<double> per_million) {
  if (!per_million) return "-1";
  char text[40];
  std::snprintf(text, sizeof text, "%.12f", *per_million / 1e6);
  std::string out(text);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

std::optional<llm::ModelPrice> price(const gateway::Snapshot& s, std::string_view id) {
  const auto route = gateway::choose(s, id, *llm::find_dialect("openai_chat"));
  return route ? gateway::price_of(s.config(), *route->upstream->provider, route->model) : std::nullopt;
}

void nullable(json::Writer& w, std::string_view name, std::int64_t n) {
  w.key(name);
  if (n != 0)
    w.integer(n);
  else
    w.null();
}

void write_pricing(json::Writer& w, const std::optional<llm::ModelPrice>& p) {
  const auto field = [&](std::string_view name, double per_million) {
    if (p && per_million >= 0) w.field(name, std::string_view(per_token(per_million)));
  };
  w.key("pricing");
  w.begin_object();
  w.field("prompt", std::string_view(per_token(p ? std::optional(p->input) : std::nullopt)));
  w.field("completion", std::string_view(per_token(p ? std::optional(p->output) : std::nullopt)));
  if (p) {
    field("input_cache_read", p->cache_read);
    field("input_cache_write", p->cache_write);
    field("internal_reasoning", p->reasoning);
  }
  w.end_object();
}

void write_model(json::Writer& w, const gateway::Snapshot& s, const ListedModel& m) {
  w.begin_object();
  w.field("id", m.id);
  w.field("canonical_slug", m.id);
  w.field("name", m.id);
  w.field("created", kCreated);
  w.field("description", std::string_view("served by " + m.owner));
  nullable(w, "context_length", m.context);
  // What a model can see is not known; text all of them can.
  w.key("architecture");
  w.raw(
      R"({"modality":"text->text","input_modalities":["text"],"output_modalities":["text"],"instruct_type":null})");
  write_pricing(w, price(s, m.id));
  w.key("top_provider");
  w.begin_object();
  nullable(w, "context_length", m.context);
  nullable(w, "max_completion_tokens", m.output_max);
  w.field("is_moderated", false);
  w.end_object();
  w.null_field("per_request_limits");
  w.strings("supported_parameters", kParameters);
  w.null_field("supported_voices");
  w.null_field("default_parameters");
  w.key("links");
  w.begin_object();
  w.field("details", std::string_view("/api/v1/model/" + percent_encode_path(m.id)));
  w.end_object();
  w.end_object();
}

std::size_t number(std::string_view query, std::string_view name, std::size_t otherwise) {
  const std::string_view text = query_value(query, name);
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

std::string next_page(std::size_t offset, std::size_t limit, std::string_view asked) {
  std::string out = "/api/v1/models?offset=" + std::to_string(offset) + "&limit=" + std::to_string(limit);
  if (!asked.empty()) out.append("&q=").append(asked);
  return out;
}

}  // namespace

std::string openrouter_list(const gateway::Snapshot& s, std::string_view query,
                            const gateway::Caller* caller) {
  std::vector<ListedModel> models = list_models(s, nullptr, caller);
  const std::string_view asked = query_value(query, "q");
  if (const std::string part = percent_decode(asked); !part.empty())
    std::erase_if(models, [&](const ListedModel& m) { return !m.id.contains(part); });
  const std::size_t begin = std::min(number(query, "offset", 0), models.size());
  const std::size_t limit = std::max<std::size_t>(number(query, "limit", kPageDefault), 1);
  const std::size_t end = begin + std::min(limit, models.size() - begin);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("data");
  w.begin_array();
  for (std::size_t i = begin; i < end; ++i) write_model(w, s, models[i]);
  w.end_array();
  w.field("total_count", static_cast<std::int64_t>(models.size()));
  w.key("links");
  w.begin_object();
  w.key("next");
  if (end < models.size())
    w.string(next_page(end, limit, asked));
  else
    w.null();
  w.end_object();
  w.end_object();
  return out;
}

std::string openrouter_count(const gateway::Snapshot& s, const gateway::Caller* caller) {
  return "{\"data\":{\"count\":" + std::to_string(list_models(s, nullptr, caller).size()) + "}}";
}

std::optional<std::string> openrouter_model(const gateway::Snapshot& s, std::string_view id,
                                            const gateway::Caller* caller) {
  const auto found = find_listed(s, nullptr, id, caller);
  if (!found) return std::nullopt;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("data");
  write_model(w, s, *found);
  w.end_object();
  return out;
}

Task<void> openrouter_models(Call& c) {
  return send_json(c, 200, openrouter_list(c.deps.gateway.snapshot(), c.request.query(), &c.caller));
}

Task<void> openrouter_models_count(Call& c) {
  return send_json(c, 200, openrouter_count(c.deps.gateway.snapshot(), &c.caller));
}

Task<void> openrouter_one_model(Call& c) {
  if (auto body = openrouter_model(c.deps.gateway.snapshot(), c.argument, &c.caller)) {
    co_await send_json(c, 200, std::move(*body));
    co_return;
  }
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.key("error");
  w.begin_object();
  w.field("code", 404);
  w.field("message", std::string_view("model `" + std::string(c.argument) + "` is not known here"));
  w.end_object();
  w.end_object();
  co_await send_json(c, 404, std::move(body));
}

}  // namespace pb::api
