// The table of endpoints and what stands before all of them: Host, Origin and key checks, and errors in the shape the
// path's clients expect.
#include <algorithm>

#include "api/api.h"
#include "api/guard.h"
#include "api/models.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/strings.h"
#include "store/ledger_metrics.h"

namespace pb::api {
namespace {

struct Call {
  const Deps& deps;
  net::Request& request;
  net::Responder& out;
  std::string key;            // masked; "" = none was needed
  std::string_view argument;  // what stands for {id} in the path, percent-decoded
};

using Endpoint = Task<void> (*)(Call&);

struct Route {
  std::string_view method;
  std::string_view path;  // "{id}" at the end takes the rest
  Endpoint endpoint;
  bool open;  // answered without a key
};

Task<void> send_json(Call& c, int status, std::string body) {
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  co_await c.out.send(status, headers, body);
}

bool wants_anthropic(const net::Request& request) { return request.headers.has("anthropic-version"); }

Task<void> chat_completions(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("openai_chat"), c.request, c.out, c.key);
}
Task<void> messages(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("anthropic"), c.request, c.out, c.key);
}
Task<void> count_tokens(Call& c) {
  return c.deps.gateway.count_tokens(*llm::find_dialect("anthropic"), c.request, c.out, c.key);
}

Task<void> models(Call& c) {
  auto all = list_models(c.deps.gateway.snapshot());
  return send_json(c, 200,
                   wants_anthropic(c.request) ? anthropic_list(all, c.request.query()) : openai_list(all));
}

Task<void> model(Call& c) {
  auto found = find_listed(c.deps.gateway.snapshot(), c.argument);
  if (found) {
    co_await send_json(c, 200, wants_anthropic(c.request) ? anthropic_model(*found) : openai_model(*found));
    co_return;
  }
  Error e;
  e.code = Code::not_found;
  e.message = "model `" + std::string(c.argument) + "` is not known here";
  e.param = "model";
  e.provider_code = "model_not_found";
  std::string body;
  llm::find_dialect(wants_anthropic(c.request) ? "anthropic" : "openai_chat")
      ->encode_error(e, ids::request_id(), body);
  co_await send_json(c, 404, body);
}

Task<void> health(Call& c) {
  return send_json(c, 200, R"({"status":"ok","version":")" PATCHBAY_VERSION R"("})");
}

Task<void> ready(Call& c) {
  bool ok = c.deps.ready();
  return send_json(c, ok ? 200 : 503, ok ? R"({"status":"ready"})" : R"({"status":"draining"})");
}

Task<void> hello(Call& c) { return send_json(c, 200, R"({"message":"hello"})"); }

Task<void> prometheus(Call& c) {
  if (c.deps.refresh_gauges) c.deps.refresh_gauges();
  net::Headers headers;
  headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  std::string text = c.deps.metrics.text();
  if (c.deps.ledger != nullptr) text += store::metrics_text(c.deps.ledger->stats());
  co_await c.out.send(200, headers, text);
}

Task<void> index(Call& c) {
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.field("name", "Patchbay");
  w.field("version", PATCHBAY_VERSION);
  if (c.deps.gateway.snapshot().config().simulator)
    w.field("note",
            "No provider is configured: the built-in simulator answers. Set OPENAI_API_KEY, "
            "ANTHROPIC_API_KEY or another "
            "provider's key, or write a patchbay.yaml, and start again.");
  w.key("endpoints");
  w.begin_array();
  for (const char* e : {"POST /v1/chat/completions", "POST /v1/messages", "POST /v1/messages/count_tokens",
                        "GET /v1/models", "GET /health", "GET /ready", "GET /metrics"})
    w.string(e);
  w.end_array();
  w.end_object();
  return send_json(c, 200, std::move(body));
}

constexpr Route kRoutes[] = {
    {"POST", "/v1/chat/completions", chat_completions, false},
    {"POST", "/v1/messages", messages, false},
    {"POST", "/v1/messages/count_tokens", count_tokens, false},
    {"GET", "/v1/models", models, false},
    {"GET", "/v1/models/{id}", model, false},
    {"GET", "/metrics", prometheus, false},
    {"GET", "/health", health, true},
    {"GET", "/ready", ready, true},
    {"GET", "/api/hello", hello, true},
    {"GET", "/", index, true},
};

bool matches(std::string_view pattern, std::string_view path, std::string_view& argument) {
  std::size_t brace = pattern.find("{id}");
  if (brace == pattern.npos)
    return pattern == path ||
           (path.size() == pattern.size() + 1 && path.back() == '/' && path.starts_with(pattern));
  if (path.size() <= brace || path.substr(0, brace) != pattern.substr(0, brace)) return false;
  argument = path.substr(brace);
  return true;
}

