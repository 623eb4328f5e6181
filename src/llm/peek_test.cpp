#include "llm/peek.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::llm;

namespace {

RequestPeek good(std::string body) {
  const std::string before = body;
  auto peek = peek_request(body);
  CAPTURE(before);
  REQUIRE_MESSAGE(peek.has_value(), peek.error().message);
  CHECK(body == before);
  CHECK(body[peek->object_end] == '}');
  return *peek;
}

Error bad(std::string body) {
  const std::string before = body;
  auto peek = peek_request(body);
  CAPTURE(before);
  REQUIRE_FALSE(peek.has_value());
  CHECK(body == before);
  CHECK(peek.error().code == Code::invalid_request);
  return peek.error();
}

bool says(const Error& e, std::string_view text) {
  CAPTURE(e.message);
  CAPTURE(text);
  CHECK(e.message.find(text) != std::string::npos);
  return true;
}

}  // namespace

TEST_SUITE_BEGIN("peek");

TEST_CASE("the members routing needs, wherever they stand") {
  const std::string body =
      " {\"messages\":[{\"role\":\"user\",\"content\":\"\\\"model\\\":\\\"no\\\"\",\"model\":\"inner\"}],\n"
      "  \"model\" : \"gpt-x\" ,\"stream\":true , \"stream_options\": {\"x\":1,\"include_usage\": true} } \n";
  const RequestPeek p = good(body);
  CHECK(p.model == "gpt-x");
  CHECK(body.substr(p.model_at, p.model_bytes) == "\"gpt-x\"");
  CHECK(p.stream);
  CHECK(p.has_stream_options);
  CHECK(p.include_usage);
  CHECK(p.object_end == body.rfind('}'));
}

TEST_CASE("absent members") {
  const RequestPeek p = good("{}");
  CHECK(p.model.empty());
  CHECK(p.model_bytes == 0);
  CHECK_FALSE(p.stream);
  CHECK_FALSE(p.has_stream_options);
  CHECK(p.object_end == 1);
  const RequestPeek n = good(R"({"stream":null,"stream_options":null,"model":""})");
  CHECK_FALSE(n.stream);
  CHECK_FALSE(n.has_stream_options);
  CHECK(n.model_bytes == 2);
  CHECK(good(R"({"stream_options":{}})").has_stream_options);
}

TEST_CASE("escapes in keys and in the model's name") {
  const std::string body = R"({"m\u006fdel":"a\u002f\"b\"\n","str\u0065am":true})";
  const RequestPeek p = good(body);
  CHECK(p.model == "a/\"b\"\n");
  CHECK(body.substr(p.model_at, p.model_bytes) == R"("a\u002f\"b\"\n")");
  CHECK(p.stream);
}

TEST_CASE("the last of a repeated key counts") {
  const std::string body =
      R"({"model":"one","stream":true,"model":"two","stream":false,"stream_options":{"include_usage":true},"stream_options":{}})";
  const RequestPeek p = good(body);
  CHECK(p.model == "two");
  CHECK(body.substr(p.model_at, p.model_bytes) == "\"two\"");
  CHECK_FALSE(p.stream);
  CHECK_FALSE(p.include_usage);
}

TEST_CASE("replacing the model in place") {
  std::string body = R"({"a":[1,{"b":"}"}],"model":"old","z":{"model":"x"}})";
  auto p = peek_request(body);
  REQUIRE(p.has_value());
  body.replace(p->model_at, p->model_bytes, "\"new/model\"");
  CHECK(body == R"({"a":[1,{"b":"}"}],"model":"new/model","z":{"model":"x"}})");
}

TEST_CASE("bodies that are no JSON object") {
  says(bad(""), "line 1, column 1");
  says(bad("   "), "JSON");
  says(bad("[1]"), "must be a JSON object");
  says(bad("\"x\""), "must be a JSON object");
  says(bad("null"), "must be a JSON object");
  says(bad("{\"model\":\"a\"} x"), "column 15");
  says(bad("{\"model\":\"a\"}}"), "column 14");
  says(bad("{\"model\":\"a\"}{}"), "column 14");
  says(bad("{\"model\":\"a\","), "line 1");
  says(bad("{\"model\":\"a\""), "line 1");
  says(bad("{\"model\":\"a"), "line 1");
  says(bad("{\n \"model\" \"a\"}"), "line 2");
  says(bad("{\"model\":\"\xFF\"}"), "UTF-8");
  says(bad("{\"model\":\"\\x\"}"), "line 1");
  says(bad("{model:\"a\"}"), "line 1, column 2");
  says(bad("{\"model\":\"a\",\"stream\":truex}"), "line 1");
  says(bad("{\"a\":[1,2}"), "line 1");
}

