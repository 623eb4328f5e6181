// The table of the admin API and what its endpoints share. From one row come the path, the checks of parameters and body, and the
// OpenAPI document.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "api/api.h"
#include "base/json.h"
#include "gateway/state.h"
#include "net/blocking.h"

namespace pb::api::admin {

struct Parameter {  // of the query
  enum class Kind : std::uint8_t { text, count, share, flag };
  std::string_view name;
  Kind kind = Kind::text;
  std::string_view doc;
};

struct Answer {
  int status = 200;
  std::string body;  // JSON
};

struct Call {
  const Deps& deps;
  const net::Request& request;
  std::string id;         // what stands for {…} in the path
  json::Value body = {};  // fits the row's schema; null without one
  // Decoded; "" = not given.
  std::string parameter(std::string_view name) const;
  bool flag(std::string_view name) const { return parameter(name) == "true"; }
};

using Run = Task<Result<Answer>> (*)(Call& call);

struct Endpoint {
  std::string_view method, path;  // "/admin/v1/keys/{key}"; {…} takes what stands there, slashes included
  std::string_view name;          // operationId
  std::string_view doc;
  std::span<const Parameter> parameters;
  std::string_view body;  // the schema's name; "" = none; "text" = any text
  int status = 200;
  std::string_view answer;  // the schema's name
  Run run = nullptr;
};

std::span<const Endpoint> endpoints();  // rows of one path stand together
struct NamedSchema {
  std::string_view name, json;
};
std::span<const NamedSchema> schemas();
std::string_view schema(std::string_view name);  // its JSON; "" = there is none

// The row of a method and path. With none: null, and `allow` names the methods that the path has.
const Endpoint* find_endpoint(std::string_view method, std::string_view path, std::string& id,
                              std::string& allow);
// What is wrong with a query; with a body, by the schema of that name.
Result<void> check_query(std::string_view query, std::span<const Parameter> parameters);
Result<void> check_body(std::string_view schema_name, json::Value body);
std::string openapi_json();

// A part of a list, by name.
struct Page {
  std::size_t limit = 100;
  std::string after;  // the cursor: the last name of the page before
};
Page page_of(const Call& call);

// {"data": […], "next": …} of what is sorted by name.
template <class Items, class Name, class Write>
std::string list_json(const Items& items, const Page& page, Name name, Write write) {
  std::string out, next;
  json::Writer w(out);
  w.begin_object();
  w.key("data");
  w.begin_array();
  std::size_t count = 0;
  std::string last;
  for (const auto& item : items) {
    if (!page.after.empty() && name(item) <= page.after) continue;
    if (count++ == page.limit) {
      next = last;
      break;
    }
    write(w, item);
    last = name(item);
  }
  w.end_array();
  w.field_or_null("next", next);
  w.end_object();
  return out;
}

// On a thread that may wait. `work` owns what it uses and returns a Result.
template <class F>
Task<std::invoke_result_t<F&>> wait_for(Call& call, F work) {
  auto done = co_await net::blocking(call.deps.admin->blocking, std::move(work));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::move(*done);
}

// "2026-11-21T12:00:00.250Z"; null for 0.
void time_field(json::Writer& w, std::string_view name, std::int64_t unix_ms);
void number_field(json::Writer& w, std::string_view name, double n);  // rounded to thousandths; null below 0
void write_allowance(json::Writer& w, const gateway::Allowance& a);
void write_config_state(json::Writer& w, const ConfigState& state);  // members

// status.cpp
Task<Result<Answer>> show_status(Call& call);
Task<Result<Answer>> show_openapi(Call& call);
// deployments.cpp
Task<Result<Answer>> list_routes(Call& call);
Task<Result<Answer>> list_deployments(Call& call);
Task<Result<Answer>> show_deployment(Call& call);
Task<Result<Answer>> drain_deployment(Call& call);
Task<Result<Answer>> enable_deployment(Call& call);
Task<Result<Answer>> reset_deployment(Call& call);
// keys.cpp
Task<Result<Answer>> list_keys(Call& call);
Task<Result<Answer>> create_key(Call& call);
Task<Result<Answer>> show_key(Call& call);
Task<Result<Answer>> update_key(Call& call);
Task<Result<Answer>> rotate_key(Call& call);
Task<Result<Answer>> revoke_key(Call& call);
// usage.cpp
Task<Result<Answer>> show_usage(Call& call);
Task<Result<Answer>> list_requests(Call& call);
Task<Result<Answer>> show_request(Call& call);
// limits.cpp
Task<Result<Answer>> list_limits(Call& call);
// cache.cpp
Task<Result<Answer>> show_cache(Call& call);
Task<Result<Answer>> purge_cache(Call& call);
// config.cpp
Task<Result<Answer>> show_config(Call& call);
Task<Result<Answer>> reload_config(Call& call);
Task<Result<Answer>> validate_config(Call& call);
// overlay.cpp
Task<Result<Answer>> show_overlay(Call& call);
Task<Result<Answer>> set_overlay(Call& call);
Task<Result<Answer>> unset_overlay(Call& call);
Task<Result<Answer>> reset_overlay(Call& call);

}  // namespace pb::api::admin
