#include "net/redis/open.h"

#include <openssl/evp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/connect.h"

namespace pb::net::redis {
namespace asio = boost::asio;
namespace {

std::string sha1_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += {kHex[digest[i] >> 4], kHex[digest[i] & 15]};
  return out;
}

// A socket of this machine, in the clothes of a TCP one: reading and writing are the same.
Result<std::unique_ptr<Stream>> connect_local(asio::io_context& io, const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.data(), std::min(path.size(), sizeof to.sun_path - 1));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    return std::unexpected(upstream_fault("cannot connect to " + path + ": " + why));
  }
  asio::ip::tcp::socket socket(io);
  boost::system::error_code ec;
  socket.assign(asio::ip::tcp::v4(), fd, ec);
  if (ec) {
    ::close(fd);
    return std::unexpected(upstream_fault("cannot use " + path + ": " + ec.message()));
  }
  return tcp_stream(std::move(socket));
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> open_stream(ClientDeps deps, const ClientOptions& options) {
  const Address& to = options.address;
  if (!to.path.empty()) co_return connect_local(deps.io, to.path);
  Url url;
  url.tls = to.tls;
  url.host = to.host;
  url.port = to.port;
  const Origin origin =
      make_origin(std::move(url), options.tls_verify, options.ca_file, 1, options.connect_ms);
  std::shared_ptr<TlsContext> tls;
  if (to.tls) {
    CO_TRY_ASSIGN(tls, tls_context(options.tls_verify, options.ca_file));
  }
  co_return co_await connect({deps.io, deps.sweeper, deps.resolver}, origin, {}, std::move(tls));
}

Script::Script(std::string_view source) : text(source), sha1(sha1_hex(source)) {}

}  // namespace pb::net::redis
