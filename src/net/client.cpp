#include "net/client.h"
#include "net/body_room.h"

#include <boost/asio/error.hpp>
#include <optional>

#include "net/client_pool.h"
#include "net/h1_parser.h"

namespace pb::net {
namespace asio = boost::asio;
namespace {

// An answer's head, and what a stream says at a time, come in small reads; a read that fills its room is followed by a large one.
constexpr std::size_t kReadBytes = 16 * 1024, kSmallReadBytes = 4 * 1024;

void on_due(void* context) {
  auto& c = *static_cast<PooledConnection*>(context);
  c.timed_out = true;
  c.stream->close();
}

std::unexpected<Error> broken(const Origin& origin, const std::string& what) {
  return std::unexpected(upstream_fault(origin.url.authority() + ": " + what));
}

std::unexpected<Error> late(const Origin& origin, const std::string& what) {
  Error e;
  e.code = Code::timeout;
  e.message = origin.url.authority() + ": " + what;
  e.retryable = true;
  return std::unexpected(std::move(e));
}

class CallImpl final : public Call {
 public:
  CallImpl(ClientPool& clients, OriginPool& pool, const Origin& origin, const CallTimeouts& timeouts,
           std::unique_ptr<PooledConnection> connection)
      : clients_(clients),
        pool_(pool),
        origin_(origin),
        timeouts_(timeouts),
        connection_(std::move(connection)) {
    reused = connection_->reused;
    headers.reserve(1024, 24);
    connection_->timed_out = false;
    total_due_ = clients_.sweeper().refresh() + std::chrono::milliseconds(timeouts_.total_ms);
  }

  ~CallImpl() override {
    if (connection_) clients_.discard(pool_, std::move(connection_));
  }

  // Tells whether the failure came before anything of the answer, and so allows another try.
  bool untouched() const { return untouched_; }
  bool written() const { return written_; }

  Task<Result<void>> start(const CallRequest& request) {
    head_only_ = request.method == "HEAD";
    build_head(request);
    arm_from(clients_.sweeper().now(), timeouts_.first_byte_ms);  // made just now
    boost::system::error_code write_error;
    IoResult sent = connection_->stream->try_write(connection_->head, request.body, {});
    write_error = sent.ec;
    std::size_t all = connection_->head.size() + request.body.size();
    if (!write_error && sent.bytes < all) {
      std::string_view head = connection_->head, body = request.body;
      std::size_t from_head = std::min(sent.bytes, head.size());
      head.remove_prefix(from_head);
      body.remove_prefix(sent.bytes - from_head);
      write_error = co_await connection_->stream->write(head, body);
    }
    written_ = !write_error;
    if (connection_->timed_out) co_return late(origin_, "the request could not be sent in time");
    // A provider may answer (413, 401, …) and close before it has read everything: look for that answer first.
    Result<void> head = co_await read_head();
    if (!head && write_error)
      co_return broken(origin_, "the connection broke while sending: " + write_error.message());
    if (write_error) keep_alive_ = false;
    co_return head;
  }

  Task<Result<std::string_view>> read() override {
    while (true) {
      if (done_) {
        finish();
        co_return std::string_view{};
      }
      if (sized_) {
        if (given_ != 0) connection_->buffer.consume(std::exchange(given_, 0));
        if (left_ == 0) {
          done_ = true;
          continue;
        }
        if (connection_->buffer.empty()) CO_TRY(co_await fill());
        given_ = std::min(left_, connection_->buffer.size());
        left_ -= given_;
        co_return connection_->buffer.view().substr(0, given_);
      }
      piece_.clear();
      CO_TRY(parse_body());
      if (!piece_.empty()) co_return std::string_view(piece_);
      if (done_) continue;
      CO_TRY(co_await fill());
    }
  }

  void wait_at_most(int idle_ms) override { timeouts_.idle_ms = idle_ms; }

  bool buffered() const override { return done_ || (connection_ && connection_->buffer.size() > given_); }

