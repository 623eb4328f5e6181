// The admin API, /admin/v1/…: who may call it, and the table's endpoints behind that. Its key is none of the clients'.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/api.h"

namespace pb::api::admin {

// Who has sent wrong keys lately. Shared by all cores; times are passed in.
class FailedAttempts {
 public:
  // How long attempts from an address are not looked at; 0 = they are.
  std::int64_t wait_ms(std::string_view address, std::int64_t now_ms);
  void add(std::string_view address, std::int64_t now_ms);

  static constexpr int kMost = 10;  // within a minute
  static constexpr std::int64_t kMinuteMs = 60'000;

 private:
  static constexpr std::size_t kAddressesMax = 1024;
  struct Entry {
    std::int64_t since_ms = 0;
    int count = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

bool is_admin_path(std::string_view path);
// {"error": {"code", "message", "param"}}
std::string error_body(const Error& error);

// Answers a request to such a path. Host and Origin have been looked at.
Task<void> serve(const Deps& deps, const net::Request& request, net::Responder& out);

}  // namespace pb::api::admin
