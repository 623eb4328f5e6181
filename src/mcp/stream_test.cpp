#include "mcp/stream.h"

#include <doctest/doctest.h>

namespace pb::mcp {
namespace {

std::string texts(const Stream::Batch& batch) {
  std::string out;
  for (const Stream::Event& e : batch.events) out += std::to_string(e.number) + e.text + " ";
  return out;
}

TEST_SUITE("mcp stream") {
  TEST_CASE("what has been read is gone, or stays where it is kept") {
    for (bool keep : {false, true}) {
      Stream stream({10, 1000, keep});
      stream.push("a");
      stream.tell("b");
      const auto reader = stream.attach({});
      CHECK(texts(stream.read(reader, 0)) == "1a 2b ");
      CHECK(texts(stream.read(reader, 0)) == (keep ? "1a 2b " : ""));
      CHECK(texts(stream.read(reader, 1)) == (keep ? "2b " : ""));
      CHECK(stream.bytes() == (keep ? 2 : 0));
    }
  }

  TEST_CASE("notifications are dropped when it is full, answers are not") {
    Stream stream({2, 1000, false});
    CHECK(stream.tell("a"));
    CHECK(stream.tell("b"));
    CHECK_FALSE(stream.tell("c"));
    stream.push("answer");
    stream.push("another");
    stream.push("a third");
    CHECK(texts(stream.read(stream.attach({}), 0)) == "3answer 4another 5a third ");
    CHECK(stream.dropped() == 3);
  }

  TEST_CASE("the same change waits once") {
    Stream stream({10, 1000, true});
    stream.tell("changed", true);
    stream.tell("changed", true);
    const auto reader = stream.attach({});
    CHECK(texts(stream.read(reader, 0)) == "1changed ");
    stream.tell("changed", true);
    CHECK(texts(stream.read(reader, 1)) == "2changed ");
  }

  TEST_CASE("a new reader takes the place of the old one") {
    Stream stream({10, 1000, true});
    const auto first = stream.attach({}), second = stream.attach({});
    CHECK(stream.read(first, 0).replaced);
    CHECK_FALSE(stream.read(second, 0).replaced);
    stream.detach(first);
    CHECK(stream.attached());
    stream.detach(second);
    CHECK_FALSE(stream.attached());
  }

  TEST_CASE("a cut is told once, an end always, and nothing comes after it") {
    Stream stream({10, 1000, true});
    stream.cut();  // also before there is a reader
    const auto reader = stream.attach({});
    CHECK(stream.read(reader, 0).cut);
    CHECK_FALSE(stream.read(reader, 0).cut);
    stream.push("last");
    stream.end();
    stream.push("too late");
    CHECK_FALSE(stream.tell("too late"));
    const auto batch = stream.read(reader, 0);
    CHECK(texts(batch) == "1last ");
    CHECK(batch.ended);
  }
}

}  // namespace
}  // namespace pb::mcp
