#include "llm/gemini/gemini_test_util.h"
#include "llm/gemini/partial_args.h"

namespace pb::llm::gemini {

using namespace testing;
using Kind = Block::Kind;

namespace {

std::string chunk(std::string_view parts, std::string_view more = "") {
  return R"({"candidates":[{"content":{"parts":[)" + std::string(parts) + R"(],"role":"model"},"index":0)" +
         std::string(more) + R"(}],"modelVersion":"m","responseId":"s"})";
}

const std::string kEnd = chunk(R"({"text":""})", R"(,"finishReason":"STOP")");

// Everything an encoder writes for the events of another format's stream.
std::string encode_stream(const Dialect& from, const std::vector<std::string>& events,
                          StreamOptions options) {
  return translate_stream(from, kGemini, events, options);
}

const std::vector<std::string> kThinkAndCall = {
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","usage":{"input_tokens":3,"output_tokens":1}}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}})",
    R"({"type":"content_block_stop","index":0})",
    R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1}"}})",
    R"({"type":"content_block_stop","index":1})",
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}})",
    R"({"type":"message_stop"})"};

std::vector<json::Value> elements(std::string all, json::Arena& arena) {
  const std::string_view text = arena.keep(std::move(all));  // values point into it
  auto v = json::parse(text, arena);
  REQUIRE_MESSAGE(v, std::string(text));
  REQUIRE(v->is_array());
  return {v->items().begin(), v->items().end()};
}

}  // namespace

