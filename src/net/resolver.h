// Host names to addresses: getaddrinfo on threads of its own (it blocks), with a short cache. Shared by all cores.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/task.h"

namespace pb::net {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // At least one address, in the system's order of preference; IP literals are answered at once, and names that were known not long
  // ago too, even if they cannot be looked up now. Waits for others no longer than `wait_ms`: Error{timeout}.
  virtual Task<Result<std::vector<boost::asio::ip::address>>> resolve(std::string host, int wait_ms) = 0;
};

// The look-up itself, which blocks: getaddrinfo, nothing kept. IP literals are answered too.
Result<std::vector<boost::asio::ip::address>> look_up(const std::string& host);

// Must outlive the io_contexts' run() calls that use it.
std::unique_ptr<Resolver> create_resolver();

}  // namespace pb::net
