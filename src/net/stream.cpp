#include "net/stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

class TcpStream final : public Stream {
 public:
  explicit TcpStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.native_non_blocking(true, ignored);
  }

  Task<IoResult> read_some(char* to, std::size_t bytes_max) override {
    auto [ec, n] = co_await socket_.async_read_some(asio::buffer(to, bytes_max), kTuple);
    co_return IoResult{ec, n};
  }

  Task<IoResult> read_late(ReadBuffer& buffer, std::size_t bytes) override {
    buffer.park();
    for (;;) {
      auto [ec] = co_await socket_.async_wait(asio::ip::tcp::socket::wait_read, kTuple);
      if (ec) co_return IoResult{ec, 0};
      char* to = buffer.prepare(bytes);
      const ssize_t n = ::recv(socket_.native_handle(), to, buffer.room(), MSG_DONTWAIT);
      if (n > 0) co_return IoResult{{}, static_cast<std::size_t>(n)};
      if (n == 0) co_return IoResult{asio::error::make_error_code(asio::error::eof), 0};
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        co_return IoResult{{errno, boost::system::system_category()}, 0};
      buffer.park();
    }
  }

  IoResult try_write(std::string_view a, std::string_view b, std::string_view c) override {
    iovec parts[3];
    int count = 0;
    for (std::string_view part : {a, b, c})
      if (!part.empty()) parts[count++] = {const_cast<char*>(part.data()), part.size()};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = static_cast<std::size_t>(count);
    for (;;) {
      ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0) return {{}, static_cast<std::size_t>(n)};
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return {{}, 0};
      return {{errno, boost::system::system_category()}, 0};
    }
  }

  Task<boost::system::error_code> write(std::string_view a, std::string_view b) override {
    IoResult done = try_write(a, b, {});
    if (done.ec) co_return done.ec;
    std::size_t from_a = std::min(done.bytes, a.size());
    a.remove_prefix(from_a);
    b.remove_prefix(done.bytes - from_a);
    if (a.empty() && b.empty()) co_return boost::system::error_code{};
    std::array<asio::const_buffer, 2> rest = {asio::buffer(a.data(), a.size()),
                                              asio::buffer(b.data(), b.size())};
    auto [ec, n] = co_await asio::async_write(socket_, rest, kTuple);
    co_return ec;
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  bool quiet() override {
    char byte;
    ssize_t n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  asio::ip::tcp::socket& socket() override { return socket_; }

 private:
  asio::ip::tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Stream> tcp_stream(asio::ip::tcp::socket socket) {
  return std::make_unique<TcpStream>(std::move(socket));
}

char* ReadBuffer::prepare(std::size_t bytes) {
  if (capacity_ - end_ >= bytes) return base() + end_;
  std::size_t used = size();
  if (used + bytes <= capacity_) {
    std::memmove(base(), base() + begin_, used);
  } else {
    std::size_t grown = std::max({used + bytes, capacity_ + capacity_ / 2, kLeast});
    std::unique_ptr<char[]> larger(new char[grown]);
    if (used != 0) std::memcpy(larger.get(), base() + begin_, used);
    data_ = std::move(larger);
    capacity_ = grown;
  }
  begin_ = 0;
  end_ = used;
  return base() + end_;
}

void ReadBuffer::park() {
  const std::size_t used = size();
  if (!data_ || used > sizeof parked_) return;
  if (used != 0) std::memcpy(parked_, data_.get() + begin_, used);
  data_.reset();
  capacity_ = sizeof parked_;
  begin_ = 0;
  end_ = used;
}

}  // namespace pb::net
