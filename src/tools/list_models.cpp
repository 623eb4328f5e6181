// list_models: which models can be asked for.
#include "base/json.h"
#include "base/utf8.h"
#include "gateway/listed_models.h"
#include "llm/prices.h"
#include "tools/tool.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "provider":{"type":"string","description":"Only the models of this provider, by its name in the configuration"},
    "contains":{"type":"string","description":"Only models whose name contains this text"}
  },
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "models":{"type":"array","items":{"type":"object","properties":{
      "name":{"type":"string"},"provider":{"type":"string"},
      "context_length":{"type":"integer"},"max_output_tokens":{"type":"integer"}},
      "required":["name","provider"]}},
    "count":{"type":"integer"}
  },
  "required":["models","count"]
})";

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  co_await gateway::freshen(deps.gateway.model_lists(), deps.gateway.snapshot_in_use());
  const gateway::Snapshot& snapshot = deps.gateway.snapshot();
  const std::string_view provider = arguments["provider"].as_string(),
                         part = arguments["contains"].as_string();
  if (!provider.empty() && snapshot.find_upstream(provider) == nullptr)
    co_return mcp::error_result("there is no provider `" + std::string(utf8::beginning(provider, 100)) + "`");
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("models");
  w.begin_array();
  std::int64_t count = 0;
  for (const gateway::ListedModel& m :
       gateway::list_models(snapshot, deps.gateway.model_lists(), &caller_of(context.principal()))) {
    if ((!provider.empty() && m.owner != provider) || !m.id.contains(part)) continue;
    ++count;
    w.begin_object();
    w.field("name", m.id);
    w.field("provider", m.owner);
    if (m.context != 0) w.field("context_length", m.context);
    if (m.output_max != 0) w.field("max_output_tokens", m.output_max);
    w.end_object();
  }
  w.end_array();
  w.field("count", count);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool list_models(const Deps& deps) {
  return make_tool<run>(
      deps,
      {.name = "list_models",
       .title = "List models",
       .description =
           "Lists the models that can be asked for, with their provider and limits where they are known.",
       .input = kInput,
       .output = kOutput,
       .hints = kReads});
}

}  // namespace pb::tools