TEST_SUITE("gemini") {
  TEST_CASE("texts go on over chunks; a signature ends what it signs") {
    const Assembled a = assemble(
        kGemini,
        {chunk(R"({"text":"th","thought":true})"), chunk(R"({"text":"ink","thought":true},{"text":"on"})"),
         chunk(R"({"text":"e","thoughtSignature":"c2ln"})"), chunk(R"({"text":"two"})"), kEnd});
    REQUIRE(a.choices.size() == 1);
    const auto& p = a.choices[0].parts;
    REQUIRE(p.size() == 3);
    CHECK(p[0].kind == Kind::thinking);
    CHECK(p[0].text == "think");
    CHECK(p[1].text == "one");
    CHECK(p[1].signature == "c2ln");
    CHECK(p[2].text == "two");
    CHECK(a.ended);
  }

  TEST_CASE("streams that end too early, or hold nonsense, are errors") {
    CHECK(assemble(kGemini, {chunk(R"({"text":"a"})")}).error.contains("ended before the answer did"));
    CHECK(assemble(kGemini, {}).error.contains("ended before it began"));
    CHECK(assemble(kGemini, {"{"}).failed);
    CHECK(assemble(kGemini, {chunk(R"({"text":7})")}).error.contains("text must be a string"));
    const Assembled e =
        assemble(kGemini, {R"({"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}})"});
    CHECK(e.error == "quota");
    CHECK(e.error_code == Code::rate_limited);
    CHECK(assemble(kGemini, {R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","index":0}]})"})
              .error.contains("MALFORMED_FUNCTION_CALL"));
    CHECK(assemble(kGemini, {R"({"candidates":[{"index":4000000}]})"}).failed);
    CHECK(assemble(kGemini, {R"({"candidates":{"index":0}})"}).error.contains("candidates is no array"));
  }

  TEST_CASE("arguments in pieces: paths that can be followed, and bounds") {
    const auto all = [](std::initializer_list<const char*> pieces) {
      PartialArgs args;
      json::Arena arena;
      for (const char* p : pieces)
        if (!args.add(*json::parse(p, arena))) return std::string("refused");
      return args.text();
    };
    CHECK(all({R"({"jsonPath":"$.a","stringValue":"x"})", R"({"json_path":"$.a","string_value":"y"})"}) ==
          R"({"a":"xy"})");
    CHECK(all({R"({"jsonPath":"$['a.b'][1]","boolValue":false})"}) == R"({"a.b":[null,false]})");
    CHECK(all({R"({"jsonPath":"$.a","numberValue":1})", R"({"jsonPath":"$.a.b","numberValue":1})"}) ==
          "refused");
    CHECK(all({R"({"jsonPath":"a","numberValue":1})"}) == "refused");
    CHECK(all({R"({"jsonPath":"$.a[999999999]","numberValue":1})"}) == "refused");
    CHECK(all({R"({"jsonPath":"$.a[-1]","numberValue":1})"}) == "refused");
    CHECK(all({R"({"jsonPath":"$","numberValue":1})"}) == "refused");
  }

  TEST_CASE(
      "another provider's reasoning rides on the call; the last chunk has a content, the reason and the "
      "usage") {
    const std::string out = encode_stream(kAnthropic, kThinkAndCall, {.id = "x", .model = "m"});
    const auto lines = [&] {
      EventReader reader(Framing::sse);
      reader.append(out);
      std::vector<std::string> all;
      for (SseEvent e; reader.next(e);) all.emplace_back(e.data);
      return all;
    }();
    REQUIRE(lines.size() == 3);
    json::Arena arena;
    const json::Value call = at(at((*json::parse(lines[1], arena))["candidates"], 0)["content"]["parts"], 0);
    CHECK(json::to_text(call["functionCall"]) == R"({"id":"t1","name":"f","args":{"a":1}})");
    const auto inner = unpack(call["thoughtSignature"].as_string(), arena);
    REQUIRE(inner);
    CHECK((*inner)[0].signature == "c2ln");
    CHECK((*inner)[0].text == "hm");
    const json::Value last = *json::parse(lines[2], arena);
    CHECK(at(last["candidates"], 0)["finishReason"].as_string() == "STOP");
    CHECK(at(last["candidates"], 0)["content"]["parts"].size() == 1);
    CHECK(last["usageMetadata"]["candidatesTokenCount"].as_int() == 9);
    for (const std::string& line : lines) {  // the SDK's chat drops a turn with a chunk that has no parts
      const json::Value v = *json::parse(line, arena);
      CHECK(at(v["candidates"], 0)["content"]["parts"].size() > 0);
    }
  }

  TEST_CASE("reasoning that nothing follows goes with the last chunk; thoughts are for those who asked") {
    std::vector<std::string> only(kThinkAndCall.begin(), kThinkAndCall.begin() + 5);
    only.push_back(
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})");
    only.push_back(R"({"type":"message_stop"})");
    auto silent = decode(R"({"contents":[{"parts":[{"text":"q"}]}]})");
    REQUIRE(silent);
    const std::string out = encode_stream(kAnthropic, only, {.id = "x", .model = "m", .request = &*silent});
    CHECK_FALSE(out.contains("\"thought\":true"));
    CHECK(out.contains(R"({"text":"","thoughtSignature":"PBqZ)"));
  }

  TEST_CASE("a stream as one array is JSON, and stays so when it fails") {
    json::Arena arena;
    const auto whole =
        elements(encode_stream(kAnthropic, kThinkAndCall, {.id = "x", .model = "m", .array = true}), arena);
    CHECK(whole.size() == 3);
    std::vector<std::string> broken(kThinkAndCall.begin(), kThinkAndCall.begin() + 4);
    const auto failed =
        elements(encode_stream(kAnthropic, broken, {.id = "x", .model = "m", .array = true}), arena);
    REQUIRE(failed.size() == 2);
    CHECK(failed[1]["error"]["status"].as_string() == "UNKNOWN");
    auto encoder = kGemini.stream_encoder({.id = "x", .model = "m", .array = true});
    Event e;
    e.kind = Event::Kind::error;
    e.error.code = Code::overloaded;
    std::string first;
    encoder->encode(e, first);
    CHECK(elements(first, arena).size() == 1);
    // Bytes of the answer have gone out before: the error is one more element.
    auto later = kGemini.stream_encoder({.id = "x", .model = "m", .array = true, .begun = true});
    std::string rest;
    later->encode(e, rest);
    CHECK(elements("[{}" + rest, arena).size() == 2);
  }

  TEST_CASE("a stream cut at every byte gives the same events") {
    const std::string text = read_file(source_dir() / "tests" / "golden" / "gemini" / "calls.stream.txt");
    std::string sse;
    for (const std::string& line : lines_of(text)) sse += "data: " + line + "\r\n\r\n";
    std::string array = "[";
    for (const std::string& line : lines_of(text)) array += (array.size() > 1 ? ",\r\n" : "") + line;
    array += "]\n";
    const std::string expected =
        translate_stream(kGemini, kGemini, lines_of(text), {.id = "x", .model = "m"});
    for (const auto& [framing, bytes] : {std::pair(Framing::sse, sse), std::pair(Framing::json_array, array)})
      for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        EventReader reader(framing);
        std::vector<std::string> events;
        SseEvent e;
        for (const std::string& piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
          reader.append(piece);
          while (reader.next(e)) events.emplace_back(e.data);
        }
        if (reader.rest(e) && !e.data.empty()) events.emplace_back(e.data);
        if (translate_stream(kGemini, kGemini, events, {.id = "x", .model = "m"}) != expected)
          FAIL_CHECK(cut);
      }
  }
}

}  // namespace pb::llm::gemini
