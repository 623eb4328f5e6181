// What the tools that change the configuration have in common.
#include "base/log.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config/load.h"
#include "net/blocking.h"
#include "tools/configure/configure_tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

using config::OverlayOutcome;

constexpr std::size_t kShownBytes = 200;  // of what a message repeats

std::optional<json::Value> entry_of(json::Value list, std::string_view step) {
  std::size_t n = 0;
  for (const json::Value entry : list.items()) {
    const std::string_view name = entry.has("name") ? entry["name"].as_string() : entry["use"].as_string();
    if (step == "[" + std::to_string(n++) + "]" || step == name || step == entry.as_string()) return entry;
  }
  return std::nullopt;
}

std::string joined(const std::vector<config::Mistake>& mistakes) {
  std::string out;
  for (const config::Mistake& m : mistakes) out.append(out.empty() ? "" : "; ").append(m.text());
  return out;
}

Error refusal(const OverlayOutcome& done) {
  if (done.refused == OverlayOutcome::Refused::secret)
    return fail(Code::invalid_request,
                "nothing was changed: " + done.mistakes.front().path +
                    ": secrets are not set by tools: that is for whoever runs this gateway, in its file or "
                    "environment")
        .error();
  const Code code = done.refused == OverlayOutcome::Refused::failed ? Code::internal : Code::invalid_request;
  return fail(code, "nothing was changed: " + joined(done.mistakes)).error();
}

}  // namespace

void add_configure_tools(const Deps& deps, mcp::Offer& offer) {
  if (deps.config_editor != nullptr) add_tools(deps, {set_config, reset_config}, offer);
}

bool configures(std::string_view tool) { return tool == "set_config" || tool == "reset_config"; }

bool may_configure(const Deps& deps, const mcp::Principal& principal) {
  return sees_all(principal) && !deps.gateway.snapshot().config().mcp.tools.configure.empty();
}

Result<config::ToolScope> scope_for(const Deps& deps, const mcp::Context& context) {
  if (may_configure(deps, context.principal()))
    return config::ToolScope(deps.gateway.snapshot().config().mcp.tools.configure);
  return fail(Code::permission_denied, "the configuration cannot be changed by this caller");
}

Result<config::Steps> path_in_scope(const config::ToolScope& scope, std::string_view path) {
  auto steps = config::parse_path(path);
  const std::string shown(utf8::beginning(path, kShownBytes));
  if (!steps) return fail(Code::invalid_request, "path: `" + shown + "`: " + steps.error().message);
  if (scope.covers(*steps)) return steps;
  return fail(Code::permission_denied, "path: `" + shown +
                                           "` is not among what tools may change here, which is " +
                                           scope.text() + " (mcp.tools.configure), with what is below");
}

std::optional<json::Value> value_at(json::Value at, const config::Steps& place) {
  for (const std::string& step : place) {
    if (at.is_string() && step == "use")
      continue;  // a model's "provider/model" stands for {use: provider/model}
    std::optional<json::Value> next;
    if (at.is_array()) next = entry_of(at, step);
    if (const json::Value* member = at.find(step); member != nullptr) next = *member;
    if (!next) return std::nullopt;
    at = *next;
  }
  return at;
}

std::string shown_at(const Deps& deps, const config::Steps& place) {
  const std::string whole = config::show(deps.gateway.snapshot().config(), true);
  json::Arena arena;
  const auto root = json::parse(whole, arena);
  const auto found = root ? value_at(*root, place) : std::nullopt;
  return found ? json::to_text(*found) : "null";
}

Task<Result<EditedConfig>> edit_config(Deps deps, config::OverlayEdit edit) {
  auto work = [edit = std::move(edit), run = deps.config_editor->edit]() -> Result<EditedConfig> {
    EditedConfig out = run(edit);
    if (out.done.refused != OverlayOutcome::Refused::no) return std::unexpected(refusal(out.done));
    if (out.done.changed)
      log::info(log::Module::config, "a tool has changed the overlay",
                {{"path", edit.path.empty() ? std::string("all that tools may change") : edit.path}});
    return out;
  };
  auto done = co_await net::blocking(deps.gateway.blocking(), std::move(work));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::move(*done);
}

void write_place(json::Writer& w, const Deps& deps, const config::Steps& place, std::string_view before) {
  w.field("path", config::path_text(place));
  w.key("value");
  w.raw(shown_at(deps, place));
  w.key("before");
  w.raw(before);
}

void write_outcome(json::Writer& w, const EditedConfig& edited) {
  std::vector<std::string> notes = edited.done.notes;
  if (!edited.refused.empty())
    notes.push_back("it is written down, but the configuration before stays in force: " + edited.refused);
  w.field("changed", edited.done.changed);
  w.key("notes");
  w.strings(notes);
  w.key("needs_restart");
  w.begin_array();
  for (std::string_view rest = edited.later; !rest.empty();) {
    const std::size_t end = rest.find(", ");
    w.string(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 2);
  }
  w.end_array();
}

}  // namespace pb::tools