TEST_CASE("members of a wrong type") {
  const Error e = bad("{\n  \"model\": 7}");
  CHECK(e.param == "model");
  says(e, "line 2, column 12");
  CHECK(bad(R"({"model":null})").param == "model");
  CHECK(bad(R"({"model":{"a":1}})").param == "model");
  CHECK(bad(R"({"stream":"yes"})").param == "stream");
  CHECK(bad(R"({"stream":1})").param == "stream");
  CHECK(bad(R"({"stream_options":[]})").param == "stream_options");
  CHECK(bad(R"({"stream_options":{"include_usage":1}})").param == "stream_options.include_usage");
}

TEST_CASE("what differs between two tries, with the commas after it") {
  const auto texts = [](const std::string& body) {
    std::string out;
    for (const ByteRange& r : good(body).varying.all())
      out += "[" + body.substr(r.begin, r.end - r.begin) + "]";
    return out;
  };
  CHECK(texts(R"({"a":1,"stream":true, "b":2})") == R"(["stream":true, ])");
  CHECK(texts(R"({"stream_options":{"x":[1]},"max_tokens":5 })") ==
        R"(["stream_options":{"x":[1]},]["max_tokens":5 ])");
  CHECK(texts(R"({"metadata":{"a":{"b":1}},"c":1})") == R"(["metadata":{"a":{"b":1}},])");
  CHECK(texts(R"({"metadata":null,"c":1})") == R"(["metadata":null,])");
  CHECK(texts(R"({"metadata":{"user_id":"u"},"c":{"stream":true}})").empty());
  CHECK(texts(R"({"system":[{"type":"text","text":"x-anthropic-billing-header: \"a"},{"x":1}]})") ==
        R"(["x-anthropic-billing-header: \"a])");
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"stream\":true,";
  CHECK(good(many + "\"a\":1}").varying.all().size() == 12);
}

TEST_CASE("whether the model is to think, as each format says it") {
  for (const char* yes :
       {R"({"thinking":{"type":"enabled","budget_tokens":2000}})", R"({"thinking":{"type":"adaptive"}})",
        R"({"reasoning_effort":"low"})", R"({"reasoning":{"effort":"high"}})",
        R"({"reasoning":{"summary":"auto"}})", R"({"reasoning":{"enabled":true}})",
        R"({"reasoning":{"max_tokens":100}})", R"({"think":true})", R"({"think":"high"})",
        R"({"generationConfig":{"a":{"b":[1]},"thinkingConfig":{"thinkingBudget":-1}}})",
        R"({"generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH"},"topK":1}})",
        R"({"generationConfig":{"thinkingConfig":{"includeThoughts":true}}})",
        R"({"enable_thinking":true})"}) {
    CAPTURE(yes);
    CHECK(good(yes).thinking);
  }
  for (const char* no :
       {R"({})", R"({"thinking":{"type":"disabled"}})", R"({"thinking":null})",
        R"({"reasoning_effort":"none"})", R"({"reasoning_effort":null})",
        R"({"reasoning":{"effort":"none","summary":"auto"}})", R"({"reasoning":{}})", R"({"reasoning":null})",
        R"({"reasoning":{"effort":null,"summary":null}})",
        R"({"reasoning":{"enabled":false,"effort":"high"}})", R"({"think":false})", R"({"think":"none"})",
        R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":0,"includeThoughts":true}}})",
        R"({"generationConfig":[]})", R"({"generationConfig":{"thinkingConfig":{}}})",
        R"({"messages":[{"thinking":{"type":"enabled"}}]})", R"({"thinking":[7]})", R"({"reasoning":"x"})"}) {
    CAPTURE(no);
    CHECK_FALSE(good(no).thinking);
  }
}

TEST_CASE("message threads") {
  CHECK(good(R"({"thread":{"type":"create"}})").thread);
  CHECK_FALSE(good(R"({"thread":null})").thread);
  CHECK_FALSE(good(R"({"messages":[{"thread":1}]})").thread);
}

TEST_CASE("a large body, and small ones after it") {
  std::string body = "{\"messages\":[";
  for (int i = 0; i < 100000; ++i)
    body += "{\"role\":\"user\",\"content\":\"some longer text with \\\"quotes\\\"\"},";
  body += "{}],\"model\":\"m\"}";
  CHECK(good(body).model == "m");
  CHECK(good("{\"model\":\"n\"}").model == "n");
}

TEST_SUITE_END();
