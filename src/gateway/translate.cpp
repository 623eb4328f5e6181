// Another format: the request is decoded into the canonical conversation and encoded as the provider speaks; the answer
// goes the same way back.
#include <chrono>

#include "base/ids.h"
#include "gateway/exchange.h"
#include "gateway/headers.h"
#include "gateway/media.h"
#include "llm/custom_tools.h"
#include "net/inflate.h"

namespace pb::gateway {
namespace {

std::int64_t unix_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct Answer {  // what encoding an answer needs besides the answer
  std::string id;
  llm::Times times;
  std::int64_t created = unix_seconds();
};

std::string own_answer_id(const Exchange& x) { return ids::make(x.client.id_prefix); }

void answer_headers(const Exchange& x, const net::Call& call, const llm::Dropped& dropped,
                    std::string_view content_type, net::Headers& to) {
  translated_response_headers(call.headers, to);
  own_headers(x, content_type, to);
  add_dropped(dropped, to);
  if (!x.media_done.empty()) to.add("x-patchbay-media", x.media_done);
}

// Images and documents as this provider takes them. In the client's own format they stay what they are, as when the body is
// forwarded.
Task<Result<void>> prepare_media(Exchange& x, llm::Request& conversation) {
  if (x.media == nullptr || x.route.same_format || !has_media(conversation)) co_return Result<void>{};
  const config::Provider& p = *x.route.upstream->provider;
  auto done = co_await x.media->prepare(
      conversation, llm::media_limits(x.route.dialect->name, p.media, p.quirks), x.snapshot.config().media);
  CO_TRY(done);
  x.media_done = done->header();
  co_return Result<void>{};
}

class StreamTranslation {
 public:
  StreamTranslation(Exchange& x, const llm::Request& request, const Answer& answer)
      : x_(x),
        keeper_(x.recall, x.caller, x.client, request),
        reader_(x.route.dialect->framing),
        times_(answer.times),
        calls_(request) {
    llm::StreamOptions options;
    options.times = &times_;
    options.id = answer.id;
    options.model = x.record.asked_model;
    options.created = answer.created;
    options.include_usage = request.stream_usage;
    options.array = x.array;
    options.request = &request;
    x.record.uncounted.streamed.emplace(x.route.model);
    decoder_ = x.route.dialect->stream_decoder();
    encoder_ = x.client.stream_encoder(options);
  }

  // Bytes for the client. The view lives until the next call.
  std::string_view take(std::string_view piece) {
    reader_.append(piece);
    out_.clear();
    times_.now = unix_ns();
    llm::SseEvent event;
    while (!ended_ && reader_.next(event)) {
      events_.clear();
      decoder_->feed(event.name, event.data, events_);
      encode();
    }
    if (reader_.too_large()) fail_with(event_too_large());
    return out_;
  }

  std::string_view finish() {
    out_.clear();
    times_.now = unix_ns();
    llm::SseEvent event;
    if (!ended_ && reader_.rest(event)) {
      events_.clear();
      decoder_->feed(event.name, event.data, events_);
      encode();
    }
    if (!ended_) {
      events_.clear();
      decoder_->finish(events_);
      encode();
    }
    return out_;
  }

  // Ends the client's stream with an error event.
  std::string_view fail_with(Error error) {
    if (ended_) return out_;
    events_.clear();
    llm::Event& e = events_.emplace_back();
    e.kind = llm::Event::Kind::error;
    e.error = std::move(error);
    encode();
    return out_;
  }

  void clear() { out_.clear(); }
  bool ended() const { return ended_; }
  // The answer is complete but for its usage, which the provider has not told.
  bool wants_usage() const { return held_; }

  // Tells it and ends the answer. Unknown usage is not told.
  std::string_view tell(const llm::Usage& usage) {
    held_ = false;
    llm::Event e;
    e.kind = llm::Event::Kind::usage;
    e.usage = usage;
    if (usage.known) encoder_->encode(e, out_);
    e = {};
    e.kind = llm::Event::Kind::end;
    last(e);
    return out_;
  }

 private:
  void encode() {
    calls_.restore(events_);
    for (const llm::Event& e : events_) {
      if (ended_) return;
      if (e.usage.known) x_.record.usage.merge(e.usage);
      keeper_.take(e);
      x_.record.uncounted.streamed->add(e);
      switch (e.kind) {
        case llm::Event::Kind::block_start:
        case llm::Event::Kind::text_delta:
        case llm::Event::Kind::thinking_delta:
        case llm::Event::Kind::arguments_delta:
          x_.record.first_token();
          if (times_.first == 0) times_.first = times_.now;
          break;
        case llm::Event::Kind::error:
          x_.record.failed(e.error);
          ended_ = true;
          break;
        case llm::Event::Kind::end:
          keeper_.done();
          ended_ = true;
          held_ = !x_.record.usage.known;
          if (!held_) last(e);
          return;
        default:
          break;
      }
      encoder_->encode(e, out_);
    }
  }

