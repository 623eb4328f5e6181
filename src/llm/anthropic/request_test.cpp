#include "llm/anthropic/anthropic_test_util.h"

using namespace pb;
using namespace pb::llm;
using namespace pb::llm::test;

namespace {

// What a request becomes on its way through the canonical form and back.
std::string round_trip(std::string_view body) {
  auto r = kAnthropic.decode_request(std::string(body));
  REQUIRE_MESSAGE(r.has_value(), (r ? std::string() : r.error().message));
  std::string dropped;
  const std::string out = encode(*r, &dropped);
  CHECK(dropped == "");
  return out;
}

void survives(std::string_view body) {
  CAPTURE(body);
  CHECK(canonical(round_trip(body)) == canonical(body));
}

std::string with(std::string_view members) {
  return R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],)" + std::string(members) +
         "}";
}

std::string with_block(std::string_view block, std::string_view role = "user") {
  return R"({"model":"m","max_tokens":5,"messages":[{"role":")" + std::string(role) + R"(","content":[)" +
         std::string(block) + "]}]}";
}

void refused(std::string body, std::string_view param, std::string_view says = {}) {
  CAPTURE(body);
  auto r = kAnthropic.decode_request(std::move(body));
  REQUIRE_FALSE(r.has_value());
  CHECK(r.error().code == Code::invalid_request);
  CHECK(r.error().param == param);
  CHECK(r.error().message.find(says) != std::string::npos);
}

}  // namespace

TEST_SUITE_BEGIN("anthropic request");

TEST_CASE("golden: what the decoder understands comes out as it went in") {
  const std::filesystem::path dir = std::filesystem::path(PATCHBAY_SOURCE_DIR) / "tests/golden/anthropic";
  int n = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (!entry.path().filename().string().ends_with(".request.json")) continue;
    ++n;
    CAPTURE(entry.path().string());
    survives(slurp(entry.path()));
  }
  CHECK(n >= 4);
}

TEST_CASE("every kind of block") {
  for (
      const char* block : {
          R"({"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"x","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}],"cache_control":{"type":"ephemeral"}})",
          R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"},"cache_control":{"type":"ephemeral","ttl":"1h"}})",
          R"({"type":"image","source":{"type":"url","url":"https://x/y.png"},"transformations":{"a":{}}})",
          R"({"type":"image","source":{"type":"file","file_id":"file_1"}})",
          R"({"type":"document","title":"T","context":"C","citations":{"enabled":true},"source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}})",
          R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}})",
          R"({"type":"document","source":{"type":"url","url":"https://x/y.pdf"}})",
          R"({"type":"document","source":{"type":"file","file_id":"file_2"}})",
          R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"one"},{"type":"image","source":{"type":"url","url":"u"}}]}})",
          R"({"type":"document","source":{"type":"hologram","x":[1,2]}})",
          R"({"type":"image","source":{"type":"hologram"}})",
          R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]})",
          R"({"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"file","file_id":"f"}},{"type":"tool_reference","tool_name":"Bash"},{"type":"document","source":{"type":"url","url":"u"}}],"is_error":true})",
          R"({"type":"tool_result","tool_use_id":"t1","toolset_name":"browser","cache_control":{"type":"ephemeral"}})",
          R"({"type":"container_upload","file_id":"f"})",
          R"({"type":"something_new","a":{"b":[1.50,"x"]}})",
      })
    survives(with_block(block));
  for (
      const char* block : {
          R"({"type":"thinking","thinking":"hm","signature":"sig"})",
          R"({"type":"thinking","thinking":"","signature":"sig"})",
          R"({"type":"redacted_thinking","data":"xyz"})",
          R"({"type":"tool_use","id":"t1","name":"f","input":{"a":[1,2.50,null],"b":"\u00e9\n"},"caller":{"type":"direct"},"cache_control":{"type":"ephemeral"}})",
          R"({"type":"tool_use","id":"t1","name":"f","input":{}})",
          R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}})",
          R"({"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u","title":"t","encrypted_content":"e","page_age":null}]})",
          R"({"type":"mcp_tool_use","id":"x","name":"n","server_name":"s","input":{}})",
          R"({"type":"compaction","content":"c"})",
      })
    survives(with_block(block, "assistant"));
}

