#include "gateway/cache/memory.h"

#include <doctest/doctest.h>

#include "gateway/cache/backend_test_support.h"

using namespace pb::gateway::cache;

namespace {

EntryPtr entry(std::string body, std::int64_t until_ms = 1000) {
  Entry e;
  e.body = std::move(body);
  e.until_ms = until_ms;
  e.space = "key:a";
  e.provider = "up";
  e.model = "m";
  e.asked = "fast";
  return std::make_shared<const Entry>(std::move(e));
}

Key key(std::uint64_t n) { return {{n, n}}; }

}  // namespace

TEST_SUITE("cache/memory") {
  TEST_CASE("the least recently used goes first, and what is too large is not kept") {
    const std::size_t one = entry(std::string(1000, 'a'))->bytes();
    CHECK(one > 1000 + sizeof(Entry));
    Lru lru(3 * one);
    for (std::uint64_t i = 1; i <= 3; ++i) CHECK(lru.put(key(i), entry(std::string(1000, 'a'))).evicted == 0);
    CHECK(lru.get(key(1), 0) != nullptr);  // now 2 is the oldest
    CHECK(lru.put(key(4), entry(std::string(1000, 'a'))).evicted == 1);
    CHECK(lru.get(key(2), 0) == nullptr);
    CHECK(lru.get(key(1), 0) != nullptr);
    CHECK(lru.bytes() == 3 * one);
    CHECK(lru.put(key(5), entry(std::string(8000, 'a'))).evicted == 0);
    CHECK(lru.get(key(5), 0) == nullptr);
    CHECK(lru.size() == 3);
    CHECK(lru.resize(one).evicted == 2);
    CHECK(lru.bytes() <= one);
  }
  TEST_CASE("an entry of the same key takes the place of the one before, even one that is too large") {
    Lru lru(10'000);
    lru.put(key(1), entry("old"));
    lru.put(key(1), entry("new"));
    CHECK(lru.size() == 1);
    CHECK(lru.get(key(1), 0)->body == "new");
    lru.put(key(1), entry(std::string(20'000, 'x')));
    CHECK(lru.get(key(1), 0) == nullptr);
    CHECK(lru.bytes() == 0);
  }
  TEST_CASE("what is too old is not there") {
    Lru lru(10'000);
    lru.put(key(1), entry("x", 500));
    CHECK(lru.get(key(1), 499) != nullptr);
    CHECK(lru.get(key(1), 500) == nullptr);
    CHECK(lru.bytes() == 0);
  }
  TEST_CASE("a filter forgets what all of it names") {
    Lru lru(10'000);
    lru.put(key(1), entry("x"));
    CHECK(lru.purge({.space = "key:b", .model = {}, .route = {}, .provider = {}}).dropped == 0);
    CHECK(lru.purge({.space = "key:a", .model = "other", .route = {}, .provider = {}}).dropped == 0);
    for (const char* model : {"fast", "m", "up/m"}) {
      lru.put(key(1), entry("x"));
      CHECK(lru.purge({.space = {}, .model = model, .route = {}, .provider = "up"}).dropped == 1);
    }
    lru.put(key(1), entry("x"));
    CHECK(lru.purge({}).dropped == 1);
  }
  TEST_CASE("the contract of all back ends") {
    Memory memory(1u << 20);
    testing::check_backend(memory, 1'000'000);
  }
  TEST_CASE("shards together keep to the limit") {
    Memory memory(8u << 20);
    for (std::uint64_t i = 0; i < 4000; ++i) CHECK(memory.put_now(key(i), entry(std::string(10'000, 'a'))));
    const Stats stats = memory.stats();
    CHECK(stats.bytes <= 8u << 20);
    CHECK(stats.bytes > 7u << 20);
    CHECK(stats.entries + stats.evicted == 4000);
    CHECK((*memory.get_now(key(3999), 0))->body.size() == 10'000);
  }
  TEST_CASE("bytes for other stores and back") {
    Entry e = *entry(std::string("data: {}\n\n\0x", 12));
    e.form = Form::stream_bare;
    e.format = "openai_chat";
    e.usage = {.input = 3, .output = 4, .known = true};
    e.made_ms = 5;
    const std::string bytes = to_bytes(e);
    const auto back = from_bytes(bytes);
    REQUIRE(back);
    CHECK(back->body == e.body);
    CHECK(back->form == e.form);
    CHECK(back->space == "key:a");
    CHECK(back->usage.output == 4);
    CHECK(back->usage.known);
    CHECK(back->until_ms == 1000);
    for (std::size_t n = 0; n < bytes.size() - e.body.size(); ++n) CHECK(!from_bytes(bytes.substr(0, n)));
    CHECK(!from_bytes("PBC2" + bytes.substr(4)));
    CHECK(to_hex({{0x0123456789abcdefu, 1}}) == "0123456789abcdef0000000000000001");
  }
}
