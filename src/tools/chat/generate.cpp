// generate: text from one prompt.
#include "tools/chat/answering.h"
#include "tools/chat/chat_tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "model":{"type":"string","minLength":1},
    "provider":{"type":"string","description":"Where several providers have a model of that name: whose"},
    "prompt":{"type":"string","minLength":1,"description":"What the model is to do; or `messages`"},
    "messages":{"type":"array","minItems":1,"items":{"type":"object","properties":{
      "role":{"type":"string","enum":["system","developer","user","assistant"]},"content":{"type":"string"}},
      "required":["role","content"]}},
    "system_prompt":{"type":"string"},
    "max_tokens":{"type":"integer","minimum":1},
    "temperature":{"type":"number","minimum":0,"maximum":2},
    "top_p":{"type":"number","minimum":0,"maximum":1},
    "stop":{"type":"array","items":{"type":"string"},"maxItems":16},
    "stream":{"type":"boolean","default":false,"description":"Tell the answer's text piece by piece as progress"}
  },
  "required":["model"],
  "anyOf":[{"required":["prompt"]},{"required":["messages"]}],
  "additionalProperties":false
})";

// The system prompt, the messages, then the prompt: whatever of them is there.
std::string conversation(json::Value arguments) {
  std::string out;
  json::Writer w(out);
  const auto say = [&w](const char* role, std::string_view text) {
    if (text.empty()) return;
    w.begin_object();
    w.field("role", role);
    w.field("content", text);
    w.end_object();
  };
  w.begin_array();
  say("system", arguments["system_prompt"].as_string());
  for (const json::Value m : arguments["messages"].items()) w.write(m);
  say("user", arguments["prompt"].as_string());
  w.end_array();
  return out;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value arguments) {
  auto model = model_named(deps, arguments["model"].as_string(), arguments["provider"].as_string());
  if (!model) co_return error_result(model.error());
  ModelQuestion q;
  q.model = std::move(*model);
  q.messages = conversation(arguments);
  q.temperature = arguments["temperature"].as_double(-1);
  q.max_tokens = arguments["max_tokens"].as_int();
  q.more = members_of(arguments, {"top_p", "stop"});
  co_return co_await ask_and_tell(deps, context, std::move(q), {arguments["stream"].as_bool(), false, {}});
}

}  // namespace

mcp::Tool generate(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "generate",
             .title = "Generate text",
             .description = "Has a model write text from a prompt, and tells tokens, cost and latency.",
             .input = kInput,
             .output = answer_schema(),
             .hints = kAsksModels});
}

}  // namespace pb::tools
