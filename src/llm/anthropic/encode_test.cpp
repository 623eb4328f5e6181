// Requests of other formats on their way to Anthropic, built by hand.
#include "llm/anthropic/anthropic_test_util.h"
#include "llm/anthropic/plan.h"

using namespace pb;
using namespace pb::llm;
using namespace pb::llm::test;

namespace {

Block block(Block::Kind kind, Str text = {}) {
  Block b;
  b.kind = kind;
  b.text = text;
  return b;
}

Block call(Str id, Str name, Str arguments) {
  Block b = block(Block::Kind::tool_call);
  b.id = id;
  b.name = name;
  b.arguments = arguments;
  return b;
}

Block result(Str id, Str text) {
  Block b = block(Block::Kind::tool_result);
  b.id = id;
  b.content.push_back(block(Block::Kind::text, text));
  return b;
}

Message message(Role role, std::vector<Block> content) {
  Message m;
  m.role = role;
  m.content = std::move(content);
  return m;
}

Message say(Role role, Str text) { return message(role, {block(Block::Kind::text, text)}); }

Request request(std::vector<Message> messages = {}) {
  Request r;
  r.format = "openai_chat";
  r.model = "claude-opus-5";
  r.messages = std::move(messages);
  if (r.messages.empty()) r.messages.push_back(say(Role::user, "x"));
  return r;
}

Tool function(Str name) {
  Tool t;
  t.name = name;
  return t;
}

json::Value parsed(Request& r, std::string_view text) { return *json::parse(text, r.arena); }

// Encodes and compares some members of the result, and the dropped names.
void expect(const Request& r, std::string_view want, std::string_view dropped = "",
            std::string_view model = {}, Quirks quirks = {}) {
  std::string got;
  const std::string out = encode(r, &got, model, quirks);
  CAPTURE(out);
  CHECK(missing_text(out, want) == "");
  CHECK(got == dropped);
}

bool has(std::string_view text, std::string_view key) {
  json::Arena arena;
  return json::parse(text, arena)->has(key);
}

}  // namespace

TEST_SUITE_BEGIN("anthropic encode");

TEST_CASE("system text: leading to the top, later ones stay, alone it becomes the prompt") {
  expect(
      request({say(Role::system, "a"), say(Role::developer, "b"), say(Role::user, "x"),
               say(Role::developer, "later"), say(Role::assistant, "y"), say(Role::user, "z")}),
      R"({"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"messages":[{"role":"user","content":"x"},{"role":"system","content":"later"},{"role":"assistant","content":"y"},{"role":"user","content":"z"}]})");
  const std::string alone = encode(request({say(Role::system, "only")}));
  CHECK(missing_text(alone, R"({"messages":[{"role":"user","content":"only"}]})") == "");
  CHECK_FALSE(has(alone, "system"));
}

TEST_CASE("neighbours are merged, results come first, all of one turn together") {
  expect(request({say(Role::user, "a"), say(Role::user, "b"),
                  message(Role::assistant,
                          {block(Block::Kind::text, ""), call("1", "f", "{\"x\":1}"), call("2", "g", "")}),
                  say(Role::user, "wait"), message(Role::tool, {result("1", "one")}),
                  message(Role::tool, {result("2", "two")}), say(Role::user, "so?")}),
         R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
             {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{"x":1}},{"type":"tool_use","id":"2","name":"g","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"one"},{"type":"tool_result","tool_use_id":"2","content":"two"},{"type":"text","text":"wait"},{"type":"text","text":"so?"}]}]})");
}

TEST_CASE("nothing to send is an error, not a crash") {
  Dropped d;
  std::string out;
  CHECK_FALSE(kAnthropic.encode_request(request({say(Role::user, " ")}), {}, d, out).has_value());
}

TEST_CASE("a prefilled answer loses its trailing white space") {
  expect(
      request({say(Role::user, "x"), say(Role::assistant, "The answer is \n")}),
      R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"text","text":"The answer is"}]}]})");
}

TEST_CASE("blocks that cannot be carried are named") {
  Block file = block(Block::Kind::image), detailed = block(Block::Kind::image),
        doc = block(Block::Kind::document), word = block(Block::Kind::document),
        opaque = block(Block::Kind::opaque), cited = block(Block::Kind::text, "t");
  file.file_id = "file-1";
  detailed.url = "https://x/y.png";
  detailed.detail = "high";
  doc.file_id = "file-2";
  word.data = "AAAA";
  word.media_type = "application/msword";
  opaque.format = "openai_chat";
  Request r = request();
  cited.format = "openai_chat";
  cited.citations = parsed(r, "[{}]");
  r.messages[0] = message(Role::user, {file, detailed, doc, word, opaque, cited, block(Block::Kind::audio)});
  r.messages[0].name = "ann";
  expect(
      r,
      R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x/y.png"}},{"type":"text","text":"t"}]}]})",
      "message.name, image.file_id, image.detail, document.file_id, document, provider_blocks, citations, "
      "audio");
}

