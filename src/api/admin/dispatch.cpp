
#include "api/admin/admin.h"
#include "api/admin/endpoint.h"
#include "api/endpoints.h"
#include "api/guard.h"
#include "base/clock.h"
#include "base/strings.h"

namespace pb::api::admin {
namespace {

std::string_view address_of(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

// Keys in URLs end up in logs and histories, so only headers count.
Result<void> authenticate(const Deps& deps, const net::Request& request) {
  const config::Admin& admin = deps.gateway.snapshot().config().admin;
  if (admin.key.empty())
    return fail(
        Code::permission_denied,
        "the admin API is off; to switch it on, set `admin.key` in the configuration, or PATCHBAY_ADMIN_KEY");
  const std::string_view address = address_of(request.peer);
  const std::int64_t now = steady_ms();
  if (const std::int64_t wait = deps.admin->attempts.wait_ms(address, now); wait > 0) {
    auto refused = fail(Code::rate_limited, "too many wrong keys from this address; wait a minute");
    refused.error().retry_after_ms = static_cast<int>(wait);
    return refused;
  }
  const std::string_view sent = credential(request.headers);
  if (sent.empty())
    return fail(Code::unauthenticated, "send the admin key as Authorization: Bearer or x-api-key");
  if (admin.key.equals(sent)) return {};
  deps.admin->attempts.add(address, now);
  return fail(Code::unauthenticated, "this is not the key of the admin API");
}

Task<Result<Answer>> run(const Deps& deps, const net::Request& request, std::string& allow) {
  if (!deps.admin_here)
    co_return fail(Code::not_found, "the admin API is served on an address of its own, `admin.listen`");
  CO_TRY(authenticate(deps, request));
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  Call call{deps, request, {}};
  std::string id;
  const Endpoint* endpoint = find_endpoint(method, request.path(), id, allow);
  if (endpoint == nullptr && !allow.empty())
    co_return fail(Code::method_not_allowed,
                   std::string(request.path()) + " takes " + allow + ", not " + std::string(request.method));
  if (endpoint == nullptr)
    co_return fail(Code::not_found, "no such endpoint: " + std::string(request.path()) +
                                        "; /admin/v1/openapi.json lists them");
  allow.clear();
  call.id = percent_decode(id);
  CO_TRY(check_query(request.query(), endpoint->parameters));
  json::Arena arena;
  if (!endpoint->body.empty() && endpoint->body != "text") {
    CO_TRY_ASSIGN(call.body,
                  json::parse(request.body.empty() ? "{}" : std::string_view(request.body), arena));
    CO_TRY(check_body(endpoint->body, call.body));
  }
  co_return co_await endpoint->run(call);
}

}  // namespace

bool is_admin_path(std::string_view path) { return path == "/admin" || path.starts_with("/admin/"); }

std::string error_body(const Error& error) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("error");
  w.begin_object();
  w.field("code", to_string(error.code));
  w.field("message", error.message);
  if (!error.param.empty()) w.field("param", error.param);
  w.end_object();
  w.end_object();
  return out;
}

Task<void> serve(const Deps& deps, const net::Request& request, net::Responder& out) {
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-store");
  std::string allow;
  auto answer = co_await run(deps, request, allow);
  if (answer) {
    co_await out.send(answer->status, headers, answer->body);
    co_return;
  }
  const Error& error = answer.error();
  log_refusal(request, error);
  const int status = http_status(error);
  if (!allow.empty()) headers.add("Allow", allow);
  if (status == 401) headers.add("WWW-Authenticate", "Bearer");
  if (error.retry_after_ms >= 0)
    headers.add("Retry-After", std::to_string((error.retry_after_ms + 999) / 1000));
  const std::string body = error_body(error);
  co_await out.send(status, headers, body);
}

}  // namespace pb::api::admin
