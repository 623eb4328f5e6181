// Same format: the body goes as it came but for the model's name, and so does the answer. A copy is looked at for usage.
#include "base/log.h"
#include "gateway/exchange.h"
#include "gateway/headers.h"
#include "net/inflate.h"

namespace pb::gateway {
namespace {

// Puts the provider's name of the model in, and asks for the stream's usage where the format allows it and the client did
// not: without it a stream could not be booked. The extra event this brings is taken out again (see StreamRelay).
bool edit_body(Exchange& x) {
  std::string& body = x.request.body;
  const llm::RequestPeek& p = x.peek;
  bool ask = p.stream && !p.has_stream_options && !x.client.ask_usage.empty() &&
             x.route.upstream->provider->stream_usage && x.route.upstream->provider->quirks.stream_options;
  if (ask) {
    bool empty = body.find_last_not_of(" \t\r\n", p.object_end - 1) == body.find('{');
    body.insert(p.object_end, (empty ? "" : ",") + std::string(x.client.ask_usage));
  }
  put_model(x);  // stands before what was inserted, so its place is still right
  return ask;
}

// The framing of an answer, when it is a stream of this format.
std::optional<llm::Framing> stream_framing(const Exchange& x, const net::Headers& headers) {
  const std::string_view type = headers.get("content-type");
  if (type.starts_with("text/event-stream")) return llm::Framing::sse;
  if (x.array && type.starts_with("application/json")) return llm::Framing::json_array;
  if (x.peek.stream && !x.client.content_type.empty() && type.starts_with(x.client.content_type))
    return x.client.framing;
  return std::nullopt;
}

// One streamed answer: whole events go on as they arrive; what is left of a cut one does not.
class StreamRelay {
 public:
  // `keep_text`: no usage is to be expected, so the answer's text is counted as it passes.
  StreamRelay(Exchange& x, llm::Framing framing, std::string_view coding, bool strip_usage, bool keep_text)
      : x_(x), framing_(framing), reader_(framing, limits::kSseEventBytesMax, true), strip_(strip_usage) {
    if (keep_text) {
      decoder_ = x.client.stream_decoder();
      x.record.uncounted.streamed.emplace(x.route.model);
    }
    if (!coding.empty() && !net::iequals(coding, "identity")) {
      opaque_ = true;
      inflater_ = net::Inflater::create(coding);
    }
  }

  // What to send on for a piece of the provider's body. The view lives until the next call.
  std::string_view take(std::string_view piece) {
    if (opaque_) {  // compressed, as the client asked: pass it, look at a copy
      text_.clear();
      if (inflater_ && inflater_->feed(piece, text_, limits::kSseEventBytesMax)) {
        reader_.append(text_);
        scan();
      } else {
        inflater_.reset();
      }
      return piece;
    }
    reader_.append(piece);
    return scan();
  }

  // What remains when the body has ended: a last event without its blank line.
  std::string_view rest() {
    llm::SseEvent event;
    if (opaque_ || !reader_.rest(event)) return {};
    if (framing_ == llm::Framing::json_array) return out_.assign(event.raw);  // the closing bracket
    if (event.data.empty()) return {};
    x_.client.peek_event(event.name, event.data, peek);
    if (!peek.done && peek.stop == llm::Stop::unset && !peek.error) return {};  // cut in its middle
    out_.assign(event.raw);
    if (framing_ != llm::Framing::sse) return out_;
    while (!out_.ends_with("\n\n")) out_ += '\n';
    return out_;
  }

  bool too_large() const { return reader_.too_large(); }
  bool opaque() const { return opaque_; }
  // The answer ended as its format says, or at least with a reason.
  bool complete() const { return opaque_ || peek.done || peek.error || peek.stop != llm::Stop::unset; }

  llm::Peek peek;

 private:
  std::string_view scan() {
    const char* from = nullptr;
    const char* to = nullptr;
    out_.clear();
    llm::SseEvent event;
    while (reader_.next(event)) {
      if (!event.data.empty()) {
        peek.usage_only = false;
        x_.client.peek_event(event.name, event.data, peek);
        if (x_.keeper.on()) x_.keeper.event(event.name, event.data);
        if (strip_ && peek.usage_only) {  // the event the client did not ask for
          if (from != nullptr) out_.append(from, to);
          from = to = nullptr;
          continue;
        }
        look_at(event);
      }
      if (from == nullptr) from = event.raw.data();
      to = event.raw.data() + event.raw.size();
    }
    if (from == nullptr) return out_;
    if (out_.empty()) return {from, static_cast<std::size_t>(to - from)};
    return out_.append(from, to);
  }

  // What the usage is counted from if the provider does not tell it.
  void look_at(const llm::SseEvent& event) {
    if (!peek.done) ++x_.record.uncounted.pieces;
    if (!decoder_) return;
    events_.clear();
    decoder_->feed(event.name, event.data, events_);
    for (const llm::Event& e : events_) x_.record.uncounted.streamed->add(e);
  }

