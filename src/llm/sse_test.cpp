#include "llm/sse.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace pb::llm;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Feeds `parts` one after the other and collects name and data of every event, the unfinished last one too.
Pairs read_all(const std::vector<std::string_view>& parts) {
  SseReader reader;
  SseEvent e;
  Pairs got;
  for (std::string_view part : parts) {
    reader.append(part);
    while (reader.next(e)) got.emplace_back(e.name, e.data);
  }
  if (reader.rest(e)) got.emplace_back(e.name, e.data);
  return got;
}

void check_every_split(std::string_view text, const Pairs& want) {
  CAPTURE(text);
  REQUIRE(read_all({text}) == want);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    CAPTURE(i);
    CHECK(read_all({text.substr(0, i), text.substr(i)}) == want);
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  CHECK(read_all(bytes) == want);
}

}  // namespace

TEST_SUITE_BEGIN("sse");

TEST_CASE("events split at every byte") {
  check_every_split("data: a\n\ndata: b\n\n", {{"", "a"}, {"", "b"}});
  check_every_split("event: x\ndata: {\"k\":1}\n\nevent: y\ndata:z\n\n", {{"x", "{\"k\":1}"}, {"y", "z"}});
  check_every_split("event: x\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", {{"x", "1"}, {"", "2"}});
  check_every_split("event: x\rdata: 1\r\rdata: 2\r\r", {{"x", "1"}, {"", "2"}});
  check_every_split("data: 1\r\n\ndata: 2\n\r\ndata: 3\r\r\ndata: 4\n\rdata: 5\n\n",
                    {{"", "1"}, {"", "2"}, {"", "3"}, {"", "4"}, {"", "5"}});
  check_every_split(
      "\xEF\xBB\xBF"
      "data: bom\n\ndata: \xEF\xBB\xBFin\n\n",
      {{"", "bom"}, {"", "\xEF\xBB\xBFin"}});
}

TEST_CASE("several data lines, comments, unknown fields, no data") {
  check_every_split("data: a\ndata: b\ndata\ndata:  c\n\n", {{"", "a\nb\n\n c"}});
  check_every_split(": ping\n\n: more\ndata: x\n: tail\n\n", {{"", "x"}});
  check_every_split("id: 7\nretry: 10\nfoo: bar\nnocolon\n\ndata:\n\n", {{"", ""}});
  check_every_split("event: a\nevent: b\ndata: x\n\nevent: lost\n\ndata: y\n\n", {{"b", "x"}, {"", "y"}});
  check_every_split("\n\n\r\n\r\ndata: x\n\n\n\n", {{"", "x"}});
  check_every_split("Data: no\nDATA: no\ndata : no\n data: no\ndata:: yes\n\n", {{"", ": yes"}});
}

TEST_CASE("a stream that ends without its blank line") {
  check_every_split("data: a\n\ndata: b\n", {{"", "a"}, {"", "b"}});
  check_every_split("data: a\n\nevent: e\ndata: b", {{"", "a"}, {"e", "b"}});
  check_every_split("data: a\n\n: comment", {{"", "a"}});
  check_every_split("", {});
}

TEST_CASE("raw_all returns the whole stream byte for byte") {
  const std::string_view text = ": hi\n\ndata: a\r\n\r\n\nevent: e\ndata: 1\ndata: 2\r\rid: 3\n\ndata: rest";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    SseReader reader(1 << 20, true);
    SseEvent e;
    std::string raw;
    for (std::string_view part : {text.substr(0, i), text.substr(i)}) {
      reader.append(part);
      while (reader.next(e)) raw += e.raw;
    }
    if (reader.rest(e)) raw += e.raw;
    CHECK(raw == text);
  }
}

TEST_CASE("a single data line is not copied") {
  SseReader reader;
  reader.append("data: abc\n\n");
  SseEvent e;
  REQUIRE(reader.next(e));
  CHECK(e.data.data() == e.raw.data() + 6);
}

TEST_CASE("an event over the limit is noticed before it ends") {
  SseReader reader(100);
  reader.append("data: ok\n\n");
  SseEvent e;
  REQUIRE(reader.next(e));
  CHECK_FALSE(reader.too_large());
  reader.append("data: " + std::string(90, 'x'));
  CHECK_FALSE(reader.next(e));
  CHECK_FALSE(reader.too_large());
  reader.append(std::string(10, 'x'));
  CHECK(reader.too_large());
}

TEST_CASE("the buffer does not grow with the stream") {
  SseReader reader;
  const std::string event = "data: " + std::string(1000, 'x') + "\n\n";
  SseEvent e;
  int n = 0;
  for (int i = 0; i < 1000; ++i) {  // always half an event behind
    reader.append(i == 0 ? std::string_view(event).substr(0, 500) : std::string_view(event));
    while (reader.next(e)) {
      ++n;
      if (i > 0) CHECK(e.raw.size() <= event.size() + 500);
    }
    CHECK_FALSE(reader.too_large());
  }
  CHECK(n == 999);
}

TEST_CASE("writing and reading back") {
  std::string out;
  write_sse(out, "message_stop", "{\"a\":1}");
  CHECK(out == "event: message_stop\ndata: {\"a\":1}\n\n");
  out.clear();
  write_sse(out, "", "one\ntwo\r\nthree\rfour\n");
  CHECK(out == "data: one\ndata: two\ndata: three\ndata: four\ndata: \n\n");
  check_every_split(out, {{"", "one\ntwo\nthree\nfour\n"}});
  out.clear();
  write_sse(out, "", "");
  CHECK(out == "data: \n\n");
}

TEST_SUITE_END();