Task<void> refuse(net::Request& request, net::Responder& out, Error error, std::string_view allow = {}) {
  std::string body = error_page(error, request.path());
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  if (!allow.empty()) headers.add("Allow", allow);
  if (http_status(error) == 401) headers.add("WWW-Authenticate", "Bearer");
  co_await out.send(http_status(error), headers, body);
}

// CORS for the origins the configuration allows (Fetch standard §3.2).
Task<void> preflight(net::Request& request, net::Responder& out) {
  net::Headers headers;
  headers.add("Access-Control-Allow-Origin", request.headers.get("origin"));
  headers.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  std::string_view asked = request.headers.get("access-control-request-headers");
  headers.add("Access-Control-Allow-Headers", asked.empty() ? "*" : asked);
  headers.add("Access-Control-Max-Age", "600");
  headers.add("Vary", "Origin");
  co_await out.send(204, headers, {});
}

// Adds the CORS headers to whatever the endpoint answers.
class CorsResponder final : public net::Responder {
 public:
  CorsResponder(net::Responder& out, std::string_view origin) : out_(out), origin_(origin) {}
  Task<void> send(int status, const net::Headers& headers, std::string_view body) override {
    net::Headers more = with_cors(headers);
    co_await out_.send(status, more, body);
  }
  Task<void> start(int status, const net::Headers& headers) override {
    return out_.start(status, with_cors(headers));
  }
  bool nudge(int status, const net::Headers& headers, std::string_view bytes) override {
    return out_.nudge(status, with_cors(headers), bytes);
  }
  Task<void> write(std::string_view bytes) override { return out_.write(bytes); }
  Task<void> finish(std::string_view last) override { return out_.finish(last); }
  void abort() override { out_.abort(); }
  bool started() const override { return out_.started(); }

 private:
  net::Headers with_cors(const net::Headers& headers) const {
    net::Headers more = headers;
    more.set("Access-Control-Allow-Origin", origin_);
    more.add("Access-Control-Expose-Headers", "*");
    more.add("Vary", "Origin");
    return more;
  }
  net::Responder& out_;
  std::string origin_;
};

Task<void> dispatch(const Deps& deps, net::Request& request, net::Responder& out) {
  const config::Server& server = deps.gateway.snapshot().config().server;
  std::string_view path = request.path();
  std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::string_view argument, allow;
  for (const Route& r : kRoutes) {
    if (!matches(r.path, path, argument)) continue;
    if (r.method != method) {
      allow = r.method;
      continue;
    }
    Call call{deps, request, out, {}, {}};
    if (!r.open) {
      auto key = authenticate(server, request.headers);
      if (!key) {
        co_await refuse(request, out, std::move(key.error()));
        co_return;
      }
      call.key = std::move(*key);
    }
    std::string decoded;
    if (!argument.empty()) call.argument = decoded = percent_decode(argument);
    co_await r.endpoint(call);
    co_return;
  }
  Error e;
  e.code = allow.empty() ? Code::not_found : Code::method_not_allowed;
  e.message = allow.empty() ? "no such endpoint: " + request.method + " " + std::string(path)
                            : std::string(path) + " takes " + std::string(allow) + ", not " + request.method;
  co_await refuse(request, out, std::move(e), allow);
}

}  // namespace

std::string error_page(const Error& error, std::string_view path) {
  std::string body;
  const llm::Dialect* d = llm::find_dialect(path.starts_with("/v1/messages") ? "anthropic" : "openai_chat");
  d->encode_error(error, ids::request_id(), body);
  return body;
}

net::Handler create_api(Deps deps) {
  return [deps = std::move(deps)](net::Request& request, net::Responder& out) -> Task<void> {
    const config::Server& server = deps.gateway.snapshot().config().server;
    bool cross = false;
    Result<void> allowed = check_host(server, request.headers);
    if (allowed) allowed = check_origin(server, request.headers, cross);
    if (!allowed) return refuse(request, out, std::move(allowed.error()));
    if (!cross) return dispatch(deps, request, out);
    if (request.method == "OPTIONS") return preflight(request, out);
    return [](const Deps& d, net::Request& q, net::Responder& o) -> Task<void> {
      CorsResponder cors(o, q.headers.get("origin"));
      co_await dispatch(d, q, cors);
    }(deps, request, out);
  };
}

}  // namespace pb::api
