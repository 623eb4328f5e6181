// A request's tools, wherever they stand, and the choice among them.
#include "llm/custom_tools.h"
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;

// The namespace that tools stand in, if any.
struct Space {
  Str name, description;
};

Result<void> function(Value v, const Path& at, json::Arena& arena, Tool& tool) {
  TRY_ASSIGN(tool.description, maybe_string(v, "description", at));
  if (const Value p = v["parameters"]; !p.is_null()) {
    if (!p.is_object()) return Path(at, "parameters").wrong_type("an object", p);
    tool.parameters = p;
  }
  TRY_ASSIGN(tool.strict, maybe_bool(v, "strict", at));
  tool.extra = rest_of(v, {"type", "name", "description", "parameters", "strict"}, arena);
  return {};
}

Result<void> custom(Value v, const Path& at, json::Arena&, Tool& tool) {
  tool.kind = Tool::Kind::custom;
  tool.raw = v;
  TRY_ASSIGN(tool.description, maybe_string(v, "description", at));
  return {};
}

// A tool that the client searches with itself is a function like others; one that the provider searches with is its own.
bool searches_itself(Value v) {
  return v["execution"].as_string() == "client" && v["parameters"].is_object();
}

Result<void> read_tool(Request& r, Value v, const Path& at, const Space& space, bool found);

Result<void> read_list(Request& r, Value list, const Path& at, const Space& space, bool found) {
  if (!list.is_array()) return at.wrong_type("an array", list);
  r.tools.reserve(r.tools.size() + list.size());
  for (std::size_t i = 0; i < list.size(); ++i) TRY(read_tool(r, list.at(i), Path(at, i), space, found));
  return {};
}

Result<void> read_tool(Request& r, Value v, const Path& at, const Space& space, bool found) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY_ASSIGN(const Str type, need_string(v, "type", at));
  if (type == "namespace" && space.name.empty()) {
    Space inner;
    TRY_ASSIGN(inner.name, need_string(v, "name", at));
    if (inner.name.empty()) return Path(at, "name").fail("must not be empty");
    TRY_ASSIGN(inner.description, maybe_string(v, "description", at));
    return read_list(r, v["tools"], Path(at, "tools"), inner, found);
  }
  Tool tool;
  tool.format = kName;
  tool.found = found;
  if (type == "function" || type == "custom") {
    TRY_ASSIGN(Str name, need_string(v, "name", at));
    if (name.empty()) return Path(at, "name").fail("must not be empty");
    tool.name = joined_name(space.name, name, r.arena);
    tool.name_space = space.name;
    tool.name_space_description = space.description;
    if (!space.name.empty()) tool.raw = v;
    TRY(type == "function" ? function(v, at, r.arena, tool) : custom(v, at, r.arena, tool));
  } else if (type == kToolSearch && searches_itself(v)) {
    TRY(function(v, at, r.arena, tool));
    tool.name = kToolSearch;
    tool.raw = v;
    tool.extra = {};
  } else {
    tool.kind = Tool::Kind::opaque;
    tool.name = v["name"].as_string();
    tool.raw = v;
  }
  r.tools.push_back(std::move(tool));
  return {};
}

Result<void> mode(Str word, const Path& at, ToolChoice& choice) {
  using Kind = ToolChoice::Kind;
  if (word == "auto")
    choice.kind = Kind::automatic;
  else if (word == "none")
    choice.kind = Kind::none;
  else if (word == "required")
    choice.kind = Kind::required;
  else
    return at.fail("must be \"none\", \"auto\" or \"required\"");
  return {};
}

Result<void> allowed(Value list, const Path& at, Request& r) {
  if (!list.is_array()) return at.wrong_type("an array", list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value entry = list.at(i);
    const Path here(at, i);
    if (!entry.is_object()) return here.wrong_type("an object", entry);
    if (const Str type = entry["type"].as_string(); type != "function" && type != "custom") continue;
    TRY_ASSIGN(const Str name, need_string(entry, "name", here));
    TRY_ASSIGN(const Str space, maybe_string(entry, "namespace", here));
    r.tool_choice.allowed.push_back(joined_name(space, name, r.arena));
  }
  return {};
}

void keep(Request& r, Str name, Value v) {
  const json::Member member{name, v};
  r.extra = join(r.extra, Value::object(r.arena, {&member, 1}), r.arena);
}

}  // namespace

Result<void> decode_tools(Value tools, const Path& at, Request& r) {
  return read_list(r, tools, at, {}, false);
}

Result<void> decode_found_tools(Value tools, const Path& at, Request& r) {
  return read_list(r, tools, at, {}, true);
}

Result<void> decode_tool_choice(Value v, const Path& at, Request& r) {
  if (v.is_string()) return mode(v.as_string(), at, r.tool_choice);
  if (!v.is_object()) return at.wrong_type("a string or an object", v);
  TRY_ASSIGN(const Str type, need_string(v, "type", at));
  if (type == "function" || type == "custom") {
    TRY_ASSIGN(const Str name, need_string(v, "name", at));
    if (name.empty()) return Path(at, "name").fail("must not be empty");
    TRY_ASSIGN(const Str space, maybe_string(v, "namespace", at));
    r.tool_choice.kind = ToolChoice::Kind::named;
    r.tool_choice.name = joined_name(space, name, r.arena);
    return {};
  }
  if (type == "allowed_tools") {
    TRY_ASSIGN(const Str word, maybe_string(v, "mode", at));
    TRY(mode(word.empty() ? Str("auto") : word, Path(at, "mode"), r.tool_choice));
    TRY(allowed(v["tools"], Path(at, "tools"), r));
    // Some have no name, or one within a namespace.
    if (v["tools"].size() != r.tool_choice.allowed.size()) keep(r, kAllowedTools, v);
    return {};
  }
  keep(r, "tool_choice", v);  // one of the provider's own tools
  return {};
}

}  // namespace pb::llm::openai_responses
