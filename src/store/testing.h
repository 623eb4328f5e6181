// Helpers of the store's tests.
#pragma once
#include <doctest/doctest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/log.h"
#include "store/ledger.h"
#include "store/sqlite.h"

namespace pb::store::testing {

// A folder that is deleted with everything in it. While it lives nothing is logged: tests make trouble on purpose.
class Folder {
 public:
  Folder() {
    log::configure({.level = log::Level::off});
    std::string name = (std::filesystem::temp_directory_path() / "patchbay-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    log::configure({});
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline UsageRow row(int i) {
  UsageRow r;
  r.time_ms = 1'795'176'000'000 + i;
  r.request_id = "req_" + std::to_string(i);
  r.client_format = "openai_chat";
  r.provider = "up";
  r.model = "gpt-x";
  r.asked_model = "fast";
  r.key = "alice";
  r.status = 200;
  r.stream = i % 2 == 1;
  r.input = 1000 + i;
  r.output = 10;
  r.usage_known = true;
  r.cost = 0.25;
  r.cost_known = true;
  r.latency_us = 1000 * (i + 1);
  return r;
}

inline std::int64_t count(const std::string& path) {
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return -1;
  const auto n = db->number("SELECT COUNT(*) FROM usage");
  return n ? *n : -1;
}

// Waits for what another thread does in its own time; false after 20 s, which is a failure.
template <class F>
bool eventually(F condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace pb::store::testing
