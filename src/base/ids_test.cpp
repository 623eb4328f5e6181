#include "base/ids.h"

#include <doctest/doctest.h>

#include <array>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

TEST_SUITE_BEGIN("ids");

TEST_CASE("form") {
  const std::string id = pb::ids::request_id();
  CHECK(id.size() == 28);
  CHECK(id.starts_with("req_"));
  CHECK(id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 4) ==
        std::string::npos);
  CHECK(pb::ids::make("chatcmpl-").starts_with("chatcmpl-"));
  CHECK(pb::ids::make("").size() == 24);
}

TEST_CASE("distinct within and across threads") {
  std::unordered_set<std::string> all;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        std::string id = pb::ids::make("");
        const std::lock_guard lock(mutex);
        all.insert(std::move(id));
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(all.size() == 20000);
}

TEST_CASE("every digit turns up at every place about equally often") {
  std::array<std::array<int, 128>, 24> counts{};
  constexpr int kRounds = 62 * 300;
  for (int i = 0; i < kRounds; ++i) {
    const std::string id = pb::ids::make("");
    for (std::size_t k = 0; k < 24; ++k) ++counts[k][static_cast<unsigned char>(id[k])];
  }
  // 300 expected, standard deviation 17: seven deviations either side.
  for (const auto& place : counts) {
    int digits = 0;
    for (const int n : place) {
      if (n == 0) continue;
      ++digits;
      CHECK(n > 180);
      CHECK(n < 420);
    }
    CHECK(digits == 62);
  }
}

TEST_SUITE_END();