TEST_CASE("every parameter") {
  for (
      const char* members : {
          R"("system":"be brief")",
          R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}])",
          R"("temperature":0.7,"top_p":0.9,"top_k":40,"stop_sequences":["a","b"],"stream":true)",
          R"("metadata":{"user_id":"u","more":1},"service_tier":"standard_only")",
          R"("thinking":{"type":"enabled","budget_tokens":2000,"display":"summarized"})",
          R"("thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"xhigh"})",
          R"("thinking":{"type":"disabled"})",
          R"("thinking":{"type":"between_tools"})",
          R"("output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{},"additionalProperties":false}},"task_budget":{"type":"tokens","total":5}})",
          R"("tools":[{"name":"f","description":"d","input_schema":{"$schema":"s","type":"object"},"strict":true,"defer_loading":true,"eager_input_streaming":true,"input_examples":[{}],"allowed_callers":["direct"],"cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search","max_uses":8}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true})",
          R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any"})",
          R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":false})",
          R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"none"})",
          R"("cache_control":{"type":"ephemeral"},"container":"c","context_management":{"edits":[{"type":"clear_thinking_20251015"}]},"mcp_servers":[],"inference_geo":"us","speed":"fast","safeguards":[{"type":"dangerous_tool_use"}],"diagnostics":null,"unheard_of":{"x":[1]})",
      })
    survives(with(members));
}

TEST_CASE("system messages in the conversation keep their place and their own settings") {
  survives(
      R"({"model":"m","max_tokens":5,"system":"top","messages":[{"role":"system","content":"first"},{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"system","content":"now","output_config":{"effort":"high"}},{"role":"assistant","content":"c"}]})");
}

TEST_CASE("what the canonical form holds") {
  auto r = kAnthropic.decode_request(with(
      R"("system":"s","output_format":{"type":"json_schema","schema":{"type":"object"}},"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true})"));
  REQUIRE(r.has_value());
  CHECK(r->format == "anthropic");
  CHECK(r->stream_usage);
  CHECK(r->messages[0].top_level);
  CHECK(r->response_format.kind == ResponseFormat::Kind::json_schema);
  CHECK(r->tool_choice.kind == ToolChoice::Kind::required);
  CHECK(r->parallel_tool_calls == false);
  CHECK(r->extra.is_null());
  CHECK_FALSE(kAnthropic.decode_request(R"({"model":"m","messages":[{"role":"user","content":"x"}]})")
                  ->max_tokens.has_value());
}

TEST_CASE("texts that the API refuses are left out") {
  CHECK(
      canonical(round_trip(
          R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"a"}]},{"role":"assistant","content":""},{"role":"user","content":"b"}]})")) ==
      canonical(
          R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]})"));
}

