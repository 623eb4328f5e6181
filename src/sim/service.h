// Answers HTTP requests as a provider does: decodes, makes a plan, renders it and carries it out in its own time.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/task.h"
#include "net/blocking.h"
#include "net/server.h"
#include "sim/render.h"
#include "sim/scenario.h"

namespace pb::sim {

// What the threads of one simulator share: how often a request was seen, and which prompt prefixes.
class Memory {
 public:
  int attempt(std::uint64_t request, int fail_times);  // counts from 0, starts again after `fail_times`
  bool seen_prefix(std::uint64_t hash);                // false the first time

 private:
  static constexpr std::size_t kEntriesMax = 100'000;  // then everything is forgotten
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, int> attempts_;
  std::unordered_set<std::uint64_t> prefixes_;
};

struct ServiceDeps {
  const Scenario& scenario;
  const std::string& recorded;  // folder, "" = none
  Memory& memory;
  net::BlockingPool& blocking;
};

// One per thread; its handle() is the server's handler.
class Service {
 public:
  explicit Service(ServiceDeps deps) : deps_(deps) {}
  Task<void> handle(net::Request& request, net::Responder& responder);

 private:
  struct FromPath {  // for formats whose body names neither model nor stream
    std::string model;
    bool stream = false, array = false;
  };
  Task<void> answer(const llm::Dialect& dialect, net::Request& request, FromPath from,
                    net::Responder& responder);
  Task<void> count_tokens(const llm::Dialect& dialect, net::Request& request, net::Responder& responder);
  Task<void> carry_out(const Rendered& rendered, const llm::Dialect& dialect, std::string_view request_id,
                       net::Responder& responder);
  Task<void> write_bytes(std::string_view bytes, int byte_ms, net::Responder& responder);
  Task<void> send_error(const Error& error, const llm::Dialect& dialect, net::Responder& responder);
  Task<void> send_json(int status, std::string_view body, net::Responder& responder);
  Task<void> pause(int ms);
  const Rendered* prerendered(const llm::Dialect& dialect, std::string& body);
  Rendered plan_and_render(const llm::Dialect& dialect, llm::Request& request, std::string_view key,
                           std::string_view request_id, bool array);

  static constexpr std::size_t kPrerenderedMax = 64;
  ServiceDeps deps_;
  std::unordered_map<std::string, Rendered> prerendered_;  // entries stay: answers under way refer to them
  std::string key_;                                        // scratch of prerendered()
};

}  // namespace pb::sim
