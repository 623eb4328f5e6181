#include "mcp/stdio.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <set>

#include "base/limits_mcp.h"
#include "mcp/stateless.h"

namespace pb::mcp {
namespace asio = boost::asio;
namespace {

constexpr int kLinesInARow = 64;

// What reader, writer and calls share.
struct Pipe {
  explicit Pipe(Inbound i)
      : in(std::move(i)),
        stream(std::make_shared<Stream>(one_way())),
        session(std::make_shared<Session>(in.hub, "stdio", Principal{}, stream)),
        changed(in.executor) {}
  Inbound in;
  std::shared_ptr<Stream> stream;
  std::shared_ptr<Session> session;         // also keeps the calls of stateless requests, to cancel them
  std::set<Id, std::less<>> stateless_ids;  // under way
  std::size_t open = 0;                     // calls
  net::Wake changed;                        // a call has ended, or the output
  bool broken = false;                      // nobody reads
  bool written = false;                     // the writer is through

  void answer(const std::string& response) {
    if (!response.empty()) stream->push(response);
  }
  void ended() {
    --open;
    changed.bell().ring();
  }
};

Task<void> write_all(std::shared_ptr<Pipe> pipe, net::Lines& lines) {
  net::Wake wake(pipe->in.executor);
  const std::uint64_t reader = pipe->stream->attach(wake.bell());
  for (std::uint64_t after = 0;;) {
    const Stream::Batch batch = pipe->stream->read(reader, after);
    std::string text;
    for (const Stream::Event& e : batch.events) {
      text += e.text;
      text += '\n';
      after = e.number;
    }
    if (!text.empty() && !co_await lines.write(text)) {
      pipe->broken = true;
      break;
    }
    if (batch.ended) break;
    if (text.empty()) co_await wake.wait();
    pipe->changed.bell().ring();
  }
  pipe->written = true;
  pipe->changed.bell().ring();
}

void begin_stateless(const std::shared_ptr<Pipe>& pipe, const std::shared_ptr<Document>& document) {
  const Message& m = document->messages.front();
  auto meta = read_meta(m, nullptr);
  if (meta && pipe->stateless_ids.size() >= limits::kMcpCallsMax)
    meta =
        fault(kServerError, "more than " + std::to_string(limits::kMcpCallsMax) + " requests are under way");
  if (meta && !pipe->stateless_ids.insert(m.id).second)
    meta = fault(kInvalidRequest, "Invalid Request: a request with this id is under way");
  if (!meta) return pipe->answer(write_error(m.id, meta.error()));
  const auto call =
      Call::make({pipe->in.hub, pipe->in.offer, pipe->in.sweeper, pipe->in.executor, document, &m,
                  Principal{}, meta->revision, meta->can, meta->log_level, nullptr, pipe->stream});
  pipe->session->add_call(m.id, call);
  ++pipe->open;
  Call::start(call, [pipe, id = m.id](const std::string& response, int) {
    pipe->session->end_call(id);
    pipe->stateless_ids.erase(id);
    pipe->answer(response);
    pipe->ended();
  });
}

void take_line(const std::shared_ptr<Pipe>& pipe, std::string text) {
  const auto document = parse_messages(std::move(text));
  const Message& first = document->messages.front();
  if (!document->batch && first.kind == Kind::request && is_stateless(first, nullptr))
    return begin_stateless(pipe, document);
  const Revision revision = pipe->session->with_rules([](const SessionRules& r) { return r.revision(); });
  if (document->batch && !has_batches(revision))
    return pipe->answer(write_error(
        {}, fault(kInvalidRequest, "Invalid Request: this revision of the protocol has no batches").error()));
  ++pipe->open;
  begin_all(pipe->in, pipe->session, document, pipe->stream, false, [pipe](const std::string& response, int) {
    pipe->answer(response);
    pipe->ended();
  });
}

// Until nothing is under way or so long has passed. `wanted`: answers are; there is nothing to wait for once nobody reads them.
Task<void> wait_for_calls(Pipe& pipe, int ms, bool wanted) {
  struct Alarm {
    net::Wake::Bell bell;
    bool rang = false;
  } alarm{pipe.changed.bell()};
  net::Deadline deadline(pipe.in.sweeper);
  deadline.arm(
      ms,
      [](void* a) {
        static_cast<Alarm*>(a)->rang = true;
        static_cast<Alarm*>(a)->bell.ring();
      },
      &alarm);
  while (pipe.open != 0 && !alarm.rang && !(wanted && pipe.broken)) co_await pipe.changed.wait();
}

}  // namespace

Task<void> serve_stdio(Inbound in, net::Lines& lines) {
  auto pipe = std::make_shared<Pipe>(std::move(in));  // shared with the writer and the calls
  asio::co_spawn(pipe->in.executor, write_all(pipe, lines), [](const std::exception_ptr&) {});
  for (int taken = 1;; ++taken) {
    // Lines that have come together are taken without a pause; calls that have ended get their turn in between.
    if (taken % kLinesInARow == 0) co_await asio::post(pipe->in.executor, asio::use_awaitable);
    net::Line line = co_await lines.read(limits::kMcpMessageBytesMax);
    if (line.end || pipe->broken) break;
    if (line.too_long)
      pipe->answer(write_error(
          {}, fault(kInvalidRequest, "Invalid Request: a message may have " +
                                         std::to_string(limits::kMcpMessageBytesMax) + " bytes at most")
                  .error()));
    else if (line.text.find_first_not_of(" \t") != line.text.npos)
      take_line(pipe, std::move(line.text));
    // A client that writes and does not read has to wait.
    while (pipe->stream->bytes() > limits::kMcpQueueBytesMax && !pipe->broken) co_await pipe->changed.wait();
  }
  pipe->in.hub.close();  // subscriptions end, which would otherwise wait for ever
  co_await wait_for_calls(*pipe, limits::kMcpDrainMs, true);
  pipe->session->close();  // cancels what is left, and ends the stream
  // What is cancelled leaves things in order: a benchmark says in its history that it has been.
  co_await wait_for_calls(*pipe, limits::kMcpDrainMs, false);
  while (!pipe->written) co_await pipe->changed.wait();
}

}  // namespace pb::mcp
