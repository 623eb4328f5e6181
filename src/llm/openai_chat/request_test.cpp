// Requests of clients: what is read beyond the golden files, and what is refused where.
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

Result<Request> decode(std::string body) { return kOpenaiChat.decode_request(std::move(body)); }

std::string with(std::string_view message) {
  return std::string(R"({"model":"m","messages":[)").append(message).append("]}");
}

}  // namespace

TEST_SUITE("openai_chat request") {
  TEST_CASE("bad input is refused with the place of the mistake") {
    struct Row {
      std::string body, param;
    };
    const Row rows[] = {
        {"", ""},
        {"{", ""},
        {"[]", ""},
        {"null", ""},
        {"{\"model\":\"m\"}", "messages"},
        {R"({"messages":[{"role":"user","content":"x"}]})", "model"},
        {R"({"model":5,"messages":[]})", "model"},
        {R"({"model":"m","messages":[]})", "messages"},
        {R"({"model":"m","messages":{}})", "messages"},
        {with("5"), "messages[0]"},
        {with("{}"), "messages[0].role"},
        {with(R"({"role":"wizard","content":"x"})"), "messages[0].role"},
        {with(R"({"role":"user"})"), "messages[0].content"},
        {with(R"({"role":"user","content":null})"), "messages[0].content"},
        {with(R"({"role":"user","content":5})"), "messages[0].content"},
        {with(R"({"role":"user","content":[5]})"), "messages[0].content[0]"},
        {with(R"({"role":"user","content":[{}]})"), "messages[0].content[0].type"},
        {with(R"({"role":"user","content":[{"type":"text"}]})"), "messages[0].content[0].text"},
        {with(
             R"({"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b"},{"type":"image_url"}]})"),
         "messages[1].content[1].image_url"},
        {with(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":7}}]})"),
         "messages[0].content[0].image_url.url"},
        {with(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":""}}]})"),
         "messages[0].content[0].image_url.url"},
        {with(
             R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,"}}]})"),
         "messages[0].content[0].image_url.url"},
        {with(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:nonsense"}}]})"),
         "messages[0].content[0].image_url.url"},
        {with(R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"x"}}]})"),
         "messages[0].content[0].input_audio.format"},
        {with(R"({"role":"user","content":[{"type":"file","file":{}}]})"), "messages[0].content[0].file"},
        {with(R"({"role":"user","content":[{"type":"file","file":{"file_data":5}}]})"),
         "messages[0].content[0].file.file_data"},
        {with(R"({"role":"tool","content":"x"})"), "messages[0].tool_call_id"},
        {with(R"({"role":"tool","tool_call_id":7,"content":"x"})"), "messages[0].tool_call_id"},
        {with(R"({"role":"function","content":"x"})"), "messages[0].name"},
        {with(R"({"role":"assistant","content":null,"tool_calls":{}})"), "messages[0].tool_calls"},
        {with(R"({"role":"assistant","content":null,"tool_calls":[{"id":"a"}]})"),
         "messages[0].tool_calls[0].function"},
        {with(
             R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"arguments":"{}"}}]})"),
         "messages[0].tool_calls[0].function.name"},
        {with(
             R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":5}}]})"),
         "messages[0].tool_calls[0].function.arguments"},
        {with(R"({"role":"assistant","content":"x","refusal":5})"), "messages[0].refusal"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      auto r = decode(row.body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::invalid_request);
      CHECK(r.error().param == row.param);
      CHECK(!r.error().message.empty());
      CHECK(r.error().message.find(row.param) != std::string::npos);
    }
  }

  TEST_CASE("parameters of a wrong type are refused by name") {
    for (const char* field :
         {R"("temperature":"hot")", R"("top_p":true)", R"("max_tokens":1.5)",
          R"("max_completion_tokens":"9")", R"("n":[])", R"("seed":{})", R"("stream":"yes")", R"("stop":5)",
          R"("tools":{})", R"("tool_choice":5)", R"("tool_choice":"maybe")", R"("response_format":"json")",
          R"("stream_options":5)", R"("logit_bias":[])", R"("metadata":"x")", R"("user":1)",
          R"("reasoning_effort":3)", R"("parallel_tool_calls":1)"}) {
      CAPTURE(field);
      std::string body =
          std::string(R"({"model":"m","messages":[{"role":"user","content":"x"}],)") + field + "}";
      auto r = decode(body);
      REQUIRE_FALSE(r);
      std::string name(field + 1, std::string_view(field + 1).find('"'));
      CHECK(r.error().param == name);
    }
    struct Row {
      const char *field, *param;
    };
    for (const Row& row :
         {Row{R"("tools":[{"type":"function"}])", "tools[0].function"},
          Row{R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name"},
          Row{R"("tools":[{}])", "tools[0].type"},
          Row{R"("tools":[{"type":"function","function":{"name":"f","parameters":[]}}])",
              "tools[0].function.parameters"},
          Row{R"("tools":[{"type":"custom","custom":{}}])", "tools[0].custom.name"},
          Row{R"("stop":["a",5])", "stop[1]"},
          Row{R"("tool_choice":{"type":"function","function":{}})", "tool_choice.function.name"},
          Row{R"("response_format":{"type":"yaml"})", "response_format.type"},
          Row{R"("response_format":{"type":"json_schema"})", "response_format.json_schema"},
          Row{R"("response_format":{"type":"json_schema","json_schema":{"schema":5}})",
              "response_format.json_schema.schema"}}) {
      CAPTURE(row.field);
      auto r = decode(std::string(R"({"model":"m","messages":[{"role":"user","content":"x"}],)") + row.field +
                      "}");
      REQUIRE_FALSE(r);
      CHECK(r.error().param == row.param);
    }
  }

  TEST_CASE("null parameters are absent ones") {
    auto r = decode(
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"temperature":null,"stop":null,"tools":null,"tool_choice":null,
      "stream":null,"stream_options":null,"max_tokens":null,"response_format":null,"metadata":null,"user":null})");
    REQUIRE(r);
    CHECK_FALSE(r->temperature);
    CHECK(r->tools.empty());
    CHECK_FALSE(r->max_tokens);
    CHECK(r->extra.is_null());
  }

  TEST_CASE("media are split into type and data") {
    auto r = decode(with(
        R"({"role":"user","content":[{"type":"image_url","image_url":"data:image/jpeg;charset=x;base64,QUJD"},
      {"type":"file","file":{"file_data":"JVBERi0=","filename":"notes.txt"}},{"type":"file","file":{"file_data":"https://example.com/a.pdf"}}]})"));
    REQUIRE(r);
    const auto& content = r->messages[0].content;
    CHECK(content[0].media_type == "image/jpeg");
    CHECK(content[0].data == "QUJD");
    CHECK(content[0].url.empty());
    CHECK(content[1].media_type == "text/plain");
    CHECK(content[1].data == "JVBERi0=");
    CHECK(content[2].url == "https://example.com/a.pdf");
  }

  TEST_CASE("leniency: call arguments that are not JSON, ids that are missing, flat tools") {
    auto r = decode(
        R"({"model":"m","tools":[{"type":"function","name":"flat","parameters":{"type":"object"}}],"tool_choice":"any","messages":[
      {"role":"user","content":"x"},
      {"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{broken"}},{"id":"b","function":{"name":"g","arguments":{"a":1}}},
        {"id":"c","function":{"name":"h","arguments":"  "}}]}]})");
    REQUIRE(r);
    CHECK(r->tools[0].name == "flat");
    CHECK(r->tool_choice.kind == ToolChoice::Kind::required);
    const auto& calls = r->messages[1].content;
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].arguments == R"({"input":"{broken"})");
    CHECK(calls[0].id == "call_1_0");
    CHECK(calls[1].arguments == R"({"a":1})");
    CHECK(calls[2].arguments == "");
  }

  TEST_CASE("reasoning in every spelling") {
    auto thinking = [](std::string_view members) {
      auto r = decode(
          R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a",)" +
          std::string(members) + "}]}");
      REQUIRE(r);
      return std::move(*r);
    };
    for (const char* m : {R"("reasoning_content":"t")", R"("reasoning":"t")",
                          R"("reasoning_details":[{"type":"reasoning.text","text":"t"}],"reasoning":"t")",
                          R"("reasoning_details":[{"type":"reasoning.summary","summary":"t"}])"}) {
      CAPTURE(m);
      Request r = thinking(m);
      REQUIRE(r.messages[1].content.size() == 2);
      CHECK(r.messages[1].content[0].kind == Block::Kind::thinking);
      CHECK(r.messages[1].content[0].text == "t");
    }
    Request signed_apart = thinking(
        R"("reasoning_content":"t","reasoning_details":[{"type":"reasoning.text","signature":"s"},{"type":"reasoning.encrypted","data":"d"}])");
    const auto& c = signed_apart.messages[1].content;
    REQUIRE(c.size() == 3);
    CHECK(c[0].text == "t");
    CHECK(c[0].signature == "s");
    CHECK(c[1].kind == Block::Kind::redacted_thinking);
    CHECK(c[1].data == "d");
    // A signature of another maker is known as such, and means nothing to Anthropic.
    Request foreign = thinking(
        R"("reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"google-gemini-v1"}])");
    CHECK(foreign.messages[1].content[0].signature == "s");
    CHECK(foreign.messages[1].content[0].format == "gemini");
    Dropped dropped;
    std::string out;
    REQUIRE(kAnthropic.encode_request(foreign, {.model = "claude-opus-4-5", .quirks = {}}, dropped, out));
    CHECK(dropped.header() == "thinking.signature");
    CHECK_FALSE(out.contains("\"s\""));
  }

  TEST_CASE("a call's signature, where Google's clients keep it") {
    auto r = decode(
        R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"sig"}}}]}]})");
    REQUIRE(r);
    CHECK(r->messages[1].content[0].signature == "sig");
    CHECK(r->messages[1].content[0].format == "gemini");
  }

  TEST_CASE("effort and thinking from OpenRouter's and Anthropic's members") {
    auto read = [](std::string_view members) {
      auto r =
          decode(R"({"model":"m","messages":[{"role":"user","content":"q"}],)" + std::string(members) + "}");
      REQUIRE(r);
      return std::move(*r);
    };
    Request a = read(R"("reasoning":{"effort":"low","exclude":true})");
    CHECK(a.effort == "low");
    CHECK(a.thinking.display == "omitted");
    Request b = read(R"("reasoning":{"max_tokens":2000})");
    CHECK(b.thinking.kind == Thinking::Kind::enabled);
    CHECK(b.thinking.budget_tokens == 2000);
    Request c = read(R"("thinking":{"type":"disabled"})");
    CHECK(c.thinking.kind == Thinking::Kind::disabled);
    Request d = read(R"("reasoning":{"enabled":false})");
    CHECK(d.thinking.kind == Thinking::Kind::disabled);
  }

  TEST_CASE("a request may be moved: its views stay valid") {
    auto r = decode(with(R"({"role":"user","content":"h\u00e9llo"})"));
    REQUIRE(r);
    Request moved = std::move(*r);
    Request again;
    again = std::move(moved);
    CHECK(again.model == "m");
    CHECK(again.messages[0].content[0].text == "h\xc3\xa9llo");
  }
}

}  // namespace pb::llm
