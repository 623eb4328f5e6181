#include "sim/service.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>

#include "base/ids.h"
#include "base/strings.h"
#include "llm/count.h"
#include "llm/ollama/listing.h"
#include "llm/peek.h"
#include "sim/embed.h"
#include "sim/prompts.h"
#include "sim/recorded.h"
#include "sim/vendor.h"

namespace pb::sim {
namespace asio = boost::asio;
namespace {

constexpr int kHangMs = 24 * 3600 * 1000;

// The key as any of the formats' clients send it.
std::string_view credentials(const net::Request& request) {
  std::string_view key = request.headers.get("authorization");
  if (key.starts_with("Bearer ")) return key.substr(7);
  for (const char* name : {"x-api-key", "api-key", "x-goog-api-key"})
    if (key = request.headers.get(name); !key.empty()) return key;
  return query_value(request.query(), "key");
}

Error no_such_path(const net::Request& request) {
  return fail(Code::not_found, "the simulator has no " + request.method + " " + std::string(request.path()))
      .error();
}

// The format of embeddings whose endpoint a path names, or null; `model`: what stood for the model in it.
const llm::EmbedDialect* embed_of(std::string_view path, std::string_view& model) {
  const llm::EmbedDialect* best = nullptr;  // the longest: one may end as another does
  for (const llm::EmbedDialect* d : llm::embed_dialects())
    if (llm::match_path_end(d->path, path, model) && (best == nullptr || d->path.size() > best->path.size()))
      best = d;
  return best;
}

// In whose shape a request is answered that is no conversation, or goes wrong.
std::string_view shape_of(const net::Request& request) {
  const std::string_view path = request.path();
  if (const PathMatch match = match_path(path); match.style != nullptr) return match.style->dialect;
  if (path.starts_with("/v1beta") || path.ends_with(":countTokens") ||
      request.headers.has("x-goog-api-key") || request.headers.has("x-goog-api-client"))
    return "gemini";
  if (path.contains("/api/") && !path.contains("/api/v1")) return "ollama";
  return request.headers.has("anthropic-version") || path.contains("/messages") ? "anthropic" : "openai_chat";
}

bool may_prerender(const Behaviour& b) {
  const bool sized = b.answer == Answer::size || b.answer == Answer::stream;
  return sized && b.fault == Fault::none && b.status == 0 && !b.thinking && !b.max_tokens;
}

}  // namespace

int Memory::attempt(std::uint64_t request, int fail_times) {
  const std::scoped_lock lock(mutex_);
  if (attempts_.size() > kEntriesMax) attempts_.clear();
  int& n = attempts_[request];
  if (n < fail_times) return n++;
  n = 0;
  return fail_times;
}

bool Memory::seen_prefix(std::uint64_t hash) {
  const std::scoped_lock lock(mutex_);
  if (prefixes_.size() > kEntriesMax) prefixes_.clear();
  return !prefixes_.insert(hash).second;
}

Task<void> Service::pause(int ms) {
  if (ms <= 0) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(ms));
  co_await timer.async_wait(asio::use_awaitable);
}

Task<void> Service::send_json(int status, std::string_view body, net::Responder& responder) {
  net::Headers headers;
  headers.add("content-type", "application/json");
  co_await responder.send(status, headers, body);
}

Task<void> Service::send_error(const Error& error, const llm::Dialect& dialect, net::Responder& responder) {
  const std::string id = ids::request_id();
  std::string body;
  dialect.encode_error(error, id, body);
  net::Headers headers;
  headers.add("content-type", "application/json");
  headers.add(style_of(dialect.name).request_id, id);
  co_await responder.send(http_status(error), headers, body);
}

