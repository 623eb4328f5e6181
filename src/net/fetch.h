// Fetching what a client's URL points at, without being made to reach into the network that this program stands in.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/task.h"
#include "net/blocking.h"
#include "net/fetch_url.h"
#include "net/resolver.h"

namespace pb::net {

class Sweeper;
class TlsContext;

struct FetchOptions {
  std::vector<AllowedHost> allow;  // hosts that may have any address and port
  int total_ms = limits::kFetchTimeoutMs;
  std::size_t bytes_max = limits::kFetchBytesMax;
  std::string_view accept = "image/*, application/pdf, */*;q=0.1";
  std::string ca_file;                                // of the authorities to trust; "" = the system's
  std::string_view allowed_by = "media.allow_hosts";  // the option that `allow` comes from, for messages
};

// What the fetchers of all cores share; owned by main.
struct FetchShared {
  // Names are looked up on threads of their own: whoever sends URLs also says whose name servers answer slowly, and must not
  // hold up anything but such look-ups.
  std::unique_ptr<BlockingPool> lookups = create_blocking_pool({.threads = 4, .queue_max = 256});
  std::function<decltype(net::look_up)> look_up = net::look_up;
  std::once_flag made_tls;
  std::shared_ptr<TlsContext> tls;  // made by the first look-up, since reading all certificates takes a while
};

// One core's.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  // The body of a GET. The host's addresses must be public and its port 80 or 443, unless it is among those allowed; the
  // connection goes to the very addresses that were checked. Up to kFetchRedirectsMax redirects are followed, each checked
  // in the same way. No cookies, no credentials, no proxy. Errors are invalid_request, to be read after "the URL", or
  // overloaded.
  virtual Task<Result<std::string>> get(std::string url) = 0;
};

// The options must outlive it.
std::unique_ptr<Fetcher> create_fetcher(boost::asio::io_context& io, Sweeper& sweeper, FetchShared& shared,
                                        const FetchOptions& options);

}  // namespace pb::net
