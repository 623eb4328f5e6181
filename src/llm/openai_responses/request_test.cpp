#include <doctest/doctest.h>

#include "llm/carry.h"
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

Request decoded(const std::string& body) {
  auto r = kOpenaiResponses.decode_request(body);
  REQUIRE_MESSAGE(r, r.error().message);
  return std::move(*r);
}

Error refused(const std::string& body) {
  auto r = kOpenaiResponses.decode_request(body);
  REQUIRE(!r);
  return r.error();
}

std::string encoded(const Request& r, const Dialect& to, Quirks quirks = {},
                    std::string* dropped_names = nullptr) {
  Dropped dropped;
  std::string out;
  auto done = to.encode_request(r, {.model = "m", .quirks = quirks}, dropped, out);
  REQUIRE_MESSAGE(done, done.error().message);
  if (dropped_names != nullptr) *dropped_names = dropped.header();
  return out;
}

std::string input(std::string_view items) { return R"({"model":"m","input":[)" + std::string(items) + "]}"; }

json::Value parse(json::Arena& arena, std::string text) {
  return *json::parse(arena.keep(std::move(text)), arena);
}

}  // namespace

TEST_SUITE("openai_responses requests") {
  TEST_CASE("bad input names its place") {
    struct Row {
      std::string body;
      std::string_view param, says;
    };
    const Row rows[] = {
        {"[]", "", "must be an object"},
        {R"({"model":7,"input":"x"})", "model", "must be a string"},
        {R"({"model":"m"})", "input", "is required"},
        {R"({"model":"m","input":7})", "input", "a string or an array of items"},
        {input("7"), "input[0]", "must be an item"},
        {input(R"({"x":1})"), "input[0].type", "is required"},
        {input(R"({"role":"robot","content":"x"})"), "input[0].role",
         "user, assistant, system and developer"},
        {input(R"({"role":"user"})"), "input[0].content", "is required"},
        {input(R"({"role":"user","content":[{"type":"input_text"}]})"), "input[0].content[0].text",
         "is required"},
        {input(R"({"role":"user","content":[{"type":"input_image"}]})"), "input[0].content[0]",
         "image_url or file_id"},
        {input(R"({"role":"user","content":[{"type":"input_image","image_url":"data:x"}]})"),
         "input[0].content[0].image_url", "data:<media type>"},
        {input(R"({"role":"user","content":[{"type":"input_file"}]})"), "input[0].content[0]", "file_data"},
        {input(R"({"role":"user","content":[{"type":"input_audio"}]})"), "input[0].content[0].input_audio",
         "an object"},
        {input(R"({"type":"function_call","name":"f","arguments":"{}"})"), "input[0].call_id", "is required"},
        {input(R"({"type":"function_call","call_id":"c","arguments":"{}"})"), "input[0].name", "is required"},
        {input(R"({"type":"function_call","call_id":"c","name":"f","arguments":[1]})"), "input[0].arguments",
         "JSON"},
        {input(R"({"type":"custom_tool_call","call_id":"c","name":"f"})"), "input[0].input", "is required"},
        {input(R"({"type":"function_call_output","output":"x"})"), "input[0].call_id", "is required"},
        {input(R"({"type":"function_call_output","call_id":"c"})"), "input[0].output", "is required"},
        {input(R"({"type":"reasoning","summary":"x"})"), "input[0].summary", "an array"},
        {input(R"({"type":"reasoning","summary":[{"text":1}]})"), "input[0].summary[0].text", "a string"},
        {input(R"({"type":"additional_tools","tools":{}})"), "input[0].tools", "an array"},
        {input(R"({"type":"configuration_update","reasoning":{"effort":1}})"), "input[0].reasoning.effort",
         "a string"},
        {R"({"model":"m","input":"x","tools":[{"name":"f"}]})", "tools[0].type", "is required"},
        {R"({"model":"m","input":"x","tools":[{"type":"function"}]})", "tools[0].name", "is required"},
        {R"({"model":"m","input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]})",
         "tools[0].tools[0].name", "is required"},
        {R"({"model":"m","input":"x","tool_choice":"sometimes"})", "tool_choice", "none"},
        {R"({"model":"m","input":"x","tool_choice":{"type":"function"}})", "tool_choice.name", "is required"},
        {R"({"model":"m","input":"x","text":{"format":{"type":"yaml"}}})", "text.format.type", "json_schema"},
        {R"({"model":"m","input":"x","text":{"format":{"type":"json_schema"}}})", "text.format.schema",
         "an object"},
        {R"({"model":"m","input":"x","max_output_tokens":-1})", "max_output_tokens", "at least 0"},
        {R"({"model":"m","input":"x","include":[1]})", "include[0]", "a string"},
        {R"({"model":"m","input":"x","stream":"yes"})", "stream", "true or false"},
        {R"({"model":"m","input":"x","instructions":[]})", "instructions", "a string"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      const Error e = refused(row.body);
      CHECK(e.code == Code::invalid_request);
      CHECK(e.param == row.param);
      CHECK_MESSAGE(e.message.contains(row.says), e.message);
    }
  }

  TEST_CASE("one turn of the model is one message, results are their own") {
    const Request r =
        decoded(read_file(source_dir() / "tests/golden/openai_responses/coding_agent.request.json"));
    std::string roles;
    for (const Message& m : r.messages) roles += "sduat"[static_cast<int>(m.role)];
    CHECK(roles == "duuattatu");
    const std::vector<Block>& turn = r.messages[3].content;
    REQUIRE(turn.size() == 4);
    CHECK(turn[0].kind == Kind::thinking);
    CHECK(turn[0].text == "**Looking**\n\nFirst, read.\n\nThen patch.");
    CHECK(turn[0].signature == "gAAAAencrypted1");
    CHECK(turn[1].extra["item.phase"].as_string() == "commentary");
    CHECK(turn[3].name == "agents__spawn");
    CHECK(turn[3].name_space == "agents");
    CHECK(r.messages[6].content[0].kind == Kind::redacted_thinking);
    CHECK(r.messages[6].content[1].custom);
    CHECK(r.tools.size() == 5);
    CHECK(r.tools[3].name == "agents__spawn");
    CHECK(r.thinking.summary == "auto");
    CHECK(r.extra["client_metadata"].is_object());
    CHECK_FALSE(r.extra.has("include"));  // encrypted reasoning needs no word
  }

  TEST_CASE(
      "towards formats without them: names are joined, custom tools are functions, reasoning is dropped by "
      "name") {
    const Request r =
        decoded(read_file(source_dir() / "tests/golden/openai_responses/coding_agent.request.json"));
    std::string dropped;
    json::Arena arena;
    const json::Value body = parse(arena, encoded(r, kOpenaiChat, {}, &dropped));
    CHECK(
        dropped ==
        "thinking.signature, item.phase, redacted_thinking, provider_tools, defer_loading, client_metadata");
    const auto tools = body["tools"].items();
    REQUIRE(tools.size() == 4);
    CHECK(tools[1]["type"].as_string() == "function");
    CHECK(tools[1]["function"]["description"].as_string().contains(
        "`input` must match this lark grammar:\nstart:"));
    CHECK(tools[2]["function"]["name"].as_string() == "agents__spawn");
    std::size_t found = 0;
    for (const json::Value& m : body["messages"].items())
      for (const json::Value& c : m["tool_calls"].items())
        if (c["function"]["name"].as_string() == "apply_patch") {
          ++found;
          CHECK(c["function"]["arguments"].as_string() == R"({"input":"*** Begin\n+\"x\"\n*** End\n"})");
        }
    CHECK(found == 1);
  }

  TEST_CASE("tools of items, updates of the configuration, client-side search") {
    const Request lite = decoded(read_file(source_dir() / "tests/golden/openai_responses/lite.request.json"));
    REQUIRE(lite.tools.size() == 3);
    CHECK(lite.tools[0].name == "functions__exec");
    CHECK(lite.tools[0].kind == Tool::Kind::custom);
    CHECK(lite.effort == "low");
    CHECK(lite.response_format.name == "files");
    CHECK(lite.messages.size() == 4);
    const Request search =
        decoded(read_file(source_dir() / "tests/golden/openai_responses/tool_search.request.json"));
    REQUIRE(search.tools.size() == 2);
    CHECK(search.tools[1].name == "mcp__browser__open");
    CHECK(search.tools[1].found);
    json::Arena arena;
    const json::Value chat = parse(arena, encoded(search, kOpenaiChat));
    CHECK(chat["tools"].size() == 2);
    CHECK(chat["messages"].items()[2]["content"].as_string() ==
          "Tools that can be called now: mcp__browser__open");
    const json::Value same = parse(arena, encoded(search, kOpenaiResponses));
    CHECK(same["tools"].size() == 1);
    CHECK(same["input"].items()[2]["type"].as_string() == "tool_search_output");
  }

  TEST_CASE("what was packed for the client goes back to the provider that wrote it") {
    Block thought;
    thought.kind = Kind::thinking;
    thought.signature = "sig";
    const std::string packed = pack("anthropic", {&thought, 1}, false);
    const std::string body =
        R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":")" +
        packed + R"("},{"role":"assistant","content":"y"},{"role":"user","content":"z"}]})";
    const Request r = decoded(body);
    const Block& b = r.messages[1].content[0];
    CHECK(b.kind == Kind::thinking);
    CHECK(b.text == "Hm.");
    CHECK(b.signature == "sig");
    CHECK(b.format == "anthropic");
    std::string dropped;
    json::Arena arena;
    CHECK(encoded(r, kAnthropic).contains(R"({"type":"thinking","thinking":"Hm.","signature":"sig"})"));
    CHECK_FALSE(encoded(r, kOpenaiResponses, {}, &dropped).contains("reasoning\",\"summary"));
    CHECK(dropped == "thinking.signature, thinking.text");
  }

  TEST_CASE("a compaction asked for and one that was made here") {
    const Request r =
        decoded(read_file(source_dir() / "tests/golden/openai_responses/compaction.request.json"));
    CHECK(r.messages[0].content[0].text ==
          "Summary of the conversation so far:\n\nThe user builds a boat. It floats.");
    CHECK(r.messages.back().content[0].text.starts_with("Write a summary"));
    CHECK(encoded(r, kOpenaiResponses)
              .ends_with(R"({"type":"compaction_trigger"}],"include":["reasoning.encrypted_content"]})"));
    CHECK_FALSE(encoded(r, kOpenaiChat).contains("compaction_trigger"));
  }

  TEST_CASE("what only a provider with a memory can answer is refused towards others") {
    struct Row {
      std::string_view body, param, code;
      int status;
    };
    const Row rows[] = {
        {R"({"model":"m","input":"x","previous_response_id":"resp_1"})", "previous_response_id",
         "previous_response_not_found", 400},
        {R"({"model":"m","input":"x","conversation":{"id":"conv_1"}})", "conversation",
         "unsupported_parameter", 400},
        {R"({"model":"m","prompt":{"id":"pmpt_1"}})", "prompt", "unsupported_parameter", 400},
        {R"({"model":"m","input":"x","background":true})", "background", "unsupported_parameter", 400},
        {R"({"model":"m","input":[{"type":"item_reference","id":"msg_1"}]})", "input", "", 404},
        {R"({"model":"m","input":[{"type":"compaction","encrypted_content":"gAAA"}]})", "input",
         "unsupported_value", 400},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      const Request r = decoded(std::string(row.body));
      const auto stateless = kOpenaiResponses.needs_no_state(r);
      REQUIRE(!stateless);
      CHECK(stateless.error().param == row.param);
      CHECK(stateless.error().provider_code == row.code);
      CHECK(http_status(stateless.error()) == row.status);
    }
    CHECK(kOpenaiResponses.needs_no_state(
        decoded(R"({"model":"m","input":"x","background":false,"store":true})")));
  }

  TEST_CASE(
      "a request of another format asks for reasoning that can be sent back, and for nothing to be kept") {
    auto chat = kOpenaiChat.decode_request(
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],"max_tokens":1,"user":")" +
        std::string(100, 'u') + R"("})");
    REQUIRE(chat);
    json::Arena arena;
    const json::Value body = parse(arena, encoded(*chat, kOpenaiResponses));
    CHECK_FALSE(body["store"].as_bool(true));
    CHECK(body["include"].items()[0].as_string() == "reasoning.encrypted_content");
    CHECK(body["max_output_tokens"].as_int() == 16);
    CHECK(body["safety_identifier"].as_string().size() == 64);
    CHECK_FALSE(body["tools"].items()[0]["strict"].as_bool(true));
    Dropped dropped;
    std::string out;
    REQUIRE(kOpenaiResponses.encode_request(*chat, {.model = "gpt-4.1", .quirks = {}}, dropped, out));
    CHECK_FALSE(out.contains("include"));  // a model that does not reason refuses to be asked
  }

  TEST_CASE("what a model refuses is left out of the second try") {
    auto r = kOpenaiChat.decode_request(
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"temperature":0.5,"reasoning_effort":"low"})");
    REQUIRE(r);
    Dropped dropped;
    Error e;
    e.param = "include";
    e.message = "Encrypted content is not supported with this model.";
    CHECK(kOpenaiResponses.relax(e, *r, dropped));
    CHECK_FALSE(encoded(*r, kOpenaiResponses).contains("include"));
    e.param = "temperature";
    CHECK(kOpenaiResponses.relax(e, *r, dropped));
    CHECK_FALSE(kOpenaiResponses.relax(e, *r, dropped));
    e.param = "reasoning.effort";
    CHECK(kOpenaiResponses.relax(e, *r, dropped));
    CHECK_FALSE(encoded(*r, kOpenaiResponses).contains("reasoning"));
    CHECK(dropped.header() == "redacted_thinking, temperature, reasoning_effort");
    e.param = "input";
    CHECK_FALSE(kOpenaiResponses.relax(e, *r, dropped));
  }
}

}  // namespace pb::llm
