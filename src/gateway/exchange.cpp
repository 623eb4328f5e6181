#include "gateway/exchange.h"

#include <algorithm>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/redact.h"
#include "gateway/headers.h"
#include "gateway/hedge.h"
#include "net/inflate.h"

namespace pb::gateway {

std::string_view stream_content_type(const Exchange& x) {
  return x.array ? std::string_view("application/json") : x.client.content_type;
}

void own_headers(const Exchange& x, std::string_view content_type, net::Headers& to) {
  to.add("Content-Type", content_type);
  if (!to.has("x-request-id")) to.add("x-request-id", x.record.id());
  if (!to.has("request-id")) to.add("request-id", x.record.id());
}

void add_dropped(const llm::Dropped& dropped, net::Headers& to) {
  if (!dropped.empty()) to.add("x-patchbay-dropped", dropped.header());
}

Result<void> undo_coding(std::string_view coding, std::string& body, std::size_t bytes_max) {
  if (coding.empty() || net::iequals(coding, "identity")) return {};
  auto inflater = net::Inflater::create(coding);
  if (!inflater)
    return fail(Code::bad_upstream,
                "the provider's answer has the unknown content coding `" + std::string(coding) + "`");
  std::string plain;
  TRY(inflater->feed(body, plain, bytes_max));
  TRY(inflater->finish());
  body = std::move(plain);
  return {};
}

Result<llm::RequestPeek> peek_body(const llm::Dialect& client, std::string& body, std::string_view path_model,
                                   bool path_stream) {
  TRY_ASSIGN(llm::RequestPeek p, llm::peek_request(body));
  if (client.model_in_path) {
    p.model = path_model;
    p.model_bytes = 0;
    p.stream = path_stream;
  } else if (client.stream_default && !p.has_stream) {
    p.stream = true;
  }
  return p;
}

Task<Result<std::unique_ptr<net::Call>>> open_call(Exchange& x, const net::CallRequest& request) {
  net::CallTimeouts timeouts = x.route.upstream->timeouts;
  x.record.under_way();
  if (x.first_token_ms > 0) timeouts.first_byte_ms = std::min(timeouts.first_byte_ms, x.first_token_ms);
  co_return co_await x.http.open(x.route.upstream->origin, request, timeouts);
}

bool claims(Exchange& x) { return x.race == nullptr || x.race->claim(x.lane); }

Failure overtaken() {
  Error e;
  e.code = Code::cancelled;
  return Failure{std::move(e)};
}

void wait_for_first(Exchange& x, net::Call& call) {
  if (x.first_token_ms > 0) call.wait_at_most(x.first_token_ms);
}

void wait_for_rest(Exchange& x, net::Call& call) {
  if (x.first_token_ms > 0) call.wait_at_most(x.route.upstream->timeouts.idle_ms);
}

Error unreadable_answer(std::string_view why) {
  return upstream_fault("the provider's answer cannot be read: " + std::string(why));
}

Error event_too_large() {
  Error e;
  e.code = Code::bad_upstream;
  e.message = "an event of the provider's stream is larger than " +
              std::to_string(limits::kSseEventBytesMax) + " bytes";
  return e;
}

Error upstream_error(const Exchange& x, const net::Call& call, std::string_view body) {
  Error e = x.route.dialect->decode_error(call.status, body);
  if (e.status == 0) e.status = call.status;
  e.retryable = e.retryable || call.status >= 500;
  // Following a redirect would carry the conversation to another host: the base_url is wrong.
  if (call.status < 400) {
    e.code = Code::bad_upstream;
    e.status = 502;
    e.retryable = false;
    e.message =
        "the provider redirects to `" + std::string(call.headers.get("location")) + "`; check its base_url";
    e.raw_body.clear();
  }
  int hint = retry_after_ms(call.headers, unix_seconds());
  if (hint >= 0) e.retry_after_ms = hint;
  return e;
}

void tell_when_to_retry(const Error& error, net::Headers& to) {
  constexpr int kUnknownMs = 10'000;
  if (to.has("retry-after")) return;
  const bool passes = error.code == Code::rate_limited && error.retryable;
  const int ms = error.retry_after_ms < 0 && passes ? kUnknownMs : error.retry_after_ms;
  if (ms >= 0) to.add("Retry-After", std::to_string((ms + 999) / 1000));
}

Task<void> send_error(Exchange& x, Error error, const net::Headers* headers) {
  x.record.failed(error);
  error.message = redact(error.message);
  log::info(log::Module::gateway, "request failed",
            {{"id", x.record.id()},
             {"model", x.record.asked_model},
             {"provider", x.route.upstream != nullptr ? std::string_view(x.route.upstream->provider->name)
                                                      : std::string_view()},
             {"code", to_string(error.code)},
             {"what", error.message}});
  std::string body;
  if (x.out.started()) {  // as the stream's last event
    if (x.record.status == 0) x.record.status = http_status(error);
    llm::StreamOptions options;
    options.id = x.record.id();
    options.model = x.record.asked_model;
    options.created = unix_seconds();
    options.array = x.array;
    options.begun = true;
    auto encoder = x.client.stream_encoder(options);
    llm::Event event;
    event.kind = llm::Event::Kind::error;
    event.error = std::move(error);
    encoder->encode(event, body);
    co_await x.out.finish(body);
    co_return;
  }
  net::Headers to;
  if (headers != nullptr) to = *headers;
  own_headers(x, "application/json", to);
  tell_when_to_retry(error, to);
  x.client.encode_error(error, x.record.id(), body);
  x.record.status = http_status(error);
  co_await x.out.send(x.record.status, to, body);
}

bool begins_answer(const llm::Event& e) {
  using Kind = llm::Event::Kind;
  return e.kind == Kind::text_delta || e.kind == Kind::thinking_delta || e.kind == Kind::arguments_delta ||
         e.kind == Kind::refusal_delta || e.kind == Kind::end;
}

void add_route(const Exchange& x, net::Headers& to) {
  if (x.route.pool == nullptr && x.attempts <= 1) return;
  std::string value = x.route.upstream->provider->name + "/" + x.route.model;
  if (x.route.pool != nullptr) value += "; route=" + x.route.pool->route->name;
  value += "; attempt=" + std::to_string(x.attempts);
  if (!x.reason.empty()) value.append("; ").append(x.reason);
  to.add("x-patchbay-route", value);
}

Task<void> deliver(Exchange& x, Failure failure) {
  // Pings have gone out: the status cannot be told any more.
  if (!failure.body || x.out.started()) {
    co_await send_error(x, std::move(failure.error), &failure.headers);
    co_return;
  }
  x.record.failed(failure.error);
  tell_when_to_retry(failure.error, failure.headers);
  log::info(
      log::Module::gateway, "provider answered with an error",
      {{"id", x.record.id()}, {"provider", x.route.upstream->provider->name}, {"status", failure.status}});
  failure.headers.add("x-patchbay-request-id", x.record.id());
  add_dropped(x.dropped, failure.headers);
  x.record.status = failure.status;
  co_await x.out.send(failure.status, failure.headers, *failure.body);
}

Pinger::Pinger(Exchange& x) : x_(x), deadline_(x.sweeper) { touch(); }

void Pinger::touch() {
  if (x_.array || x_.client.keep_alive.empty()) return;  // nothing can be sent that is no event
  deadline_.arm(x_.snapshot.config().server.ping_after_ms, on_due, this);
}

void Pinger::on_due(void* context) {
  auto& self = *static_cast<Pinger*>(context);
  net::Headers headers;
  if (!self.x_.out.started()) {
    own_headers(self.x_, stream_content_type(self.x_), headers);
    headers.add("Cache-Control", "no-cache");
  }
  self.x_.out.nudge(200, headers, self.x_.client.keep_alive);
  self.touch();
}

}  // namespace pb::gateway