  Task<Result<void>> read_all(std::string& body, std::size_t bytes_max) override {
    if (sized_ && !done_) {
      if (body.size() + left_ > bytes_max) co_return too_large(bytes_max);
      const std::size_t whole = body.size() + left_;
      body_room(body, whole);
      std::size_t there = std::min(left_, connection_->buffer.size());
      body.append(connection_->buffer.view().substr(0, there));
      connection_->buffer.consume(there);
      left_ -= there;
      while (left_ != 0) {  // straight from the socket into the string
        std::size_t had = body.size();
        std::size_t want = body_room(body, whole);
        body.resize_and_overwrite(had + want, [had](char*, std::size_t) { return had; });
        arm(timeouts_.idle_ms);
        IoResult got = co_await connection_->stream->read_some(body.data() + had, want);
        if (got.ec || got.bytes == 0) co_return cut();
        body.resize_and_overwrite(had + got.bytes,
                                  [end = had + got.bytes](char*, std::size_t) { return end; });
        left_ -= got.bytes;
      }
      done_ = true;
    }
    for (;;) {
      auto piece = co_await read();
      CO_TRY(piece);
      if (piece->empty()) co_return Result<void>{};
      if (body.size() + piece->size() > bytes_max) co_return too_large(bytes_max);
      body.append(*piece);
    }
  }

 private:
  std::unexpected<Error> too_large(std::size_t bytes_max) const {
    return fail(Code::bad_upstream, origin_.url.authority() + ": the answer is larger than " +
                                        std::to_string(bytes_max) + " bytes");
  }

  std::unexpected<Error> cut() {
    if (connection_->timed_out)
      return late(origin_, "nothing came for " + std::to_string(timeouts_.idle_ms) + " ms");
    return broken(origin_, "the connection closed in the middle of the answer");
  }

  void arm(int ms) { arm_from(clients_.sweeper().refresh(), ms); }
  void arm_from(Clock::time_point now, int ms) {
    connection_->deadline.arm_at(std::min(total_due_, now + std::chrono::milliseconds(ms)), on_due,
                                 connection_.get());
  }

  void build_head(const CallRequest& request) {
    std::string& head = connection_->head;
    head.clear();
    head.append(request.method).append(" ");
    bool through_proxy = !pool_.proxy.empty() && !origin_.url.tls;
    if (through_proxy) head.append("http://").append(origin_.url.authority());
    head.append(request.target).append(" HTTP/1.1\r\nHost: ").append(origin_.url.authority()).append("\r\n");
    if (through_proxy) head.append(proxy_authorization(pool_.proxy));
    if (request.headers != nullptr) head.append(request.headers->text());
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
      head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    head.append("\r\n");
  }

  Task<Result<void>> fill() {
    ReadBuffer& buffer = connection_->buffer;
    if (!untouched_) arm(timeouts_.idle_ms);
    if (!large_) buffer.shrink(kSmallReadBytes);
    IoResult got;
    if (!untouched_ && !large_) {  // a stream: most of the time there is nothing to read
      got = co_await connection_->stream->read_late(buffer, kSmallReadBytes / 2);
    } else {
      char* to = buffer.prepare(large_ ? kReadBytes : kSmallReadBytes / 2);
      got = co_await connection_->stream->read_some(to, buffer.room());
    }
    if (got.ec || got.bytes == 0) {
      if (until_close_ && (got.ec == asio::error::eof || (!got.ec && got.bytes == 0))) {
        done_ = true;
        co_return Result<void>{};
      }
      if (!untouched_) co_return cut();
      if (connection_->timed_out)
        co_return late(origin_, "no answer within " + std::to_string(timeouts_.first_byte_ms) + " ms");
      co_return broken(origin_,
                       "the connection closed before an answer" +
                           (got.ec && got.ec != asio::error::eof ? ": " + got.ec.message() : std::string()));
    }
    untouched_ = false;
    large_ = got.bytes == buffer.room();
    buffer.commit(got.bytes);
    co_return Result<void>{};
  }

  Task<Result<void>> read_head() {
    for (;;) {
      headers.clear();
      parser_.emplace(headers, piece_);
      auto& p = *parser_;
      p.header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax));
      p.body_limit(boost::none);
      p.skip(head_only_);
      boost::system::error_code ec;
      while (!p.is_header_done()) {
        if (!connection_->buffer.empty()) {
          std::size_t used =
              p.put(asio::buffer(connection_->buffer.view().data(), connection_->buffer.size()), ec);
          connection_->buffer.consume(used);
          if (p.is_header_done()) break;
          if (ec && ec != http::error::need_more)
            co_return broken(origin_, "the answer is not HTTP: " + ec.message());
        }
        CO_TRY(co_await fill());
      }
      if (ec && ec != http::error::need_more)
        co_return broken(origin_, "the answer is not HTTP: " + ec.message());
      if (p.transfer_encodings > 1 || !p.only_chunked)
        co_return broken(origin_, "the answer has an unknown Transfer-Encoding");
      if (p.status < 100 || p.status > 999) co_return broken(origin_, "the answer has no valid status");
      if (p.status >= 200) break;  // 1xx answers only announce the real one (RFC 9110 §15.2)
      if (p.status == 101) co_return broken(origin_, "the answer switches protocols unasked");
    }
    auto& p = *parser_;
    p.strip_connection_fields();
    status = p.status;
    keep_alive_ = p.keep_alive() && p.http_version >= 11;
    bool no_body = head_only_ || status == 204 || status == 304;
    if (no_body) {
      done_ = true;
    } else if (auto length = p.content_length(); length && !p.chunked()) {
      sized_ = true;
      left_ = static_cast<std::size_t>(*length);
    } else if (p.chunked()) {
      p.eager(true);
    } else {
      until_close_ = true;
      keep_alive_ = false;
    }
    co_return Result<void>{};
  }

