#include "tools/conversations/conversations.h"

#include <doctest/doctest.h>

namespace pb::tools {
namespace {

Result<std::vector<store::ConversationMessage>> messages(const char* text) {
  static json::Arena arena;
  return read_messages(json::parse(text, arena).value_or(json::Value()));
}

}  // namespace

TEST_SUITE("conversations as JSON") {
  TEST_CASE("messages come back as they were") {
    constexpr const char* kAll =
        R"([{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]},)"
        R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"},{"type":"text","text":"b"}]},)"
        R"({"role":"tool","content":"x","tool_call_id":"1"},{"role":"assistant","refusal":"no"}])";
    const auto read = messages(kAll);
    REQUIRE(read);
    CHECK(read->at(0).json.empty());
    CHECK(read->at(2).text == "a\nb");
    CHECK(read->at(3).text == "x");
    std::string out;
    json::Writer w(out);
    write_messages(w, *read);
    CHECK(out == kAll);
  }

  TEST_CASE("what is wrong with a message is told with its place") {
    const auto wrong = [](const char* text) { return messages(text).error().message; };
    CHECK(wrong(R"([{"role":"user","content":"a"},{"role":"user"}])") == "messages[1].content is missing");
    CHECK(wrong(R"([{"content":"a"}])") == "messages[0].role must be a text");
    CHECK(wrong(R"([{"role":"user","content":7}])") ==
          "messages[0].content must be a text or a list of parts");
  }

  TEST_CASE("a title is made of the first question") {
    const auto title = [](const char* text) { return title_from(*messages(text)); };
    CHECK(title(R"([{"role":"system","content":"be kind"},{"role":"user","content":"  What is\nthis? "}])") ==
          "What is this?");
    CHECK(title(R"([{"role":"assistant","content":"x"}])").empty());
    const std::string umlauts = title(
        R"([{"role":"user","content":"ööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööööö"}])");
    CHECK(umlauts.size() == 120);
  }

  TEST_CASE("a conversation whose beginning is left out says so") {
    store::ConversationPage page;
    page.conversation.id = "conv_1";
    page.conversation.title = "T";
    page.conversation.version = 3;
    page.conversation.messages = 5;
    page.first = 4;
    page.messages = {{"user", "e", "", 0}};
    const std::string text = conversation_json(page);
    CHECK(text.contains(R"("uri":"conversation://conv_1")"));
    CHECK(text.contains(R"("omitted":4,"messages":[{"role":"user","content":"e"}])"));
    page.first = 0;
    CHECK_FALSE(conversation_json(page).contains("omitted"));
  }
}

}  // namespace pb::tools
