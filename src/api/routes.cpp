// The table of endpoints and what stands before all of them: Host, Origin and key checks, and errors in the shape the
// path's clients expect.
#include <algorithm>

#include "api/admin/admin.h"
#include "api/endpoints.h"
#include "api/guard.h"
#include "api/mcp_auth.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/strings.h"
#include "mcp/http.h"

namespace pb::api {
namespace {

struct Route {
  std::string_view method;
  std::string_view path;  // "{id}" takes the rest, or what stands before the text that follows it
  Endpoint endpoint;
  bool open;                 // answered without a key
  std::string_view dialect;  // whose clients call it: the shape of errors
};

constexpr Route kRoutes[] = {
    {"POST", "/v1/chat/completions", chat_completions, false, "openai_chat"},
    {"POST", "/api/v1/chat/completions", chat_completions, false, "openai_chat"},  // OpenRouter's base path
    {"POST", "/mistral/v1/chat/completions", mistral_chat, false, "mistral"},
    {"POST", "/v2/chat", cohere_chat, false, "cohere"},
    {"POST", "/v1/responses", responses, false, "openai_responses"},
    {"GET", "/v1/responses", responses_socket, false, "openai_responses"},
    {"POST", "/responses", responses, false, "openai_responses"},  // a base URL without /v1
    {"GET", "/responses", responses_socket, false, "openai_responses"},
    {"POST", "/api/v1/responses", responses, false, "openai_responses"},
    {"POST", "/v1/completions", completions, false, "openai_completions"},
    {"POST", "/api/v1/completions", completions, false, "openai_completions"},
    {"POST", "/v1/messages", messages, false, "anthropic"},
    {"POST", "/v1/messages/count_tokens", count_tokens, false, "anthropic"},
    {"GET", "/v1/responses/{id}/input_items", stored_input_items, false, "openai_responses"},
    {"GET", "/v1/responses/{id}", stored_response, false, "openai_responses"},
    {"DELETE", "/v1/responses/{id}", delete_stored_response, false, "openai_responses"},
    {"POST", "/v1/embeddings", openai_embeddings, false, "openai_chat"},
    {"POST", "/v2/embed", cohere_embed, false, "cohere"},
    {"POST", "/api/chat", ollama_chat, false, "ollama"},
    {"POST", "/api/generate", ollama_generate, false, "ollama"},
    {"POST", "/api/embed", ollama_embed, false, "ollama"},
    {"POST", "/api/embeddings", ollama_embeddings, false, "ollama"},
    {"GET", "/api/tags", ollama_tags, false, "ollama"},
    {"POST", "/api/show", ollama_show, false, "ollama"},
    {"GET", "/api/version", ollama_version, true, "ollama"},
    {"GET", "/api/ps", ollama_ps, false, "ollama"},
    {"POST", "/api/pull", ollama_pull, false, "ollama"},
    {"POST", "/api/push", ollama_push, false, "ollama"},
    {"POST", "/api/create", ollama_create, false, "ollama"},
    {"POST", "/api/copy", ollama_copy, false, "ollama"},
    {"DELETE", "/api/delete", ollama_delete, false, "ollama"},
    {"POST", "/v1beta/models/{id}:embedContent", gemini_embed, false, "gemini"},
    {"POST", "/v1beta/models/{id}:batchEmbedContents", gemini_batch_embed, false, "gemini"},
    {"POST", "/v1/models/{id}:embedContent", gemini_embed, false, "gemini"},
    {"POST", "/v1/models/{id}:batchEmbedContents", gemini_batch_embed, false, "gemini"},
    {"POST", "/v1beta/{id}:embedContent", gemini_embed, false, "gemini"},
    {"POST", "/v1beta/{id}:batchEmbedContents", gemini_batch_embed, false, "gemini"},
    {"POST", "/v1/{id}:embedContent", gemini_embed, false, "gemini"},
    {"POST", "/v1/{id}:batchEmbedContents", gemini_batch_embed, false, "gemini"},
    {"POST", "/v1beta/{id}", gemini_method, false, "gemini"},
    {"POST", "/v1/models/{id}:generateContent", gemini_method, false, "gemini"},
    {"POST", "/v1/models/{id}:streamGenerateContent", gemini_method, false, "gemini"},
    {"POST", "/v1/models/{id}:countTokens", gemini_method, false, "gemini"},
    {"POST", "/v1beta1/publishers/{id}", gemini_publisher, false, "gemini"},
    {"POST", "/v1/publishers/{id}", gemini_publisher, false, "gemini"},
    {"POST", "/v1beta1/projects/{id}", gemini_publisher, false, "gemini"},
    {"POST", "/v1/projects/{id}", gemini_publisher, false, "gemini"},
    {"POST", "/v1/{id}:generateContent", gemini_method, false, "gemini"},
    {"POST", "/v1/{id}:streamGenerateContent", gemini_method, false, "gemini"},
    {"POST", "/v1/{id}:countTokens", gemini_method, false, "gemini"},
    {"GET", "/v1beta/models", gemini_models, false, "gemini"},
    {"GET", "/v1beta/models/{id}", gemini_model, false, "gemini"},
    {"GET", "/v1/models", models, false, {}},
    {"GET", "/v1/models/{id}", model, false, {}},
    {"GET", "/api/v1/models", openrouter_models, false, "openai_chat"},
    {"GET", "/api/v1/models/user", openrouter_models, false, "openai_chat"},
    {"GET", "/api/v1/models/count", openrouter_models_count, false, "openai_chat"},
    {"GET", "/api/v1/model/{id}", openrouter_one_model, false, "openai_chat"},
    {"POST", "/mcp", mcp_post, false, {}},
    {"GET", "/mcp", mcp_get, false, {}},
    {"DELETE", "/mcp", mcp_delete, false, {}},
    {"GET", "/sse", mcp_sse, false, {}},
    {"POST", mcp::kSseMessages, mcp_sse_post, false, {}},
    {"GET", "/.well-known/oauth-protected-resource", oauth_metadata, true, {}},
    {"GET", "/.well-known/oauth-protected-resource/{id}", oauth_metadata, true, {}},
    {"GET", "/metrics", prometheus, false, {}},
    {"GET", "/health", health, true, {}},
    {"GET", "/ready", ready, true, {}},
    {"GET", "/api/hello", hello, true, {}},
    {"GET", "/", index, true, {}},
};

bool matches(std::string_view pattern, std::string_view path, std::string_view& argument) {
  constexpr std::string_view kId = "{id}";
  std::size_t brace = pattern.find(kId);
  if (brace == pattern.npos)
    return pattern == path ||
           (path.size() == pattern.size() + 1 && path.back() == '/' && path.starts_with(pattern));
  const std::string_view before = pattern.substr(0, brace), after = pattern.substr(brace + kId.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return false;
  argument = path.substr(brace, path.size() - before.size() - after.size());
  return true;
}

// Whose clients call a path, also one that is no endpoint: that of the endpoint under the longest common folder. "" for the
// endpoints of several formats' clients.
std::string_view dialect_of_path(std::string_view path) {
  std::string_view best = "openai_chat", argument;
  for (const Route& r : kRoutes)
    if (!r.dialect.empty() && matches(r.path, path, argument)) return r.dialect;
  std::size_t longest = 0;
  for (const Route& r : kRoutes) {
    if (r.dialect.empty()) {
      if (matches(r.path, path, argument)) return {};
      continue;
    }
    std::size_t common = 0, folder = 0;
    while (common < path.size() && common < r.path.size() && path[common] == r.path[common]) {
      if (path[common] == '/') folder = common;
      ++common;
    }
    if (common == r.path.size() && common < path.size() && path[common] == '/') folder = common;
    if (folder > longest) {
      longest = folder;
      best = r.dialect;
    }
  }
  return best;
}

Task<void> refuse(net::Request& request, net::Responder& out, Error error, std::string_view allow = {}) {
  log_refusal(request, error);
  std::string_view dialect = dialect_of_path(request.path());
  if (dialect.empty()) dialect = dialect_of_client(request);
  std::string body;
  if (admin::is_admin_path(request.path()))
    body = admin::error_body(error);
  else if (is_mcp_path(request.path()))
    body = mcp::error_body(error);
  else
    llm::find_dialect(dialect)->encode_error(error, ids::request_id(), body);
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
  headers.add("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
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
  if (deps.admin != nullptr && admin::is_admin_path(request.path())) {
    co_await admin::serve(deps, request, out);
    co_return;
  }
  if (!deps.clients_here) {
    co_await refuse(request, out,
                    fail(Code::not_found, "only the admin API is served here, /admin/v1").error());
    co_return;
  }
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
    Admitted admitted;
    gateway::Caller& caller = admitted.caller;
    if (!r.open && is_mcp_path(r.path) && takes_tokens(deps)) {
      if (!co_await admit_mcp(deps, request, out, admitted)) co_return;
    } else if (!r.open) {
      auto known = authenticate(server, deps.keys, request.headers, request.query(), unix_ms());
      if (!known) {
        co_await refuse(request, out, std::move(known.error()));
        co_return;
      }
      caller = std::move(*known);
    }
    gateway::LimitResponder limited(out, caller);
    net::Responder& to = caller.key != nullptr ? limited : out;
    Call call{deps, request, to, caller, {}, admitted.grant};
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

void log_refusal(const net::Request& request, const Error& error) {
  log::debug(log::Module::api, "request refused",
             {{"method", std::string_view(request.method)},
              {"path", request.path()},
              {"status", http_status(error)},
              {"what", error.message}});
}

std::vector<std::string> endpoint_list() {
  std::vector<std::string> out;
  for (const Route& r : kRoutes)
    if (r.path != "/" && r.path != "/api/hello")
      out.push_back(std::string(r.method) + " " + std::string(r.path));
  return out;
}

Task<void> send_json(Call& c, int status, std::string body) {
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  co_await c.out.send(status, headers, body);
}

Task<void> send_error(Call& c, std::string_view dialect, const Error& error) {
  log_refusal(c.request, error);
  std::string body;
  llm::find_dialect(dialect)->encode_error(error, ids::request_id(), body);
  co_await send_json(c, http_status(error), std::move(body));
}

std::string error_page(const Error& error, std::string_view path) {
  if (admin::is_admin_path(path)) return admin::error_body(error);
  if (is_mcp_path(path)) return mcp::error_body(error);
  std::string body;
  const std::string_view dialect = dialect_of_path(path);
  llm::find_dialect(dialect.empty() ? "openai_chat" : dialect)->encode_error(error, ids::request_id(), body);
  return body;
}

net::Handler create_api(Deps deps) {
  return [deps = std::move(deps)](net::Request& request, net::Responder& out) -> Task<void> {
    const config::Server& server = deps.gateway.snapshot().config().server;
    bool cross = false;
    const bool key_needed = !deps.clients_here || needs_key(server, deps.keys) ||
                            (is_mcp_path(request.path()) && takes_tokens(deps)) ||
                            request.path().starts_with(kWellKnown);
    Result<void> allowed = check_host(server, key_needed, request.headers);
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
