#include "net/redis/resp.h"

#include <doctest/doctest.h>

using namespace pb::net::redis;

namespace {

// Of one reply that is all there.
Reply read(std::string_view bytes, ReplyLimits limits = {}) {
  ReplyParser parser(limits);
  Reply reply;
  std::size_t used = 0;
  REQUIRE(parser.parse(bytes, reply, used) == Parsed::whole);
  CHECK(used == bytes.size());
  // Cut anywhere, it is not whole, and is read the same once the rest has come.
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    ReplyParser again(limits);
    Reply other;
    std::size_t taken = 0;
    CHECK(again.parse(bytes.substr(0, cut), other, taken) == Parsed::more);
    CHECK(again.parse(bytes, other, taken) == Parsed::whole);
    CHECK(other == reply);
    CHECK(taken == bytes.size());
  }
  return reply;
}

std::string fault(std::string_view bytes, ReplyLimits limits = {}) {
  ReplyParser parser(limits);
  Reply reply;
  std::size_t used = 0;
  CHECK(parser.parse(bytes, reply, used) == Parsed::broken);
  return std::string(parser.fault());
}

}  // namespace

TEST_SUITE("redis") {
  TEST_CASE("replies of both versions of the protocol") {
    CHECK(read("+OK\r\n").text == "OK");
    const Reply error = read("-NOSCRIPT No matching script\r\n");
    CHECK(error.is_error("NOSCRIPT"));
    CHECK(!error.is_error("ERR"));
    CHECK(read(":-42\r\n").integer == -42);
    CHECK(read(":9223372036854775807\r\n").integer == 9223372036854775807);
    CHECK(read("$5\r\na\r\nbc\r\n").text == "a\r\nbc");
    CHECK(read("$0\r\n\r\n").kind == Reply::Kind::bulk);
    CHECK(read("$-1\r\n").kind == Reply::Kind::null);
    CHECK(read("*-1\r\n").kind == Reply::Kind::null);
    CHECK(read("_\r\n").kind == Reply::Kind::null);
    CHECK(read("#t\r\n").integer == 1);
    CHECK(read(",3.25\r\n").text == "3.25");
    CHECK(read("(12345678901234567890\r\n").text == "12345678901234567890");
    CHECK(read("!5\r\nERR x\r\n").is_error("ERR"));
    CHECK(read("=7\r\ntxt:abc\r\n").text == "abc");
  }

  TEST_CASE("lists, maps and what nobody has asked for") {
    const Reply nested = read("*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+x\r\n");
    REQUIRE(nested.items.size() == 3);
    CHECK(nested.items[1].items[0].text == "a");
    CHECK(nested.items[1].items[1].kind == Reply::Kind::null);
    CHECK(nested.items[2].text == "x");
    CHECK(read("%1\r\n+a\r\n:1\r\n").items.size() == 2);
    CHECK(read("~0\r\n").kind == Reply::Kind::list);
    CHECK(read(">2\r\n+invalidate\r\n*1\r\n+k\r\n").kind == Reply::Kind::push);
    CHECK(read("|1\r\n+ttl\r\n:9\r\n$1\r\nv\r\n").text == "v");
  }

  TEST_CASE("one after the other from one buffer") {
    const std::string_view bytes = "+a\r\n:7\r\n";
    ReplyParser parser;
    Reply reply;
    std::size_t used = 0;
    REQUIRE(parser.parse(bytes, reply, used) == Parsed::whole);
    CHECK(used == 4);
    REQUIRE(parser.parse(bytes.substr(used), reply, used) == Parsed::whole);
    CHECK(reply.integer == 7);
  }

  TEST_CASE("what is no reply, or too much of one") {
    CHECK(fault("?\r\n") == "not a type of reply");
    CHECK(fault("\r\n") == "an empty line is no reply");
    CHECK(fault(":1x\r\n") == "not a whole number");
    CHECK(fault(":9223372036854775808\r\n") == "not a whole number");
    CHECK(fault("$-2\r\n") == "not a length");
    CHECK(fault("$1\r\nabc\r\n") == "a text does not end where it should");
    CHECK(fault("#x\r\n") == "neither true nor false");
    CHECK(fault("=1\r\na\r\n") == "a text without its form");
    CHECK(fault("+" + std::string(70'000, 'a')) == "a line does not end");
    CHECK(fault("$99999999999\r\n") == "a reply is longer than is taken");
    CHECK(fault("*2\r\n$60\r\n", {.bytes_max = 64}) == "a reply is longer than is taken");
    CHECK(fault("*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", {.values_max = 4}) == "a reply has too many values");
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "*1\r\n";
    CHECK(fault(deep) == "a reply is nested too deeply");
    std::string notes;
    for (int i = 0; i < 20; ++i) notes += "|0\r\n";
    CHECK(fault(notes) == "a reply is nested too deeply");
  }

  TEST_CASE("commands") {
    std::string out;
    write_command(out, {"SET", "k\r\n", ""});
    CHECK(out == "*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$0\r\n\r\n");
  }
}
