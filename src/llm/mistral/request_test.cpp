// Requests, both ways: what is refused where, the order of roles, ids, and what a model's name decides.
#include <algorithm>

#include "llm/llm_test_support.h"
#include "llm/mistral/mistral.h"

namespace pb::llm {
namespace {

using namespace testing;
using mistral::Reasoning;

Result<Request> decode(std::string body) { return kMistral.decode_request(std::move(body)); }

std::string with(std::string_view messages) {
  return std::string(R"({"model":"m","messages":[)").append(messages).append("]}");
}

struct Sent {
  std::string text;
  json::Arena arena;
  json::Value body;
  std::string dropped;
};

// What a provider gets of a request that another format's client wrote.
Sent sent(const Dialect& from, std::string body, std::string_view model = "m", Quirks quirks = {}) {
  auto r = from.decode_request(std::move(body));
  REQUIRE_MESSAGE(r, r.error().message);
  Sent out;
  Dropped dropped;
  REQUIRE(kMistral.encode_request(*r, {model, quirks}, dropped, out.text));
  out.body = *json::parse(out.text, out.arena);
  out.dropped = dropped.header();
  return out;
}

std::string roles(const Sent& s) {
  std::string out;
  for (const json::Value& m : s.body["messages"].items()) out.append(m["role"].as_string().substr(0, 1));
  return out;
}

// A vendor that takes what its models take.
Quirks narrow() {
  Quirks q;
  q.reasoning_effort = false;
  return q;
}

}  // namespace

TEST_SUITE("mistral request") {
  TEST_CASE("bad input is refused with the place of the mistake") {
    struct Row {
      std::string body, param;
    };
    const Row rows[] = {
        {"", ""},
        {R"({"model":"m"})", "messages"},
        {R"({"model":"m","random_seed":"x","messages":[]})", "random_seed"},
        {with(R"({"role":"wizard","content":"x"})"), "messages[0].role"},
        {with(R"({"role":"user","content":[{"type":"image_url","image_url":""}]})"),
         "messages[0].content[0].image_url"},
        {with(R"({"role":"user","content":[{"type":"document_url"}]})"),
         "messages[0].content[0].document_url"},
        {with(R"({"role":"user","content":[{"type":"document_url","document_url":"data:x"}]})"),
         "messages[0].content[0].document_url"},
        {with(R"({"role":"user","content":[{"type":"document_url","document_url":"u","document_name":5}]})"),
         "messages[0].content[0].document_name"},
        {with(R"({"role":"user","content":[{"type":"input_audio","input_audio":""}]})"),
         "messages[0].content[0].input_audio"},
        {with(R"({"role":"user","content":[{"type":"file"}]})"), "messages[0].content[0].file"},
        {with(R"({"role":"assistant","content":[{"type":"thinking","thinking":[],"signature":5}]})"),
         "messages[0].content[0].signature"},
        {with(R"({"role":"tool","content":"r"})"), "messages[0].tool_call_id"},
        {with(R"({"role":"tool","tool_call_id":7,"content":"r"})"), "messages[0].tool_call_id"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      auto r = decode(row.body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::invalid_request);
      CHECK(r.error().param == row.param);
    }
  }

  TEST_CASE("chunks are read in this format's spelling") {
    auto r = decode(with(
        R"({"role":"user","content":[{"type":"image_url","image_url":"https://h/a.png"},{"type":"document_url","document_url":"data:application/pdf;base64,JVBERi0="},{"type":"file","file_id":"f-1"},{"type":"input_audio","input_audio":"SUQzBAA="},{"type":"input_audio","input_audio":"https://h/a.mp3"},{"type":"reference","reference_ids":[1]}]})"));
    REQUIRE(r);
    const auto& c = r->messages[0].content;
    REQUIRE(c.size() == 6);
    CHECK(c[0].url == "https://h/a.png");
    CHECK(c[1].kind == Block::Kind::document);
    CHECK(c[1].media_type == "application/pdf");
    CHECK(c[1].data == "JVBERi0=");
    CHECK(c[2].file_id == "f-1");
    CHECK(c[3].media_type == "audio/mp3");
    CHECK(c[4].url == "https://h/a.mp3");
    CHECK(c[5].kind == Block::Kind::opaque);
    CHECK(c[5].format == "mistral");
    CHECK(r->stream_usage);
  }

  TEST_CASE("results without an id answer the calls in order") {
    auto r = decode(with(
        R"({"role":"assistant","tool_calls":[{"id":"aaaaaaaaa","function":{"name":"f","arguments":"{}"}},{"id":"null","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","name":"f","content":"1"},{"role":"tool","name":"g","content":"2"})"));
    REQUIRE(r);
    CHECK(r->messages[1].content[0].id == "aaaaaaaaa");
    CHECK(r->messages[2].content[0].id == r->messages[0].content[1].id);
    CHECK(r->messages[0].content[1].id != "null");
    CHECK_FALSE(decode(with(R"({"role":"user","content":"x"},{"role":"tool","name":"f","content":"1"})")));
  }

  TEST_CASE("ids become nine letters and digits, the same for a call and its result") {
    CHECK(mistral::call_id("D681PevKs") == "D681PevKs");
    std::vector<std::string> seen;
    for (const char* id :
         {"call_1", "call_2", "toolu_01A09q90qw90lq917835lq9", "", "D681PevK_", "nine char", "x"}) {
      std::string out = mistral::call_id(id);
      CHECK(out.size() == 9);
      CHECK(out.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
            std::string::npos);
      CHECK(out == mistral::call_id(id));
      CHECK(std::find(seen.begin(), seen.end(), out) == seen.end());
      seen.push_back(out);
    }
    Sent s = sent(
        kOpenaiChat,
        with(
            R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"call_abc","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_abc","content":"r"})"));
    const auto m = s.body["messages"].items();
    CHECK(m[1]["tool_calls"].items()[0]["id"].as_string() == m[2]["tool_call_id"].as_string());
    CHECK(m[2]["tool_call_id"].as_string() == mistral::call_id("call_abc"));
  }

  TEST_CASE("roles stand in an order that the API takes") {
    const char* call =
        R"({"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"})";
    CHECK(roles(sent(kOpenaiChat, with(std::string(call) + R"(,{"role":"user","content":"x"})"))) == "atau");
    CHECK(roles(sent(kOpenaiChat, with(std::string(call) + R"(,{"role":"system","content":"x"})"))) ==
          "atau");
    CHECK(
        roles(sent(
            kOpenaiChat,
            with(
                R"({"role":"developer","content":"d"},{"role":"user","content":"u"},{"role":"system","content":"s"},{"role":"assistant","content":"a"},{"role":"system","content":"s"},{"role":"user","content":"u"})"))) ==
        "susauu");
    CHECK(roles(sent(kOpenaiChat, with(R"({"role":"system","content":"s"})"))) == "s");
    // An answer's beginning is marked as one; an assistant's message that holds nothing is left out.
    Sent prefix = sent(
        kAnthropic,
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"{"}]})");
    CHECK(prefix.body["messages"].items()[1]["prefix"].as_bool());
    Sent nothing = sent(
        kAnthropic,
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"e"}]},{"role":"user","content":"y"}]})");
    CHECK(roles(nothing) == "uu");
    CHECK(nothing.dropped == "redacted_thinking");
    // Within the format the client's order stands.
    CHECK(roles(sent(kMistral, with(std::string(call) + R"(,{"role":"user","content":"x"})"))) == "atu");
  }

  TEST_CASE("a model's name decides what is made of efforts") {
    CHECK(mistral::reasoning_of("mistral-small-latest") == Reasoning::on_off);
    CHECK(mistral::reasoning_of("mistral-small-2603") == Reasoning::on_off);
    CHECK(mistral::reasoning_of("mistral-small-2506") == Reasoning::none);
    CHECK(mistral::reasoning_of("mistral-medium-3-5") == Reasoning::on_off);
    CHECK(mistral::reasoning_of("mistral-medium-3.1") == Reasoning::none);
    CHECK(mistral::reasoning_of("mistralai/mistral-large-4-0") == Reasoning::levels);
    CHECK(mistral::reasoning_of("mistral-large-latest") == Reasoning::none);
    CHECK(mistral::reasoning_of("magistral-medium-2509") == Reasoning::always);
    CHECK(mistral::reasoning_of("codestral-latest") == Reasoning::none);

    const auto effort = [](std::string_view model, std::string_view asked) {
      Sent s =
          sent(kOpenaiChat,
               std::string(R"({"model":"m","messages":[{"role":"user","content":"x"}],"reasoning_effort":")")
                   .append(asked)
                   .append("\"}"),
               model, narrow());
      return std::string(s.body["reasoning_effort"].as_string()) + "|" + s.dropped;
    };
    CHECK(effort("mistral-small-latest", "low") == "high|");
    CHECK(effort("mistral-small-latest", "minimal") == "none|");
    CHECK(effort("mistral-small-latest", "none") == "none|");
    CHECK(effort("mistral-large-4", "medium") == "medium|");
    CHECK(effort("mistral-large-4", "xhigh") == "high|");
    CHECK(effort("codestral-latest", "high") == "|reasoning_effort");
    CHECK(effort("codestral-latest", "none") == "|");
    CHECK(effort("magistral-medium-latest", "high") == "|");
    CHECK(effort("magistral-medium-latest", "none") == "|thinking.disabled");
  }

  TEST_CASE("thoughts go to models that reason; signatures only where they were made") {
    const char* body =
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"y"}]},{"role":"user","content":"z"}]})";
    Sent thinks = sent(kAnthropic, body, "mistral-small-latest", narrow());
    CHECK(json::to_text(thinks.body["messages"].items()[1]["content"]) ==
          R"([{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"y"}])");
    CHECK(thinks.dropped == "thinking.signature");
    Sent does_not = sent(kAnthropic, body, "codestral-latest", narrow());
    CHECK(does_not.body["messages"].items()[1]["content"].as_string() == "y");
    CHECK(does_not.dropped == "thinking.text, thinking.signature");
  }

  TEST_CASE("numbers out of this format's range") {
    Sent s = sent(kOpenaiChat,
                  R"({"model":"m","messages":[{"role":"user","content":"x"}],"temperature":2,"seed":-1})");
    CHECK(s.body["temperature"].as_double() == 1.5);
    CHECK_FALSE(s.body.has("random_seed"));
    CHECK(s.dropped == "seed");
  }
}

}  // namespace pb::llm
