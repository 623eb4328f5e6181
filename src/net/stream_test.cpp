#include "net/stream.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

namespace pb::net {
namespace {

void put(ReadBuffer& buffer, std::string_view bytes, std::size_t room) {
  char* to = buffer.prepare(room);
  REQUIRE(buffer.room() >= bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

TEST_SUITE("read buffer") {
  TEST_CASE("what is not used yet stays in front of what comes") {
    ReadBuffer buffer;
    put(buffer, "abcdef", 2048);
    buffer.consume(4);
    put(buffer, std::string(3000, 'x'), 3000);
    CHECK(buffer.view() == "ef" + std::string(3000, 'x'));
    put(buffer, std::string(20'000, 'y'), 20'000);
    CHECK(buffer.size() == 23'002);
    CHECK(buffer.view().substr(0, 3) == "efx");
    CHECK(buffer.view().back() == 'y');
  }

  TEST_CASE("small pieces never make it grow") {
    ReadBuffer buffer;
    buffer.prepare(2048);
    const std::size_t room = buffer.room();
    for (int i = 0; i < 1000; ++i) {
      put(buffer, std::string(700, 'e'), 2048);
      buffer.consume(buffer.size() - static_cast<std::size_t>(i % 3) * 50);
    }
    buffer.consume(buffer.size());
    CHECK(buffer.room() == room);
  }

  TEST_CASE("memory beyond a bound is given back when nothing is in it, and only then") {
    ReadBuffer buffer;
    put(buffer, std::string(10, 'a'), 16 * 1024);
    buffer.shrink(4096);
    CHECK(buffer.view() == std::string(10, 'a'));
    buffer.consume(10);
    buffer.shrink(64 * 1024);
    CHECK(buffer.room() >= 16 * 1024);
    buffer.shrink(4096);
    CHECK(buffer.room() == 0);
    put(buffer, "b", 2048);
    CHECK(buffer.view() == "b");
    CHECK(buffer.room() < 4096);
  }

  TEST_CASE("parked, a few bytes stay and their memory goes; many stay where they are") {
    ReadBuffer buffer;
    buffer.park();
    CHECK(buffer.empty());
    put(buffer, "abc\r\n", 2048);
    buffer.consume(3);
    buffer.park();
    CHECK(buffer.view() == "\r\n");
    CHECK(buffer.room() < 16);
    put(buffer, "1", 1);
    buffer.consume(1);
    buffer.park();
    CHECK(buffer.view() == "\n1");
    put(buffer, std::string(2000, 'x'), 2048);
    CHECK(buffer.view() == "\n1" + std::string(2000, 'x'));
    buffer.consume(1990);
    buffer.park();
    CHECK(buffer.view() == std::string(12, 'x'));
    CHECK(buffer.room() > 1000);
    buffer.consume(12);
    buffer.park();
    CHECK(buffer.empty());
    CHECK(buffer.room() < 16);
  }
}

}  // namespace
}  // namespace pb::net