TEST_CASE("reasoning without a signature is dropped by name") {
  Block good = block(Block::Kind::thinking, "a");
  good.signature = "s";
  expect(
      request({say(Role::user, "x"),
               message(Role::assistant, {good, block(Block::Kind::thinking, "b"),
                                         block(Block::Kind::text, "y"), block(Block::Kind::refusal, "no")}),
               say(Role::user, "z")}),
      R"({"messages":[{},{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"s"},{"type":"text","text":"y"},{"type":"text","text":"no"}]},{}]})",
      "thinking.text");
}

TEST_CASE("tools: schemas completed, free-text tools emulated, others dropped, choices") {
  Request r = request();
  r.tools.push_back(function("f"));
  r.tools.push_back(function("g"));
  r.tools[1].parameters = parsed(r, R"({"properties":{"a":{"type":"string"}}})");
  r.tools.push_back(function("patch"));
  r.tools[2].kind = Tool::Kind::custom;
  r.tools[2].description = "applies";
  r.tools[2].raw = parsed(
      r, R"({"name":"patch","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"a+"}}})");
  r.tools.emplace_back();
  r.tools[3].kind = Tool::Kind::opaque;
  r.tools[3].format = "openai_chat";
  r.parallel_tool_calls = false;
  expect(
      r,
      R"({"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}},{"name":"g","input_schema":{"type":"object","properties":{"a":{"type":"string"}}}},
    {"name":"patch","description":"applies\n\n`input` must match this regex grammar:\na+","input_schema":{"properties":{"input":{"type":"string"}}}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})",
      "provider_tools");
  r.tools.resize(3);
  r.tool_choice = {.kind = ToolChoice::Kind::named, .name = "f", .allowed = {}};
  expect(r, R"({"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}})");
  r.tool_choice.kind = ToolChoice::Kind::none;
  expect(r, R"({"tool_choice":{"type":"none"}})");
  r.tool_choice.kind = ToolChoice::Kind::required;
  r.parallel_tool_calls.reset();
  expect(r, R"({"tool_choice":{"type":"any"}})");
  r.tools.clear();
  CHECK_FALSE(has(encode(r), "tool_choice"));
}

TEST_CASE("strict tools and structured outputs close their objects") {
  Request r = request();
  r.tools.push_back(function("f"));
  r.tools[0].strict = true;
  r.tools[0].parameters =
      parsed(r, R"({"type":"object","properties":{"a":{"type":"object","properties":{}}}})");
  r.response_format.kind = ResponseFormat::Kind::json_schema;
  r.response_format.schema = parsed(r, R"({"type":"object","properties":{"b":{"type":"string"}}})");
  expect(
      r,
      R"({"tools":[{"strict":true,"input_schema":{"additionalProperties":false,"properties":{"a":{"additionalProperties":false}}}}],
    "output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false,"properties":{"b":{"type":"string"}}}}}})");
  const std::string old = encode(r, nullptr, "claude-3-7-sonnet-latest");
  CHECK_FALSE(has(old, "output_config"));
  CHECK(old.find("follows this JSON Schema") != std::string::npos);
  r.response_format.kind = ResponseFormat::Kind::json_object;
  CHECK(missing_text(encode(r), R"({"system":[{"type":"text"}]})") == "");
}

TEST_CASE("parameters") {
  Request r = request();
  r.temperature = 1.7;
  r.top_k = 5;
  r.stop = {"a", " \n", "b"};
  r.user = "u";
  r.stream = true;
  r.service_tier = "default";
  expect(
      r,
      R"({"model":"claude-opus-4-5","max_tokens":8192,"temperature":1,"top_k":5,"stop_sequences":["a","b"],"metadata":{"user_id":"u"},"stream":true,"service_tier":"standard_only"})",
      "stop", "claude-opus-4-5");
  r = request();
  r.max_tokens = 77;
  r.frequency_penalty = r.presence_penalty = 0.5;
  r.seed = 1;
  r.n = 2;
  r.logprobs = true;
  r.top_logprobs = 3;
  r.store = true;
  r.logit_bias = parsed(r, R"({"1":1})");
  r.metadata = parsed(r, R"({"k":"v"})");
  r.verbosity = "low";
  r.prompt_cache_key = "k";
  r.service_tier = "flex";
  r.extra = parsed(r, R"({"prediction":{},"modalities":[]})");
  expect(r, R"({"max_tokens":77})",
         "service_tier, frequency_penalty, presence_penalty, seed, n, logprobs, top_logprobs, store, "
         "logit_bias, metadata, verbosity, prompt_cache_key, prediction, modalities");
  r = request();
  r.n = 1;
  r.seed.reset();
  r.frequency_penalty = 0;
  r.logprobs = false;
  expect(r, "{}");
}

TEST_CASE("sampling that the model refuses") {
  Request r = request();
  r.temperature = 0.3;
  r.top_p = 0.9;
  r.top_k = 4;
  expect(r, R"({"model":"claude-opus-5"})", "temperature, top_p, top_k");
  CHECK_FALSE(has(encode(r), "temperature"));
  expect(r, R"({"temperature":0.3,"top_k":4})", "top_p", "claude-sonnet-4-5");
  expect(r, R"({"temperature":0.3,"top_p":0.9,"top_k":4})", "", "claude-3-5-haiku-latest");
  expect(r, R"({"temperature":0.3,"top_p":0.9,"top_k":4})", "", "kimi-k3");
}

