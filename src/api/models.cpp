#include "api/models.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "api/endpoints.h"
#include "base/json.h"
#include "base/strings.h"
#include "gateway/admission.h"
#include "gateway/route.h"
#include "llm/prices.h"

namespace pb::api {
namespace {

constexpr std::int64_t kCreated = 1'735'689'600;  // the vendors' own dates are not known; SDKs want one
constexpr std::string_view kCreatedAt = "2025-01-01T00:00:00Z";
constexpr std::size_t kPageDefault = 20, kPageMax = 1000;
constexpr std::size_t kGeminiPage = 50;

ListedModel listed(const gateway::Upstream& upstream, std::string id, std::string_view model) {
  ListedModel m;
  m.id = std::move(id);
  m.owner = upstream.provider->name;
  if (const auto* known = llm::find_model(upstream.provider->vendor->name, model)) {
    m.context = known->context;
    m.output_max = known->output_max;
  }
  return m;
}

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

namespace {

bool visible(const ListedModel& m, const gateway::Caller* caller) {
  return caller == nullptr || gateway::may_see(*caller, m.id, m.owner);
}

}  // namespace

std::vector<ListedModel> list_models(const gateway::Snapshot& s, const gateway::ModelLists* lists,
                                     const gateway::Caller* caller) {
  std::vector<ListedModel> out;
  std::set<std::string, std::less<>> seen;
  auto add = [&](ListedModel m) {
    if (visible(m, caller) && seen.insert(m.id).second) out.push_back(std::move(m));
  };
  for (const config::Model& m : s.config().models)
    if (!m.name.ends_with('*')) add(listed(s.upstreams()[m.provider], m.name, m.model));
  for (const gateway::Upstream& u : s.upstreams()) {
    for (const std::string& model : u.provider->models) add(listed(u, u.provider->name + "/" + model, model));
    const auto told = lists != nullptr ? lists->of(*u.provider) : nullptr;
    for (const gateway::ToldModel& t : told != nullptr ? told->models : std::vector<gateway::ToldModel>()) {
      ListedModel m = listed(u, u.provider->name + "/" + t.id, t.id);
      if (t.context != 0) m.context = t.context;
      if (t.output_max != 0) m.output_max = t.output_max;
      add(std::move(m));
    }
    for (const llm::CatalogModel& known : llm::catalog())
      if (known.vendor == u.provider->vendor->name)
        add(listed(u, u.provider->name + "/" + std::string(known.id), known.id));
  }
  return out;
}

std::optional<ListedModel> find_listed(const gateway::Snapshot& s, const gateway::ModelLists* lists,
                                       std::string_view id, const gateway::Caller* caller) {
  for (ListedModel& m : list_models(s, lists, caller))
    if (m.id == id) return std::move(m);
  const auto* dialects = llm::dialects().front();
  auto route = gateway::choose(s, id, *dialects);
  if (!route) return std::nullopt;
  ListedModel m = listed(*route->upstream, std::string(id), route->model);
  if (!visible(m, caller)) return std::nullopt;
  return m;
}

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
