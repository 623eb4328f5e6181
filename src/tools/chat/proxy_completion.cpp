// proxy_completion: a whole request to a model, tools of the caller's included.
#include "tools/chat/answering.h"
#include "tools/chat/chat_tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "messages":{"type":"array","minItems":1,"description":"As of OpenAI's chat format","items":{
      "type":"object",
      "properties":{"role":{"type":"string","enum":["system","developer","user","assistant","tool"]}},
      "required":["role"]}},
    "model":{"type":"string","description":"Missing: the configuration's default_model"},
    "provider":{"type":"string","description":"Whose model of that name"},
    "stream":{"type":"boolean","default":false,"description":"Tell the answer's text piece by piece as progress"},
    "tools":{"type":"array","maxItems":128,"description":"Tools that the model may call, as of OpenAI's chat format; the calls come back, nothing is run","items":{
      "type":"object","required":["type"]}},
    "tool_choice":{"description":"auto, none, required, or one tool","anyOf":[
      {"type":"string","enum":["auto","none","required"]},{"type":"object"}]},
    "max_tokens":{"type":"integer","minimum":1},
    "temperature":{"type":"number","minimum":0,"maximum":2},
    "top_p":{"type":"number","minimum":0,"maximum":1},
    "stop":{"type":"array","items":{"type":"string"},"maxItems":16},
    "response_format":{"type":"object"},
    "metadata":{"type":"object","description":"Returned as it is; the provider does not see it"}
  },
  "required":["messages"],
  "additionalProperties":false
})";
constexpr std::string_view kMore = R"(,
    "id":{"type":"string"},
    "tool_calls":{"type":"array","items":{"type":"object","properties":{
      "id":{"type":"string"},"name":{"type":"string"},"arguments":{"type":"string","description":"JSON, as the model wrote it"}},
      "required":["id","name","arguments"]}},
    "metadata":{"type":"object"})";

std::string more_of(const ModelAnswer& answer, json::Value arguments) {
  json::Arena arena;
  const auto root = json::parse(answer.body, arena);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("id", root ? (*root)["id"].as_string() : std::string_view());
  w.key("tool_calls");
  w.begin_array();
  if (root)
    for (const json::Value call : (*root)["choices"].at(0)["message"]["tool_calls"].items()) {
      const json::Value what = call[call.has("custom") ? "custom" : "function"];
      w.begin_object();
      w.field("id", call["id"].as_string());
      w.field("name", what["name"].as_string());
      w.field("arguments", what[what.has("input") ? "input" : "arguments"].as_string());
      w.end_object();
    }
  w.end_array();
  if (arguments.has("metadata")) w.field("metadata", arguments["metadata"]);
  w.end_object();
  return out.substr(1, out.size() - 2);
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value arguments) {
  auto model = model_named(deps, arguments["model"].as_string(), arguments["provider"].as_string());
  if (!model) co_return error_result(model.error());
  ModelQuestion q;
  q.model = std::move(*model);
  q.messages = json::to_text(arguments["messages"]);
  q.temperature = arguments["temperature"].as_double(-1);
  q.max_tokens = arguments["max_tokens"].as_int();
  q.more = members_of(arguments, {"tools", "tool_choice", "top_p", "stop", "response_format"});
  Telling telling;
  telling.stream = arguments["stream"].as_bool();
  telling.more = [arguments](const ModelAnswer& answer) { return more_of(answer, arguments); };
  co_return co_await ask_and_tell(deps, context, std::move(q), std::move(telling));
}

}  // namespace

mcp::Tool proxy_completion(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "proxy_completion",
             .title = "Completion through the gateway",
             .description = "Passes a whole chat request on to a model, with tools and a response format "
                            "where it has them, and returns the answer and the model's tool calls.",
             .input = kInput,
             .output = answer_schema(kMore, R"(,"id","tool_calls")"),
             .hints = kAsksModels});
}

}  // namespace pb::tools
