#include "net/connect.h"

#include <openssl/evp.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/strings.h"

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kProxyAnswerBytesMax = 16 * 1024;

// What the connect deadline has to close, whatever stage the attempt is in.
struct Attempt {
  asio::ip::tcp::socket* socket = nullptr;
  Stream* stream = nullptr;
  bool due = false;
};

void on_due(void* context) {
  Attempt& a = *static_cast<Attempt*>(context);
  a.due = true;
  boost::system::error_code ignored;
  if (a.stream != nullptr)
    a.stream->close();
  else if (a.socket != nullptr)
    a.socket->close(ignored);
}

struct ProxyAddress {
  Url url;
  std::string credentials;  // "user:password", percent-decoded
};

Result<ProxyAddress> parse_proxy(std::string text) {
  ProxyAddress p;
  if (text.find("://") == std::string::npos) text = "http://" + text;
  std::size_t start = text.find("://") + 3;
  std::size_t at = text.rfind('@');
  if (at != std::string::npos && at > start) {
    p.credentials = percent_decode(std::string_view(text).substr(start, at - start));
    text.erase(start, at + 1 - start);
  }
  TRY_ASSIGN(p.url, parse_url(text));
  if (p.url.tls) return fail(Code::invalid_request, "proxy URL: only http:// proxies are supported");
  return p;
}

Task<Result<void>> tunnel(asio::ip::tcp::socket& socket, const Origin& origin, const std::string& proxy) {
  std::string host =
      origin.url.host.find(':') == std::string::npos ? origin.url.host : "[" + origin.url.host + "]";
  std::string authority = host + ":" + std::to_string(origin.url.port);
  std::string head = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" +
                     proxy_authorization(proxy) + "\r\n";
  std::size_t sent = 0;
  while (sent < head.size()) {
    auto [ec, n] =
        co_await socket.async_write_some(asio::buffer(head.data() + sent, head.size() - sent), kTuple);
    if (ec) co_return std::unexpected(upstream_fault("the proxy closed the connection: " + ec.message()));
    sent += n;
  }
  std::string answer;  // byte by byte at its end: what follows the blank line belongs to TLS
  while (!answer.ends_with("\r\n\r\n")) {
    char c;
    auto [ec, n] = co_await socket.async_read_some(asio::buffer(&c, 1), kTuple);
    if (ec || n == 0) co_return std::unexpected(upstream_fault("the proxy closed the connection"));
    answer += c;
    if (answer.size() > kProxyAnswerBytesMax)
      co_return fail(Code::bad_upstream, "the proxy's answer is too long");
  }
  std::string status = answer.substr(0, answer.find("\r\n"));
  if (status.size() < 12 || !status.starts_with("HTTP/1.") || status[9] != '2')
    co_return fail(Code::bad_upstream, "the proxy refused a tunnel to " + authority + ": " + status);
  co_return Result<void>{};
}

}  // namespace

std::string proxy_authorization(const std::string& proxy) {
  auto p = parse_proxy(proxy);
  if (!p || p->credentials.empty()) return {};
  std::string encoded(4 * ((p->credentials.size() + 2) / 3) + 1, '\0');
  int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                          reinterpret_cast<const unsigned char*>(p->credentials.data()),
                          static_cast<int>(p->credentials.size()));
  encoded.resize(static_cast<std::size_t>(n));
  return "Proxy-Authorization: Basic " + encoded + "\r\n";
}

Task<Result<std::unique_ptr<Stream>>> connect(ConnectDeps deps, const Origin& origin, std::string proxy,
                                              std::shared_ptr<TlsContext> tls) {
  Attempt attempt;
  Deadline deadline(deps.sweeper);
  deadline.arm(origin.connect_timeout_ms, on_due, &attempt);
  std::string host = origin.url.host;
  unsigned short port = origin.url.port;
  if (!proxy.empty()) {
    CO_TRY_ASSIGN(ProxyAddress p, parse_proxy(proxy));
    host = p.url.host;
    port = p.url.port;
  }
  auto addresses = co_await deps.resolver.resolve(host, origin.connect_timeout_ms);
  CO_TRY(addresses);
  auto timed_out = [&] {
    return fail(Code::timeout, "connecting to " + host + ":" + std::to_string(port) + " took longer than " +
                                   std::to_string(origin.connect_timeout_ms) + " ms");
  };
  boost::system::error_code last;
  for (const auto& address : *addresses) {
    if (attempt.due) break;
    asio::ip::tcp::socket socket(deps.io);
    attempt.socket = &socket;
    attempt.stream = nullptr;
    auto [ec] = co_await socket.async_connect({address, port}, kTuple);
    if (ec) {
      attempt.socket = nullptr;
      last = ec;
      continue;
    }
    if (!origin.url.tls) {
      attempt.socket = nullptr;
      co_return tcp_stream(std::move(socket));
    }
    if (!proxy.empty()) {
      Result<void> open = co_await tunnel(socket, origin, proxy);
      if (attempt.due) co_return timed_out();
      CO_TRY(open);
    }
    attempt.socket = nullptr;
    std::unique_ptr<TlsClientStream> stream = tls_client_stream(std::move(socket), tls, origin.url.host);
    attempt.stream = stream.get();
    Result<void> shaken = co_await stream->handshake();
    attempt.stream = nullptr;
    if (attempt.due) co_return timed_out();
    CO_TRY(shaken);
    co_return std::unique_ptr<Stream>(std::move(stream));
  }
  if (attempt.due) co_return timed_out();
  co_return std::unexpected(
      upstream_fault("cannot connect to " + host + ":" + std::to_string(port) + ": " + last.message()));
}

}  // namespace pb::net
