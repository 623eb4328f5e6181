#include "llm/gemini/gemini_test_util.h"

namespace pb::llm::gemini {

using namespace testing;
using Kind = Block::Kind;

TEST_SUITE("gemini") {
  TEST_CASE("malformed requests are told by the field's path") {
    CHECK(error_of("[]").starts_with("the request body must be a JSON object"));
    CHECK(error_of("{}") == "contents is required");
    CHECK(error_of(R"({"contents":[]})") == "contents must hold at least one content");
    CHECK(error_of(R"({"contents":[3]})") == "contents[0] must be a content (an object), found number");
    CHECK(error_of(R"({"contents":[{"role":"assistant","parts":[]}]})") ==
          "contents[0].role must be user, model or function");
    CHECK(error_of(R"({"contents":[{"parts":"x"},{"parts":7}]})") ==
          "contents[1].parts must be an array of parts, found number");
    CHECK(error_of(R"({"contents":[{"parts":[{"text":1}]}]})") ==
          "contents[0].parts[0].text must be a string, found number");
    CHECK(error_of(R"({"contents":[{"parts":[{"text":"a","inline_data":{}}]}]})") ==
          "contents[0].parts[0] must hold one kind of data, found both `text` and `inlineData`");
    CHECK(error_of(R"({"contents":[{"parts":[{"inlineData":{"data":"AA=="}}]}]})") ==
          "contents[0].parts[0].inlineData.mimeType is required");
    CHECK(error_of(R"({"contents":[{"parts":[{"fileData":{"mimeType":"image/png"}}]}]})") ==
          "contents[0].parts[0].fileData.fileUri is required");
    CHECK(error_of(R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":[1]}}]}]})") ==
          "contents[0].parts[0].functionCall.args must be an object, found array");
    CHECK(error_of(R"({"contents":[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]})") ==
          "contents[0].parts[0].functionResponse answers no open call of `f`");
    CHECK(error_of(body(R"("tools":[{"functionDeclarations":[{"description":"x"}]}])")) ==
          "tools[0].functionDeclarations[0].name is required");
    CHECK(error_of(body(R"("toolConfig":{"functionCallingConfig":{"mode":"SOME"}})")) ==
          "toolConfig.functionCallingConfig.mode must be AUTO, ANY, NONE or VALIDATED");
    CHECK(error_of(body(R"("generationConfig":{"maxOutputTokens":"many"})")) ==
          "generationConfig.maxOutputTokens must be a whole number, found string");
    CHECK(error_of(body(R"("generationConfig":{"topK":1.5})")) ==
          "generationConfig.topK must be a whole number");
    CHECK(error_of(body(R"("generationConfig":{"stopSequences":["a",1]})")) ==
          "generationConfig.stopSequences[1] must be a string, found number");
    CHECK(error_of(body(R"("generation_config":{"thinking_config":[]})")) ==
          "generationConfig.thinkingConfig must be an object, found array");
    CHECK(error_of(body(R"("systemInstruction":3)")) ==
          "systemInstruction must be a content (an object), found number");
  }

  TEST_CASE("both spellings are one name, and nothing else is") {
    CHECK(is_named("functionCallingConfig", "functionCallingConfig"));
    CHECK(is_named("function_calling_config", "functionCallingConfig"));
    CHECK(is_named("function_callingConfig", "functionCallingConfig"));
    CHECK_FALSE(is_named("functioncallingconfig", "functionCallingConfig"));
    CHECK_FALSE(is_named("functionCallingConfi", "functionCallingConfig"));
    CHECK_FALSE(is_named("functionCallingConfigs", "functionCallingConfig"));
    CHECK_FALSE(is_named("_text", "text"));
  }

  TEST_CASE("thinking: budgets, levels and whether it is shown") {
    auto thinking = [](std::string_view config) {
      auto r = decode(body(R"("generationConfig":{"thinkingConfig":)" + std::string(config) + "}"));
      REQUIRE(r);
      return std::tuple(r->thinking.kind, r->thinking.budget_tokens, std::string(r->effort),
                        std::string(r->thinking.display));
    };
    using T = Thinking::Kind;
    CHECK(thinking(R"({"thinkingBudget":-1})") == std::tuple(T::adaptive, 0, "", ""));
    CHECK(thinking(R"({"thinkingBudget":0})") == std::tuple(T::disabled, 0, "", ""));
    CHECK(thinking(R"({"thinkingBudget":512,"includeThoughts":true})") ==
          std::tuple(T::enabled, 512, "", "summarized"));
    CHECK(thinking(R"({"thinkingLevel":"MINIMAL","includeThoughts":false})") ==
          std::tuple(T::unset, 0, "minimal", "omitted"));
    CHECK(thinking(R"({"thinkingLevel":"THINKING_LEVEL_UNSPECIFIED"})") == std::tuple(T::unset, 0, "", ""));
    CHECK(thinking(R"({"includeThoughts":true})") == std::tuple(T::adaptive, 0, "", "summarized"));
  }

  TEST_CASE("calls without ids and their results find each other, the same way every time") {
    const std::string text =
        R"({"contents":[{"role":"user","parts":[{"text":"q"}]},
            {"role":"model","parts":[{"functionCall":{"name":"a","args":{"n":1}}},{"functionCall":{"name":"b"}},{"functionCall":{"name":"a","args":{"n":2}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"b","response":{"output":"rb"}}},{"functionResponse":{"name":"a","response":{"output":"r1"}}},{"functionResponse":{"name":"a","response":{"output":"r2"}}}]}]})";
    auto r = decode(text);
    REQUIRE(r);
    const auto& calls = r->messages[1].content;
    const auto& results = r->messages[2].content;
    CHECK(results[0].id == calls[1].id);
    CHECK(results[1].id == calls[0].id);
    CHECK(results[2].id == calls[2].id);
    CHECK(calls[0].id != calls[2].id);
    auto again = decode(text);
    CHECK(again->messages[1].content[0].id == calls[0].id);
    // One result too many answers nothing.
    std::string more = text;
    more.insert(more.rfind("]}]}"), R"(,{"functionResponse":{"name":"b","response":{}}})");
    CHECK(error_of(more).ends_with("answers no open call of `b`"));
  }

  TEST_CASE("streamed chunks that a chat kept as contents are one turn") {
    auto r = decode(
        R"({"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"one "}]},{"role":"model","parts":[{"text":"two"}]},
            {"role":"model","parts":[{"text":" three","thoughtSignature":"c2ln"}]},{"role":"model","parts":[{"text":"four"}]},{"role":"model","parts":[{"text":""}]},
            {"role":"user","parts":[{"text":"a"},{"text":"b"}]}]})");
    REQUIRE(r);
    REQUIRE(r->messages.size() == 3);
    REQUIRE(r->messages[1].content.size() == 2);
    CHECK(r->messages[1].content[0].text == "one two three");
    CHECK(r->messages[1].content[0].signature == "c2ln");
    CHECK(r->messages[1].content[1].text == "four");
    CHECK(r->messages[2].content.size() == 2);  // a user's parts are parts
  }

  TEST_CASE("results: output, result, error, anything else, and media") {
    auto results = [](std::string_view response) {
      auto r = decode(
          R"({"contents":[{"role":"model","parts":[{"functionCall":{"id":"1","name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":)" +
          std::string(response) + "}}]}]}");
      REQUIRE(r);
      const Block& b = r->messages[1].content[0];
      return std::pair(b.is_error, b.content.empty() ? std::string("-") : std::string(b.content[0].text));
    };
    CHECK(results(R"({"output":"rain"})") == std::pair(false, std::string("rain")));
    CHECK(results(R"({"result":{"a":1}})") == std::pair(false, std::string(R"({"a":1})")));
    CHECK(results(R"({"error":"no"})") == std::pair(true, std::string("no")));
    CHECK(results(R"({"error":"no","code":3})") ==
          std::pair(false, std::string(R"({"error":"no","code":3})")));
    CHECK(results(R"({})") == std::pair(false, std::string("-")));
  }

  TEST_CASE("media by type, in any alphabet of base64") {
    auto r = decode(
        R"({"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"_-8"}},{"inlineData":{"mimeType":"text/csv","data":"YSxi"}},
            {"inlineData":{"mimeType":"text/plain","data":"////"}},{"fileData":{"fileUri":"gs://b/a.pdf"}},{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}]}]})");
    REQUIRE(r);
    const auto& c = r->messages[0].content;
    CHECK(c[0].data == "/+8=");
    CHECK(c[1].kind == Kind::document);
    CHECK(c[1].text == "a,b");
    CHECK(c[2].text.empty());  // not UTF-8: it stays as it is
    CHECK(c[2].data == "////");
    CHECK(c[3].file_id == "gs://b/a.pdf");
    CHECK(c[4].kind == Kind::opaque);
  }

  TEST_CASE("what countTokens wraps is a request too") {
    auto r = decode(
        R"({"generateContentRequest":{"model":"models/m","contents":[{"parts":[{"text":"q"}]}],"tools":[{"functionDeclarations":[{"name":"f"}]}]}})");
    REQUIRE(r);
    CHECK(r->tools.size() == 1);
    CHECK(error_of(R"({"generateContentRequest":{"contents":[{"role":"x"}]}})") ==
          "generateContentRequest.contents[0].role must be user, model or function");
  }

  TEST_CASE("the word that stands for a signature is none") {
    auto r = decode(
        R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"}]}]})");
    REQUIRE(r);
    CHECK(r->messages[0].content[0].signature.empty());
  }
}

}  // namespace pb::llm::gemini
