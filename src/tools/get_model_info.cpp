// get_model_info: what is known of one model.
#include "base/json.h"
#include "base/utf8.h"
#include "gateway/listed_models.h"
#include "gateway/route.h"
#include "tools/tool.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "model":{"type":"string","minLength":1,"description":"A model's name, as list_models has it"},
    "provider":{"type":"string","description":"Where several providers have a model of that name: whose"}
  },
  "required":["model"],
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "name":{"type":"string"},"provider":{"type":"string"},"vendor":{"type":"string"},"model":{"type":"string"},
    "route":{"type":"string"},
    "context_length":{"type":"integer"},"max_output_tokens":{"type":"integer"},
    "price":{"type":"object","description":"US dollars per million tokens","properties":{
      "input":{"type":"number"},"output":{"type":"number"}},"required":["input","output"]}
  },
  "required":["name","provider","model"]
})";

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  const std::string_view name = arguments["model"].as_string(), provider = arguments["provider"].as_string();
  if (name.empty()) co_return mcp::error_result("model must be a model's name, as list_models has it");
  const std::string asked =
      provider.empty() ? std::string(name) : std::string(provider) + "/" + std::string(name);
  std::string known = model_json(deps, context, asked);
  if (known.empty())
    co_return mcp::error_result("no model `" + std::string(utf8::beginning(asked, 200)) +
                                "` is known; list_models tells which there are");
  co_return mcp::structured_result(std::move(known));
}

}  // namespace

std::string model_json(const Deps& deps, const mcp::Context& context, std::string_view model) {
  const gateway::Snapshot& snapshot = deps.gateway.snapshot();
  const auto listed =
      gateway::find_listed(snapshot, deps.gateway.model_lists(), model, &caller_of(context.principal()));
  if (!listed) return {};
  const auto route = gateway::choose(snapshot, model, *llm::dialects().front());
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("name", listed->id);
  w.field("provider", listed->owner);
  w.field("model", route ? std::string_view(route->model) : std::string_view(listed->id));
  if (route) {
    w.field("vendor", route->upstream->provider->vendor->name);
    if (route->pool != nullptr) w.field("route", std::string_view(listed->id));
  }
  if (listed->context != 0) w.field("context_length", listed->context);
  if (listed->output_max != 0) w.field("max_output_tokens", listed->output_max);
  if (route)
    if (const auto price = gateway::price_of(snapshot.config(), *route->upstream->provider, route->model)) {
      w.key("price");
      w.begin_object();
      w.field("input", price->input);
      w.field("output", price->output);
      w.end_object();
    }
  w.end_object();
  return out;
}

mcp::Tool get_model_info(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "get_model_info",
             .title = "Model information",
             .description = "Tells what is known of one model: its provider, its limits and its price.",
             .input = kInput,
             .output = kOutput,
             .hints = kReads});
}

}  // namespace pb::tools
