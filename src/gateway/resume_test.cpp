#include "gateway/resume.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::gateway;
using Kind = llm::Event::Kind;

namespace {

llm::Event event(Kind kind, int index = 0, llm::Str text = {}) {
  llm::Event e;
  e.kind = kind;
  e.index = index;
  e.text = text;
  return e;
}

llm::Event block(llm::Block::Kind kind, int index) {
  llm::Event e = event(Kind::block_start, index);
  e.block.kind = kind;
  return e;
}

std::string line(const std::vector<llm::Event>& events) {
  static constexpr std::string_view kNames[] = {"start", "block",   "text", "think",    "sign",
                                                "args",  "refusal", "cite", "logprobs", "close",
                                                "stop",  "usage",   "ping", "error",    "end"};
  std::string out;
  for (const llm::Event& e : events) {
    if (!out.empty()) out += ' ';
    out.append(kNames[static_cast<std::size_t>(e.kind)]).append(std::to_string(e.index)).append(e.text);
  }
  return out;
}

std::vector<llm::Event> whole(llm::Str text) {
  std::vector<llm::Event> v;
  v.push_back(event(Kind::start));
  v.push_back(block(llm::Block::Kind::thinking, 0));
  v.push_back(event(Kind::thinking_delta, 0, "hm"));
  v.push_back(event(Kind::block_stop, 0));
  v.push_back(block(llm::Block::Kind::text, 1));
  v.push_back(event(Kind::text_delta, 1, text));
  v.push_back(event(Kind::block_stop, 1));
  v.push_back(block(llm::Block::Kind::tool_call, 2));
  v.push_back(event(Kind::block_stop, 2));
  v.push_back(event(Kind::stop));
  v.push_back(event(Kind::end));
  return v;
}

}  // namespace

TEST_SUITE("resume") {
  TEST_CASE("text goes on in its block, and what follows it comes after it") {
    Splice s;
    CHECK_FALSE(s.possible());
    s.watch(event(Kind::start));
    s.watch(block(llm::Block::Kind::text, 0));
    s.watch(event(Kind::text_delta, 0, "Hel"));
    REQUIRE(s.possible());
    CHECK(s.text() == "Hel");
    s.go_on();
    auto events = whole("lo");
    s.join(events);
    CHECK(line(events) == "text0lo close0 block1 close1 stop0 end0");
  }

  TEST_CASE("a block of thinking that is open is closed first") {
    Splice s;
    s.watch(block(llm::Block::Kind::text, 0));
    s.watch(event(Kind::text_delta, 0, "a"));
    s.watch(event(Kind::block_stop, 0));
    s.watch(block(llm::Block::Kind::thinking, 1));
    s.go_on();
    auto events = whole("b");
    s.join(events);
    CHECK(line(events) == "close1 block2 text2b close2 block3 close3 stop0 end0");
  }

  TEST_CASE("a continuation without a word ends the block") {
    Splice s;
    s.watch(block(llm::Block::Kind::text, 0));
    s.watch(event(Kind::text_delta, 0, "a"));
    s.go_on();
    std::vector<llm::Event> events;
    events.push_back(event(Kind::start));
    events.push_back(event(Kind::usage));
    events.push_back(event(Kind::stop));
    events.push_back(event(Kind::end));
    s.join(events);
    CHECK(line(events) == "usage0 close0 stop0 end0");
  }

  TEST_CASE("calls, refusals and further candidates cannot be gone on with") {
    for (int which = 0; which < 3; ++which) {
      Splice s;
      s.watch(block(llm::Block::Kind::text, 0));
      s.watch(event(Kind::text_delta, 0, "a"));
      if (which == 0) s.watch(block(llm::Block::Kind::tool_call, 1));
      if (which == 1) s.watch(event(Kind::refusal_delta, 0, "no"));
      if (which == 2) {
        llm::Event e = event(Kind::text_delta, 0, "b");
        e.choice = 1;
        s.watch(e);
      }
      CHECK_FALSE(s.possible());
    }
  }

  TEST_CASE("the conversation gets the text so far") {
    llm::Request r;
    add_partial_answer(r, std::string("Hel"));
    REQUIRE(r.messages.size() == 2);
    CHECK(r.messages[0].role == llm::Role::assistant);
    CHECK(r.messages[0].content[0].text == "Hel");
    CHECK(r.messages[1].role == llm::Role::user);
  }
}
