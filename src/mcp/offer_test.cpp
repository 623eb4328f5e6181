#include "mcp/offer.h"

#include <doctest/doctest.h>

#include "mcp/results.h"

namespace pb::mcp {
namespace {

TEST_SUITE("mcp offer") {
  TEST_CASE("templates of resources") {
    CHECK(matches_template("test://t/{id}/data", "test://t/7/data"));
    CHECK_FALSE(matches_template("test://t/{id}/data", "test://t//data"));
    CHECK_FALSE(matches_template("test://t/{id}/data", "test://t/a/b/data"));
    CHECK_FALSE(matches_template("test://t/{id}/data", "test://t/7/data/x"));
    CHECK_FALSE(matches_template("test://t", "test://t2"));
    CHECK(template_value("test://t/{id}/data", "test://t/7/data", "id") == "7");
    CHECK(template_value("model://{provider}/{+model}", "model://or/openai/gpt", "provider") == "or");
    CHECK(template_value("model://{provider}/{+model}", "model://or/openai/gpt", "model") == "openai/gpt");
    CHECK(template_value("a://{x}", "a://1", "y") == "");
  }

  TEST_CASE("cursors lead back into the list they came from") {
    json::Arena arena;
    const auto read = [&](const std::string& cursor) {
      return read_cursor(*json::parse(R"({"cursor":")" + cursor + "\"}", arena), 200);
    };
    CHECK(*read(cursor_at(100)) == 100);
    CHECK(*read_cursor({}, 200) == 0);
    for (const std::string& bad :
         {std::string(), std::string("x"), cursor_at(200), cursor_at(0), std::string("ZnJvbTo=")})
      CHECK(read(bad).error().code == kInvalidParams);
    CHECK_FALSE(read_cursor(*json::parse(R"({"cursor":5})", arena), 200));
  }

  TEST_CASE("arguments are checked by the tool's schema") {
    Offer offer;
    Tool& tool = offer.tools.emplace_back();
    tool.name = "t";
    tool.input_schema = R"({
      "type":"object","properties":{"limit":{"type":"integer","maximum":100}},"required":["limit"],"additionalProperties":false
    })";
    settle(offer);
    const auto wrong = [&](std::string_view arguments) {
      json::Arena arena;
      return tool.validate(*json::parse(arguments, arena));
    };
    CHECK(wrong(R"({"limit":5})") == "");
    CHECK(wrong(R"({"limit":250})").contains("`limit` must be at most 100"));
    CHECK(wrong(R"({"other":1})").contains("limit"));
    CHECK(wrong(R"({"other":1})").contains("other"));
  }

  TEST_CASE("each revision is told what it knows") {
    Offer offer;
    Tool tool;
    tool.name = "t";
    tool.title = "T";
    tool.output_schema = R"({"type":"object"})";
    tool.hints.read_only = Hint::yes;
    const auto told = [&](Revision r) {
      std::string out;
      json::Writer w(out);
      write_tool(w, tool, r);
      return out;
    };
    CHECK(told(Revision::v2024_11_05) == R"({"name":"t","inputSchema":{"type":"object","properties":{}}})");
    CHECK(
        told(Revision::v2025_03_26) ==
        R"({"name":"t","inputSchema":{"type":"object","properties":{}},"annotations":{"title":"T","readOnlyHint":true}})");
    CHECK(told(Revision::v2025_06_18).contains(R"("outputSchema":{"type":"object"})"));

    ToolResult result;
    result.content =
        "[" + audio_block("AA==", "audio/wav") + R"(,{"type":"resource_link","uri":"a://b","name":"b"}])";
    result.structured = "{}";
    const auto shown = [&](Revision r) {
      ResultText out(offer, r);
      write_tool_result(out.w(), result, r);
      return out.done();
    };
    CHECK(shown(Revision::v2024_11_05) ==
          R"j({"content":[{"type":"text","text":"(audio, audio/wav)"},{"type":"text","text":"a://b"}]})j");
    CHECK(shown(Revision::v2025_06_18).contains(R"("structuredContent":{})"));
    CHECK(shown(Revision::v2026_07_28).starts_with(R"({"resultType":"complete",)"));
    CHECK_FALSE(shown(Revision::v2025_11_25).contains("resultType"));
  }
}

}  // namespace
}  // namespace pb::mcp
