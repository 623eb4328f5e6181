#include "llm/event_reader.h"

#include <doctest/doctest.h>

#include <vector>

namespace pb::llm {
namespace {

struct Read {
  std::vector<std::string> data;
  std::string raw;
  bool operator==(const Read&) const = default;
};

Read read_all(Framing framing, std::string_view text, std::size_t cut) {
  EventReader reader(framing, 1 << 20, true);
  Read out;
  SseEvent e;
  auto take = [&](std::string_view piece) {
    reader.append(piece);
    while (reader.next(e)) {
      if (!e.data.empty()) out.data.emplace_back(e.data);
      out.raw += e.raw;
    }
  };
  if (cut == 0) {
    for (char c : text) take({&c, 1});
  } else {
    take(text.substr(0, cut));
    take(text.substr(cut));
  }
  if (reader.rest(e)) {
    if (!e.data.empty()) out.data.emplace_back(e.data);
    out.raw += e.raw;
  }
  return out;
}

void check_every_cut(Framing framing, std::string_view text, const std::vector<std::string>& data) {
  const Read expected{data, std::string(text)};
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    CAPTURE(cut);
    CHECK(read_all(framing, text, cut) == expected);
  }
}

}  // namespace

TEST_SUITE("event_reader") {
  TEST_CASE("lines: cut anywhere, with empty ones, \\r\\n and a last line without its end") {
    check_every_cut(Framing::ndjson, "{\"a\":1}\n\n{\"b\":\"x\\ny\"}\r\n {\"c\":2} \n{\"done\":true}",
                    {"{\"a\":1}", "{\"b\":\"x\\ny\"}", "{\"c\":2}", "{\"done\":true}"});
  }

  TEST_CASE("an array's elements: cut anywhere, brackets and quotes inside strings") {
    check_every_cut(Framing::json_array, "[{\"a\":[1,{\"b\":2}]}\n,\r\n{\"t\":\"]} \\\" [{\"},{}]\n",
                    {"{\"a\":[1,{\"b\":2}]}", "{\"t\":\"]} \\\" [{\"}", "{}"});
  }

  TEST_CASE("server-sent events pass through") {
    check_every_cut(Framing::sse, "event: a\ndata: 1\n\ndata: 2\n\n", {"1", "2"});
  }

  TEST_CASE("an event that does not end is too large at its limit, not before") {
    for (Framing f : {Framing::ndjson, Framing::json_array}) {
      EventReader reader(f, 100);
      SseEvent e;
      reader.append("{\"x\":\"" + std::string(90, 'a'));
      CHECK_FALSE(reader.next(e));
      CHECK_FALSE(reader.too_large());
      reader.append(std::string(20, 'a'));
      CHECK_FALSE(reader.next(e));
      CHECK(reader.too_large());
    }
  }

  TEST_CASE("long streams are read in place") {
    EventReader reader(Framing::json_array);
    SseEvent e;
    std::size_t seen = 0;
    reader.append("[");
    for (int i = 0; i < 2000; ++i) {
      reader.append("{\"i\":" + std::to_string(i) + ",\"pad\":\"" + std::string(50, 'x') + "\"},");
      if (i % 7 != 0) continue;
      while (reader.next(e)) CHECK(e.data.starts_with("{\"i\":" + std::to_string(seen++) + ","));
    }
    while (reader.next(e)) ++seen;
    CHECK(seen == 2000);
  }
}

}  // namespace pb::llm
