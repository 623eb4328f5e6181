// Requests, both ways: what is refused where, and what becomes of tools, documents and thinking.
#include "llm/cohere/cohere.h"
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;

std::string with(std::string_view message) {
  return std::string(R"({"model":"m","messages":[)").append(message).append("]}");
}
std::string with_member(std::string_view member) {
  return std::string(R"({"model":"m","messages":[{"role":"user","content":"x"}],)")
      .append(member)
      .append("}");
}

struct Sent {
  std::string text;
  json::Arena arena;
  json::Value body;
  std::string dropped;
};

// What a provider gets of a request that another format's client wrote.
Sent sent(const Dialect& from, std::string body, std::string_view model = "m", bool wide = true) {
  auto r = from.decode_request(std::move(body));
  REQUIRE_MESSAGE(r, r.error().message);
  Sent out;
  Dropped dropped;
  Quirks quirks;
  quirks.reasoning_effort = wide;
  REQUIRE(kCohere.encode_request(*r, {model, quirks}, dropped, out.text));
  out.body = *json::parse(out.text, out.arena);
  out.dropped = dropped.header();
  return out;
}

}  // namespace

TEST_SUITE("cohere request") {
  TEST_CASE("bad input is refused with the place of the mistake") {
    struct Row {
      std::string body, param;
    };
    const Row rows[] = {
        {"", ""},
        {"[]", ""},
        {R"({"messages":[]})", "model"},
        {R"({"model":"","messages":[]})", "model"},
        {R"({"model":"m"})", "messages"},
        {R"({"model":"m","messages":[]})", "messages"},
        {with("5"), "messages[0]"},
        {with(R"({"role":"developer","content":"x"})"), "messages[0].role"},
        {with(R"({"role":"user"})"), "messages[0].content"},
        {with(R"({"role":"user","content":[{"type":"text"}]})"), "messages[0].content[0].text"},
        {with(R"({"role":"user","content":[{"type":"document","document":7}]})"),
         "messages[0].content[0].document"},
        {with(R"({"role":"assistant","tool_plan":5})"), "messages[0].tool_plan"},
        {with(R"({"role":"assistant","tool_calls":[{"type":"function"}]})"), "messages[0].tool_calls[0].id"},
        {with(R"({"role":"assistant","tool_calls":[{"id":"a","function":{}}]})"),
         "messages[0].tool_calls[0].function.name"},
        {with(R"({"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":5}}]})"),
         "messages[0].tool_calls[0].function.arguments"},
        {with(R"({"role":"tool","content":"x"})"), "messages[0].tool_call_id"},
        {with(R"({"role":"tool","tool_call_id":"a"})"), "messages[0].content"},
        {with_member(R"("documents":5)"), "documents"},
        {with_member(R"("documents":[{"id":"a"}])"), "documents[0].data"},
        {R"({"model":"m","messages":[{"role":"system","content":"x"}],"documents":["d"]})", "documents"},
        {with_member(R"("tools":[{}])"), "tools[0].function"},
        {with_member(R"("tools":[{"function":{"name":"f","parameters":5}}])"),
         "tools[0].function.parameters"},
        {with_member(R"("tool_choice":"AUTO")"), "tool_choice"},
        {with_member(R"("response_format":{"type":"json_schema"})"), "response_format.type"},
        {with_member(R"("response_format":{"type":"json_object","json_schema":5})"),
         "response_format.json_schema"},
        {with_member(R"("thinking":{"type":"on"})"), "thinking.type"},
        {with_member(R"("stop_sequences":["a",1])"), "stop_sequences[1]"},
        {with_member(R"("stream":"yes")"), "stream"},
        {with_member(R"("k":-1)"), "k"},
        {with_member(R"("p":"x")"), "p"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      auto r = kCohere.decode_request(row.body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::invalid_request);
      CHECK(r.error().param == row.param);
    }
  }

  TEST_CASE("one named tool is sent alone") {
    Sent s = sent(
        kOpenaiChat,
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"function","function":{"name":"b"}}})");
    REQUIRE(s.body["tools"].size() == 1);
    CHECK(s.body["tools"].items()[0]["function"]["name"].as_string() == "b");
    CHECK(s.body["tool_choice"].as_string() == "REQUIRED");
    CHECK(s.dropped.empty());
  }

  TEST_CASE("strictness is one switch for all tools") {
    const auto strict = [](std::string_view tools) {
      Sent s = sent(kOpenaiChat,
                    std::string(R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[)")
                        .append(tools)
                        .append("]}"));
      return std::string(s.body["strict_tools"].as_bool() ? "strict" : "not") + "|" + s.dropped;
    };
    const std::string good =
        R"({"type":"function","function":{"name":"a","strict":true,"parameters":{"type":"object","properties":{"x":{}},"required":["x"]}}})";
    CHECK(strict(good) == "strict|");
    CHECK(strict(good + R"(,{"type":"function","function":{"name":"b"}})") == "not|tools.strict");
    CHECK(strict(R"({"type":"function","function":{"name":"b","strict":true}})") == "not|tools.strict");
    CHECK(strict(R"({"type":"function","function":{"name":"b"}})") == "not|");
  }

  TEST_CASE("text before calls is their plan") {
    Sent s = sent(
        kAnthropic,
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]}]})");
    const auto m = s.body["messages"].items();
    REQUIRE(m.size() == 4);
    CHECK(m[1]["tool_plan"].as_string() == "I look.");
    CHECK_FALSE(m[1].has("content"));
    CHECK(m[2]["content"].as_string() == "r\n[image in the next user message]");
    CHECK(m[3]["role"].as_string() == "user");
    CHECK(m[3]["content"].items()[1]["type"].as_string() == "image_url");
  }

  TEST_CASE("plain documents are documents, unless the answer shall be JSON") {
    const std::string message =
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"words"}},{"type":"text","text":"q"}]}])";
    Sent s = sent(kAnthropic, message + "}");
    CHECK(json::to_text(s.body["documents"]) == R"([{"id":"doc-1","data":{"title":"T","text":"words"}}])");
    CHECK(s.body["messages"].items()[0]["content"].as_string() == "q");
    Sent json =
        sent(kAnthropic,
             message + R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}})");
    CHECK_FALSE(json.body.has("documents"));
    CHECK(json.body["messages"].items()[0]["content"].items()[0]["text"].as_string() ==
          "[document: T]\nwords");
  }

  TEST_CASE("thinking goes to models that think") {
    const auto thinking = [](std::string_view model, std::string_view effort) {
      Sent s =
          sent(kOpenaiChat, with_member(std::string(R"("reasoning_effort":")").append(effort).append("\"")),
               model, false);
      return json::to_text(s.body["thinking"]) + "|" + s.dropped;
    };
    CHECK(thinking("command-a-reasoning-08-2025", "low") == R"({"type":"enabled","token_budget":2048}|)");
    CHECK(thinking("command-a-plus-05-2026", "high") == R"({"type":"enabled"}|)");
    CHECK(thinking("command-a-plus-05-2026", "none") == R"({"type":"disabled"}|)");
    CHECK(thinking("command-r7b-12-2024", "high") == "null|reasoning_effort");
    CHECK(thinking("command-r7b-12-2024", "none") == "null|");
  }

  TEST_CASE("numbers out of this format's range") {
    Sent s = sent(
        kOpenaiChat,
        with_member(
            R"("temperature":1.7,"top_p":1,"frequency_penalty":1.5,"presence_penalty":-1,"seed":-3,"stop":["1","2","3","4","5","6"])"));
    CHECK(s.body["temperature"].as_double() == 1);
    CHECK(s.body["p"].as_double() == 0.99);
    CHECK(s.body["frequency_penalty"].as_double() == 1);
    CHECK(s.body["stop_sequences"].size() == 5);
    CHECK(s.dropped == "presence_penalty, seed, stop");
  }
}

}  // namespace pb::llm