  Exchange& x_;
  std::unique_ptr<llm::StreamDecoder> decoder_;
  std::vector<llm::Event> events_;
  llm::Framing framing_;
  llm::EventReader reader_;
  std::unique_ptr<net::Inflater> inflater_;
  std::string text_, out_;
  bool strip_;
  bool opaque_ = false;
};

Error cut_stream() {
  Error e;
  e.code = Code::bad_upstream;
  e.message = "the provider closed the stream before its end";
  e.retryable = true;
  return e;
}

Task<void> relay_stream(Exchange& x, net::Call& call, llm::Framing framing, bool strip_usage,
                        Pinger& pinger) {
  using Seen = ModelSeries::StreamUsage;
  Seen& seen = x.record.stream_usage();
  const bool asked = strip_usage || x.peek.include_usage || x.client.ask_usage.empty();
  const bool keep_text = seen == Seen::left_out || (seen == Seen::not_seen && !asked);
  StreamRelay stream(x, framing, call.headers.get("content-encoding"), strip_usage, keep_text);
  x.record.status = call.status;
  if (!x.out.started()) {
    net::Headers headers;
    forward_response_headers(call.headers, headers);
    headers.add("x-patchbay-request-id", x.record.id());
    add_dropped(x.dropped, headers);
    co_await x.out.start(call.status, headers);
    if (!call.buffered()) co_await x.out.write({});
  }
  if (stream.opaque()) pinger.stop();
  std::optional<Error> failure;
  for (;;) {
    auto piece = co_await call.read();
    if (!piece) {
      failure = std::move(piece.error());
      break;
    }
    if (piece->empty()) break;
    std::string_view bytes = stream.take(*piece);
    if (stream.too_large()) {
      failure = event_too_large();
      break;
    }
    if (bytes.empty()) continue;
    x.record.first_token();
    co_await x.out.write(bytes);
    if (!stream.opaque()) pinger.touch();
  }
  pinger.stop();
  std::string_view rest = failure ? std::string_view{} : stream.rest();
  x.record.usage = stream.peek.usage;
  if (!failure && !stream.complete()) failure = cut_stream();
  if (failure && stream.complete() && !stream.opaque())
    failure.reset();  // cut after its proper end: nothing was lost
  if (!failure && !stream.peek.error && !stream.opaque())
    seen = stream.peek.usage.known ? Seen::told : Seen::left_out;
  if (!failure) {
    co_await x.out.finish(rest);
  } else if (stream.opaque()) {  // no event can be put into compressed bytes: let the client see the cut
    x.record.failed(*failure);
    x.out.abort();
  } else {
    co_await send_error(x, std::move(*failure));
  }
}

}  // namespace

Task<void> relay(Exchange& x) {
  bool strip_usage = edit_body(x);
  x.record.body = &x.request.body;
  net::Headers headers;
  forward_request_headers(x.request.headers, x.route, headers);
  if (strip_usage)
    headers.set("Accept-Encoding", "identity");  // an event cannot be taken out of compressed bytes
  std::string target = request_target(x.route, {}, x.request.query(), x.peek.stream);
  net::CallRequest request;
  request.target = target;
  request.headers = &headers;
  request.body = x.request.body;
  std::optional<Pinger> pinger;
  if (x.peek.stream) pinger.emplace(x);

  auto opened = co_await x.http.open(x.route.upstream->origin, request, x.route.upstream->timeouts);
  if (!opened) {
    if (pinger) pinger->stop();
    co_await send_error(x, std::move(opened.error()));
    co_return;
  }
  net::Call& call = **opened;
  if (const auto framing = stream_framing(x, call.headers); framing && call.status < 300) {
    if (!pinger) pinger.emplace(x);
    co_await relay_stream(x, call, *framing, strip_usage, *pinger);
    co_return;
  }
  if (pinger) pinger->stop();

  std::string body;
  auto read = co_await call.read_all(
      body, call.status < 300 ? limits::kUpstreamBodyBytesMax : limits::kUpstreamErrorBytesMax);
  if (!read) {
    co_await send_error(x, std::move(read.error()));
    co_return;
  }
  std::string_view coding = call.headers.get("content-encoding");
  std::string decoded;
  std::string_view plain = body;
  if (!coding.empty()) {
    decoded = body;
    plain = undo_coding(coding, decoded, limits::kUpstreamBodyBytesMax) ? std::string_view(decoded)
                                                                        : std::string_view{};
  }
  net::Headers back;
  forward_response_headers(call.headers, back);
  if (call.status < 300) {
    llm::Peek peek;
    x.client.peek_response(plain, peek);
    x.keeper.whole(plain);
    x.record.usage = peek.usage;
    if (!peek.usage.known && !peek.error) x.record.uncounted.answer = plain;
  } else {
    Error e = upstream_error(x, call, plain);
    // Pings have gone out: the status cannot be told any more. A redirect is not the client's to follow.
    if (x.out.started() || call.status < 400) {
      co_await send_error(x, std::move(e));
      co_return;
    }
    x.record.failed(e);
    tell_when_to_retry(e, back);
    log::info(
        log::Module::gateway, "provider answered with an error",
        {{"id", x.record.id()}, {"provider", x.route.upstream->provider->name}, {"status", call.status}});
  }
  back.add("x-patchbay-request-id", x.record.id());
  add_dropped(x.dropped, back);
  x.record.status = call.status;
  if (x.out.started()) {  // a whole answer to a streaming request, after pings
    co_await x.out.finish(body);
    co_return;
  }
  co_await x.out.send(call.status, back, body);
}

}  // namespace pb::gateway