Task<void> Service::handle(net::Request& request, net::Responder& responder) {
  const std::string_view path = request.path();
  const llm::Dialect& shape = *llm::find_dialect(shape_of(request));
  if (credentials(request).starts_with("invalid")) {
    const Error error =
        fail(Code::unauthenticated, "the simulator was given a key that starts with 'invalid'").error();
    co_return co_await send_error(error, shape, responder);
  }
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  if (const auto page = ollama_page(method, path, request.body)) {
    if (*page) co_return co_await send_json(200, **page, responder);
    co_return co_await send_error(page->error(), shape, responder);
  }
  if (request.method == "POST") {
    for (const std::string_view counter : {"/messages/count_tokens", ":countTokens"})
      if (path.ends_with(counter)) co_return co_await count_tokens(shape, request, responder);
    std::string_view embed_model;
    if (const llm::EmbedDialect* embed = embed_of(path, embed_model)) {
      auto body = embed_body(*embed, std::move(request.body), percent_decode(embed_model));
      if (body) co_return co_await send_json(200, *body, responder);
      co_return co_await send_error(body.error(), shape, responder);
    }
    const PathMatch match = match_path(path);
    const llm::Dialect* dialect = match.style == nullptr ? nullptr : llm::find_dialect(match.style->dialect);
    if (dialect != nullptr) {
      const FromPath from{percent_decode(match.model), match.stream,
                          match.stream && query_value(request.query(), "alt") != "sse"};
      co_return co_await answer(*dialect, request, from, responder);
    }
  } else if (request.method == "GET" || request.method == "HEAD") {
    if (path == "/health" || path == "/")
      co_return co_await send_json(200, R"({"status":"ok","server":"patchbay sim"})", responder);
    if (path.ends_with("/models")) {
      const std::string list = models_body(shape.name);
      co_return co_await send_json(200, list, responder);
    }
    if (const std::size_t at = path.find("/models/"); at != std::string_view::npos) {
      const Result<std::string> body = model_body(percent_decode(path.substr(at + 8)), shape.name);
      if (body) co_return co_await send_json(200, *body, responder);
      co_return co_await send_error(body.error(), shape, responder);
    }
  }
  const Error error = no_such_path(request);
  co_await send_error(error, shape, responder);
}

Task<void> Service::count_tokens(const llm::Dialect& dialect, net::Request& request,
                                 net::Responder& responder) {
  // Long conversations come in bursts of 25: counted here they would hold up everything else.
  auto count = [&dialect, text = std::move(request.body)]() mutable -> Result<std::int64_t> {
    TRY_ASSIGN(const llm::Request decoded, dialect.decode_request(std::move(text)));
    return llm::count_request(decoded);
  };
  auto done = co_await net::blocking(deps_.blocking, std::move(count));
  const Result<std::int64_t> tokens = done ? std::move(*done) : std::unexpected(std::move(done.error()));
  if (!tokens) co_return co_await send_error(tokens.error(), dialect, responder);
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.field(dialect.count_member, *tokens);
  w.end_object();
  co_await send_json(200, body, responder);
}

// The bench's answers: made once for each model, format and kind of answer, whatever else the request says.
const Rendered* Service::prerendered(const llm::Dialect& dialect, std::string& body) {
  if (!deps_.scenario.rules.empty() || body.find("sim-s") == std::string::npos) return nullptr;
  const auto peek = llm::peek_request(body);
  if (!peek || !peek->model.starts_with("sim-s")) return nullptr;
  key_.assign(dialect.name);
  const bool stream = peek->has_stream ? peek->stream : dialect.stream_default;
  key_ += stream ? (peek->include_usage ? "+u " : "+s ") : "   ";
  key_ += peek->model;
  if (const auto found = prerendered_.find(key_); found != prerendered_.end()) return &found->second;
  const auto behaviour = parse_model(peek->model);
  if (!behaviour || !may_prerender(*behaviour) || prerendered_.size() >= kPrerenderedMax) return nullptr;
  llm::Request request;
  request.model = peek->model;
  request.format = dialect.name;
  llm::Message& message = request.messages.emplace_back();
  message.role = llm::Role::user;
  message.content.emplace_back().text = "prerendered";
  const std::string id = ids::make(style_of(dialect.name).answer_id);
  const Plan plan = make_plan(request, *behaviour, {}, {dialect.name, id, 0, false});
  Rendered r =
      render(plan, dialect, {stream, peek->include_usage, id, id, std::time(nullptr), false, &request});
  return &prerendered_.emplace(key_, std::move(r)).first->second;
}

