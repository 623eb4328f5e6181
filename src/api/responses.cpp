// Answers that are kept here: asked for again, forgotten, and what was asked (OpenAI Responses API).
#include <algorithm>
#include <charconv>

#include "api/endpoints.h"
#include "base/json.h"
#include "base/strings.h"

namespace pb::api {
namespace {

constexpr std::string_view kDialect = "openai_responses";
constexpr std::size_t kPageDefault = 20, kPageMax = 100;

Error not_kept(std::string_view id) {
  Error e;
  e.code = Code::not_found;
  e.message = "Response with id '" + std::string(id) +
              "' not found: answers are kept here when they were translated and `store` was not false; those "
              "of a provider that "
              "keeps its own are asked of it";
  e.param = "response_id";
  return e;
}

// One item of an input, as the API lists them: with an id and a list of contents.
void write_item(json::Writer& w, json::Value item, std::string_view response, std::size_t index) {
  w.begin_object();
  if (!item.has("type")) w.field("type", "message");
  if (!item.has("id"))
    w.field("id",
            "item_" + std::string(response.substr(response.find('_') + 1)) + "_" + std::to_string(index));
  for (const json::Member& m : item.members()) {
    if (m.key != "content" || !m.value.is_string()) {
      w.field(m.key, m.value);
      continue;
    }
    w.key("content");
    w.begin_array();
    w.begin_object();
    w.field("type", item["role"].as_string() == "assistant" ? "output_text" : "input_text");
    w.field("text", m.value.as_string());
    w.end_object();
    w.end_array();
  }
  w.end_object();
}

std::string list_items(const store::StoredResponse& r, std::string_view query) {
  json::Arena arena;
  const auto parsed = json::parse(r.input, arena);
  std::vector<std::string> items;
  std::vector<std::string> ids;
  for (const json::Value& item : parsed ? parsed->items() : std::span<const json::Value>()) {
    json::Writer w(items.emplace_back());
    write_item(w, item, r.id, items.size() - 1);
    json::Arena scratch;
    ids.emplace_back((*json::parse(items.back(), scratch))["id"].as_string());
  }
  if (query_value(query, "order") != "asc") {
    std::reverse(items.begin(), items.end());
    std::reverse(ids.begin(), ids.end());
  }
  std::size_t limit = kPageDefault, first = 0;
  const std::string_view asked = query_value(query, "limit");
  std::from_chars(asked.data(), asked.data() + asked.size(), limit);
  limit = std::clamp<std::size_t>(limit, 1, kPageMax);
  if (const std::string_view after = query_value(query, "after"); !after.empty())
    first = static_cast<std::size_t>(std::find(ids.begin(), ids.end(), after) - ids.begin()) + 1;
  first = std::min(first, items.size());
  const std::size_t end = std::min(items.size(), first + limit);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("object", "list");
  w.key("data");
  w.begin_array();
  for (std::size_t i = first; i < end; ++i) w.raw(items[i]);
  w.end_array();
  for (const auto& [name, at] :
       {std::pair<std::string_view, std::size_t>{"first_id", first}, {"last_id", end - 1}}) {
    if (first < end)
      w.field(name, std::string_view(ids[at]));
    else
      w.null_field(name);
  }
  w.field("has_more", end < items.size());
  w.end_object();
  return out;
}

// Null after an error was answered.
Task<std::optional<store::StoredResponse>> find(Call& c) {
  gateway::StoredResponses* stored = c.deps.gateway.stored();
  const std::string id(c.argument);
  if (stored != nullptr) {
    auto found = co_await stored->get(id, gateway::owner_of(c.request, c.caller.name));
    if (!found) {
      co_await send_error(c, kDialect, found.error());
      co_return std::nullopt;
    }
    if (*found) co_return std::move(*found);
  }
  co_await send_error(c, kDialect, not_kept(id));
  co_return std::nullopt;
}

}  // namespace

Task<void> stored_response(Call& c) {
  auto found = co_await find(c);
  if (found) co_await send_json(c, 200, std::move(found->response));
}

Task<void> stored_input_items(Call& c) {
  auto found = co_await find(c);
  if (found) co_await send_json(c, 200, list_items(*found, c.request.query()));
}

Task<void> delete_stored_response(Call& c) {
  auto found = co_await find(c);
  if (!found) co_return;
  auto removed = co_await c.deps.gateway.stored()->remove(found->id, found->owner);
  if (!removed) {
    co_await send_error(c, kDialect, removed.error());
    co_return;
  }
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.field("id", std::string_view(found->id));
  w.field("object", "response");
  w.field("deleted", true);
  w.end_object();
  co_await send_json(c, 200, std::move(body));
}

}  // namespace pb::api
