// set_config: sets an option of the configuration while the gateway runs.
#include "tools/configure/configure_tools.h"
#include "tools/model_call.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::size_t kValueBytesMax = 65'536;

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "path":{"type":"string","minLength":1,"maxLength":1000,"description":"An option such as log.level or default_model, an entry such as models.fast, or a section; names that have dots stand in quotes, as in models.\"a.b\""},
    "value":{"description":"Any JSON. null: what the configuration file has there does not count"}
  },
  "required":["path","value"],
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "path":{"type":"string"},
    "value":{"description":"What is in force there now; null: nothing"},
    "before":{"description":"What was"},
    "changed":{"type":"boolean","description":"Whether it was not set so already"},
    "notes":{"type":"array","items":{"type":"string"}},
    "needs_restart":{"type":"array","items":{"type":"string"},"description":"Options that only count from the gateway's next start on"}
  },
  "required":["path","value","before","changed","notes","needs_restart"]
})";

// The place of the first text that names a variable or a stored key: those would be put in, and read back by get_config. "" = none.
std::string variable_in(json::Value value, config::Steps& place) {
  if (value.is_string() && value.as_string().contains("${")) return config::path_text(place);
  std::size_t n = 0;
  std::string found;
  for (const json::Value item : value.items()) {
    place.push_back("[" + std::to_string(n++) + "]");
    if (found.empty()) found = variable_in(item, place);
    place.pop_back();
  }
  for (const json::Member& m : value.members()) {
    place.emplace_back(m.key);
    if (found.empty()) found = variable_in(m.value, place);
    place.pop_back();
  }
  return found;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  const auto scope = scope_for(deps, context);
  if (!scope) co_return error_result(scope.error());
  auto place = path_in_scope(*scope, arguments["path"].as_string());
  if (!place) co_return error_result(place.error());
  if (const std::string at = variable_in(arguments["value"], *place); !at.empty())
    co_return mcp::error_result("nothing was changed: " + at +
                                ": tools cannot set variables (${NAME}), since those may hold secrets");
  std::string value = json::to_text(arguments["value"]);
  if (value.size() > kValueBytesMax)
    co_return mcp::error_result("value: has " + std::to_string(value.size()) + " bytes, at most " +
                                std::to_string(kValueBytesMax) + " are taken");
  const std::string before = shown_at(deps, *place);
  const auto edited = co_await edit_config(
      deps, {config::OverlayEdit::Kind::set, config::path_text(*place), std::move(value)});
  if (!edited) co_return error_result(edited.error());
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_place(w, deps, *place, before);
  write_outcome(w, *edited);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool set_config(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "set_config",
             .title = "Change the configuration",
             .description =
                 "Sets an option of the configuration, at once and for all of this gateway's clients. The "
                 "user's file stays as it is: reset_config takes the setting away again. Some paths are "
                 "allowed only; a refusal names them. get_config shows what is there.",
             .input = kInput,
             .output = kOutput,
             .hints = {mcp::Hint::no, mcp::Hint::no, mcp::Hint::yes, mcp::Hint::no}});
}

}  // namespace pb::tools
