#include "api/models.h"

#include <algorithm>
#include <charconv>

#include "api/endpoints.h"
#include "base/json.h"
#include "base/strings.h"

namespace pb::api {
namespace {

constexpr std::int64_t kCreated = 1'735'689'600;  // the vendors' own dates are not known; SDKs want one
constexpr std::string_view kCreatedAt = "2025-01-01T00:00:00Z";
constexpr std::size_t kPageDefault = 20, kPageMax = 1000;
constexpr std::size_t kGeminiPage = 50;

void write_openai(json::Writer& w, const ListedModel& m) {
  w.begin_object();
  w.field("id", m.id);
  w.field("object", "model");
  w.field("created", kCreated);
  w.field("owned_by", m.owner);
  if (m.context != 0) w.field("context_length", m.context);
  if (m.output_max != 0) w.field("max_output_tokens", m.output_max);
  w.end_object();
}

void write_anthropic(json::Writer& w, const ListedModel& m) {
  w.begin_object();
  w.field("type", "model");
  w.field("id", m.id);
  w.field("display_name", m.id);
  w.field("created_at", kCreatedAt);
  w.key("max_input_tokens");
  if (m.context != 0)
    w.integer(m.context);
  else
    w.null();
  w.key("max_tokens");
  if (m.output_max != 0)
    w.integer(m.output_max);
  else
    w.null();
  w.null_field("capabilities");
  w.end_object();
}

void write_gemini(json::Writer& w, const ListedModel& m) {
  w.begin_object();
  w.field("name", std::string_view("models/" + m.id));
  w.field("baseModelId", m.id);
  w.field("version", "001");
  w.field("displayName", m.id);
  w.field("description", std::string_view("served by " + m.owner));
  if (m.context != 0) w.field("inputTokenLimit", m.context);
  if (m.output_max != 0) w.field("outputTokenLimit", m.output_max);
  w.key("supportedGenerationMethods");
  w.raw(R"(["generateContent","streamGenerateContent","countTokens"])");
  w.end_object();
}

}  // namespace

std::string openai_list(const std::vector<ListedModel>& models) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("object", "list");
  w.key("data");
  w.begin_array();
  for (const ListedModel& m : models) write_openai(w, m);
  w.end_array();
  w.end_object();
  return out;
}

std::string openai_model(const ListedModel& model) {
  std::string out;
  json::Writer w(out);
  write_openai(w, model);
  return out;
}

std::string anthropic_list(const std::vector<ListedModel>& models, std::string_view query) {
  std::size_t limit = kPageDefault;
  std::string_view text = query_value(query, "limit");
  std::from_chars(text.data(), text.data() + text.size(), limit);
  limit = std::clamp<std::size_t>(limit, 1, kPageMax);
  auto index = [&](std::string_view id) {
    std::size_t i = 0;
    while (i < models.size() && models[i].id != id) ++i;
    return i;
  };
  std::size_t begin = 0, end = models.size();
  bool backwards = false;
  if (auto after = query_value(query, "after_id"); !after.empty())
    begin = std::min(index(after) + 1, models.size());
  if (auto before = query_value(query, "before_id"); !before.empty()) {
    end = index(before);
    begin = end > limit ? end - limit : 0;
    backwards = true;
  }
  std::size_t stop = std::min(end, begin + limit);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("data");
  w.begin_array();
  for (std::size_t i = begin; i < stop; ++i) write_anthropic(w, models[i]);
  w.end_array();
  w.field("has_more", backwards ? begin != 0 : stop < end);
  w.key("first_id");
  if (begin < stop)
    w.string(models[begin].id);
  else
    w.null();
  w.key("last_id");
  if (begin < stop)
    w.string(models[stop - 1].id);
  else
    w.null();
  w.end_object();
  return out;
}

std::string anthropic_model(const ListedModel& model) {
  std::string out;
  json::Writer w(out);
  write_anthropic(w, model);
  return out;
}

std::string gemini_list(const std::vector<ListedModel>& models, std::string_view query) {
  const auto number = [&](std::string_view name, std::size_t otherwise) {
    const std::string_view text = query_value(query, name);
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
  };
  const std::size_t size = std::clamp<std::size_t>(number("pageSize", kGeminiPage), 1, kPageMax);
  const std::size_t begin = std::min(number("pageToken", 0), models.size());
  const std::size_t end = std::min(begin + size, models.size());
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("models");
  w.begin_array();
  for (std::size_t i = begin; i < end; ++i) write_gemini(w, models[i]);
  w.end_array();
  if (end < models.size()) w.field("nextPageToken", std::string_view(std::to_string(end)));
  w.end_object();
  return out;
}

std::string gemini_model_text(const ListedModel& model) {
  std::string out;
  json::Writer w(out);
  write_gemini(w, model);
  return out;
}

// Google's SDKs use /v1 too; their headers tell. Not every x-goog- header does: Google's own proxies add some to what any client
// sends through them.
std::string_view dialect_of_client(const net::Request& request) {
  for (const char* name :
       {"x-goog-api-key", "x-goog-api-client", "x-goog-user-project", "x-goog-request-params"})
    if (request.headers.has(name)) return "gemini";
  return request.headers.has("anthropic-version") ? "anthropic" : "openai_chat";
}

Task<void> models(Call& c) {
  const std::string_view dialect = dialect_of_client(c.request);
  if (dialect == "gemini") co_return co_await gemini_models(c);
  co_await gateway::freshen(c.deps.gateway.model_lists(), c.deps.gateway.snapshot_in_use());
  auto all = list_models(c.deps.gateway.snapshot(), c.deps.gateway.model_lists(), &c.caller);
  co_await send_json(c, 200,
                     dialect == "anthropic" ? anthropic_list(all, c.request.query()) : openai_list(all));
}

Task<void> model(Call& c) {
  const std::string_view dialect = dialect_of_client(c.request);
  if (dialect == "gemini") {
    co_await gemini_model(c);
    co_return;
  }
  auto found = find_listed(c.deps.gateway.snapshot(), c.deps.gateway.model_lists(), c.argument, &c.caller);
  if (found) {
    co_await send_json(c, 200, dialect == "anthropic" ? anthropic_model(*found) : openai_model(*found));
    co_return;
  }
  Error e;
  e.code = Code::not_found;
  e.message = "model `" + std::string(c.argument) + "` is not known here";
  e.param = "model";
  e.provider_code = "model_not_found";
  co_await send_error(c, dialect, e);
}

}  // namespace pb::api
