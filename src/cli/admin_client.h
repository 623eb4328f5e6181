// Asks a running gateway's admin API, for commands: one request at a time, waiting for it.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace pb::cli {

struct AdminPlace {
  std::string url;  // "http://127.0.0.1:8000"
  Secret key;
};
// Where the gateway of this configuration is: `url` over admin.listen over server.listen. Errors: invalid_request, with an empty message when
// the configuration's mistakes have been printed.
Result<AdminPlace> find_admin(const std::string& url, const std::string& config);

class AdminClient {
 public:
  AdminClient(std::string url, Secret key);
  ~AdminClient();
  AdminClient(const AdminClient&) = delete;
  AdminClient& operator=(const AdminClient&) = delete;
  // Whether a gateway is there and there is a key to ask it with. Errors tell people what to do.
  Result<void> look();
  // The body of a 200. Errors: what the gateway says; bad_upstream or timeout, where nothing answers; cancelled.
  Result<std::string> get(std::string_view target);
  // Asked now and then while a request is under way: true ends it.
  void interrupt_with(std::function<bool()> stop);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pb::cli
