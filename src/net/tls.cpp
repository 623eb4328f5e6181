#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <mutex>
#include <unordered_map>

#include "net/stream.h"

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kSessionsMax = 256;

}  // namespace

// SSL_CTX and the sessions that can be resumed, by host.
class TlsContext {
 public:
  TlsContext() : ssl(asio::ssl::context::tls_client) {
    SSL_CTX* ctx = ssl.native_handle();
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_ex_data(ctx, own_slot(), this);
    SSL_CTX_sess_set_new_cb(ctx, [](SSL* s, SSL_SESSION* session) -> int {
      auto* self = static_cast<TlsContext*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(s), own_slot()));
      const char* host = SSL_get_servername(s, TLSEXT_NAMETYPE_host_name);
      if (host == nullptr) return 0;
      self->keep(host, session);
      return 1;  // we own the reference now
    });
    static constexpr unsigned char kAlpn[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(ctx, kAlpn, sizeof kAlpn - 1);
  }
  ~TlsContext() {
    for (auto& [host, session] : sessions_) SSL_SESSION_free(session);
  }
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  void keep(const std::string& host, SSL_SESSION* session) {
    std::lock_guard lock(mutex_);
    if (sessions_.size() >= kSessionsMax && !sessions_.contains(host)) {
      SSL_SESSION_free(sessions_.begin()->second);
      sessions_.erase(sessions_.begin());
    }
    SSL_SESSION*& slot = sessions_[host];
    if (slot != nullptr) SSL_SESSION_free(slot);
    slot = session;
  }

  void resume(SSL* s, const std::string& host) {
    std::lock_guard lock(mutex_);
    auto it = sessions_.find(host);
    if (it != sessions_.end()) SSL_set_session(s, it->second);
  }

  asio::ssl::context ssl;

 private:
  // Where the SSL_CTX keeps the way back to us. Not its app data: Asio deletes what it finds there.
  static int own_slot() {
    static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return slot;
  }

  std::mutex mutex_;
  std::unordered_map<std::string, SSL_SESSION*> sessions_;
};

namespace {

class TlsStream final : public TlsClientStream {
 public:
  TlsStream(asio::ip::tcp::socket socket, std::shared_ptr<TlsContext> context, std::string host)
      : context_(std::move(context)), host_(std::move(host)), stream_(std::move(socket), context_->ssl) {
    boost::system::error_code ignored;
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  // OpenSSL forgets a session whose connection is freed without a shutdown; ours close the socket and are done.
  ~TlsStream() override {
    SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  Task<Result<void>> handshake() override {
    SSL* s = stream_.native_handle();
    boost::system::error_code ec;
    asio::ip::make_address(host_, ec);
    if (ec) SSL_set_tlsext_host_name(s, host_.c_str());  // a name, not an address (RFC 6066 §3)
    context_->resume(s, host_);
    if (SSL_CTX_get_verify_mode(context_->ssl.native_handle()) != SSL_VERIFY_NONE)
      stream_.set_verify_callback(asio::ssl::host_name_verification(host_));
    std::tie(ec) = co_await stream_.async_handshake(asio::ssl::stream_base::client, kTuple);
    if (!ec) co_return Result<void>{};
    std::string why = ec.message();
    const long verified = SSL_get_verify_result(s);
    const bool other_name = verified == X509_V_OK && why.contains("certificate verify failed");
    if (verified != X509_V_OK) why = X509_verify_cert_error_string(verified);
    if (other_name) why = "the certificate is not for this host name";
    Error e = upstream_fault("TLS handshake with " + host_ + " failed: " + why);
    e.retryable = verified == X509_V_OK && !other_name;  // a certificate stays what it is
    co_return std::unexpected(std::move(e));
  }

  Task<IoResult> read_some(char* to, std::size_t bytes_max) override {
    auto [ec, n] = co_await stream_.async_read_some(asio::buffer(to, bytes_max), kTuple);
    co_return IoResult{ec == asio::ssl::error::stream_truncated
                           ? asio::error::make_error_code(asio::error::misc_errors::eof)
                           : ec,
                       n};
  }

  // What OpenSSL has read already would not make the socket readable.
  Task<IoResult> read_late(ReadBuffer& buffer, std::size_t bytes) override {
    char* to = buffer.prepare(bytes);
    return read_some(to, buffer.room());
  }

  IoResult try_write(std::string_view, std::string_view, std::string_view) override { return {}; }

  Task<boost::system::error_code> write(std::string_view a, std::string_view b) override {
    std::string both;  // one record instead of two
    if (!b.empty()) {
      both.reserve(a.size() + b.size());
      both.append(a).append(b);
      a = both;
    }
    auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(a.data(), a.size()), kTuple);
    co_return ec;
  }

  void close() override {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }

  bool quiet() override {
    char byte;
    ssize_t n = ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  asio::ip::tcp::socket& socket() override { return stream_.next_layer(); }

 private:
  std::shared_ptr<TlsContext>
      context_;  // shared with all streams: a context outlives a configuration that was swapped
  std::string host_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

}  // namespace

Result<std::shared_ptr<TlsContext>> tls_context(bool verify, const std::string& ca_file) {
  auto context = std::make_shared<TlsContext>();
  boost::system::error_code ec;
  if (!verify) {
    context->ssl.set_verify_mode(asio::ssl::verify_none, ec);
    return context;
  }
  context->ssl.set_verify_mode(asio::ssl::verify_peer, ec);
  if (ca_file.empty())
    context->ssl.set_default_verify_paths(ec);
  else
    context->ssl.load_verify_file(ca_file, ec);
  if (ec)
    return fail(Code::internal, "cannot load certificates" + (ca_file.empty() ? "" : " from " + ca_file) +
                                    ": " + ec.message());
  return context;
}

std::unique_ptr<TlsClientStream> tls_client_stream(asio::ip::tcp::socket socket,
                                                   std::shared_ptr<TlsContext> context,
                                                   const std::string& host) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(context), host);
}

}  // namespace pb::net
