// Same format: the body goes as it came but for the model's name, and so does the answer. A copy is looked at for usage.
#include "base/log.h"
#include "gateway/body_edit.h"
#include "gateway/exchange.h"
#include "gateway/headers.h"
#include "net/inflate.h"
#include "route/walk.h"

namespace pb::gateway {
namespace {

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
  // `keep_text`: no usage is to be expected, so the answer's text is counted as it passes. `await`: events are looked into until an
  // answer begins.
  StreamRelay(Exchange& x, llm::Framing framing, std::string_view coding, bool strip_usage, bool keep_text,
              bool await)
      : x_(x), framing_(framing), reader_(framing, limits::kSseEventBytesMax, true), strip_(strip_usage) {
    answering = !await;
    if (keep_text || await) decoder_ = x.client.stream_decoder();
    if (keep_text) x.record.uncounted.streamed.emplace(x.route.model);
    if (!coding.empty() && !net::iequals(coding, "identity")) {
      opaque_ = answering = true;
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
  bool answering = true;             // something of the answer itself has come
  std::optional<Error> early_error;  // came before it

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
    if (!peek.done) {
      ++x_.record.uncounted.pieces;
      x_.record.piece();
    }
    if (!decoder_) return;
    events_.clear();
    decoder_->feed(event.name, event.data, events_);
    if (x_.record.uncounted.streamed)
      for (const llm::Event& e : events_) x_.record.uncounted.streamed->add(e);
    if (answering) return;
    for (llm::Event& e : events_) {
      if (e.kind == llm::Event::Kind::error) early_error = std::move(e.error);
      answering = answering || begins_answer(e);
    }
    if (answering && !x_.record.uncounted.streamed) decoder_.reset();
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

Error cut_stream() { return upstream_fault("the provider closed the stream before its end"); }

// Half an answer, or a page, is no answer where another deployment may give a whole one. What is inside is the client's to read.
bool is_whole(std::string_view json) { return route::Walk(json).fills_text(); }

Task<void> begin_stream(Exchange& x, net::Call& call) {
  x.record.status = call.status;
  if (x.out.started()) co_return;
  net::Headers headers;
  forward_response_headers(call.headers, headers);
  headers.add("x-patchbay-request-id", x.record.id());
  add_dropped(x.dropped, headers);
  add_route(x, headers);
  call.headers.release();  // a stream may be open for long
  co_await x.out.start(call.status, headers);
}

// Whether the client has been sent an answer, or what may be sent by another provider instead.
Task<Attempted> relay_stream(Exchange& x, net::Call& call, llm::Framing framing, bool strip_usage,
                             Pinger& pinger) {
  using Seen = ModelSeries::StreamUsage;
  Seen& seen = x.record.stream_usage();
  const bool asked = strip_usage || x.peek.include_usage || x.client.ask_usage.empty();
  const bool keep_text = seen == Seen::left_out || (seen == Seen::not_seen && !asked);
  StreamRelay stream(x, framing, call.headers.get("content-encoding"), strip_usage, keep_text, x.may_switch);
  std::string held;  // until an answer begins
  bool holding = !stream.answering;
  if (holding) {
    wait_for_first(x, call);
  } else {
    if (!claims(x)) co_return overtaken();
    co_await begin_stream(x, call);
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
    if (holding) {
      if (stream.early_error) co_return Failure{std::move(*stream.early_error)};
      held.append(bytes);
      if (!stream.answering && held.size() < limits::kHeldBytesMax) continue;
      if (!claims(x)) co_return overtaken();
      holding = false;
      wait_for_rest(x, call);
      co_await begin_stream(x, call);
      bytes = held;
    }
    if (bytes.empty()) continue;
    x.record.first_token();
    if (stream.peek.done) {
      x.record.usage = stream.peek.usage;
      x.record.secure();
    }
    co_await x.out.write(bytes);
    if (!stream.opaque()) pinger.touch();
  }
  std::string_view rest = failure ? std::string_view{} : stream.rest();
  x.record.usage = stream.peek.usage;
  if (!failure && !stream.complete()) failure = cut_stream();
  if (failure && stream.complete() && !stream.opaque())
    failure.reset();  // cut after its proper end: nothing was lost
  if (holding) {
    if (failure) co_return Failure{std::move(*failure)};
    if (!claims(x)) co_return overtaken();
    co_await begin_stream(x, call);
    rest = held.append(rest);
  }
  pinger.stop();
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
  co_return std::nullopt;
}

// A whole answer.
Task<Attempted> relay_whole(Exchange& x, net::Call& call) {
  std::string body;
  auto read = co_await call.read_all(
      body, call.status < 300 ? limits::kUpstreamBodyBytesMax : limits::kUpstreamErrorBytesMax);
  if (!read) co_return Failure{std::move(read.error())};
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
  if (call.status >= 300) {
    Failure failure{upstream_error(x, call, plain), std::move(back)};
    failure.status = call.status;
    // A redirect is not the client's to follow.
    if (call.status >= 400) failure.body = std::move(body);
    co_return failure;
  }
  if (x.may_switch && !is_whole(plain))
    co_return Failure{unreadable_answer("it is no JSON"), std::move(back), std::move(body), call.status};
  llm::Peek peek;
  x.client.peek_response(plain, peek);
  if (peek.error && x.may_switch) {
    Failure failure{upstream_error(x, call, plain), std::move(back), std::move(body), call.status};
    failure.error.status = 0;
    co_return failure;
  }
  if (!claims(x)) co_return overtaken();
  x.keeper.whole(plain);
  x.record.usage = peek.usage;
  if (!peek.usage.known && !peek.error) x.record.uncounted.answer = plain;
  back.add("x-patchbay-request-id", x.record.id());
  add_dropped(x.dropped, back);
  add_route(x, back);
  x.record.status = call.status;
  if (x.out.started()) {  // a whole answer to a streaming request, after pings
    co_await x.out.finish(body);
    co_return std::nullopt;
  }
  co_await x.out.send(call.status, back, body);
  co_return std::nullopt;
}

Task<Attempted> send_and_relay(Exchange& x, bool strip_usage) {
  net::Headers headers;
  forward_request_headers(x.request.headers, x.route, headers);
  // An event cannot be taken out of compressed bytes, nor can it be seen in them whether an answer begins.
  if (strip_usage || (x.may_switch && x.peek.stream)) headers.set("Accept-Encoding", "identity");
  std::string target = request_target(x.route, {}, x.request.query(), x.peek.stream);
  net::CallRequest request;
  request.target = target;
  request.headers = &headers;
  request.body = x.request.body;
  auto opened = co_await open_call(x, request);
  if (!opened) co_return Failure{std::move(opened.error())};
  net::Call& call = **opened;
  if (const auto framing = stream_framing(x, call.headers); framing && call.status < 300) {
    std::optional<Pinger> own;
    if (x.pinger == nullptr) own.emplace(x);
    co_return co_await relay_stream(x, call, *framing, strip_usage, x.pinger != nullptr ? *x.pinger : *own);
  }
  if (x.pinger != nullptr) x.pinger->stop();
  co_return co_await relay_whole(x, call);
}

}  // namespace

Task<Attempted> relay(Exchange& x) {
  BodyEdit edit(x);
  if (auto edited = edit.apply(); !edited) co_return Failure{std::move(edited.error())};
  x.record.body = &x.request.body;
  auto failure = co_await send_and_relay(x, edit.asked_usage());
  if (failure && x.may_switch) edit.undo();
  co_return failure;
}

}  // namespace pb::gateway
