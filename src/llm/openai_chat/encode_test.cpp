// Requests to providers: what this format says another way, what quirks change, what is dropped and named.
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using Kind = Block::Kind;

struct Encoded {
  std::string text, dropped;
  json::Arena arena;
  json::Value body;
};

Encoded encode(const Request& r, const Quirks& quirks = {}) {
  Encoded e;
  Dropped dropped;
  REQUIRE(kOpenaiChat.encode_request(r, {"model", quirks}, dropped, e.text));
  e.dropped = dropped.header();
  auto v = json::parse(e.text, e.arena);
  REQUIRE_MESSAGE(v, e.text);
  e.body = *v;
  return e;
}

// A request as another format would have been decoded.
Request foreign() {
  Request r;
  r.model = "m";
  r.format = "anthropic";
  return r;
}

Block text(Str s) {
  Block b;
  b.text = s;
  return b;
}

Message message(Role role, std::vector<Block> content) {
  Message m;
  m.role = role;
  m.content = std::move(content);
  return m;
}

Block image_data() {
  Block b;
  b.kind = Kind::image;
  b.media_type = "image/png";
  b.data = "QUJD";
  return b;
}

std::string body(const Encoded& e, std::string_view key) { return json::to_text(e.body[key]); }

}  // namespace

TEST_SUITE("openai_chat encode") {
  TEST_CASE("tool results: media move into the next user message, errors are told") {
    Request r = foreign();
    Block call1, call2;
    call1.kind = call2.kind = Kind::tool_call;
    call1.id = "t1";
    call1.name = "shot";
    call1.arguments = "{}";
    call2.id = "t2";
    call2.name = "run";
    r.messages.push_back(message(Role::assistant, {call1, call2}));
    Block result1, result2;
    result1.kind = result2.kind = Kind::tool_result;
    result1.id = "t1";
    result1.content = {text("here"), image_data()};
    result2.id = "t2";
    result2.is_error = true;
    result2.content = {text("no such file")};
    r.messages.push_back(message(Role::user, {text("and now?"), result1, result2}));
    Encoded e = encode(r);
    CHECK(
        body(e, "messages") ==
        R"([{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"shot","arguments":"{}"}},)"
        R"({"id":"t2","type":"function","function":{"name":"run","arguments":"{}"}}]},)"
        R"({"role":"tool","tool_call_id":"t1","content":"here\n[image in the next user message]"},)"
        R"({"role":"tool","tool_call_id":"t2","content":"Error: no such file"},)"
        R"({"role":"user","content":[{"type":"text","text":"[image from the result of tool call t1 (shot)]"},)"
        R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}},{"type":"text","text":"and now?"}]}])");
    CHECK(e.dropped == "");
  }

  TEST_CASE(
      "media of results at the end of the conversation, or before an assistant, get a message of their own") {
    Request r = foreign();
    Block result;
    result.kind = Kind::tool_result;
    result.id = "t1";
    result.content = {image_data()};
    r.messages.push_back(message(Role::tool, {result}));
    r.messages.push_back(message(Role::assistant, {text("I see")}));
    r.messages.push_back(message(Role::tool, {result}));
    Encoded e = encode(r);
    auto m = e.body["messages"].items();
    REQUIRE(m.size() == 5);
    CHECK(m[1]["role"].as_string() == "user");
    CHECK(m[1]["content"].size() == 2);
    CHECK(m[2]["role"].as_string() == "assistant");
    CHECK(m[4]["role"].as_string() == "user");
  }

  TEST_CASE("several texts become one string: not every vendor takes parts") {
    Request r = foreign();
    r.messages.push_back(message(Role::system, {text("one"), text("two")}));
    r.messages.push_back(message(Role::developer, {text("three")}));
    r.messages.push_back(message(Role::user, {text("a"), text("b")}));
    CHECK(
        body(encode(r), "messages") ==
        R"([{"role":"system","content":"one\n\ntwo"},{"role":"system","content":"three"},{"role":"user","content":"a\n\nb"}])");
    Quirks openai;
    openai.developer_role = true;
    CHECK(encode(r, openai).body["messages"].items()[1]["role"].as_string() == "developer");
  }

  TEST_CASE("cache marks: kept for OpenRouter, else dropped and named") {
    Request r = foreign();
    Block marked = text("long");
    marked.cache = {true, "1h"};
    r.messages.push_back(message(Role::user, {marked, text("short")}));
    Encoded plain = encode(r);
    CHECK(plain.dropped == "cache_control");
    CHECK(body(plain, "messages") == R"([{"role":"user","content":"long\n\nshort"}])");
    Quirks q;
    q.openrouter = true;
    Encoded kept = encode(r, q);
    CHECK(kept.dropped == "");
    CHECK(
        body(kept, "messages") ==
        R"([{"role":"user","content":[{"type":"text","text":"long","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"short"}]}])");
  }

  TEST_CASE("thinking of earlier answers") {
    Request r = foreign();
    Block thought, redacted;
    thought.kind = Kind::thinking;
    thought.text = "hm";
    thought.signature = "sig";
    redacted.kind = Kind::redacted_thinking;
    redacted.data = "enc";
    r.messages.push_back(message(Role::assistant, {thought, redacted, text("a")}));
    Encoded plain = encode(r);
    CHECK(plain.dropped == "thinking.signature, redacted_thinking");
    CHECK(body(plain, "messages") == R"([{"role":"assistant","content":"a","reasoning_content":"hm"}])");
    Quirks none;
    none.reasoning_field = "";
    CHECK(encode(r, none).dropped == "thinking.signature, redacted_thinking, thinking.text");
    Quirks router;
    router.openrouter = true;
    router.reasoning_field = "reasoning";
    Encoded kept = encode(r, router);
    CHECK(kept.dropped == "");
    CHECK(
        body(kept, "messages") ==
        R"([{"role":"assistant","content":"a","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"sig",)"
        R"("format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"enc","format":"anthropic-claude-v1","index":1}]}])");
  }

  TEST_CASE("thinking budgets become efforts") {
    Request r = foreign();
    r.messages.push_back(message(Role::user, {text("q")}));
    r.thinking.kind = Thinking::Kind::enabled;
    struct Row {
      std::int64_t budget;
      const char* effort;
    };
    for (const Row& row : {Row{1024, "low"}, Row{4096, "low"}, Row{4097, "medium"}, Row{16384, "medium"},
                           Row{32000, "high"}}) {
      r.thinking.budget_tokens = row.budget;
      CHECK(encode(r).body["reasoning_effort"].as_string() == row.effort);
    }
    Quirks refuses;
    refuses.reasoning_effort = false;
    CHECK(encode(r, refuses).dropped == "thinking");
    r.effort = "max";
    CHECK(encode(r).body["reasoning_effort"].as_string() == "max");
    CHECK(encode(r, refuses).dropped == "reasoning_effort");
    Quirks router;
    router.openrouter = true;
    CHECK(body(encode(r, router), "reasoning") == R"({"effort":"max"})");
    r.effort = {};
    CHECK(body(encode(r, router), "reasoning") == R"({"max_tokens":32000})");
    r.thinking = {Thinking::Kind::adaptive, 0, "omitted", {}};
    CHECK(encode(r).dropped == "thinking.display");
    CHECK_FALSE(encode(r).body.has("reasoning_effort"));
    r.thinking = {Thinking::Kind::disabled, 0, {}, {}};
    CHECK(encode(r).dropped == "thinking.disabled");
    CHECK(body(encode(r, router), "reasoning") == R"({"enabled":false})");
  }

  TEST_CASE("quirks") {
    Request r = foreign();
    r.messages.push_back(message(Role::user, {text("q")}));
    r.max_tokens = 7;
    r.top_k = 40;
    r.stream = true;
    r.parallel_tool_calls = false;
    Tool t;
    t.name = "f";
    r.tools.push_back(std::move(t));
    Encoded e = encode(r);
    CHECK(e.dropped == "top_k");
    CHECK(e.body["max_tokens"].as_int() == 7);
    CHECK(body(e, "stream_options") == R"({"include_usage":true})");
    CHECK(body(e, "tools") ==
          R"([{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}])");
    Quirks q;
    q.max_completion_tokens = true;
    q.stream_options = false;
    q.parallel_tool_calls = false;
    q.openrouter = true;
    Encoded f = encode(r, q);
    CHECK(f.dropped == "parallel_tool_calls");
    CHECK(f.body["max_completion_tokens"].as_int() == 7);
    CHECK_FALSE(f.body.has("max_tokens"));
    CHECK_FALSE(f.body.has("stream_options"));
    CHECK(f.body["top_k"].as_int() == 40);
  }

  TEST_CASE("schemas for vendors that are strict about strictness, and for those that know none") {
    json::Arena arena;
    Request r = foreign();
    r.messages.push_back(message(Role::user, {text("q")}));
    r.response_format.kind = ResponseFormat::Kind::json_schema;
    r.response_format.name = "a b";
    r.response_format.schema =
        *json::parse(R"({"$schema":"s","type":"object","properties":{"a":{"type":"string"}}})", arena);
    CHECK(
        body(encode(r), "response_format") ==
        R"({"type":"json_schema","json_schema":{"name":"a_b","schema":{"type":"object","properties":{"a":{"type":"string"}}},"strict":true}})");
    Quirks strict;
    strict.strict_schema = true;
    CHECK(
        body(encode(r, strict), "response_format") ==
        R"({"type":"json_schema","json_schema":{"name":"a_b","schema":{"type":"object","properties":{"a":{"type":["string","null"]}},)"
        R"("required":["a"],"additionalProperties":false},"strict":true}})");
    r.response_format.schema =
        *json::parse(R"({"type":"object","additionalProperties":{"type":"string"}})", arena);
    Encoded open = encode(r, strict);
    CHECK(open.dropped == "response_format.strict");
    CHECK(open.body["response_format"]["json_schema"]["strict"].as_bool(true) == false);
    Quirks none;
    none.json_schema = false;
    Encoded e = encode(r, none);
    CHECK(body(e, "response_format") == R"({"type":"json_object"})");
    CHECK(e.body["messages"].items()[0]["content"].as_string().find(R"("additionalProperties")") !=
          Str::npos);
  }

  TEST_CASE("documents, images and files that cannot go are told as text") {
    Request r = foreign();
    Block plain, url, file, image_url, image_file;
    plain.kind = url.kind = file.kind = Kind::document;
    plain.name = "Notes";
    plain.text = "body";
    url.url = "https://example.com/a.pdf";
    file.file_id = "file_1";
    image_url.kind = image_file.kind = Kind::image;
    image_url.url = "https://example.com/a.png";
    image_file.file_id = "file_2";
    r.messages.push_back(message(Role::user, {plain, url, file, image_url, image_file}));
    Quirks q;
    q.image_url = false;
    Encoded e = encode(r, q);
    CHECK(e.dropped == "document.url, document.file_id, image.url, image.file_id");
    auto parts = e.body["messages"].items()[0]["content"].items();
    REQUIRE(parts.size() == 5);
    CHECK(parts[0]["text"].as_string() == "[document: Notes]\nbody");
    CHECK(parts[1]["text"].as_string() == "[document: https://example.com/a.pdf]");
    for (const json::Value& p : parts) CHECK(p["type"].as_string() == "text");
  }

  TEST_CASE("what only the other format knows is dropped by name") {
    json::Arena arena;
    Request r = foreign();
    Block server, cited = text("x");
    server.kind = Kind::opaque;
    server.format = "anthropic";
    server.raw = *json::parse(R"({"type":"server_tool_use"})", arena);
    cited.citations = *json::parse(R"([{"url":"u"}])", arena);
    cited.format = "anthropic";
    Message m = message(Role::assistant, {server, cited, image_data()});
    m.extra = *json::parse(R"({"output_config":{"effort":"low"}})", arena);
    r.messages.push_back(std::move(m));
    Tool web, odd;
    web.kind = Tool::Kind::opaque;
    web.format = "anthropic";
    web.name = "web_search";
    odd.name = "f";
    odd.extra = *json::parse(R"({"defer_loading":true})", arena);
    odd.cache.on = true;
    r.tools.push_back(std::move(web));
    r.tools.push_back(std::move(odd));
    r.extra = *json::parse(R"({"context_management":{}})", arena);
    Encoded e = encode(r);
    CHECK(e.dropped ==
          "provider_blocks, citations, assistant_media, output_config, provider_tools, defer_loading, "
          "cache_control, context_management");
    CHECK(e.body["tools"].size() == 1);
  }

  TEST_CASE("names of users are longer elsewhere") {
    Request r = foreign();
    const std::string name(150, 'u');
    r.user = name;
    const std::string first = body(encode(r), "user");
    CHECK(first.size() == 64 + 2);
    CHECK(body(encode(r), "user") == first);  // the same user is the same user again
    r.user = "u-1";
    CHECK(body(encode(r), "user") == "\"u-1\"");
  }

  TEST_CASE("no tools: no choice either") {
    Request r = foreign();
    r.messages.push_back(message(Role::user, {}));
    r.tool_choice.kind = ToolChoice::Kind::automatic;
    r.parallel_tool_calls = true;
    CHECK(encode(r).text == R"({"model":"model","messages":[{"role":"user","content":""}]})");
  }
}

}  // namespace pb::llm
