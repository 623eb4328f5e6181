#include "net/lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 64 * 1024;

// A descriptor that may be a file, which epoll does not take and which never waits.
class End {
 public:
  End(asio::io_context& io, int fd) : fd_(fd), mode_(::fcntl(fd, F_GETFL)), stream_(io) {
    boost::system::error_code ec;
    stream_.assign(fd, ec);
    waits_ = !ec;
  }
  ~End() {
    if (waits_) stream_.release();
    if (mode_ >= 0) ::fcntl(fd_, F_SETFL, mode_);  // whoever shares it expects it as it was
  }
  void cancel() {
    boost::system::error_code ec;
    if (waits_) stream_.cancel(ec);
  }
  Task<std::size_t> read(char* to, std::size_t bytes) {
    if (waits_) {
      auto [ec, n] = co_await stream_.async_read_some(asio::buffer(to, bytes), kQuietly);
      co_return ec ? 0 : n;
    }
    ssize_t n;
    do n = ::read(fd_, to, bytes);
    while (n < 0 && errno == EINTR);
    co_return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  Task<bool> write(std::string_view text) {
    if (waits_) {
      auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(text), kQuietly);
      co_return !ec;
    }
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) co_return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    co_return true;
  }

 private:
  const int fd_;
  const int mode_;
  asio::posix::stream_descriptor stream_;
  bool waits_ = false;
};

class LinesImpl final : public Lines {
 public:
  LinesImpl(asio::io_context& io, int in_fd, int out_fd) : in_(io, in_fd), out_(io, out_fd) {}

  Task<Line> read(std::size_t bytes_max) override {
    Line line;
    for (;;) {
      if (stopped_) {
        line.end = true;
        co_return line;
      }
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != buffer_.npos) {
        line.too_long = skipping_ || end - at_ > bytes_max;
        if (!line.too_long) line.text = buffer_.substr(at_, end - at_);
        skipping_ = false;
        at_ = searched_ = end + 1;
        break;
      }
      if (at_ != 0) buffer_.erase(0, at_);
      at_ = 0;
      searched_ = buffer_.size();
      if (buffer_.size() > bytes_max) {
        skipping_ = true;
        buffer_.clear();
        searched_ = 0;
      }
      std::array<char, kReadBytes> piece;
      const std::size_t n = co_await in_.read(piece.data(), piece.size());
      if (n != 0 || stopped_) {
        buffer_.append(piece.data(), n);
        continue;
      }
      line.too_long = skipping_;
      line.text = std::exchange(buffer_, {});
      line.end = line.text.empty() && !skipping_;
      skipping_ = false;
      searched_ = 0;
      break;
    }
    if (line.text.ends_with('\r')) line.text.pop_back();
    co_return line;
  }

  Task<bool> write(std::string_view text) override { return out_.write(text); }

  void stop() override {
    stopped_ = true;
    in_.cancel();
  }

 private:
  End in_, out_;
  std::string buffer_;
  std::size_t at_ = 0, searched_ = 0;  // the next line's begin; where to look for its end
  bool stopped_ = false;
  bool skipping_ = false;  // the rest of a line that is too long
};

}  // namespace

std::unique_ptr<Lines> create_lines(asio::io_context& io, int in_fd, int out_fd) {
  return std::make_unique<LinesImpl>(io, in_fd, out_fd);
}

}  // namespace pb::net
