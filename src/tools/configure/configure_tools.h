// Tools that change the configuration, as far as the configuration itself allows it (`mcp.tools.configure`).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "config/paths.h"
#include "config/tool_scope.h"
#include "tools/configure/editor.h"
#include "tools/tools.h"

namespace pb::tools {

// All of this folder. They are there only for whom may_configure() says so; this is looked at anew for each list and each call.
void add_configure_tools(const Deps& deps, mcp::Offer& offer);
bool configures(std::string_view tool);  // whether it is one of them
bool may_configure(const Deps& deps, const mcp::Principal& principal);

// One file each.
mcp::Tool set_config(const Deps& deps);
mcp::Tool reset_config(const Deps& deps);

// What tools may change for the caller of a call; the error to answer with where that is nothing.
Result<config::ToolScope> scope_for(const Deps& deps, const mcp::Context& context);
// The path of an argument, where it is one that tools may change. Error: with the argument's name.
Result<config::Steps> path_in_scope(const config::ToolScope& scope, std::string_view path);

// The value at a place of a configuration as config::show() has it; nullopt where there is none.
std::optional<json::Value> value_at(json::Value config, const config::Steps& place);
// What stands at a place of the configuration in use, masked, as JSON; "null" where there is nothing.
std::string shown_at(const Deps& deps, const config::Steps& place);

// Off the event loop. Error: why it was refused; nothing was changed then.
Task<Result<EditedConfig>> edit_config(Deps deps, config::OverlayEdit edit);

// The members of one place: path, value (what is in force there now) and before.
void write_place(json::Writer& w, const Deps& deps, const config::Steps& place, std::string_view before);
// The members that tell what has become of it: changed, notes, needs_restart.
void write_outcome(json::Writer& w, const EditedConfig& edited);

}  // namespace pb::tools
