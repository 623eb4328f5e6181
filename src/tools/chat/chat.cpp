// chat: one model answers a conversation.
#include "tools/chat/answering.h"
#include "tools/chat/chat_tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "model":{"type":"string","minLength":1,"description":"A model's name, as list_models has it, a route or an alias"},
    "messages":{"type":"array","minItems":1,"description":"The conversation, the oldest first","items":{
      "type":"object",
      "properties":{
        "role":{"type":"string","enum":["system","developer","user","assistant"]},
        "content":{"description":"Text, or parts as OpenAI's chat format has them","anyOf":[
          {"type":"string"},{"type":"array","minItems":1,"items":{"type":"object","required":["type"]}}]}
      },
      "required":["role","content"]}},
    "temperature":{"type":"number","minimum":0,"maximum":2},
    "top_p":{"type":"number","minimum":0,"maximum":1},
    "max_tokens":{"type":"integer","minimum":1,"description":"Of the answer"},
    "stop":{"type":"array","items":{"type":"string"},"maxItems":16},
    "stream":{"type":"boolean","default":false,"description":"Tell the answer's text piece by piece as progress"}
  },
  "required":["model","messages"],
  "additionalProperties":false
})";

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value arguments) {
  ModelQuestion q;
  q.model = arguments["model"].as_string();
  q.messages = json::to_text(arguments["messages"]);
  q.temperature = arguments["temperature"].as_double(-1);
  q.max_tokens = arguments["max_tokens"].as_int();
  q.more = members_of(arguments, {"top_p", "stop"});
  co_return co_await ask_and_tell(deps, context, std::move(q), {arguments["stream"].as_bool(), true, {}});
}

}  // namespace

mcp::Tool chat(const Deps& deps) {
  return make_tool<run>(deps,
                        {.name = "chat",
                         .title = "Chat with a model",
                         .description = "Sends a conversation to a model and returns its answer, with the "
                                        "whole completion, tokens, cost and latency.",
                         .input = kInput,
                         .output = answer_schema(
                             R"(,"completion":{"type":"object","description":"As of OpenAI's chat format"})",
                             R"(,"completion")"),
                         .hints = kAsksModels});
}

}  // namespace pb::tools
