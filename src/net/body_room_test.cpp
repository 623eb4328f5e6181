#include "net/body_room.h"

#include <doctest/doctest.h>

#include <set>

using namespace pb::net;

TEST_SUITE_BEGIN("net/body_room");

TEST_CASE("a body of a declared length moves at most twice, and whole ones have their padding") {
  for (const std::size_t whole : {std::size_t{1}, std::size_t{100}, kBodyBelieved - 1, kBodyBelieved,
                                  kBodyBelieved + 1, 10 * kBodyBelieved, 40 * kBodyBelieved}) {
    std::string body;
    std::set<const char*> places;
    std::size_t reads = 0;
    while (body.size() < whole) {
      const std::size_t room = body_room(body, whole);
      REQUIRE(room > 0);
      REQUIRE(body.size() + room <= std::min(whole, body.capacity()));
      places.insert(body.data());
      body.append(std::min<std::size_t>(room, 300'000), 'x');
      ++reads;
    }
    CHECK(places.size() <= 3);
    CHECK(body.size() == whole);
    CHECK(body.capacity() >= whole + pb::limits::kBodySlackBytes);
    CHECK(reads <= whole / 300'000 + 3);
  }
}

TEST_CASE("a declared length is believed as far as a part of it has come") {
  std::string body;
  body_room(body, 64 * kBodyBelieved);
  CHECK(body.capacity() <= 2 * kBodyBelieved);
  body.append(kBodyBelieved / 2, 'x');
  body_room(body, 64 * kBodyBelieved);
  CHECK(body.capacity() <= 2 * kBodyBelieved);
  body.append(body.capacity() - body.size(), 'x');
  body_room(body, 64 * kBodyBelieved);
  CHECK(body.capacity() <= 2 * kBodyBelievedTimes * kBodyBelieved);
}
