// A byte stream: TCP or TLS behind one interface, so that everything above is compiled once (it costs 2 % of CPU).
// One coroutine reads and one writes at a time. close() may be called from a deadline while either waits.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"

namespace pb::net {

struct IoResult {
  boost::system::error_code ec;
  std::size_t bytes = 0;
};

class ReadBuffer;

class Stream {
 public:
  virtual ~Stream() = default;
  virtual Task<IoResult> read_some(char* to, std::size_t bytes_max) = 0;
  // The same into a buffer, of which it takes room for `bytes` or more; the caller commits what came. Over TCP the room is taken once there
  // is something to read, so that a connection that waits long costs none (if the buffer can park what is in it).
  virtual Task<IoResult> read_late(ReadBuffer& buffer, std::size_t bytes) = 0;
  // Tries to write all at once without waiting; tells how much went out. TLS always answers 0.
  virtual IoResult try_write(std::string_view a, std::string_view b, std::string_view c) = 0;
  // Writes all of it, in one system call where the socket takes it.
  virtual Task<boost::system::error_code> write(std::string_view a, std::string_view b) = 0;
  // Pending operations end with operation_aborted.
  virtual void close() = 0;
  // False when the peer has closed, or sent something where nothing is expected. No wait.
  virtual bool quiet() = 0;
  virtual boost::asio::ip::tcp::socket& socket() = 0;
};

std::unique_ptr<Stream> tcp_stream(boost::asio::ip::tcp::socket socket);

// TLS client side (tls.cpp).
class TlsContext;  // certificates to trust; shared by all cores because OpenSSL's context is made to be
// `ca_file` "" = the system's. Errors name the file.
Result<std::shared_ptr<TlsContext>> tls_context(bool verify, const std::string& ca_file);
class TlsClientStream : public Stream {
 public:
  // With SNI and host name verification; resumes an earlier session of the same host where it can.
  virtual Task<Result<void>> handshake() = 0;
};
std::unique_ptr<TlsClientStream> tls_client_stream(boost::asio::ip::tcp::socket socket,
                                                   std::shared_ptr<TlsContext> context,
                                                   const std::string& host);

// Bytes read and not yet used.
class ReadBuffer {
 public:
  std::string_view view() const { return {base() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Room for at least `bytes` more; moves or grows what is there.
  char* prepare(std::size_t bytes);
  std::size_t room() const { return capacity_ - end_; }
  void commit(std::size_t n) { end_ += n; }
  // Gives memory beyond `bytes` back when nothing is in it.
  void shrink(std::size_t bytes) {
    if (capacity_ > bytes) release();
  }
  // Gives the memory back when nothing is in it.
  void release() {
    if (empty()) data_.reset(), capacity_ = begin_ = end_ = 0;
  }
  // Gives it back when next to nothing is in it, like the end of a chunk's line.
  void park();

 private:
  static constexpr std::size_t kLeast = 4096 - 8;  // with what malloc adds, one page
  const char* base() const { return data_ ? data_.get() : parked_; }
  char* base() { return data_ ? data_.get() : parked_; }
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
  char parked_[8] = {};
};

}  // namespace pb::net
