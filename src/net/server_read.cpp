#include "net/server_read.h"

#include "net/body_room.h"
#include "net/h1_parser.h"

namespace pb::net {
namespace {

constexpr std::size_t kReadBytes = 2048;  // at least

ReadResult refuse(int status, std::string message) {
  return {ReadOutcome::refused, status, std::move(message)};
}

void on_timeout(void* context) {
  Connection& c = *static_cast<Connection*>(context);
  c.timed_out = true;
  boost::system::error_code ignored;
  c.stream->socket().cancel(ignored);  // the read ends; an answer can still be sent
}

ReadResult refuse_for(const boost::system::error_code& ec) {
  if (ec == http::error::header_limit) return refuse(431, "the request's header is too large");
  if (ec == http::error::body_limit) return refuse(413, "the request's body is too large");
  if (ec == http::error::bad_version) return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  return refuse(400, "malformed HTTP request: " + ec.message());
}

// Rules of RFC 9112 §3.2 and §6.1 that the parser leaves to its user; they close request smuggling.
ReadResult check_head(const H1Parser<true>& p, Request& r) {
  if (p.unknown_method) return refuse(501, "unknown HTTP method");
  if (p.transfer_encodings > 1 || !p.only_chunked)
    return refuse(501, "the only Transfer-Encoding understood is a single \"chunked\"");
  if (p.transfer_encodings != 0 && p.http_version < 11)
    return refuse(400, "Transfer-Encoding in an HTTP/1.0 request");
  if (p.hosts > 1 || (p.hosts == 0 && p.http_version >= 11))
    return refuse(400, "a request needs exactly one Host header");
  if (p.expect_other) return refuse(417, "the only expectation understood is 100-continue");
  if (r.target.starts_with("http://") || r.target.starts_with("https://")) {  // absolute form
    std::size_t slash = r.target.find('/', r.target.find("//") + 2);
    r.target = slash == std::string::npos ? "/" : r.target.substr(slash);
  }
  if (!r.target.starts_with('/') && r.target != "*") return refuse(400, "malformed request target");
  return {ReadOutcome::request, 0, {}};
}

// Reads more bytes; false at the end of input, on error or time-out.
Task<bool> fill(Connection& c, std::size_t bytes) {
  char* to = c.buffer.prepare(bytes);
  IoResult got = co_await c.stream->read_some(to, c.buffer.room());
  if (got.ec || got.bytes == 0) co_return false;
  c.buffer.commit(got.bytes);
  co_return true;
}

// A body of known length goes straight from the socket into its string.
Task<ReadResult> read_sized_body(Connection& c, std::string& body, std::size_t bytes) {
  std::size_t there = std::min(bytes, c.buffer.size());
  body_room(body, bytes);
  body.append(c.buffer.view().substr(0, there));
  c.buffer.consume(there);
  if (body.size() < bytes) c.deadline.arm(c.shared.options.body_timeout_ms, on_timeout, &c);
  while (body.size() < bytes) {
    std::size_t had = body.size();
    std::size_t want = body_room(body, bytes);
    body.resize_and_overwrite(had + want, [had](char*, std::size_t) { return had; });
    IoResult got = co_await c.stream->read_some(body.data() + had, want);
    if (got.ec || got.bytes == 0) {
      if (c.timed_out) co_return refuse(408, "the request's body did not arrive in time");
      co_return ReadResult{};
    }
    body.resize_and_overwrite(had + got.bytes, [end = had + got.bytes](char*, std::size_t) { return end; });
  }
  co_return ReadResult{ReadOutcome::request, 0, {}};
}

Task<ReadResult> read_chunked_body(Connection& c, H1Parser<true>& p) {
  boost::system::error_code ec;
  p.eager(true);
  bool armed = false;
  while (!p.is_done()) {
    if (!c.buffer.empty()) {
      std::size_t used = p.put(boost::asio::buffer(c.buffer.view().data(), c.buffer.size()), ec);
      c.buffer.consume(used);
      if (ec && ec != http::error::need_more) co_return refuse_for(ec);
      if (p.is_done()) break;
      if (!ec && used != 0) continue;
    }
    if (!armed) c.deadline.arm(c.shared.options.body_timeout_ms, on_timeout, &c);
    armed = true;
    if (c.buffer.size() > c.shared.options.header_bytes_max)
      co_return refuse(400, "a chunk header is too long");
    bool more = co_await fill(c, 16 * 1024);
    if (!more) {
      if (c.timed_out) co_return refuse(408, "the request's body did not arrive in time");
      co_return ReadResult{};
    }
  }
  co_return ReadResult{ReadOutcome::request, 0, {}};
}

void skip_blank_lines(ReadBuffer& buffer) {  // RFC 9112 §2.2
  while (buffer.view().starts_with("\r\n")) buffer.consume(2);
}

}  // namespace

Task<ReadResult> read_request(Connection& c, Request& request) {
  const ServerOptions& options = c.shared.options;
  request.clear();
  H1Parser<true> p(request.headers, request.body);
  p.method = &request.method;
  p.target = &request.target;
  p.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
  p.body_limit(options.body_bytes_max);

  c.timed_out = false;
  bool header_clock = !c.buffer.empty();
  c.deadline.arm(header_clock ? options.header_timeout_ms : options.keep_alive_ms, on_timeout, &c);
  boost::system::error_code ec;
  while (!p.is_header_done()) {
    skip_blank_lines(c.buffer);
    if (!c.buffer.empty() && c.buffer.view() != "\r") {
      std::size_t used = p.put(boost::asio::buffer(c.buffer.view().data(), c.buffer.size()), ec);
      c.buffer.consume(used);
      if (p.is_header_done()) break;
      if (ec && ec != http::error::need_more) co_return refuse_for(ec);
      if (!header_clock) c.deadline.arm(options.header_timeout_ms, on_timeout, &c);
      header_clock = true;
    }
    bool more = co_await fill(c, kReadBytes);
    if (!more) {
      if (c.timed_out && header_clock && !c.closed)
        co_return refuse(408, "the request's header did not arrive in time");
      co_return ReadResult{};
    }
  }
  if (ec && ec != http::error::need_more) co_return refuse_for(ec);
  p.strip_connection_fields();
  request.keep_alive = p.keep_alive();
  request.minor = p.http_version % 10;
  ReadResult head = check_head(p, request);
  if (head.outcome == ReadOutcome::refused) co_return head;

  auto length = p.content_length();
  if (length && *length > options.body_bytes_max)
    co_return refuse(413, "the request's body of " + std::to_string(*length) +
                              " bytes is larger than server.body_bytes_max (" +
                              std::to_string(options.body_bytes_max) + ")");
  bool has_body = p.chunked() || (length && *length != 0);
  if (has_body && p.expect_continue && c.buffer.empty()) {
    ec = co_await c.stream->write("HTTP/1.1 100 Continue\r\n\r\n", {});
    if (ec) co_return ReadResult{};
  }
  if (p.chunked()) co_return co_await read_chunked_body(c, p);
  if (has_body) co_return co_await read_sized_body(c, request.body, static_cast<std::size_t>(*length));
  co_return ReadResult{ReadOutcome::request, 0, {}};
}

}  // namespace pb::net
