// Another format: the request is decoded into the canonical conversation and encoded as the provider speaks; the answer
// goes the same way back.
#include "base/clock.h"
#include "base/ids.h"
#include "gateway/exchange.h"
#include "gateway/headers.h"
#include "gateway/media.h"
#include "gateway/stream_translation.h"
#include "llm/custom_tools.h"
#include "net/inflate.h"

namespace pb::gateway {
namespace {

std::string own_answer_id(const Exchange& x) { return ids::make(x.client.id_prefix); }

void answer_headers(const Exchange& x, const net::Call& call, const llm::Dropped& dropped,
                    std::string_view content_type, net::Headers& to) {
  translated_response_headers(call.headers, to);
  own_headers(x, content_type, to);
  add_dropped(dropped, to);
  add_route(x, to);
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

Task<void> begin_stream(Exchange& x, net::Call& call, const llm::Dropped& dropped) {
  x.record.status = 200;
  if (x.out.started()) co_return;
  net::Headers headers;
  answer_headers(x, call, dropped, stream_content_type(x), headers);
  headers.add("Cache-Control", "no-cache");
  call.headers.release();  // a stream may be open for long
  co_await x.out.start(200, headers);
}

// A stream's pieces with their content coding undone.
class Pieces {
 public:
  explicit Pieces(net::Call& call) : call_(call) {
    const std::string_view coding = call.headers.get("content-encoding");
    if (!coding.empty() && !net::iequals(coding, "identity")) inflater_ = net::Inflater::create(coding);
  }
  // An empty one is the end. The view lives until the next call.
  Task<Result<std::string_view>> next() {
    for (;;) {
      auto piece = co_await call_.read();
      if (!piece || piece->empty() || !inflater_) co_return piece;
      plain_.clear();
      CO_TRY(inflater_->feed(*piece, plain_, limits::kSseEventBytesMax));
      if (!plain_.empty()) co_return std::string_view(plain_);
    }
  }

 private:
  net::Call& call_;
  std::unique_ptr<net::Inflater> inflater_;
  std::string plain_;
};

// Tells who reads the stream that another deployment goes on.
Task<void> mark_resumed(Exchange& x) {
  if (x.client.framing != llm::Framing::sse) co_return;
  const std::string mark = ": resumed on " + x.route.upstream->provider->name + "/" + x.route.model + "\n\n";
  co_await x.out.write(mark);
}

Task<Attempted> translate_stream(Exchange& x, net::Call& call, std::shared_ptr<const llm::Request> request,
                                 const llm::Dropped& dropped, llm::Times times) {
  std::shared_ptr<StreamTranslation> current = std::move(x.broken);
  const bool resumed = current != nullptr;
  if (resumed) {
    current->go_on(std::move(request));
    co_await mark_resumed(x);
  } else {
    current = std::make_shared<StreamTranslation>(x, std::move(request), Answer{own_answer_id(x), times});
  }
  StreamTranslation& stream = *current;
  std::string held;  // until an answer begins
  bool holding = x.may_switch && !resumed;
  Pieces pieces(call);  // before the headers go
  if (holding) {
    wait_for_first(x, call);
  } else {
    if (!claims(x)) co_return overtaken();
    co_await begin_stream(x, call, dropped);
    if (!call.buffered()) co_await x.out.write({});
  }
  while (!stream.ended()) {
    auto piece = co_await pieces.next();
    std::string_view bytes;
    if (!piece) {
      if (holding) co_return Failure{std::move(piece.error())};
      if (stream.can_go_on()) {
        x.broken = std::move(current);
        co_return Failure{std::move(piece.error())};
      }
      stream.clear();
      bytes = stream.fail_with(std::move(piece.error()));
    } else {
      bytes = piece->empty() ? stream.finish() : stream.take(*piece);
      if (piece->empty() && !stream.ended()) break;
    }
    if (stream.early_error()) {
      Failure failure{std::move(*stream.early_error())};
      if (!holding) {
        if (!bytes.empty()) co_await x.out.write(bytes);
        x.broken = std::move(current);
      }
      co_return failure;
    }
    if (holding) {
      held.append(bytes);
      if (!stream.answering() && held.size() < limits::kHeldBytesMax) continue;
      if (!claims(x)) co_return overtaken();
      holding = false;
      wait_for_rest(x, call);
      co_await begin_stream(x, call, dropped);
      bytes = held;
    }
    if (stream.ended()) {
      if (x.pinger != nullptr) x.pinger->stop();
      std::string last;  // what was held and what remains may be one
      if (stream.wants_usage()) {
        last = bytes;
        stream.clear();
        bytes = last.append(co_await last_words(x, stream, {}));
      }
      co_await x.out.finish(bytes);
      // The end of the body, most likely there already: the connection can be used again.
      if (piece && !piece->empty()) co_await call.read();
      co_return std::nullopt;
    }
    if (bytes.empty()) continue;
    co_await x.out.write(bytes);
    if (x.pinger != nullptr) x.pinger->touch();
  }
  co_return std::nullopt;
}

Task<Attempted> translate_whole(Exchange& x, net::Call& call, const llm::Request& request,
                                llm::Dropped& dropped, llm::Times times) {
  std::string body;
  auto read = co_await call.read_all(body, limits::kUpstreamBodyBytesMax);
  if (read) read = undo_coding(call.headers.get("content-encoding"), body, limits::kUpstreamBodyBytesMax);
  if (!read) co_return Failure{std::move(read.error())};
  auto response = x.route.dialect->decode_response(std::move(body));
  if (!response) co_return Failure{unreadable_answer(response.error().message)};
  if (!claims(x)) co_return overtaken();
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
  co_return std::nullopt;
}

// Sends the conversation. What the provider refuses and the format can do without is left out in one more try.
Task<std::expected<std::unique_ptr<net::Call>, Failure>> ask(Exchange& x, llm::Request& conversation,
                                                             llm::Dropped& dropped) {
  const llm::Dialect& provider = *x.route.dialect;
  const llm::EncodeOptions options{x.route.model, x.route.upstream->provider->quirks};
  net::Headers headers;
  translated_request_headers(x.route, conversation.stream, headers);
  const std::string target = request_target(x.route, {}, std::nullopt, conversation.stream);
  for (bool again = false;; again = true) {
    std::string body;
    auto encoded = provider.encode_request(conversation, options, dropped, body);
    if (!encoded) co_return std::unexpected(Failure{std::move(encoded.error())});
    net::CallRequest request;
    request.target = target;
    request.headers = &headers;
    request.body = body;
    auto opened = co_await open_call(x, request);
    if (!opened) co_return std::unexpected(Failure{std::move(opened.error())});
    net::Call& call = **opened;
    if (call.status < 300) co_return std::move(*opened);
    std::string text;
    auto read = co_await call.read_all(text, limits::kUpstreamErrorBytesMax);
    if (read) read = undo_coding(call.headers.get("content-encoding"), text, limits::kUpstreamErrorBytesMax);
    Error error = upstream_error(x, call, text);
    if (!again && provider.relax != nullptr && provider.relax(error, conversation, dropped)) continue;
    Failure failure{std::move(error)};
    translated_response_headers(call.headers, failure.headers);
    co_return std::unexpected(std::move(failure));
  }
}

Task<Attempted> translate_conversation(Exchange& x, const std::shared_ptr<llm::Request>& shared,
                                       llm::Times times) {
  llm::Request& conversation = *shared;
  if (x.client.model_in_path) {
    conversation.model = x.peek.model;
    conversation.stream = x.peek.stream;
  }
  // What a client left out because a provider of its own format keeps it has been put back as far as it is kept here
  // (stored.h). What is still missing no other provider has: the request is refused.
  if (!x.route.same_format && x.client.needs_no_state != nullptr) {
    if (auto stateless = x.client.needs_no_state(conversation); !stateless)
      co_return Failure{std::move(stateless.error())};
  }
  if (x.recall != nullptr) restore_reasoning(*x.recall, x.caller, conversation);
  if (auto ready = co_await prepare_media(x, conversation); !ready)
    co_return Failure{std::move(ready.error())};
  llm::Dropped dropped;
  llm::apply_tool_rules(x.route.upstream->provider->tool_rules, conversation, dropped);
  if (x.broken) add_partial_answer(conversation, x.broken->text());
  auto call = co_await ask(x, conversation, dropped);
  if (!call) co_return std::move(call.error());
  // The provider was sent what it stands for; the client reads it in the answer.
  if (conversation.previous_response_id.empty()) conversation.previous_response_id = x.keeper.previous();
  if (conversation.stream) co_return co_await translate_stream(x, **call, shared, dropped, times);
  co_return co_await translate_whole(x, **call, conversation, dropped, times);
}

}  // namespace

Task<Attempted> translate(Exchange& x) {
  llm::Times times;
  times.asked = unix_ns();
  auto decoded = x.client.decode_request(std::move(x.request.body));
  if (!decoded) co_return Failure{std::move(decoded.error())};
  auto shared = std::make_shared<llm::Request>(std::move(*decoded));  // with the threads that may count it
  x.record.uncounted.prompt = shared;
  auto failure = co_await translate_conversation(x, shared, times);
  if (failure && x.may_switch && shared->text) {
    x.record.uncounted.prompt.reset();
    if (x.broken)  // which goes on looking into this conversation
      x.request.body = *shared->text;
    else
      x.request.body = std::move(*shared->text);
  }
  co_return failure;
}

}  // namespace pb::gateway
