// get_config: the configuration in force, without secrets.
#include "base/strings.h"
#include "base/utf8.h"
#include "config/load.h"
#include "tools/chat/chat_tools.h"
#include "tools/configure/configure_tools.h"
#include "tools/model_call.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "path":{"type":"string","maxLength":1000,"description":"A part of it, such as log, log.level, providers or models.\"a.b\"; missing: all"}
  },
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "path":{"type":"string"},
    "source":{"type":"string","description":"The file it came from; missing: there is none"},
    "config":{"description":"What stands at that path"}
  },
  "required":["path","config"]
})";

// The value at a path whose names may hold dots without being in quotes: the longest name counts.
std::optional<json::Value> value_named(json::Value root, std::string_view path) {
  if (path.empty()) return root;
  for (std::size_t end = path.size(); end != path.npos && end > 0; end = path.rfind('.', end - 1)) {
    const json::Value* next = root.find(path.substr(0, end));
    if (next == nullptr) continue;
    if (auto found = value_named(*next, end == path.size() ? std::string_view() : path.substr(end + 1)))
      return found;
  }
  return std::nullopt;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  if (!sees_all(context.principal()))
    co_return error_result(
        fail(Code::permission_denied,
             "the configuration is shown neither to keys that `patchbay keys` has made nor to access tokens")
            .error());
  const config::Config& config = deps.gateway.snapshot().config();
  const std::string whole = config::show(config, true);
  json::Arena arena;
  const auto root = json::parse(whole, arena);
  const std::string_view path = arguments["path"].as_string();
  const auto steps = config::parse_path(path);
  auto found = root && steps ? value_at(*root, *steps) : std::nullopt;
  if (!found && root) found = value_named(*root, path);
  if (!found)
    co_return mcp::error_result("path: there is no option `" + std::string(utf8::beginning(path, 200)) +
                                "`; docs/configuration.md lists them");
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("path", path);
  if (!config.source.empty()) w.field("source", config.source);
  w.field("config", *found);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool get_config(const Deps& deps) {
  return make_tool<run>(deps, {.name = "get_config",
                               .title = "Configuration",
                               .description = "Shows the configuration in force, or a part of it: providers, "
                                              "default model, routes, limits, logging. Secrets are masked.",
                               .input = kInput,
                               .output = kOutput,
                               .hints = kReads});
}

}  // namespace pb::tools
