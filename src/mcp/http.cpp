#include "mcp/http.h"

#include <charconv>

#include "base/limits_mcp.h"
#include "mcp/inbound.h"
#include "mcp/relay.h"
#include "mcp/stateless.h"

namespace pb::mcp {
namespace {

bool accepts(std::string_view accept, std::string_view type) {
  if (accept.empty() || accept.contains("*/*")) return true;
  return accept.contains(type) || accept.contains(std::string(type.substr(0, type.find('/'))) + "/*");
}

// What both eras demand of a POST. False: it has been answered.
Task<bool> well_formed(net::Request& request, net::Responder& out) {
  const std::string_view type = request.headers.get("content-type");
  if (!net::iequals(type.substr(0, type.find(';')), "application/json")) {
    co_await send_fault(out, 415, kServerError,
                        "Unsupported Media Type: Content-Type must be application/json");
    co_return false;
  }
  const std::string_view accept = request.headers.get("accept");
  if (!accepts(accept, "application/json") || !accepts(accept, "text/event-stream")) {
    co_await send_fault(out, 406, kServerError,
                        "Not Acceptable: the client must accept application/json and text/event-stream");
    co_return false;
  }
  co_return true;
}

Task<void> no_session(net::Responder& out) {
  return send_fault(out, 404, kNoSuchSession, "Session not found");
}

// "3-17": the stream and the event.
bool read_event_id(std::string_view id, std::uint64_t& stream, std::uint64_t& event) {
  const char* const begin = id.data();
  const char* const end = begin + id.size();
  auto [dash, ec] = std::from_chars(begin, end, stream);
  if (ec != std::errc() || dash == end || *dash != '-') return false;
  auto [last, ec2] = std::from_chars(dash + 1, end, event);
  return ec2 == std::errc() && last == end;
}

struct Cancelling {  // the client's going away is its cancellation
  std::shared_ptr<Call> call;
  ~Cancelling() {
    if (!call->stream().ended()) call->cancel();
  }
};

struct Reading {  // a client that goes away was there until then
  Hub& hub;
  std::shared_ptr<Session> session;
  ~Reading() { session->touch(hub.now_ms()); }
};

}  // namespace

Endpoint::Endpoint(EndpointDeps deps) : deps_(std::move(deps)), sweep_(deps_.sweeper) { sweep(this); }

void Endpoint::sweep(void* context) {
  auto& self = *static_cast<Endpoint*>(context);
  self.deps_.hub.sweep();
  self.sweep_.arm(self.deps_.hub.sweep_every_ms(), sweep, context);
}

Task<void> Endpoint::post(net::Request& request, net::Responder& out, Principal principal) {
  if (!co_await well_formed(request, out)) co_return;
  auto document = parse_messages(std::move(request.body));
  const Message& first = document->messages.front();
  if (first.kind == Kind::broken && !document->batch)
    co_return co_await send_fault(out, 400, first.fault, first.id);
  if (!co_await may_call(*document, principal, out)) co_return;
  const auto named = parse_revision(request.headers.get(kVersionHeader));
  if (document->batch && named && stateless(*named))
    co_return co_await send_fault(out, 400, kInvalidRequest, "Invalid Request: one message at a time");
  if (!document->batch && is_stateless(first, &request.headers))
    co_return co_await post_stateless(request, out, std::move(principal), std::move(document));
  co_await post_to_session(request, out, std::move(principal), std::move(document));
}

Task<void> Endpoint::post_stateless(net::Request& request, net::Responder& out, Principal principal,
                                    std::shared_ptr<Document> document) {
  const Message& message = document->messages.front();
  if (message.kind == Kind::notification) co_return co_await out.send(202, {}, {});
  if (message.kind == Kind::response)
    co_return co_await send_fault(out, 400, kInvalidRequest,
                                  "Invalid Request: answers to questions come with the next request");
  auto meta = read_meta(message, &request.headers);
  if (meta && message.method == "tools/call")
    if (const Tool* tool = deps_.offer->find_tool(message.params["name"].as_string()); tool != nullptr)
      if (auto checked = check_argument_headers(*tool, message.params["arguments"], request.headers);
          !checked)
        meta = std::unexpected(std::move(checked.error()));
  if (!meta) {
    const int status = http_status(meta.error(), Revision::v2026_07_28);
    co_return co_await send_fault(out, status, std::move(meta.error()), message.id);
  }
  auto stream = std::make_shared<Stream>(one_way());
  const auto call =
      Call::make({deps_.hub, deps_.offer, deps_.sweeper, deps_.executor, document, &message,
                  std::move(principal), meta->revision, meta->can, meta->log_level, nullptr, stream});
  auto status = std::make_shared<int>(0);  // shared with the call, which may outlive this request
  Call::start(call, [stream, status](std::string response, int s) {
    *status = s;
    if (!response.empty()) stream->push(std::move(response));
    stream->end();
  });
  const Cancelling cancelling{call};
  RelaySetup setup{deps_.sweeper, deps_.executor, stream, 0, 0, false, false, true, status.get(), {}};
  setup.streams = &deps_.hub.streams;
  co_await relay(std::move(setup), out);
}

Task<void> Endpoint::post_to_session(net::Request& request, net::Responder& out, Principal principal,
                                     std::shared_ptr<Document> document) {
  const Message& first = document->messages.front();
  const std::string_view id = request.headers.get(kSessionHeader);
  const std::string_view version = request.headers.get(kVersionHeader);
  const bool opens = !document->batch && first.kind == Kind::request && first.method == "initialize";
  if (!version.empty() && !parse_revision(version) && !opens)
    co_return co_await send_fault(
        out, 400,
        fault(kServerError, "Bad Request: unsupported protocol version in MCP-Protocol-Version").error(),
        first.id);
  if (id.empty() && !opens)
    co_return co_await send_fault(
        out, 400,
        fault(kServerError, "Bad Request: Mcp-Session-Id is missing; initialize comes first").error(),
        first.id);
  auto session = id.empty() ? deps_.hub.open_session(principal) : deps_.hub.find_session(id, principal);
  if (session == nullptr && id.empty())
    co_return co_await send_fault(out, 503, kServerError,
                                  "too many sessions are open; try again in a moment");
  if (session == nullptr) co_return co_await no_session(out);
  const Revision revision = session->with_rules([](const SessionRules& r) { return r.revision(); });
  if (document->batch && !has_batches(revision))
    co_return co_await send_fault(out, 400, kInvalidRequest,
                                  "Invalid Request: this revision of the protocol has no batches");
  const Inbound in{deps_.hub, deps_.offer, deps_.sweeper, deps_.executor, principal};
  if (!any_requests(*document)) {
    for (const Message& m : document->messages) take(*session, m);
    co_return co_await out.send(202, {}, {});
  }
  const Session::Numbered numbered = session->new_stream();
  auto status = std::make_shared<int>(0);  // shared with the calls, which go on when the client does not wait
  begin_all(in, session, document, numbered.stream, true,
            [stream = numbered.stream, status](std::string response, int s) {
              *status = s;
              if (!response.empty()) stream->push(std::move(response));
              stream->end();
            });
  net::Headers headers;
  const bool opened =
      session->with_rules([](const SessionRules& r) { return r.stage() != SessionRules::Stage::fresh; });
  if (opens && opened) headers.add("Mcp-Session-Id", session->id());
  RelaySetup setup{deps_.sweeper,
                   deps_.executor,
                   numbered.stream,
                   0,
                   numbered.number,
                   true,
                   has_stream_polling(revision),
                   true,
                   status.get(),
                   std::move(headers)};
  setup.streams = &deps_.hub.streams;
  const Reading reading{deps_.hub, session};
  co_await relay(std::move(setup), out);
  if (!opened) deps_.hub.close_session(session->id());  // it was no `initialize` after all
  // One answer in one piece: nobody comes back for that.
  if (numbered.stream->last() <= 1 && numbered.stream->ended()) session->forget_stream(numbered.number);
}

Task<void> Endpoint::get(net::Request& request, net::Responder& out, Principal principal) {
  const std::string_view id = request.headers.get(kSessionHeader);
  const auto version = parse_revision(request.headers.get(kVersionHeader));
  if (id.empty() || (version && stateless(*version))) {
    net::Headers headers;
    headers.add("Allow", "POST");
    headers.add("Content-Type", "application/json");
    co_return co_await out.send(
        405, headers,
        write_error({}, fault(kServerError, "Method Not Allowed: a stream belongs to a session").error()));
  }
  if (!accepts(request.headers.get("accept"), "text/event-stream"))
    co_return co_await send_fault(out, 406, kServerError,
                                  "Not Acceptable: the client must accept text/event-stream");
  const auto session = deps_.hub.find_session(id, principal);
  if (session == nullptr) co_return co_await no_session(out);
  Session::Numbered numbered = session->idle_stream();
  std::uint64_t after = numbered.stream->read_to();
  if (const std::string_view last = request.headers.get("last-event-id"); !last.empty()) {
    if (!read_event_id(last, numbered.number, after) ||
        (numbered.stream = session->find_stream(numbered.number)) == nullptr)
      co_return co_await send_fault(out, 400, kServerError,
                                    "Bad Request: Last-Event-ID is not one of this session's");
  }
  if (deps_.hub.closing()) co_return co_await send_fault(out, 503, kServerError, "the server is stopping");
  RelaySetup setup{deps_.sweeper, deps_.executor, numbered.stream, after,   numbered.number,
                   true,          false,          false,           nullptr, {}};
  setup.streams = &deps_.hub.streams;
  const Reading reading{deps_.hub, session};
  co_await relay(std::move(setup), out);
}

Task<void> Endpoint::remove(net::Request& request, net::Responder& out, Principal principal) {
  const std::string_view id = request.headers.get(kSessionHeader);
  if (id.empty()) {
    net::Headers headers;
    headers.add("Allow", "POST");
    co_return co_await out.send(405, headers, {});
  }
  if (deps_.hub.find_session(id, principal) == nullptr) co_return co_await no_session(out);
  deps_.hub.close_session(id);
  co_await out.send(200, {}, {});
}

std::string error_body(const Error& error) {
  return write_error({}, fault(kServerError, error.message).error());
}

}  // namespace pb::mcp
