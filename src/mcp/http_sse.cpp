// HTTP+SSE, the transport of 2024-11-05: everything for the client goes over the stream it opens first.
#include "base/limits_mcp.h"
#include "base/strings.h"
#include "mcp/http.h"
#include "mcp/inbound.h"
#include "mcp/relay.h"
#include "mcp/stateless.h"

namespace pb::mcp {
namespace {

struct Closing {  // the session lives as long as its stream
  Hub& hub;
  std::string id;
  ~Closing() { hub.close_session(id); }
};

}  // namespace

Task<void> Endpoint::open_sse(net::Request&, net::Responder& out, Principal principal) {
  auto session =
      deps_.hub.closing() ? nullptr : deps_.hub.open_session(principal, std::make_shared<Stream>(one_way()));
  if (session == nullptr)
    co_return co_await send_fault(out, 503, kServerError,
                                  "too many sessions are open; try again in a moment");
  const Closing closing{deps_.hub, session->id()};
  const auto stream = session->idle_stream().stream;
  RelaySetup setup{deps_.sweeper, deps_.executor, stream, 0, 0, false, false, false, nullptr, {}};
  setup.streams = &deps_.hub.streams;
  setup.endpoint = std::string(kSseMessages) + "?session=" + session->id();
  co_await relay(std::move(setup), out);
}

Task<void> Endpoint::post_sse(net::Request& request, net::Responder& out, Principal principal) {
  const auto session = deps_.hub.find_session(query_value(request.query(), "session"), principal);
  if (session == nullptr || !session->one_stream())
    co_return co_await send_fault(out, 404, kNoSuchSession, "Session not found");
  const auto stream = session->idle_stream().stream;
  if (stream->bytes() > limits::kMcpQueueBytesMax)
    co_return co_await send_fault(out, 503, kServerError, "the client does not read its stream");
  auto document = parse_messages(std::move(request.body));
  const Message& first = document->messages.front();
  if (first.kind == Kind::broken && !document->batch) co_return co_await send_fault(out, 400, first.fault);
  const Revision revision = session->with_rules([](const SessionRules& r) { return r.revision(); });
  if (document->batch && !has_batches(revision))
    co_return co_await send_fault(out, 400, kInvalidRequest,
                                  "Invalid Request: this revision of the protocol has no batches");
  if (!co_await may_call(*document, principal, out)) co_return;
  begin_all({deps_.hub, deps_.offer, deps_.sweeper, deps_.executor, principal}, session, document, stream,
            false, [stream](std::string response, int) {
              if (!response.empty()) stream->push(std::move(response));
            });
  co_await out.send(202, {}, "Accepted");
}

}  // namespace pb::mcp
