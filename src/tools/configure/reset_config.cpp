// reset_config: takes settings away again that were made while the gateway runs.
#include "tools/configure/configure_tools.h"
#include "tools/model_call.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

using config::OverlayEdit;

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "path":{"type":"string","minLength":1,"maxLength":1000,"description":"One that was set, as set_config has it; missing: all that were set and that tools may change"}
  },
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "reset":{"type":"array","items":{"type":"string"},"description":"The paths of the settings that were taken away"},
    "path":{"type":"string"},
    "value":{"description":"What is in force at the path now; null: nothing"},
    "before":{"description":"What was"},
    "changed":{"type":"boolean"},
    "notes":{"type":"array","items":{"type":"string"}},
    "needs_restart":{"type":"array","items":{"type":"string"},"description":"Options that only count from the gateway's next start on"}
  },
  "required":["reset","changed","notes","needs_restart"]
})";

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  const auto scope = scope_for(deps, context);
  if (!scope) co_return error_result(scope.error());
  const bool one = arguments.has("path");
  config::Steps place;
  OverlayEdit edit{OverlayEdit::Kind::reset, {}, {}};
  edit.which = [scope = *scope](const config::Steps& steps) { return scope.covers(steps); };
  if (one) {
    auto steps = path_in_scope(*scope, arguments["path"].as_string());
    if (!steps) co_return error_result(steps.error());
    place = std::move(*steps);
    edit = {OverlayEdit::Kind::unset, config::path_text(place), {}};
  }
  const std::string before = one ? shown_at(deps, place) : "";
  const auto edited = co_await edit_config(deps, std::move(edit));
  if (!edited) co_return error_result(edited.error());
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("reset");
  w.strings(one ? std::vector<std::string>{config::path_text(place)} : edited->done.taken);
  if (one) write_place(w, deps, place, before);
  write_outcome(w, *edited);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool reset_config(const Deps& deps) {
  return make_tool<run>(
      deps,
      {.name = "reset_config",
       .title = "Take settings back",
       .description =
           "Takes a setting away again that set_config, the admin API or `patchbay config set` has made, "
           "so that the user's file counts there, or all of them, as far as tools may change them.",
       .input = kInput,
       .output = kOutput,
       .hints = {mcp::Hint::no, mcp::Hint::no, mcp::Hint::yes, mcp::Hint::no}});
}

}  // namespace pb::tools
