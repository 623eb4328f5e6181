// One connection to a Redis server, kept open for as long as the program runs: commands of many coroutines go out together and
// replies come back in their order. Belongs to one event loop and is used on its thread only.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "net/redis/resp.h"
#include "net/redis/url.h"

namespace pb::net {

class Resolver;
class Sweeper;

namespace redis {

// A Lua script that Redis keeps under the SHA-1 of its text.
struct Script {
  explicit Script(std::string_view source);
  std::string_view text;  // outlives every client
  std::string sha1;
};

struct ClientOptions {
  Address address;
  bool tls_verify = true;
  std::string ca_file;     // "" = the system's
  int command_ms = 50;     // a command without its reply after this breaks the connection
  int connect_ms = 2'000;  // name, TCP, TLS and log-in together
  int wait_min_ms = 50;    // before it is tried again; doubles
  int wait_max_ms = 2'000;
  std::size_t commands_max = 10'000;  // under way
  std::size_t bytes_max = 16u << 20;  // not yet sent
  ReplyLimits replies;
  std::string name;                    // CLIENT SETNAME
  std::vector<const Script*> scripts;  // loaded at each connect
};

struct ClientDeps {
  boost::asio::io_context& io;
  Sweeper& sweeper;
  Resolver& resolver;
};

using Words = std::span<const std::string_view>;

class Client {
 public:
  // A reply, which may be an error of Redis' own (Reply::Kind::error); an Error where there is no connection, it broke or the
  // reply did not come in time. Called once, on the event loop, never before send() has returned.
  using Done = std::move_only_function<void(Result<Reply>)>;
  virtual ~Client() = default;

  // Connects, and again whenever the connection has broken, until close(). `on_state`: it can be used, or no longer (with why).
  virtual void start(std::function<void(bool ready, const std::string& why)> on_state) = 0;
  virtual bool ready() const = 0;
  virtual void send(Words command, Done done) = 0;
  // EVALSHA, and EVAL where Redis does not know the script.
  virtual void run(const Script& script, std::span<const std::string> keys, std::span<const std::string> args,
                   Done done) = 0;
  // The same, waited for. A coroutine that is cancelled meanwhile leaves its reply to be dropped.
  virtual Task<Result<Reply>> call(std::vector<std::string> command) = 0;
  virtual Task<Result<Reply>> call(const Script& script, std::vector<std::string> keys,
                                   std::vector<std::string> args) = 0;
  // Breaks the connection: what it did not answer fails, and it is made anew after a wait.
  virtual void drop(const std::string& why) = 0;
  // For good. The client may go once closed().
  virtual void close() = 0;
  virtual bool closed() const = 0;
};

std::unique_ptr<Client> create_client(ClientDeps deps, ClientOptions options);

}  // namespace redis
}  // namespace pb::net
