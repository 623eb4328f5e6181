#include "mcp/relay.h"

#include "base/limits_mcp.h"
#include "net/wake.h"

namespace pb::mcp {
namespace {

// Rings a waiting coroutine after a while.
class Alarm {
 public:
  Alarm(net::Sweeper& sweeper, net::Wake::Bell bell) : deadline_(sweeper), bell_(std::move(bell)) {}
  void arm(int ms) {
    rang_ = false;
    deadline_.arm(ms, ring, this);
  }
  bool rang() const { return rang_; }

 private:
  static void ring(void* self) {
    static_cast<Alarm*>(self)->rang_ = true;
    static_cast<Alarm*>(self)->bell_.ring();
  }
  net::Deadline deadline_;
  net::Wake::Bell bell_;
  bool rang_ = false;
};

struct Reading {  // gives the place back, however this ends
  Stream& stream;
  std::uint64_t reader;
  ~Reading() { stream.detach(reader); }
};

struct Counted {  // while events are sent
  std::atomic<std::size_t>* streams = nullptr;
  void begin(std::atomic<std::size_t>* all) {
    streams = all;
    if (streams != nullptr) streams->fetch_add(1, std::memory_order_relaxed);
  }
  ~Counted() {
    if (streams != nullptr) streams->fetch_sub(1, std::memory_order_relaxed);
  }
};

Task<void> start_events(RelaySetup& s, net::Responder& out) {
  s.headers.add("Content-Type", "text/event-stream");
  s.headers.add("Cache-Control", "no-cache, no-transform");
  s.headers.add("X-Accel-Buffering", "no");
  co_await out.start(200, s.headers);
  std::string first;
  if (s.first_event)
    first = "id: " + std::to_string(s.number) + "-0\nretry: " + std::to_string(limits::kMcpRetryMs) +
            "\ndata: \n\n";
  if (!s.endpoint.empty()) append_event(first, "endpoint", {}, s.endpoint);
  co_await out.write(first);
}

Task<void> send_json(RelaySetup& s, net::Responder& out, std::string_view body) {
  const int status = s.status != nullptr && *s.status != 0 ? *s.status : 200;
  s.headers.add("Content-Type", "application/json");
  co_await out.send(status, s.headers, body);
}

}  // namespace

Task<void> send_fault(net::Responder& out, int status, Fault fault, Id id) {
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  co_await out.send(status, headers, write_error(id, fault));
}

Task<void> send_fault(net::Responder& out, int status, int code, std::string message) {
  return send_fault(out, status, fault(code, std::move(message)).error());
}

void append_event(std::string& out, std::string_view event, std::string_view id, std::string_view data) {
  out += "event: ";
  out += event;
  if (!id.empty()) {
    out += "\nid: ";
    out += id;
  }
  out += "\ndata: ";
  out += data;
  out += "\n\n";
}

Task<void> relay(RelaySetup s, net::Responder& out) {
  net::Wake wake(s.executor);
  const Reading reading{*s.stream, s.stream->attach(wake.bell())};
  Alarm alarm(s.sweeper, wake.bell());
  Counted counted;
  bool started = false;
  if (!s.json) {
    counted.begin(s.streams);
    co_await start_events(s, out);
    started = true;
  }
  for (;;) {
    const Stream::Batch batch = s.stream->read(reading.reader, s.after);
    if (!started && batch.ended && batch.events.size() == 1) {
      co_await send_json(s, out, batch.events.front().text);
      co_return;
    }
    if (!started && (batch.ended || batch.replaced) && batch.events.empty()) {
      co_await out.send(202, s.headers, {});  // cancelled: there is no answer
      co_return;
    }
    const bool silent = alarm.rang();
    if (!started && (!batch.events.empty() || batch.cut || silent)) {
      counted.begin(s.streams);
      co_await start_events(s, out);
      started = true;
    }
    std::string text;
    for (const Stream::Event& e : batch.events) {
      append_event(text, "message", s.ids ? std::to_string(s.number) + "-" + std::to_string(e.number) : "",
                   e.text);
      s.after = e.number;
    }
    if (batch.ended || batch.cut || batch.replaced) {
      co_await out.finish(text);
      co_return;
    }
    if (text.empty() && silent) text = ":\n\n";
    if (!text.empty()) co_await out.write(text);
    alarm.arm(started ? limits::kMcpPingMs : limits::kMcpJsonWaitMs);
    co_await wake.wait();
  }
}

}  // namespace pb::mcp
