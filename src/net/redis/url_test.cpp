#include "net/redis/url.h"

#include <doctest/doctest.h>

using pb::net::redis::parse_address;

TEST_SUITE("redis") {
  TEST_CASE("addresses") {
    const auto whole = parse_address("rediss://me:p%40ss@cache.example.com:6380/3");
    REQUIRE(whole);
    CHECK(whole->tls);
    CHECK(whole->host == "cache.example.com");
    CHECK(whole->port == 6380);
    CHECK(whole->user == "me");
    CHECK(whole->password.reveal() == "p@ss");
    CHECK(whole->database == 3);
    CHECK(whole->text() == "rediss://cache.example.com:6380/3");

    const auto plain = parse_address("redis://localhost");
    REQUIRE(plain);
    CHECK(plain->port == 6379);
    CHECK(plain->password.empty());
    CHECK(plain->text() == "redis://localhost:6379");

    const auto six = parse_address("redis://:a/b@[::1]:7000/");
    REQUIRE(six);
    CHECK(six->host == "::1");
    CHECK(six->user.empty());
    CHECK(six->password.reveal() == "a/b");
    CHECK(six->text() == "redis://[::1]:7000");

    const auto socket = parse_address("unix:///run/redis.sock?db=2");
    REQUIRE(socket);
    CHECK(socket->path == "/run/redis.sock");
    CHECK(socket->database == 2);
    CHECK(socket->text() == "unix:///run/redis.sock?db=2");
  }

  TEST_CASE("what is no address is told without repeating it") {
    const auto why = [](const char* text) {
      const auto got = parse_address(text);
      REQUIRE(!got);
      CHECK(!got.error().message.contains("secret"));
      return got.error().message;
    };
    CHECK(why("http://secret").contains("must begin with redis://"));
    CHECK(why("redis://secret@host").contains("user:password"));
    CHECK(why("redis://:secret@").contains("no host"));
    CHECK(why("redis://:secret@host:0").contains("the port must be a number from 1 to 65535"));
    CHECK(why("redis://:secret@host:1x").contains("the port"));
    CHECK(why("redis://:secret@host/x").contains("the database"));
    CHECK(why("redis://:secret@host/1?a=b").contains("no ? and #"));
    CHECK(why("redis://:secret@[::1").contains("closing bracket"));
    CHECK(why("redis://a b:secret@host").contains("space"));
    CHECK(why("unix://secret").contains("must begin with /"));
    CHECK(why("unix:///run/secret?x=1").contains("?db=NUMBER"));
  }
}
