#include "route/needs.h"

#include <doctest/doctest.h>

#include <string>

using namespace pb::route;

namespace {

std::string chat(const std::string& first, const std::string& more = "", const std::string& members = "") {
  return R"({"model":"m",)" + members +
         R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":)" + first + "}" +
         more + "]}";
}

}  // namespace

TEST_SUITE("route needs") {
  TEST_CASE("what the formats ask for") {
    const auto needs = [](const std::string& body) { return needs_of(body).abilities; };
    CHECK(needs(chat(R"("hi")")) == 0);
    CHECK(needs(chat(R"("hi")", "", R"("stream":true,)")) == kStreaming);
    CHECK(needs(chat(R"("hi")", "", R"("stream":false,"tools":[],"functions":null,)")) == 0);
    CHECK(needs(chat(R"("hi")", "", R"("tools":[{"type":"function"}],)")) == kTools);
    CHECK(needs(chat(R"("hi")", "", R"("response_format":{"type":"text"},)")) == 0);
    CHECK(needs(chat(R"("hi")", "", R"("response_format":{"type":"json_object"},)")) == kStructured);
    CHECK(needs(chat(R"("hi")", "", R"("format":"json",)")) == kStructured);
    CHECK(needs(chat(R"("hi")", "", R"("text":{"format":{"type":"json_schema"}},)")) == kStructured);
    CHECK(needs(chat(R"("hi")", "", R"("reasoning_effort":"high",)")) == kReasoning);
    CHECK(needs(chat(R"("hi")", "", R"("thinking":{"type":"disabled"},)")) == 0);
    CHECK(needs(chat(R"("hi")", "", R"("thinking":{"type":"enabled","budget_tokens":9},)")) == kReasoning);
    CHECK(needs(chat(R"([{"type":"image_url","image_url":{"url":"x"}}])")) == kVision);
    CHECK(needs(chat(R"([{"type":"image","source":{"type":"base64","data":"x"}}])")) == kVision);
    CHECK(needs(chat(R"([{"type":"document","source":{}}])")) == kDocuments);
    CHECK(needs(chat(R"([{"type":"input_audio","input_audio":{}}])")) == kAudio);
    CHECK(needs(chat(R"("hi")", R"(,{"role":"user","content":"x","images":["abc"]})")) == kVision);
    CHECK(needs(chat(R"([{"type":"tool_result","content":[{"type":"image","source":{}}]}])")) == kVision);
    // Gemini
    CHECK(needs(R"({"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"x"}}]}]})") ==
          kVision);
    CHECK(needs(R"({"contents":[{"parts":[{"file_data":{"mime_type":"application/pdf"}}]}]})") == kDocuments);
    CHECK(needs(R"({"contents":[],"generationConfig":{"responseMimeType":"application/json",)"
                R"("thinkingConfig":{"thinkingBudget":100}}})") == (kStructured | kReasoning));
    CHECK(needs(R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]})") ==
          kVision);
    // Words that only look like it: in texts, in tools' schemas, in calls' arguments.
    CHECK(needs(chat(R"("\"type\":\"image\" \"image_url\"")")) == 0);
    CHECK(
        needs(chat(
            R"("hi")", R"(,{"role":"assistant","content":[{"type":"tool_use","input":{"type":"image"}}]})",
            R"("tools":[{"parameters":{"properties":{"type":"image","thinking":{"type":"enabled"}}}}],)")) ==
        kTools);
  }

  TEST_CASE("tokens: texts count, base64 does not") {
    const std::string words(4'000, 'a');
    const auto plain = needs_of(chat("\"" + words + "\"")).tokens;
    CHECK(plain > 950);
    CHECK(plain < 1'050);
    const std::string data(1'000'000, 'A');
    const auto picture = needs_of(chat(R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
                                       data + R"("}}])"))
                             .tokens;
    CHECK(picture > 900);
    CHECK(picture < 1'100);
    CHECK(needs_of(chat(R"([{"type":"image","source":{"type":"base64","data":")" + data + R"("}}])")).tokens <
          1'100);
    CHECK(needs_of(R"({"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":")" + data +
                   R"("}}]}]})")
              .tokens < 1'100);
    CHECK(needs_of(chat("\"x\"", "", R"("tools":[{"description":")" + words + R"("}],)")).tokens > 1'000);
    std::string chinese;
    for (int i = 0; i < 1'000; ++i) chinese += "中";
    CHECK(needs_of(chat("\"" + chinese + "\"")).tokens >= 1'000);
    CHECK(needs_of(R"({"system":[{"type":"text","text":")" + words + R"("}],"messages":[]})").tokens ==
          1'000);
    CHECK(needs_of(R"({"input":")" + words + R"("})").tokens == 1'000);
  }

  TEST_CASE("limits, users and words") {
    CHECK(needs_of(R"({"max_tokens":5})").tokens_max == 5);
    CHECK(needs_of(R"({"max_completion_tokens": 6})").tokens_max == 6);
    CHECK(needs_of(R"({"max_output_tokens":null})").tokens_max == 0);
    CHECK(needs_of(R"({"generationConfig":{"maxOutputTokens":7}})").tokens_max == 7);
    CHECK(needs_of(R"({"options":{"num_predict":8,"x":[1]}})").tokens_max == 8);
    CHECK(needs_of(R"({"options":{"num_predict":-1}})").tokens_max == 0);
    CHECK(needs_of(R"({"user":"u1"})").user == "u1");
    CHECK(needs_of(R"({"metadata":{"a":[{}],"user_id":"u2"}})").user == "u2");
    CHECK(needs_of(chat(R"("one")",
                        R"(,{"role":"assistant","content":"two"},{"role":"user","content":"three"},)"
                        R"({"role":"assistant","content":"four"})"))
              .words == "three");
    CHECK(
        needs_of(chat(R"([{"type":"text","text":"real"},{"type":"text","text":"<note>x</note>"}])")).words ==
        "real");
    CHECK(needs_of(chat(R"("typed")", R"(,{"role":"user","content":[{"type":"tool_result","content":"r"}]})"))
              .words == "typed");
    CHECK(
        needs_of(
            R"({"contents":[{"parts":[{"text":"a"}],"role":"user"},{"role":"model","parts":[{"text":"b"}]}]})")
            .words == "a");
    CHECK(
        needs_of(R"({"input":[{"type":"function_call_output","output":"o"},{"role":"user","content":"w"}]})")
            .words == "w");
  }

  TEST_CASE("a conversation's beginning is the same in every turn, and another's is not") {
    const auto prefix = [](const std::string& body) { return needs_of(body).prefix; };
    const auto first = prefix(chat(R"("fix the bug")"));
    CHECK(first != 0);
    CHECK(first == prefix(chat(R"("fix the bug")",
                               R"(,{"role":"assistant","content":"ok"},{"role":"user","content":"go on"})")));
    // As a list of parts, and with a cache mark that moves on later.
    CHECK(first ==
          prefix(chat(R"([{"type":"text","text":"fix the bug","cache_control":{"type":"ephemeral"}}])")));
    CHECK(first != prefix(chat(R"("fix the bag")")));
    CHECK(prefix(R"({"messages":[]})") == 0);
    CHECK(prefix(R"({"system":"s","messages":[{"role":"user","content":"x"}]})") ==
          prefix(R"({"messages":[{"role":"user","content":"x"}],"system":"other"})"));
    CHECK(prefix(R"({"prompt_cache_key":"k","input":"a"})") ==
          prefix(R"({"input":"b","prompt_cache_key":"k"})"));
    const std::string same(5'000, 'x');
    CHECK(prefix(chat("\"" + same + "1\"")) == prefix(chat("\"" + same + "2\"")));
  }

  TEST_CASE("text that is no request, cut anywhere, is read without going past its end") {
    const std::string body =
        chat(R"([{"type":"image","source":{"a":[1,{"b":"\"}"}]}},{"type":"text","text":"x\\"}])",
             R"(,{"role":"tool","content":[[["deep"]]]})",
             R"("tools":[{"a":[true,null,1.5e3]}],"metadata":{"user_id":"u"},)");
    for (std::size_t n = 0; n <= body.size(); ++n) {
      const std::string cut(body.data(), n);  // its own memory: sanitizers see what is read behind it
      CHECK(needs_of(cut).tokens >= 0);
    }
    for (const char* odd :
         {"", "[]", "null", "{", "{\"messages\":", "{\"messages\":[", "{\"messages\":[}", "{\"a\"1}",
          "{\"messages\":{\"a\":1}}", "{\"tools\":tru", "{,}", "]]]", "{\"messages\":[,,]}"})
      CHECK(needs_of(odd).words.empty());
    CHECK(needs_of(std::string(100'000, '[')).abilities == 0);
    CHECK(needs_of("{\"messages\":" + std::string(100'000, '[')).abilities == 0);
  }

  TEST_CASE("what models are known not to do") {
    CHECK((can_of("codestral") & kVision) == 0);
    CHECK((can_of("codestral") & kTools) != 0);
    CHECK((can_of("anthropic/claude-opus-5") & (kVision | kReasoning)) == (kVision | kReasoning));
    CHECK((can_of("claude-3-haiku") & kReasoning) == 0);
    CHECK(can_of("my-own") == ~0u);
  }
}
