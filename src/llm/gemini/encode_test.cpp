#include "llm/gemini/gemini_test_util.h"

namespace pb::llm::gemini {

using namespace testing;
using Kind = Block::Kind;

namespace {

std::string chat(std::string_view members) {
  return R"({"model":"m","messages":[{"role":"user","content":"q"}],)" + std::string(members) + "}";
}

std::string thinking(std::string_view members, std::string_view model) {
  const Encoded e = from_openai(chat(members), model);
  return json::to_text(e.root["generationConfig"]["thinkingConfig"]) + " " + e.dropped;
}

// A conversation whose turn thought in `format`, said something and called.
Response thought(Str format, json::Arena& arena) {
  Response r;
  r.format = format;
  Choice& c = r.choices.emplace_back();
  Block b;
  b.kind = Kind::thinking;
  b.text = "hm";
  b.signature = "c2ln";
  b.format = format;
  c.content.push_back(b);
  Block words;
  words.text = "Let me see.";
  c.content.push_back(words);
  Block call;
  call.kind = Kind::tool_call;
  call.id = "c1";
  call.name = "f";
  call.arguments = arena.copy("{}");
  c.content.push_back(call);
  c.stop = Stop::tool_use;
  return r;
}

// The content that a Gemini client got, as the parts of its next request, where `keep` says so.
Request replay(const Response& r, bool (*keep)(json::Value part), bool join_texts = false) {
  Dropped dropped;
  std::string text;
  kGemini.encode_response(r, {.id = "x", .model = "m", .created = 0}, dropped, text);
  json::Arena arena;
  const json::Value root = *json::parse(text, arena);
  std::string parts;
  for (const json::Value& p : at(root["candidates"], 0)["content"]["parts"].items())
    if (keep(p)) parts += (parts.empty() ? "" : ",") + json::to_text(p);
  (void)join_texts;
  auto next =
      decode(R"({"contents":[{"parts":[{"text":"q"}]},{"role":"model","parts":[)" + parts +
             R"(]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}]})");
  REQUIRE_MESSAGE(next, next.error().message);
  return std::move(*next);
}

std::string shape(const std::vector<Block>& content) {
  std::string out;
  for (const Block& b : content)
    out +=
        (b.kind == Kind::thinking ? "thinking(" + std::string(b.text) + "," + std::string(b.signature) + ")"
         : b.kind == Kind::tool_call ? std::string("call")
                                     : "text(" + std::string(b.text) + ")") +
        " ";
  return out;
}

}  // namespace

TEST_SUITE("gemini") {
  TEST_CASE("generations of models") {
    CHECK(gemini_version("gemini-2.5-pro") == 205);
    CHECK(gemini_version("models/gemini-3.1-pro-preview") == 301);
    CHECK(gemini_version("google/gemini-3-flash-preview") == 300);
    CHECK(gemini_version("gemini-4-argon") == 400);
    CHECK(gemini_version("gemini-flash-latest") == 9999);
    CHECK(gemini_version("gemma-3") == 0);
  }

  TEST_CASE("effort and budgets, fitted to the model") {
    CHECK(thinking(R"("reasoning_effort":"high")", "gemini-2.5-flash") ==
          R"({"includeThoughts":true,"thinkingBudget":24576} )");
    CHECK(thinking(R"("reasoning_effort":"xhigh")", "gemini-2.5-pro") ==
          R"({"includeThoughts":true,"thinkingBudget":32768} )");
    CHECK(thinking(R"("reasoning_effort":"none")", "gemini-2.5-flash") == R"({"thinkingBudget":0} )");
    CHECK(thinking(R"("reasoning_effort":"none")", "gemini-2.5-pro") ==
          R"({"thinkingBudget":128} thinking.disabled)");
    CHECK(thinking(R"("reasoning_effort":"minimal")", "gemini-3-flash-preview") ==
          R"({"includeThoughts":true,"thinkingLevel":"MINIMAL"} )");
    CHECK(thinking(R"("reasoning_effort":"minimal")", "gemini-3.8-flash") ==
          R"({"includeThoughts":true,"thinkingLevel":"LOW"} )");
    CHECK(thinking(R"("reasoning_effort":"medium")", "gemini-3-pro-preview") ==
          R"({"includeThoughts":true,"thinkingLevel":"HIGH"} )");
    CHECK(thinking(R"("reasoning_effort":"max")", "gemini-4-argon") ==
          R"({"includeThoughts":true,"thinkingLevel":"HIGH"} )");
    CHECK(thinking(R"("reasoning_effort":"high")", "gemini-2.0-flash") == "null reasoning_effort");
    CHECK(thinking(R"("temperature":1)", "gemini-3.8-flash") == "null ");
    // A budget of Anthropic's, by level.
    auto r = kAnthropic.decode_request(
        R"({"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8000},"messages":[{"role":"user","content":"q"}]})");
    REQUIRE(r);
    CHECK(json::to_text(encode(*r, "gemini-3.8-flash").root["generationConfig"]["thinkingConfig"]) ==
          R"({"includeThoughts":true,"thinkingLevel":"MEDIUM"})");
    CHECK(json::to_text(encode(*r, "gemini-2.5-pro").root["generationConfig"]["thinkingConfig"]) ==
          R"({"includeThoughts":true,"thinkingBudget":8000})");
  }

  TEST_CASE("schemas: JSON Schema where it is taken, OpenAPI's subset where not") {
    const std::string text = chat(
        R"("tools":[{"type":"function","function":{"name":"f","parameters":{"$schema":"x","type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false}}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"b":{"const":1}}}}})");
    const Encoded now = from_openai(text);
    const json::Value f = at(at(now.root["tools"], 0)["functionDeclarations"], 0);
    CHECK(json::to_text(f["parametersJsonSchema"]) ==
          R"({"type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false})");
    CHECK(now.root["generationConfig"]["responseJsonSchema"].is_object());
    // Before 3, a JSON answer and tools exclude each other.
    const Encoded before = from_openai(text, "gemini-2.5-flash");
    CHECK_FALSE(before.root["generationConfig"].has("responseMimeType"));
    CHECK(at(before.root["systemInstruction"]["parts"], 0)["text"].as_string().contains("JSON Schema"));
    const Encoded old = from_openai(text, "gemini-2.0-flash");
    const json::Value declarations = at(old.root["tools"], 0)["functionDeclarations"];
    CHECK(json::to_text(at(declarations, 0)["parameters"]) ==
          R"({"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}})");
    CHECK_FALSE(at(declarations, 1).has("parameters"));  // an object without properties is refused there
  }

  TEST_CASE("strict tools are a mode, and tools that are forced stay so") {
    const auto mode = [](std::string_view choice) {
      const Encoded e = from_openai(chat(
          R"("tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object","properties":{}}}}])" +
          std::string(choice)));
      CHECK(e.dropped.empty());
      return json::to_text(e.root["toolConfig"]["functionCallingConfig"]);
    };
    CHECK(mode("") == R"({"mode":"VALIDATED"})");
    CHECK(mode(R"(,"tool_choice":"none")") == R"({"mode":"NONE"})");
    CHECK(mode(R"(,"tool_choice":"required")") == R"({"mode":"ANY"})");
    CHECK(mode(R"(,"tool_choice":{"type":"function","function":{"name":"f"}})") ==
          R"({"mode":"ANY","allowedFunctionNames":["f"]})");
  }

  TEST_CASE("results stand together, first, and by their function's name") {
    const Encoded e = from_openai(
        R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"b","arguments":"not json"}}]},
            {"role":"tool","tool_call_id":"1","content":"ra"},{"role":"system","content":"note"},{"role":"tool","tool_call_id":"2","content":"rb"},{"role":"user","content":"go on"}]})");
    const json::Value contents = e.root["contents"];
    REQUIRE(contents.size() == 3);
    CHECK(
        json::to_text(at(contents, 2)["parts"]) ==
        R"([{"functionResponse":{"id":"1","name":"a","response":{"output":"ra"}}},{"functionResponse":{"id":"2","name":"b","response":{"output":"rb"}}},{"text":"<system>\nnote\n</system>"},{"text":"go on"}])");
    // The first call of a turn needs a signature from 3 on; this one was made by another model.
    const json::Value calls = at(contents, 1)["parts"];
    CHECK(at(calls, 0)["thoughtSignature"].as_string() == kNoSignature);
    CHECK_FALSE(at(calls, 1).has("thoughtSignature"));
    CHECK(json::to_text(at(calls, 1)["functionCall"]["args"]) == R"({"input":"not json"})");
  }

  TEST_CASE("signatures of Gemini's own go back, those of others do not") {
    auto r = kOpenaiChat.decode_request(
        R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}]},{"role":"tool","tool_call_id":"1","content":"r"}]})");
    REQUIRE(r);
    CHECK(at(at(encode(*r).root["contents"], 1)["parts"], 0)["thoughtSignature"].as_string() == "c2ln");
    // As OpenRouter passes them on: apart from the call, by its id.
    auto apart = kOpenaiChat.decode_request(
        R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","reasoning_details":[{"type":"reasoning.encrypted","data":"c2ln","id":"2","format":"google-gemini-v1"}],"tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"b","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"},{"role":"tool","tool_call_id":"2","content":"r"}]})");
    REQUIRE(apart);
    const Encoded e = encode(*apart, "gemini-2.5-pro");
    CHECK(e.text.contains("c2ln"));
    auto foreign = kAnthropic.decode_request(
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"Zm9y"},{"type":"text","text":"a"}]},{"role":"user","content":"b"}]})");
    REQUIRE(foreign);
    const Encoded f = encode(*foreign);
    CHECK(f.dropped == "thinking.signature");
    CHECK_FALSE(f.text.contains("Zm9y"));
    CHECK(at(at(f.root["contents"], 1)["parts"], 0)["thought"].as_bool());
  }

  TEST_CASE("another provider's reasoning comes back, whatever a client keeps") {
    json::Arena arena;
    const Response r = thought("anthropic", arena);
    const auto all = [](json::Value) { return true; };
    const auto no_thoughts = [](json::Value p) { return !p.has("thought"); };
    const std::string expected = "thinking(hm,c2ln) text(Let me see.) call ";
    CHECK(shape(replay(r, all).messages[1].content) == expected);
    CHECK(shape(replay(r, no_thoughts).messages[1].content) == expected);
    // Only the call's signature is left.
    Request lossy = replay(r, [](json::Value p) { return p.has("functionCall"); });
    CHECK(shape(lossy.messages[1].content) == "thinking(hm,c2ln) call ");
    CHECK(lossy.messages[1].content[0].format == "anthropic");
  }

  TEST_CASE("thinking behind a text stays behind it") {
    json::Arena arena;
    Response r = thought("anthropic", arena);
    std::swap(r.choices[0].content[0], r.choices[0].content[1]);
    const auto no_thoughts = [](json::Value p) { return !p.has("thought"); };
    // The call's own copy is all there is; where it is not known better, reasoning stood before the text.
    CHECK(shape(replay(r, no_thoughts).messages[1].content) == "thinking(hm,c2ln) text(Let me see.) call ");
    CHECK(shape(replay(r, [](json::Value) { return true; }).messages[1].content) ==
          "text(Let me see.) thinking(hm,c2ln) call ");
  }

  TEST_CASE(
      "an answer without a call carries its reasoning with its text; thoughts are shown to those who asked") {
    json::Arena arena;
    Response r = thought("anthropic", arena);
    r.choices[0].content.pop_back();
    Dropped dropped;
    std::string text;
    kGemini.encode_response(r, {.id = "x", .model = "m", .created = 0}, dropped, text);
    CHECK(text.contains(R"("text":"Let me see.","thoughtSignature":"PBqZ)"));
    CHECK(text.contains(R"("thought":true)"));
    auto silent = decode(R"({"contents":[{"parts":[{"text":"q"}]}]})");
    REQUIRE(silent);
    std::string hidden;
    kGemini.encode_response(r, {.id = "x", .model = "m", .created = 0, .request = &*silent}, dropped, hidden);
    CHECK_FALSE(hidden.contains(R"("thought":true)"));
    CHECK(hidden.contains("PBqZ"));
  }

  TEST_CASE("media in results follow them where a model does not take them inside") {
    auto r = kAnthropic.decode_request(
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"go"}]}]})");
    REQUIRE(r);
    CHECK(
        json::to_text(at(encode(*r, "gemini-2.5-pro").root["contents"], 2)["parts"]) ==
        R"([{"functionResponse":{"id":"1","name":"f","response":{"output":"see\n[image follows]"}}},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"text":"go"}])");
    CHECK(
        json::to_text(at(encode(*r).root["contents"], 2)["parts"]) ==
        R"([{"functionResponse":{"id":"1","name":"f","response":{"output":"see"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}},{"text":"go"}])");
  }

  TEST_CASE("a provider that fetches nothing is told the URL") {
    Quirks quirks;
    quirks.image_url = false;
    const Encoded e = from_openai(
        R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/x.png"}}]}]})",
        "gemini-3.8-flash", quirks);
    CHECK(e.dropped == "image.url");
    CHECK(json::to_text(at(e.root["contents"], 0)["parts"]) ==
          R"([{"text":"[image: https://a.example/x.png]"}])");
  }
}

}  // namespace pb::llm::gemini
