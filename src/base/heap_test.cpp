#include "base/heap.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace pb::heap {
namespace {

TEST_SUITE("heap") {
  TEST_CASE("a class's blocks hold what they are asked for, and not much more") {
    for (std::size_t bytes = 1; bytes <= kBlockBytesMax - 8; ++bytes) {
      const std::size_t c = class_for(bytes);
      REQUIRE(c < kClasses);
      REQUIRE(class_bytes(c) >= bytes);
      REQUIRE((c == 0 || class_bytes(c - 1) < bytes));
      REQUIRE(class_bytes(c) <= bytes + std::max<std::size_t>(31, bytes / 16 + 8));
      REQUIRE(class_for(class_bytes(c)) == c);
    }
    CHECK(class_for(kBlockBytesMax - 8) == kClasses - 1);
  }

  TEST_CASE("a freed block is given out again to the next of its size") {
    if (!active()) return;
    release();  // the tests before have left blocks, perhaps as many as are kept
    auto first = std::make_unique<char[]>(5000);
    const void* where = first.get();
    first.reset();
    const std::size_t before = kept();
    auto second = std::make_unique<char[]>(5100);
    const std::size_t after = kept();  // before the checks, which take and free blocks too
    CHECK(before >= 5000);
    CHECK(second.get() == where);
    CHECK(after == before - class_bytes(class_for(5100)));
  }

  TEST_CASE("blocks are whole: none is given out twice, none overlaps another") {
    std::vector<std::unique_ptr<std::string>> live;
    std::uint64_t dice = 7;
    const auto roll = [&dice](std::uint64_t n) {
      return (dice = dice * 6364136223846793005u + 1442695040888963407u) >> 33 & (n - 1);
    };
    for (int i = 0; i < 50'000; ++i) {
      if (live.size() < 200 || roll(2) == 0) {
        const std::size_t size = roll(2) == 0 ? roll(64) : roll(65536);
        live.push_back(std::make_unique<std::string>(size, static_cast<char>(i)));
      } else {
        const std::size_t at = roll(128);
        std::unique_ptr<std::string> gone = std::move(live[at]);
        live[at] = std::move(live.back());
        live.pop_back();
        REQUIRE(gone->find_first_not_of(gone->empty() ? 'x' : gone->front()) == std::string::npos);
      }
    }
    CHECK(kept() <= kKeptBytesMax);
  }

  TEST_CASE("a block may be deleted by another thread, and a thread's lists go with it") {
    auto block = std::make_unique<std::string>(3000, 'a');
    std::size_t there = 1;
    std::thread([&, moved = std::move(block)]() mutable {
      moved.reset();
      there = kept();
      release();
      CHECK(kept() == 0);
      auto again = std::make_unique<std::string>(9000, 'b');  // left to the thread's end
      again.reset();
    }).join();
    if (active()) CHECK(there >= 3000);
  }

  TEST_CASE("no more is kept than the bound") {
    std::vector<std::unique_ptr<char[]>> many;
    for (int i = 0; i < 200; ++i) many.push_back(std::make_unique<char[]>(20'000));
    many.clear();
    CHECK(kept() <= kKeptBytesMax);
    release();
    CHECK(kept() == 0);
  }
}

}  // namespace
}  // namespace pb::heap