  // The last event; where answers are kept it holds all of it.
  void last(const llm::Event& e) {
    if (!x_.keeper.on()) return encoder_->encode(e, out_);
    std::string text;
    encoder_->encode(e, text);
    x_.keeper.events(text);
    out_ += text;
  }

  Exchange& x_;
  ReasoningKeeper keeper_;
  std::unique_ptr<llm::StreamDecoder> decoder_;
  std::unique_ptr<llm::StreamEncoder> encoder_;
  llm::EventReader reader_;
  llm::Times times_;
  llm::CallRestorer calls_;
  std::vector<llm::Event> events_;
  std::string out_;
  bool ended_ = false;
  bool held_ = false;
};

// Usage of our own counting; unknown when there is too much to count at present.
Task<llm::Usage> estimate(Exchange& x, llm::Usage output) {
  const auto input = co_await count_prompt(*x.blocking, x.record.uncounted.prompt, x.route.model);
  if (!input) co_return llm::Usage();
  output.input = *input;
  x.record.estimated = true;
  co_return output;
}

// What remains to be sent once the stream has ended.
Task<std::string_view> last_words(Exchange& x, StreamTranslation& stream, std::string_view bytes) {
  if (!stream.wants_usage()) co_return bytes;
  llm::Usage usage;
  if (x.record.uncounted.prompt->stream_usage) {  // else it can be counted later
    usage = co_await estimate(x, x.record.uncounted.streamed->usage());
    x.record.usage = usage;
  }
  co_return stream.tell(usage);
}

Task<void> translate_stream(Exchange& x, net::Call& call, const llm::Request& request,
                            const llm::Dropped& dropped, llm::Times times, Pinger& pinger) {
  Answer answer{own_answer_id(x), times};
  StreamTranslation stream(x, request, answer);
  x.record.status = 200;
  if (!x.out.started()) {
    net::Headers headers;
    answer_headers(x, call, dropped, stream_content_type(x), headers);
    headers.add("Cache-Control", "no-cache");
    co_await x.out.start(200, headers);
    if (!call.buffered()) co_await x.out.write({});
  }
  std::unique_ptr<net::Inflater> inflater;
  std::string_view coding = call.headers.get("content-encoding");
  if (!coding.empty() && !net::iequals(coding, "identity")) inflater = net::Inflater::create(coding);
  std::string plain;
  while (!stream.ended()) {
    auto piece = co_await call.read();
    if (!piece) {
      stream.clear();
      std::string_view last = stream.fail_with(std::move(piece.error()));
      pinger.stop();
      co_await x.out.finish(last);
      co_return;
    }
    if (piece->empty()) break;
    std::string_view text = *piece;
    if (inflater) {
      plain.clear();
      auto fed = inflater->feed(text, plain, limits::kSseEventBytesMax);
      if (!fed) {
        stream.clear();
        std::string_view last = stream.fail_with(std::move(fed.error()));
        pinger.stop();
        co_await x.out.finish(last);
        co_return;
      }
      text = plain;
    }
    std::string_view bytes = stream.take(text);
    if (stream.ended()) {
      pinger.stop();
      std::string_view last = co_await last_words(x, stream, bytes);
      co_await x.out.finish(last);
      co_await call
          .read();  // the end of the body, most likely there already: the connection can be used again
      co_return;
    }
    if (bytes.empty()) continue;
    co_await x.out.write(bytes);
    pinger.touch();
  }
  pinger.stop();
  std::string_view last = stream.finish();
  last = co_await last_words(x, stream, last);
  co_await x.out.finish(last);
}

Task<void> translate_whole(Exchange& x, net::Call& call, const llm::Request& request, llm::Dropped& dropped,
                           llm::Times times) {
  std::string body;
  auto read = co_await call.read_all(body, limits::kUpstreamBodyBytesMax);
  if (read) read = undo_coding(call.headers.get("content-encoding"), body, limits::kUpstreamBodyBytesMax);
  if (!read) {
    co_await send_error(x, std::move(read.error()));
    co_return;
  }
  auto response = x.route.dialect->decode_response(std::move(body));
  if (!response) {
    Error e = std::move(response.error());
    e.code = Code::bad_upstream;
    e.status = 0;
    e.message = "the provider's answer cannot be read: " + e.message;
    co_await send_error(x, std::move(e));
    co_return;
  }
  if (!response->usage.known) {
    response->usage = co_await estimate(x, llm::count_answer(*response, x.route.model));
    x.record.uncounted.dialect = nullptr;
  }
  x.record.usage = response->usage;
  llm::CallRestorer(request).restore(*response);
  ReasoningKeeper keeper(x.recall, x.caller, x.client, request);
  keeper.take(*response);
  keeper.done();
  Answer answer{own_answer_id(x), times};
  answer.times.now = unix_ns();
  llm::ResponseOptions options;
  options.times = &answer.times;
  options.id = answer.id;
  options.created = answer.created;
  options.model = x.record.asked_model;
  options.request = &request;
  std::string encoded;
  x.client.encode_response(*response, options, dropped, encoded);
  x.keeper.whole(encoded);
  net::Headers headers;
  answer_headers(x, call, dropped, "application/json", headers);
  x.record.status = 200;
  co_await x.out.send(200, headers, encoded);
}

// Sends the conversation. What the provider refuses and the format can do without is left out in one more try. Null when the
// client has been answered with an error.
Task<std::unique_ptr<net::Call>> ask(Exchange& x, llm::Request& conversation, llm::Dropped& dropped,
                                     Pinger* pinger) {
  const llm::Dialect& provider = *x.route.dialect;
  const llm::EncodeOptions options{x.route.model, x.route.upstream->provider->quirks};
  net::Headers headers;
  translated_request_headers(x.route, conversation.stream, headers);
  const std::string target = request_target(x.route, {}, std::nullopt, conversation.stream);
  for (bool again = false;; again = true) {
    std::string body;
    auto encoded = provider.encode_request(conversation, options, dropped, body);
    if (!encoded) {
      if (pinger != nullptr) pinger->stop();
      co_await send_error(x, std::move(encoded.error()));
      co_return nullptr;
    }
    net::CallRequest request;
    request.target = target;
    request.headers = &headers;
    request.body = body;
    auto opened = co_await x.http.open(x.route.upstream->origin, request, x.route.upstream->timeouts);
    if (!opened) {
      if (pinger != nullptr) pinger->stop();
      co_await send_error(x, std::move(opened.error()));
      co_return nullptr;
    }
    net::Call& call = **opened;
    if (call.status < 300) co_return std::move(*opened);
    std::string text;
    auto read = co_await call.read_all(text, limits::kUpstreamErrorBytesMax);
    if (read) read = undo_coding(call.headers.get("content-encoding"), text, limits::kUpstreamErrorBytesMax);
    Error error = upstream_error(x, call, text);
    if (!again && provider.relax != nullptr && provider.relax(error, conversation, dropped)) continue;
    if (pinger != nullptr) pinger->stop();
    net::Headers back;
    translated_response_headers(call.headers, back);
    co_await send_error(x, std::move(error), &back);
    co_return nullptr;
  }
}

}  // namespace

Task<void> translate(Exchange& x) {
  llm::Times times;
  times.asked = unix_ns();
  auto decoded = x.client.decode_request(std::move(x.request.body));
  if (!decoded) {
    co_await send_error(x, std::move(decoded.error()));
    co_return;
  }
  auto shared = std::make_shared<llm::Request>(std::move(*decoded));  // with the threads that may count it
  x.record.uncounted.prompt = shared;
  llm::Request& conversation = *shared;
  if (x.client.model_in_path) {
    conversation.model = x.peek.model;
    conversation.stream = x.peek.stream;
  }
  // What a client left out because a provider of its own format keeps it has been put back as far as it is kept here
  // (stored.h). What is still missing no other provider has: the request is refused.
  if (!x.route.same_format && x.client.needs_no_state != nullptr) {
    if (auto stateless = x.client.needs_no_state(conversation); !stateless) {
      co_await send_error(x, std::move(stateless.error()));
      co_return;
    }
  }
  if (x.recall != nullptr) restore_reasoning(*x.recall, x.caller, conversation);
  if (auto ready = co_await prepare_media(x, conversation); !ready) {
    co_await send_error(x, std::move(ready.error()));
    co_return;
  }
  llm::Dropped dropped;
  llm::apply_tool_rules(x.route.upstream->provider->tool_rules, conversation, dropped);
  std::optional<Pinger> pinger;
  if (conversation.stream) pinger.emplace(x);
  Pinger* pings = pinger ? &*pinger : nullptr;
  auto call = co_await ask(x, conversation, dropped, pings);
  if (!call) co_return;
  if (conversation.stream) {
    co_await translate_stream(x, *call, conversation, dropped, times, *pinger);
  } else {
    co_await translate_whole(x, *call, conversation, dropped, times);
  }
}

}  // namespace pb::gateway