TEST_CASE("wrong requests name the place") {
  refused("{", "", "line 1");
  refused("[]", "");
  refused(R"({"messages":[{"role":"user","content":"x"}]})", "model", "required");
  refused(R"({"model":7,"messages":[]})", "model", "a string");
  refused(R"({"model":"m"})", "messages");
  refused(R"({"model":"m","messages":"x"})", "messages");
  refused(R"({"model":"m","messages":[]})", "messages");
  refused(R"({"model":"m","messages":["x"]})", "messages[0]");
  refused(R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"tool","content":"x"}]})",
          "messages[1].role");
  refused(R"({"model":"m","messages":[{"content":"x"}]})", "messages[0].role");
  refused(R"({"model":"m","messages":[{"role":"user"}]})", "messages[0].content");
  refused(R"({"model":"m","messages":[{"role":"user","content":7}]})", "messages[0].content");
  refused(with_block("7"), "messages[0].content[0]");
  refused(with_block("{}"), "messages[0].content[0].type");
  refused(with_block(R"({"type":"text"})"), "messages[0].content[0].text");
  refused(with_block(R"({"type":"text","text":"a","citations":1})"), "messages[0].content[0].citations");
  refused(with_block(R"({"type":"text","text":"a","cache_control":1})"),
          "messages[0].content[0].cache_control");
  refused(with_block(R"({"type":"image"})"), "messages[0].content[0].source");
  refused(
      with_block(
          R"({"type":"text","text":"ok"},{"type":"image","source":{"type":"base64","media_type":"image/png"}})"),
      "messages[0].content[1].source.data");
  refused(with_block(R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":7}})"),
          "messages[0].content[0].source.data");
  refused(with_block(R"({"type":"document","source":{"type":"content"}})"),
          "messages[0].content[0].source.content");
  refused(with_block(R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"text"}]})"),
          "messages[0].content[0].content[0].text");
  refused(with_block(R"({"type":"tool_result"})"), "messages[0].content[0].tool_use_id");
  refused(with_block(R"({"type":"tool_use","id":"a","name":"b","input":"x"})"),
          "messages[0].content[0].input");
  refused(with_block(R"({"type":"tool_use","name":"b","input":{}})"), "messages[0].content[0].id");
  refused(with_block(R"({"type":"thinking"})"), "messages[0].content[0].thinking");
  refused(with_block(R"({"type":"redacted_thinking"})"), "messages[0].content[0].data");
  refused(with(R"("system":7)"), "system");
  refused(with(R"("system":[{"type":"text"}])"), "system[0].text");
  refused(with(R"("tools":{})"), "tools");
  refused(with(R"("tools":[{"input_schema":{}}])"), "tools[0].name");
  refused(with(R"("tools":[{"name":"f"}])"), "tools[0].input_schema");
  refused(with(R"("tools":[{"name":"f","input_schema":[]}])"), "tools[0].input_schema");
  refused(with(R"("tool_choice":"auto")"), "tool_choice");
  refused(with(R"("tool_choice":{"type":"maybe"})"), "tool_choice.type");
  refused(with(R"("tool_choice":{"type":"tool"})"), "tool_choice.name");
  refused(with(R"("thinking":{"type":"enabled"})"), "thinking.budget_tokens");
  refused(with(R"("thinking":true)"), "thinking");
  refused(with(R"("output_config":{"format":{"type":"xml"}})"), "output_config.format.type");
  refused(with(R"("output_config":{"format":{"type":"json_schema"}})"), "output_config.format.schema");
  refused(with(R"("temperature":"hot")"), "temperature");
  refused(with(R"("top_k":1.5)"), "top_k");
  refused(with(R"("stream":"yes")"), "stream");
  refused(with(R"("stop_sequences":"x")"), "stop_sequences");
  refused(with(R"("stop_sequences":["x",1])"), "stop_sequences[1]");
  refused(with(R"("metadata":{"user_id":1})"), "metadata.user_id");
  refused(R"({"model":"m","max_tokens":-1,"messages":[{"role":"user","content":"x"}]})", "max_tokens");
}

TEST_CASE("a server-side thread is refused with the details the SDK recovers from") {
  auto r = kAnthropic.decode_request(with(R"("thread":{"type":"continue","previous_message_id":"msg_1"})"));
  REQUIRE_FALSE(r.has_value());
  std::string out;
  kAnthropic.encode_error(r.error(), "req_1", out);
  CHECK(
      missing_text(
          out,
          R"({"type":"error","error":{"type":"invalid_request_error","details":{"error_code":"thread_unsupported_request","unsupported":["thread"]}},"request_id":"req_1"})") ==
      "");
  CHECK(kAnthropic.decode_request(with(R"("thread":null)")).has_value());
}

TEST_SUITE_END();
