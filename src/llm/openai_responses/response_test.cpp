#include <doctest/doctest.h>

#include "llm/carry.h"
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

Response answer(std::vector<Block> content, Stop stop = Stop::end) {
  Response r;
  r.id = "msg_01";
  r.model = "provider-model";
  Choice& c = r.choices.emplace_back();
  c.content = std::move(content);
  c.stop = stop;
  r.usage.input = 10;
  r.usage.output = 5;
  r.usage.cache_read = 4;
  r.usage.reasoning = 2;
  r.usage.known = true;
  return r;
}

Block block(Kind kind, Str text) {
  Block b;
  b.kind = kind;
  b.text = text;
  return b;
}

json::Value encoded(json::Arena& arena, const Response& r, const Request* request = nullptr,
                    std::string* dropped_names = nullptr) {
  Dropped dropped;
  std::string out;
  kOpenaiResponses.encode_response(r, {"resp_ours", "alias", 1700000000, request}, dropped, out);
  if (dropped_names != nullptr) *dropped_names = dropped.header();
  return *json::parse(arena.keep(std::move(out)), arena);
}

Error failed(const std::string& body) {
  auto r = kOpenaiResponses.decode_response(body);
  REQUIRE(!r);
  return r.error();
}

}  // namespace

TEST_SUITE("openai_responses answers") {
  TEST_CASE("every member of the vendor's shape, with what the request said") {
    auto request = kOpenaiResponses.decode_request(
        read_file(source_dir() / "tests/golden/openai_responses/parameters.request.json"));
    REQUIRE(request);
    json::Arena arena;
    const json::Value v = encoded(arena, answer({block(Kind::text, "hi")}), &*request);
    for (Str name : {"id",
                     "object",
                     "created_at",
                     "status",
                     "completed_at",
                     "error",
                     "incomplete_details",
                     "model",
                     "output",
                     "background",
                     "frequency_penalty",
                     "instructions",
                     "max_output_tokens",
                     "max_tool_calls",
                     "metadata",
                     "parallel_tool_calls",
                     "presence_penalty",
                     "previous_response_id",
                     "prompt_cache_key",
                     "prompt_cache_retention",
                     "reasoning",
                     "safety_identifier",
                     "store",
                     "temperature",
                     "text",
                     "tool_choice",
                     "tools",
                     "top_logprobs",
                     "top_p",
                     "truncation",
                     "user",
                     "service_tier",
                     "usage"}) {
      CAPTURE(name);
      CHECK(v.has(name));
    }
    CHECK(v["id"].as_string() == "resp_ours");
    CHECK(v["model"].as_string() == "alias");
    CHECK(v["completed_at"].as_int() == 1700000000);
    CHECK(v["max_output_tokens"].as_int() == 300);
    CHECK(v["tool_choice"]["mode"].as_string() == "required");
    CHECK(v["tools"].size() == 2);
    CHECK(v["text"]["format"]["name"].as_string() == "answer");
    CHECK(v["usage"]["total_tokens"].as_int() == 15);
    CHECK(v["usage"]["input_tokens_details"]["cached_tokens"].as_int() == 4);
    CHECK(v["usage"]["output_tokens_details"]["reasoning_tokens"].as_int() == 2);
    const json::Value message = v["output"].items()[0];
    CHECK(message["id"].as_string() == "msg_ours_0");
    CHECK(message["content"].items()[0]["annotations"].is_array());
  }

  TEST_CASE(
      "items: reasoning signed elsewhere is packed, names of namespaces are split, search is a search "
      "again") {
    auto request = kOpenaiResponses.decode_request(
        read_file(source_dir() / "tests/golden/openai_responses/coding_agent.request.json"));
    REQUIRE(request);
    Tool& search = request->tools.emplace_back();
    search.name = "tool_search";
    json::Arena arena;
    search.raw = *json::parse(R"({"type":"tool_search"})", arena);
    std::vector<Block> content = {block(Kind::thinking, "hm"), block(Kind::redacted_thinking, ""),
                                  block(Kind::text, "a"),      block(Kind::text, "b"),
                                  block(Kind::tool_call, ""),  block(Kind::tool_call, "+x"),
                                  block(Kind::tool_call, ""),  block(Kind::thinking, "own")};
    content[0].signature = "sig";
    content[0].format = content[1].format = "anthropic";
    content[1].data = "data";
    content[4].name = "agents__spawn";
    content[4].id = "c1";
    content[4].signature = "thought";
    content[4].format = "gemini";
    content[5].name = "apply_patch";
    content[5].id = "c2";
    content[5].custom = true;
    content[6].name = "tool_search";
    content[6].id = "c3";
    content[6].arguments = R"({"query":"q"})";
    content[7].signature = "gAAA";
    content[7].format = "openai_responses";
    content[7].item_id = "rs_theirs";
    const json::Value v = encoded(arena, answer(content, Stop::tool_use), &*request);
    const auto items = v["output"].items();
    REQUIRE(items.size() == 8);
    CHECK(items[0]["summary"].items()[0]["text"].as_string() == "hm");
    json::Arena scratch;
    CHECK(unpack(items[0]["encrypted_content"].as_string(), scratch)->at(0).signature == "sig");
    CHECK(unpack(items[1]["encrypted_content"].as_string(), scratch)->at(0).data == "data");
    CHECK(items[2]["content"].size() == 1);
    CHECK(items[2]["content"].items()[0]["text"].as_string() == "ab");
    CHECK(unpack(items[3]["encrypted_content"].as_string(), scratch)->at(0).kind == Kind::tool_call);
    CHECK(items[4]["type"].as_string() == "function_call");
    CHECK(items[4]["namespace"].as_string() == "agents");
    CHECK(items[4]["name"].as_string() == "spawn");
    CHECK(items[4]["arguments"].as_string() == "{}");
    CHECK(items[5]["type"].as_string() == "custom_tool_call");
    CHECK(items[5]["input"].as_string() == "+x");
    CHECK(items[6]["type"].as_string() == "tool_search_call");
    CHECK(items[6]["arguments"]["query"].as_string() == "q");
    CHECK(items[7]["id"].as_string() == "rs_theirs");
    CHECK(items[7]["encrypted_content"].as_string() == "gAAA");
  }

  TEST_CASE("citations of other formats name the text they belong to") {
    json::Arena arena;
    std::vector<Block> content = {block(Kind::text, "Grüße. "), block(Kind::text, "Rain."),
                                  block(Kind::text, " Sun.")};
    content[1].citations = *json::parse(
        R"([{"type":"web_search_result_location","url":"https://e.com/1","title":"T","cited_text":"x"},{"type":"char_location"}])",
        arena);
    content[1].format = "anthropic";
    content[2].citations = *json::parse(
        R"([{"type":"url_citation","url_citation":{"url":"https://e.com/2","title":"U","start_index":1,"end_index":4}}])",
        arena);
    content[2].format = "openai_chat";
    std::string dropped;
    const json::Value v = encoded(arena, answer(content), nullptr, &dropped);
    const auto list = v["output"].items()[0]["content"].items()[0]["annotations"].items();
    REQUIRE(list.size() == 2);
    CHECK(list[0]["start_index"].as_int() == 7);
    CHECK(list[0]["end_index"].as_int() == 12);
    CHECK(list[1]["start_index"].as_int() == 13);
    CHECK(list[1]["end_index"].as_int() == 16);
    CHECK(dropped == "citations");
  }

  TEST_CASE("how answers end") {
    struct Row {
      Stop stop;
      Str status, reason;
    };
    const Row rows[] = {{Stop::end, "completed", ""},
                        {Stop::stop_sequence, "completed", ""},
                        {Stop::pause, "completed", ""},
                        {Stop::max_tokens, "incomplete", "max_output_tokens"},
                        {Stop::context_full, "incomplete", "max_output_tokens"},
                        {Stop::content_filter, "incomplete", "content_filter"},
                        {Stop::refusal, "incomplete", "content_filter"}};
    for (const Row& row : rows) {
      json::Arena arena;
      const json::Value v = encoded(arena, answer({block(Kind::text, "x")}, row.stop));
      CHECK(v["status"].as_string() == row.status);
      CHECK(v["incomplete_details"]["reason"].as_string() == row.reason);
      CHECK(v["output"].items()[0]["status"].as_string() == row.status);
    }
    json::Arena arena;
    CHECK(encoded(arena, answer({block(Kind::refusal, "no")}, Stop::refusal))["status"].as_string() ==
          "completed");
  }

  TEST_CASE("a request for compaction is answered by one item") {
    auto request = kOpenaiResponses.decode_request(
        R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"compaction_trigger"}]})");
    REQUIRE(request);
    json::Arena arena;
    const json::Value v =
        encoded(arena, answer({block(Kind::thinking, "t"), block(Kind::text, "The sum.")}), &*request);
    REQUIRE(v["output"].size() == 1);
    const json::Value item = v["output"].items()[0];
    CHECK(item["type"].as_string() == "compaction");
    const auto back = unpack(item["encrypted_content"].as_string(), arena);
    REQUIRE(back);
    CHECK(back->at(0).text == "The sum.");
  }

  TEST_CASE("answers that are none") {
    CHECK(failed("{").message.contains("is not JSON"));
    CHECK(failed("[]").message.contains("is not an object"));
    CHECK(failed("{}").message.contains("has no output"));
    CHECK(failed(R"({"status":"queued","output":[]})").message.contains("its status is queued"));
    CHECK(failed(R"({"output":[{"type":"function_call","name":"f"}]})")
              .message.contains("output[0].call_id is required"));
    const Error e = failed(
        R"({"status":"failed","error":{"code":"rate_limit_exceeded","message":"Try again in 2s."},"output":[]})");
    CHECK(e.code == Code::rate_limited);
    CHECK(e.provider_code == "rate_limit_exceeded");
    CHECK(failed(R"({"status":"failed","error":{"code":"invalid_image","message":"m"}})").code ==
          Code::invalid_request);
    CHECK(failed(R"({"status":"failed"})").message.contains("gave no reason"));
  }

  TEST_CASE("peeking finds the answer's own usage") {
    Peek peek;
    kOpenaiResponses.peek_response(
        R"({"output":[{"type":"x","usage":{"input_tokens":1,"output_tokens":1}}],"usage":{"input_tokens":7,"output_tokens":8},"metadata":{"usage":"none"}})",
        peek);
    CHECK(peek.usage.input == 7);
    CHECK(peek.done);
    Peek bad;
    kOpenaiResponses.peek_response(R"({"error":{"message":"m"},"usage":null})", bad);
    CHECK(bad.error);
  }
}

}  // namespace pb::llm
