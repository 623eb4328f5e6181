#include "net/server_connection.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>

#include "base/log.h"
#include "net/server_read.h"

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kHeadBytes = 512;  // of most answers
constexpr int kWatchAfterMs = 20;        // most requests are answered sooner and are never watched
constexpr std::size_t kPipelinedBytesMax = 64 * 1024;
constexpr std::size_t kLingerBytesMax = 256 * 1024;
constexpr int kLingerMs = 1000;
constexpr std::size_t kKeptBufferBytes = 16 * 1024;  // of an idle connection

[[noreturn]] void throw_gone() {
  throw boost::system::system_error(asio::error::make_error_code(asio::error::operation_aborted),
                                    "the client went away");
}

void close_connection(void* context) { static_cast<Connection*>(context)->close(); }

class ResponderImpl final : public Responder {
 public:
  ResponderImpl(Connection& c, const Request& request, bool& keep_alive)
      : c_(c), keep_alive_(keep_alive), head_only_(request.method == "HEAD"), chunked_(request.minor >= 1) {}

  Task<void> send(int status, const Headers& headers, std::string_view body) override {
    begin(status, headers);
    if (status != 204 && status != 304) {
      head_ += "Content-Length: ";
      append_number(body.size());
      head_ += "\r\n";
    }
    head_ += "\r\n";
    done_ = true;
    return put(head_, head_only_ ? std::string_view{} : body, {});
  }

  Task<void> start(int status, const Headers& headers) override {
    begin_stream(status, headers);
    return nothing();
  }

  bool nudge(int status, const Headers& headers, std::string_view bytes) override {
    if (done_ || writing_ || c_.closed || !backlog_.empty()) return false;
    if (!started_)
      begin_stream(status, headers);
    else if (!pending_head_)
      head_.clear();
    pending_head_ = false;
    if (head_only_) bytes = {};
    if (chunked_ && !bytes.empty()) append_hex(bytes.size());
    IoResult done = c_.stream->try_write(head_, bytes, chunked_ && !bytes.empty() ? "\r\n" : "");
    if (done.ec) return false;
    std::string all = head_;
    all.append(bytes);
    if (chunked_ && !bytes.empty()) all += "\r\n";
    backlog_ = all.substr(done.bytes);  // what the socket did not take goes out before the next write
    return true;
  }

  Task<void> write(std::string_view bytes) override {
    if (head_only_) bytes = {};
    if (bytes.empty()) {
      if (!pending_head_) return nothing();
      pending_head_ = false;
      return put(head_, {}, {});
    }
    if (!pending_head_) shrink_head();
    pending_head_ = false;
    if (!chunked_) return put(head_, bytes, {});
    append_hex(bytes.size());
    return put(head_, bytes, "\r\n");
  }

  Task<void> finish(std::string_view last) override {
    if (head_only_) last = {};
    if (!pending_head_) head_.clear();
    pending_head_ = false;
    done_ = true;
    if (!chunked_) return put(head_, last, {});
    if (last.empty()) {
      if (!head_only_) head_ += "0\r\n\r\n";
      return put(head_, {}, {});
    }
    append_hex(last.size());
    return put(head_, last, "\r\n0\r\n\r\n");
  }

  void abort() override {
    keep_alive_ = false;
    done_ = true;
    c_.close();
  }

  bool started() const override { return started_; }
  bool done() const { return done_; }

 private:
  void begin_stream(int status, const Headers& headers) {
    begin(status, headers);
    if (chunked_)
      head_ += "Transfer-Encoding: chunked\r\n";
    else
      keep_alive_ = false;
    head_ += "\r\n";
    pending_head_ = true;
  }

  void begin(int status, const Headers& headers) {
    started_ = true;
    head_.clear();
    if (head_.capacity() < kHeadBytes) head_.reserve(kHeadBytes);
    head_ += "HTTP/1.1 ";
    append_number(static_cast<std::size_t>(status));
    head_ += ' ';
    head_ += reason_phrase(status);
    head_ += "\r\nDate: ";
    head_ += http_date();
    head_ += "\r\n";
    head_ += headers.text();
    if (c_.shared.draining) keep_alive_ = false;
    if (!keep_alive_)
      head_ += "Connection: close\r\n";
    else if (!chunked_)
      head_ += "Connection: keep-alive\r\n";
  }

  // The head is on its way: from now on there are only chunks' sizes to write, and a stream may be open for long.
  void shrink_head() {
    if (head_.capacity() >= kHeadBytes) std::string().swap(head_);
    head_.clear();
  }

  void append_number(std::size_t n) {
    char digits[24];
    head_.append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
  }
  void append_hex(std::size_t n) {
    char digits[24];
    head_.append(digits, std::to_chars(digits, digits + sizeof digits, n, 16).ptr);
    head_ += "\r\n";
  }

  static Task<void> nothing() { co_return; }

  // One system call in the common case; otherwise the rest is written under a deadline.
  Task<void> put(std::string_view a, std::string_view b, std::string_view tail) {
    struct Writing {
      bool& flag;
      explicit Writing(bool& f) : flag(f) { flag = true; }
      ~Writing() { flag = false; }
    } writing(writing_);
    if (!backlog_.empty()) {
      std::string earlier = std::exchange(backlog_, {});
      co_await drain(earlier, {});
    }
    IoResult done = c_.stream->try_write(a, b, tail);
    if (done.ec) throw_gone();
    std::size_t skip = done.bytes;
    for (std::string_view* part : {&a, &b, &tail}) {
      std::size_t n = std::min(skip, part->size());
      part->remove_prefix(n);
      skip -= n;
    }
    if (a.empty() && b.empty() && tail.empty()) co_return;
    co_await drain(a, b);
    if (!tail.empty()) co_await drain(tail, {});
  }

