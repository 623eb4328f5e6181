#include "gateway/recall.h"

#include <doctest/doctest.h>

namespace pb::gateway {
namespace {

using llm::Block;
using Kind = Block::Kind;
using E = llm::Event::Kind;

constexpr const char* kAsked = R"({"model":"m","messages":[{"role":"user","content":"weather?"}]})";
constexpr const char* kNext =
    R"({"model":"m","messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{ \"b\": 2, \"a\":1 }"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"rain"},{"role":"tool","tool_call_id":"c2","content":"sun"}]})";

llm::Request decode(const std::string& text) {
  auto r = llm::find_dialect("openai_chat")->decode_request(text);
  REQUIRE(r);
  return std::move(*r);
}

void feed(ReasoningKeeper& keeper, E kind, int index, llm::Str text = {}, llm::Str format = {}) {
  llm::Event e;
  e.kind = kind;
  e.index = index;
  e.text = text;
  e.format = format;
  keeper.take(e);
}

void start(ReasoningKeeper& keeper, int index, Kind kind, llm::Str id = {}, llm::Str signature = {}) {
  llm::Event e;
  e.kind = E::block_start;
  e.index = index;
  e.block.kind = kind;
  e.block.id = id;
  e.block.name = id.empty() ? llm::Str() : llm::Str("f");
  e.block.signature = signature;
  e.block.format = signature.empty() ? llm::Str() : llm::Str("gemini");
  keeper.take(e);
}

// Thinking with a signature, and two calls, the second of them signed.
void answer(Recall& recall, std::string_view caller, const llm::Dialect& client) {
  const llm::Request asked = decode(kAsked);
  ReasoningKeeper keeper(&recall, caller, client, asked);
  start(keeper, 0, Kind::thinking);
  feed(keeper, E::thinking_delta, 0, "h");
  feed(keeper, E::thinking_delta, 0, "m");
  feed(keeper, E::signature_delta, 0, "sig", "gemini");
  start(keeper, 1, Kind::tool_call, "c1");
  feed(keeper, E::arguments_delta, 1, R"({"a":1,)");
  feed(keeper, E::arguments_delta, 1, R"("b":2})");
  start(keeper, 2, Kind::tool_call, "c2", "call-sig");
  keeper.done();
}

const llm::Dialect& chat() { return *llm::find_dialect("openai_chat"); }

}  // namespace

TEST_SUITE("recall") {
  TEST_CASE("reasoning comes back with the calls that it led to, its caller's only") {
    Recall recall;
    CHECK(recall.empty());
    answer(recall, "ann", chat());
    CHECK_FALSE(recall.empty());
    llm::Request next = decode(kNext);
    restore_reasoning(recall, "bob", next);
    CHECK(next.messages[1].content[0].signature.empty());
    restore_reasoning(recall, "ann", next);
    const std::vector<Block>& content = next.messages[1].content;
    REQUIRE(content.size() == 3);
    CHECK(content[0].kind == Kind::thinking);
    CHECK(content[0].text == "hm");
    CHECK(content[0].signature == "sig");
    CHECK(content[0].format == "gemini");
    CHECK(content[1].id == "c1");
    CHECK(content[1].signature.empty());
    CHECK(content[2].signature == "call-sig");
  }

  TEST_CASE("another question or other arguments are another conversation") {
    Recall recall;
    answer(recall, "ann", chat());
    for (auto [from, to] :
         {std::pair<std::string, std::string>{"weather?", "news?"}, {"\\\"a\\\":1", "\\\"a\\\":3"}}) {
      std::string text = kNext;
      text.replace(text.find(from), from.size(), to);
      llm::Request next = decode(text);
      restore_reasoning(recall, "ann", next);
      CHECK(next.messages[1].content[0].signature.empty());
    }
  }

  TEST_CASE("clients whose formats carry it may leave it out") {
    Recall recall;
    answer(recall, "ann", *llm::find_dialect("anthropic"));
    CHECK_FALSE(recall.empty());
  }

  TEST_CASE("nothing is kept of what the client's format says itself, or without calls or signatures") {
    Recall recall;
    answer(recall, "ann", *llm::find_dialect("gemini"));
    CHECK(recall.empty());
    const llm::Request asked = decode(kAsked);
    ReasoningKeeper no_calls(&recall, "ann", chat(), asked);
    start(no_calls, 0, Kind::thinking);
    feed(no_calls, E::signature_delta, 0, "sig", "gemini");
    no_calls.done();
    ReasoningKeeper no_signature(&recall, "ann", chat(), asked);
    start(no_signature, 0, Kind::tool_call, "c1");
    no_signature.done();
    CHECK(recall.empty());
  }

  TEST_CASE("its bytes are bounded; what was used last stays") {
    Recall recall(2000);
    for (std::uint64_t i = 0; i < 100; ++i) {
      recall.put(i, std::string(100, 'x'));
      CHECK(recall.get(0).size() == (100));
      CHECK(recall.bytes() <= 2000);
    }
    CHECK(recall.get(1).empty());
    CHECK(recall.get(99).size() == 100);
    recall.put(99, "y");
    CHECK(recall.get(99) == "y");
    recall.put(500, std::string(5000, 'x'));
    CHECK(recall.bytes() == 0);
    CHECK(recall.empty());
  }
}

}  // namespace pb::gateway
