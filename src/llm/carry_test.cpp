#include "llm/carry.h"

#include <doctest/doctest.h>

#include "base/base64.h"

namespace pb::llm {
namespace {

using Kind = Block::Kind;

Block block(Kind kind, Str text, Str signature) {
  Block b;
  b.kind = kind;
  (kind == Kind::redacted_thinking ? b.data : b.text) = text;
  b.signature = signature;
  return b;
}

}  // namespace

TEST_SUITE("carry") {
  TEST_CASE("what is packed comes back, without the text where it is visible") {
    const std::vector<Block> blocks = {
        block(Kind::thinking, "höre \"zu\"", "sig/1+"), block(Kind::redacted_thinking, "opaque", ""),
        block(Kind::text, "not opaque", ""), block(Kind::tool_call, "", "thought-sig")};
    for (bool with_text : {true, false}) {
      const std::string text = pack("gemini", blocks, with_text);
      CHECK(is_packed(text));
      CHECK(base64_decode(text));  // clients that read such fields as bytes can
      json::Arena arena;
      const auto back = unpack(text, arena);
      REQUIRE(back);
      REQUIRE(back->size() == 3);
      CHECK((*back)[0].kind == Kind::thinking);
      CHECK((*back)[0].text == (with_text ? "höre \"zu\"" : ""));
      CHECK((*back)[0].signature == "sig/1+");
      CHECK((*back)[1].data == "opaque");
      CHECK((*back)[2].kind == Kind::tool_call);
      CHECK((*back)[2].signature == "thought-sig");
      for (const Block& b : *back) CHECK(b.format == "gemini");
    }
    CHECK(pack("gemini", {}, true).empty());
  }

  TEST_CASE("other texts are not packed ones") {
    json::Arena arena;
    for (const char* text :
         {"", "EqRkQ", "PBqZ", "PBqZ!!!", "PBqZe30=", "PBqZeyJibG9ja3MiOlt7ImtpbmQiOiJ4In1dfQ=="})
      CHECK_FALSE(unpack(text, arena));
  }

  TEST_CASE("a call without a signature is none") {
    json::Arena arena;
    const auto blocks = unpack(
        std::string("PBqZ") +
            base64_encode(
                R"({"format":"gemini","blocks":[{"kind":"call","id":"c"},{"kind":"call","id":"c","signature":"s"}]})"),
        arena);
    REQUIRE(blocks);
    REQUIRE(blocks->size() == 1);
    CHECK(blocks->at(0).signature == "s");
  }

  TEST_CASE("signatures go to the next block of their kind") {
    Block call = block(Kind::tool_call, "", "");
    call.id = "c1";
    call.name = "f";
    std::vector<Block> content = {block(Kind::tool_call, "", "for-call"), block(Kind::text, "", "for-text"),
                                  block(Kind::text, "hello", ""), call};
    attach_signatures(content);
    REQUIRE(content.size() == 2);
    CHECK(content[0].signature == "for-text");
    CHECK(content[1].signature == "for-call");
  }

  TEST_CASE("foreign blocks are packed for a client and restored from what it sends back") {
    json::Arena arena;
    std::vector<Block> answer = {
        block(Kind::thinking, "hm", "their-sig"), block(Kind::redacted_thinking, "their-data", ""),
        block(Kind::tool_call, "", "call-sig"), block(Kind::thinking, "own", "own-sig")};
    for (std::size_t i = 0; i < 3; ++i) answer[i].format = "gemini";
    answer[3].format = "anthropic";
    answer[2].id = "c1";
    answer[2].name = "f";
    std::vector<Block> sent;
    for (Block& b : answer) {
      if (!is_foreign(b, "anthropic")) {
        sent.push_back(b);
        continue;
      }
      sent.push_back(packed_block(b, "anthropic", arena));
      if (b.kind != Kind::tool_call) continue;
      sent.push_back(b);
      sent.back().signature = {};
      sent.back().format = {};
    }
    CHECK(sent.size() == 5);
    CHECK(sent[0].text == "hm");
    restore_packed(sent, arena);
    REQUIRE(sent.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      CAPTURE(i);
      CHECK(sent[i].kind == answer[i].kind);
      CHECK(sent[i].text == answer[i].text);
      CHECK(sent[i].signature == answer[i].signature);
      CHECK(sent[i].data == answer[i].data);
      CHECK(sent[i].format == answer[i].format);
    }
    std::vector<Block> broken = {block(Kind::thinking, "t", "PBqZ!"), block(Kind::text, "x", "PBqZ!")};
    restore_packed(broken, arena);
    REQUIRE(broken.size() == 1);
    CHECK(broken[0].text == "x");
    CHECK(broken[0].signature.empty());
  }

  TEST_CASE("a body that holds one is found wherever it stands") {
    for (std::size_t before : {0, 1, 13, 15, 16, 17, 40})
      for (std::size_t after : {0, 1, 15, 16, 50}) {
        CHECK(holds_packed(std::string(before, 'q') + "PBqZ" + std::string(after, 'Z')));
        CHECK_FALSE(holds_packed(std::string(before, 'q') + "PBqY" + std::string(after, 'Z')));
      }
  }
}

}  // namespace pb::llm