  Task<void> drain(std::string_view a, std::string_view b) {
    Deadline slow(c_.shared.sweeper);
    slow.arm(c_.shared.options.write_timeout_ms, close_connection, &c_);
    boost::system::error_code ec = co_await c_.stream->write(a, b);
    if (ec) throw_gone();
  }

  Connection& c_;
  bool& keep_alive_;
  bool head_only_;
  bool chunked_;
  bool started_ = false;
  bool done_ = false;
  bool pending_head_ = false;
  bool writing_ = false;
  std::string head_;
  std::string backlog_;
};

void watch(const std::shared_ptr<Connection>& c);

void on_readable(const std::shared_ptr<Connection>& c) {
  c->watching = false;
  if (!c->in_request || c->closed) return;
  char* to = c->buffer.prepare(2048);
  ssize_t n = ::recv(c->stream->socket().native_handle(), to, c->buffer.room(), MSG_DONTWAIT);
  if (n > 0) {  // the next request, sent early: keep it for later and go on watching
    c->buffer.commit(static_cast<std::size_t>(n));
    if (c->buffer.size() < kPipelinedBytesMax) watch(c);
    return;
  }
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return watch(c);
  c->closed = true;
  c->gone.emit(asio::cancellation_type::terminal);
}

void watch(const std::shared_ptr<Connection>& c) {
  c->watching = true;
  c->stream->socket().async_wait(asio::ip::tcp::socket::wait_read, [c](const boost::system::error_code& ec) {
    if (!ec) on_readable(c);
  });
}

void on_watch_due(void* context) {
  auto& c = *static_cast<std::shared_ptr<Connection>*>(context);
  c->buffer.release();  // it may take long, and the next request is not there yet
  watch(c);
}

// Sends an error of the HTTP layer, then lets the client read it: closing with unread input would reset it.
Task<void> refuse_request(Connection& c, const Request& request, const ReadResult& refused) {
  Error e;
  e.code = code_of_status(refused.status);
  e.status = refused.status;
  e.message = refused.message;
  std::string body = c.shared.error_page(e, request.path());
  bool keep_alive = false;
  Headers headers;
  headers.add("Content-Type", "application/json");
  ResponderImpl responder(c, request, keep_alive);
  co_await responder.send(refused.status, headers, body);
  ::shutdown(c.stream->socket().native_handle(), SHUT_WR);
  c.deadline.arm(kLingerMs, close_connection, &c);
  std::size_t seen = 0;
  char scrap[4096];
  while (seen < kLingerBytesMax) {
    IoResult got = co_await c.stream->read_some(scrap, sizeof scrap);
    if (got.ec || got.bytes == 0) break;
    seen += got.bytes;
  }
}

Task<void> answer_failure(Connection& c, const Request& request, ResponderImpl& responder,
                          const std::string& what) {
  log::error(log::Module::net, "a handler failed", {{"path", request.path()}, {"what", what}});
  if (responder.started()) {
    responder.abort();
    co_return;
  }
  Error e;
  e.message = "internal error";
  std::string body = c.shared.error_page(e, request.path());
  Headers headers;
  headers.add("Content-Type", "application/json");
  co_await responder.send(500, headers, body);
}

// Runs the handler; false when the connection cannot be used any more.
Task<bool> handle(const std::shared_ptr<Connection>& c, Request& request) {
  bool keep_alive = request.keep_alive;
  ResponderImpl responder(*c, request, keep_alive);
  std::string failure;
  auto self = c;  // the watch deadline points at this copy, in this frame
  c->in_request = true;
  ++c->shared.open_requests;
  struct Leave {
    Connection& c;
    ~Leave() {
      c.in_request = false;
      --c.shared.open_requests;
      c.deadline.disarm();
      if (c.watching && !c.closed) {
        c.watching = false;
        boost::system::error_code ignored;
        c.stream->socket().cancel(ignored);
      }
    }
  } leave{*c};
  c->deadline.arm(kWatchAfterMs, on_watch_due, &self);
  try {
    co_await c->shared.handler(request, responder);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    failure = e.what();
  } catch (const std::exception& e) {
    failure = e.what();
  }
  if (failure.empty() && !responder.done()) failure = "the handler did not finish its answer";
  if (!failure.empty()) co_await answer_failure(*c, request, responder, failure);
  co_return keep_alive && !c->closed;
}

}  // namespace

Task<void> serve(std::shared_ptr<Connection> c) {
  Request request;
  try {
    for (;;) {
      if (c->shared.draining && c->buffer.empty()) break;
      request.peer = c->peer;
      ReadResult read = co_await read_request(*c, request);
      if (read.outcome == ReadOutcome::closed) break;
      if (read.outcome == ReadOutcome::refused) {
        co_await refuse_request(*c, request, read);
        break;
      }
      bool go_on = co_await handle(c, request);
      if (!go_on) break;
      if (request.body.capacity() > 256 * 1024)
        std::string().swap(request.body);  // do not keep one large request's memory, as an assignment would
      if (c->buffer.empty() && c->buffer.room() > kKeptBufferBytes) c->buffer.release();
    }
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted)
      log::warn(log::Module::net, "a connection failed", {{"what", std::string(e.what())}});
  }
  c->deadline.disarm();
  c->close();
}

}  // namespace pb::net