  // Moves what is buffered of a chunked or close-delimited body into piece_.
  Result<void> parse_body() {
    ReadBuffer& buffer = connection_->buffer;
    if (until_close_) {
      piece_.append(buffer.view());
      buffer.consume(buffer.size());
      return {};
    }
    boost::system::error_code ec;
    while (!buffer.empty() && !parser_->is_done()) {
      std::size_t used = parser_->put(asio::buffer(buffer.view().data(), buffer.size()), ec);
      buffer.consume(used);
      if (ec == http::error::need_more) {
        if (buffer.size() > limits::kHeaderBytesMax)
          return broken(origin_, "a chunk header of the answer is too long");
        break;
      }
      if (ec) return broken(origin_, "the answer's chunks are malformed: " + ec.message());
      if (used == 0) break;
    }
    done_ = parser_->is_done();
    return {};
  }

  // The body has ended: the connection serves the next call.
  void finish() {
    if (!connection_) return;
    if (given_ != 0) connection_->buffer.consume(std::exchange(given_, 0));
    if (keep_alive_)
      clients_.put_back(pool_, std::move(connection_));
    else
      clients_.discard(pool_, std::move(connection_));
  }

  ClientPool& clients_;
  OriginPool& pool_;
  const Origin& origin_;
  CallTimeouts timeouts_;
  std::unique_ptr<PooledConnection> connection_;
  Clock::time_point total_due_;
  std::optional<H1Parser<false>> parser_;
  std::string piece_;
  std::size_t left_ = 0;   // of a body of known length
  std::size_t given_ = 0;  // bytes of the buffer that the caller's view covers
  bool sized_ = false, until_close_ = false, done_ = false, head_only_ = false;
  bool keep_alive_ = false, untouched_ = true, written_ = false;
  bool large_ = false;  // the last read filled its room
};

class ClientImpl final : public Client {
 public:
  ClientImpl(ConnectDeps deps, ProxySettings proxies, std::shared_ptr<TlsContext> tls)
      : pool_(deps, std::move(proxies), std::move(tls)) {}

  Task<Result<std::unique_ptr<Call>>> open(const Origin& origin, const CallRequest& request,
                                           const CallTimeouts& timeouts) override {
    OriginPool& pool = pool_.pool_of(origin);
    for (bool fresh = false;; fresh = true) {
      auto connection = co_await pool_.acquire(origin, pool, fresh);
      CO_TRY(connection);
      auto call = std::make_unique<CallImpl>(pool_, pool, origin, timeouts, std::move(*connection));
      Result<void> started = co_await call->start(request);
      if (started) co_return std::unique_ptr<Call>(std::move(call));
      // A kept-alive connection may have been closed under us. Trying again is safe when the provider cannot have
      // begun to act: the request never went out whole, or may be repeated anyway (RFC 9110 §9.2.2).
      bool stale = call->reused && call->untouched() && started.error().code == Code::bad_upstream;
      if (fresh || !stale || (call->written() && !request.idempotent))
        co_return std::unexpected(started.error());
    }
  }

  std::size_t idle_connections() const override { return pool_.idle(); }
  std::size_t open_connections() const override { return pool_.open(); }

 private:
  ClientPool pool_;
};

}  // namespace

std::unique_ptr<Client> create_client(asio::io_context& io, Sweeper& sweeper, Resolver& resolver,
                                      ProxySettings proxies, std::shared_ptr<TlsContext> tls) {
  return std::make_unique<ClientImpl>(ConnectDeps{io, sweeper, resolver}, std::move(proxies), std::move(tls));
}

}  // namespace pb::net