TEST_CASE("effort and thinking by the model's generation") {
  Request r = request();
  r.effort = "high";
  expect(r, R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"max_tokens":8192})");
  expect(r, R"({"thinking":{"type":"enabled","budget_tokens":16384},"max_tokens":24576})", "",
         "claude-sonnet-4-5-20250929");
  expect(r, R"({"thinking":{"type":"enabled","budget_tokens":16384}})", "", "deepseek-v4");
  expect(r, "{}", "reasoning_effort", "claude-3-5-sonnet-20241022");
  CHECK_FALSE(has(encode(r, nullptr, "claude-sonnet-4-5"), "output_config"));
  r.effort = "minimal";
  expect(r, R"({"output_config":{"effort":"low"}})");
  r.effort = "xhigh";
  expect(r, R"({"output_config":{"effort":"xhigh"}})", "", "claude-opus-4-7");
  expect(r, R"({"output_config":{"effort":"high"}})", "", "claude-opus-4-6");
  r.effort = "none";
  expect(r, R"({"thinking":{"type":"disabled"}})");
  r.effort = "frantic";
  expect(r, "{}", "reasoning_effort");
  CHECK_FALSE(has(encode(r), "thinking"));
  r.effort = {};
  r.thinking = {.kind = Thinking::Kind::enabled, .budget_tokens = 3000, .display = {}, .summary = {}};
  expect(r, R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}})");
  expect(r, R"({"thinking":{"type":"enabled","budget_tokens":3000},"max_tokens":11192})", "",
         "claude-haiku-4-5");
}

TEST_CASE("thinking where the API would refuse it") {
  Request r = request();
  r.model = "claude-haiku-4-5";
  r.effort = "medium";
  r.max_tokens = 4000;
  r.temperature = 0;
  expect(r, R"({"thinking":{"type":"enabled","budget_tokens":3999},"max_tokens":4000})", "temperature");
  r.temperature.reset();
  r.max_tokens = 1000;
  expect(r, R"({"max_tokens":1000})", "reasoning_effort");
  r.max_tokens.reset();
  r.tools.push_back(function("f"));
  r.tool_choice.kind = ToolChoice::Kind::required;
  expect(r, R"({"max_tokens":8192})", "reasoning_effort");
  expect(r, R"({"output_config":{"effort":"medium"}})", "", "claude-opus-5");
  CHECK_FALSE(has(encode(r, nullptr, "claude-opus-5"), "thinking"));
  r.tool_choice.kind = ToolChoice::Kind::unset;
  r.messages.push_back(message(Role::assistant, {call("1", "f", "{}")}));
  r.messages.push_back(message(Role::tool, {result("1", "x")}));
  expect(r, R"({"max_tokens":8192})", "reasoning_effort");
  r.messages[1].content.insert(r.messages[1].content.begin(), block(Block::Kind::thinking, "t"));
  r.messages[1].content[0].signature = "s";
  expect(r, R"({"thinking":{"type":"enabled","budget_tokens":8192}})");
}

TEST_CASE("the version of a model's name") {
  using anthropic::claude_version;
  CHECK(claude_version("claude-opus-4-5-20251101") == 405);
  CHECK(claude_version("claude-sonnet-4-20250514") == 400);
  CHECK(claude_version("anthropic/claude-opus-4.8") == 408);
  CHECK(claude_version("us.anthropic.claude-3-7-sonnet-20250219-v1:0") == 307);
  CHECK(claude_version("claude-3-opus-latest") == 300);
  CHECK(claude_version("claude-fable-5") == 500);
  CHECK(claude_version("claude-haiku-5-5") == 505);
  CHECK(claude_version("claude-sonnet-4-20250514-v1:0") == 400);
  CHECK(claude_version("claude-mythos-preview") == 9999);
  CHECK(claude_version("gpt-5") == 0);
}

TEST_CASE("every dropped name has a row in the table of features") {
  for (const char* name : {"message.name",
                           "image",
                           "image.file_id",
                           "image.detail",
                           "document",
                           "document.file_id",
                           "provider_blocks",
                           "citations",
                           "audio",
                           "thinking.text",
                           "provider_tools",
                           "stop",
                           "service_tier",
                           "frequency_penalty",
                           "presence_penalty",
                           "seed",
                           "n",
                           "logprobs",
                           "top_logprobs",
                           "store",
                           "logit_bias",
                           "metadata",
                           "verbosity",
                           "prompt_cache_key",
                           "temperature",
                           "top_p",
                           "top_k",
                           "reasoning_effort",
                           "thinking",
                           "choices",
                           "system_fingerprint"}) {
    CAPTURE(name);
    CHECK(
        std::any_of(features().begin(), features().end(), [&](const Feature& f) { return f.name == name; }));
  }
}

TEST_SUITE_END();