Rendered Service::plan_and_render(const llm::Dialect& dialect, llm::Request& request, std::string_view key,
                                  std::string_view request_id, bool array) {
  const Rule* rule = deps_.scenario.match(request);
  const RenderOptions options{
      request.stream, request.stream_usage, request_id, request_id, std::time(nullptr), array, &request};
  const auto failed = [&](const Error& error) {
    Plan plan;
    plan.error = error;
    return render(plan, dialect, options);
  };
  Behaviour behaviour;
  if (rule != nullptr) {
    behaviour = rule->behaviour.value_or(Behaviour{});
  } else {
    const auto parsed = parse_model(request.model);
    if (!parsed) return failed(parsed.error());
    behaviour = *parsed;
  }
  if (behaviour.recorded) {
    auto replayed = replay(deps_.recorded, request.model, dialect, request.stream);
    return replayed ? std::move(*replayed) : failed(replayed.error());
  }
  const std::string id = ids::make(style_of(dialect.name).answer_id);
  Facts facts{dialect.name, id, 0, false};
  if (behaviour.fail_times > 0)
    facts.attempt = deps_.memory.attempt(hash64(last_user_text(request), hash64(request.model, hash64(key))),
                                         behaviour.fail_times);
  if (const CachePrefix prefix = cache_prefix(request); prefix.tokens > 0)
    facts.cache_hit = deps_.memory.seen_prefix(prefix.hash);
  const Plan plan = plan_prompts(request, behaviour, rule == nullptr ? Reply{} : rule->reply, facts);
  RenderOptions ids = options;
  ids.id = id;
  return render(plan, dialect, ids);
}

Task<void> Service::answer(const llm::Dialect& dialect, net::Request& request, FromPath from,
                           net::Responder& responder) {
  const std::string request_id = ids::request_id();
  if (const auto loaded =
          llm::ollama::load_answer(dialect.name, request.body, std::time(nullptr) * 1'000'000'000))
    co_return co_await send_json(200, *loaded, responder);
  if (const Rendered* ready = prerendered(dialect, request.body))
    co_return co_await carry_out(*ready, dialect, request_id, responder);
  const std::string key(credentials(request));
  Rendered rendered;
  {
    Result<llm::Request> decoded = dialect.decode_request(std::move(request.body));
    if (!decoded) co_return co_await send_error(decoded.error(), dialect, responder);
    if (dialect.model_in_path) {
      decoded->model = from.model;
      decoded->stream = from.stream;
    }
    rendered = plan_and_render(dialect, *decoded, key, request_id, dialect.model_in_path && from.array);
  }
  co_await carry_out(rendered, dialect, request_id, responder);
}

Task<void> Service::carry_out(const Rendered& rendered, const llm::Dialect& dialect,
                              std::string_view request_id, net::Responder& responder) {
  if (rendered.ending == Ending::hang) co_await pause(kHangMs);
  co_await pause(rendered.first_ms);
  net::Headers headers;
  headers.add("content-type", rendered.content_type);
  headers.add(style_of(dialect.name).request_id, request_id);
  for (const auto& [name, value] : rendered.headers) headers.add(name, value);
  if (rendered.whole) co_return co_await responder.send(rendered.status, headers, rendered.steps.at(0).bytes);
  headers.add("cache-control", "no-cache");
  co_await responder.start(rendered.status, headers);
  for (const Step& step : rendered.steps) {
    co_await pause(step.wait_ms);
    co_await write_bytes(step.bytes, rendered.byte_ms, responder);
  }
  if (rendered.ending == Ending::cut)
    responder.abort();
  else
    co_await responder.finish();
}

Task<void> Service::write_bytes(std::string_view bytes, int byte_ms, net::Responder& responder) {
  if (byte_ms < 0) co_return co_await responder.write(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    co_await responder.write(bytes.substr(i, 1));
    co_await pause(byte_ms);
  }
}

}  // namespace pb::sim
