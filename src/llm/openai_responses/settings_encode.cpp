// What a request sets and its answer repeats: tools and the choice among them, the text's form, reasoning.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/openai_responses.h"
#include "llm/schema.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using json::Writer;

// Anthropic's and others' web search; its limits have no counterpart, its domains do.
bool is_web_search(const Tool& t) { return t.raw["type"].as_string().starts_with("web_search"); }

bool can_say(const Tool& t, bool same) {
  if (same) return !t.found;
  return t.kind != Tool::Kind::opaque || t.format == kName || is_web_search(t);
}

class ToolWriter {
 public:
  ToolWriter(Writer& w, const Request& r, const Quirks& quirks, Dropped& dropped)
      : w_(w), r_(r), quirks_(quirks), dropped_(dropped), same_(r.format == kName) {}

  void write() {
    w_.begin_array();
    Str space;
    for (const Tool& t : r_.tools) {
      if (!can_say(t, same_)) continue;
      const Str here = same_ ? t.name_space : Str();
      if (here != space) {
        if (!space.empty()) close_space();
        if (!here.empty()) open_space(t);
        space = here;
      }
      tool(t);
    }
    if (!space.empty()) close_space();
    w_.end_array();
  }

 private:
  void open_space(const Tool& t) {
    w_.begin_object();
    w_.field("type", "namespace");
    w_.field("name", t.name_space);
    w_.field("description", t.name_space_description);
    w_.key("tools");
    w_.begin_array();
  }
  void close_space() {
    w_.end_array();
    w_.end_object();
  }

  void tool(const Tool& t) {
    if (t.cache.on) dropped_.add("cache_control");
    if (t.kind == Tool::Kind::opaque) {
      if (t.format == kName) return w_.write(t.raw);
      return web_search(t);
    }
    if (same_ && t.raw.is_object() && (t.kind == Tool::Kind::custom || t.name == kToolSearch))
      return w_.write(t.raw);
    w_.begin_object();
    w_.field("type", t.kind == Tool::Kind::custom ? "custom" : "function");
    w_.field("name", same_ && !t.name_space.empty() ? t.raw["name"].as_string() : t.name);
    if (!t.description.empty()) w_.field("description", t.description);
    if (t.kind == Tool::Kind::custom)
      grammar(t);
    else
      parameters(t);
    if (t.format == kName)
      write_rest(w_, t.extra);
    else
      openai_chat::drop_extra(t.extra, dropped_);
    w_.end_object();
  }

  void grammar(const Tool& t) {
    const Grammar g = grammar_of(t);
    w_.key("format");
    w_.begin_object();
    w_.field("type", g.definition.empty() ? "text" : "grammar");
    if (!g.definition.empty()) {
      w_.field("syntax", g.syntax);
      w_.field("definition", g.definition);
    }
    w_.end_object();
  }

  // Both members always: an absent `strict` would mean strict.
  void parameters(const Tool& t) {
    if (same_) {
      w_.field("parameters", t.parameters);
      if (t.strict)
        w_.field("strict", *t.strict);
      else
        w_.null_field("strict");
      return;
    }
    bool strict = t.strict.value_or(false);
    if (strict && quirks_.strict_schema) {
      if (auto closed = openai_strict_schema(t.parameters, scratch_)) {
        w_.field("parameters", *closed);
        w_.field("strict", true);
        return;
      }
      dropped_.add("tools.strict");
      strict = false;
    }
    w_.field("parameters", tool_schema(t.parameters, scratch_));
    w_.field("strict", strict);
  }

  void web_search(const Tool& t) {
    w_.begin_object();
    w_.field("type", "web_search");
    if (const Value domains = t.raw["allowed_domains"]; domains.size() > 0) {
      w_.key("filters");
      w_.begin_object();
      w_.field("allowed_domains", domains);
      w_.end_object();
    }
    if (const Value place = t.raw["user_location"]; place.is_object()) w_.field("user_location", place);
    w_.end_object();
  }

  Writer& w_;
  const Request& r_;
  const Quirks& quirks_;
  Dropped& dropped_;
  const bool same_;
  json::Arena scratch_;
};

void named(Writer& w, const Request& r, Str name) {
  const Tool* tool = find_tool(&r, name);
  if (tool == nullptr &&
      std::any_of(r.tools.begin(), r.tools.end(), [&](const Tool& t) { return t.name == name; }))
    return w.string("required");  // a provider's own tool, which has another name here
  const bool same = r.format == kName;
  w.begin_object();
  w.field("type", tool != nullptr && tool->kind == Tool::Kind::custom ? "custom" : "function");
  w.field("name", same && tool != nullptr && tool->raw.has("name") ? tool->raw["name"].as_string() : name);
  w.end_object();
}

void allowed(Writer& w, const Request& r) {
  const bool same = r.format == kName;
  w.begin_object();
  w.field("type", "allowed_tools");
  w.field("mode", r.tool_choice.kind == ToolChoice::Kind::required ? "required" : "auto");
  w.key("tools");
  w.begin_array();
  for (const Str name : r.tool_choice.allowed) {
    const Tool* tool = find_tool(&r, name);
    if (tool == nullptr && !same) continue;
    const bool spaced = same && tool != nullptr && !tool->name_space.empty();
    w.begin_object();
    w.field("type", tool != nullptr && tool->kind == Tool::Kind::custom ? "custom" : "function");
    if (spaced) w.field("namespace", tool->name_space);
    w.field("name", spaced ? tool->raw["name"].as_string() : name);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void schema(Writer& w, const Request& r, const Quirks& quirks, Dropped& dropped) {
  const ResponseFormat& f = r.response_format;
  const bool same = r.format == kName;
  w.field("name", std::string_view(openai_chat::schema_name(f.name)));
  if (!f.description.empty()) w.field("description", f.description);
  // Formats without the switch always hold to the schema.
  std::optional<bool> strict = f.strict;
  if (!strict && !same) strict = r.format != openai_chat::kName;
  json::Arena scratch;
  Value given = f.schema;
  if (!same) given = tool_schema(f.schema, scratch);
  if (!same && strict.value_or(false) && quirks.strict_schema) {
    if (auto closed = openai_strict_schema(f.schema, scratch)) {
      given = *closed;
    } else {
      dropped.add("response_format.strict");
      strict = false;
    }
  }
  w.field("schema", given);
  if (strict) w.field("strict", *strict);
}

}  // namespace

bool has_tools(const Request& r, Dropped& dropped) {
  const bool same = r.format == kName;
  bool any = false;
  for (const Tool& t : r.tools) {
    if (can_say(t, same))
      any = true;
    else if (!t.found)
      dropped.add("provider_tools");
  }
  return any;
}

void write_tools(Writer& w, const Request& r, const Quirks& quirks, Dropped& dropped) {
  ToolWriter(w, r, quirks, dropped).write();
}

void write_tool_choice(Writer& w, const Request& r) {
  const bool same = r.format == kName;
  if (same && r.extra.has("tool_choice")) return w.write(r.extra["tool_choice"]);
  if (const Value list = r.extra[kAllowedTools]; same && list.is_object()) return w.write(list);
  if (!r.tool_choice.allowed.empty() && r.tool_choice.kind != ToolChoice::Kind::none) return allowed(w, r);
  switch (r.tool_choice.kind) {
    case ToolChoice::Kind::none:
      return w.string("none");
    case ToolChoice::Kind::required:
      return w.string("required");
    case ToolChoice::Kind::named:
      return named(w, r, r.tool_choice.name);
    case ToolChoice::Kind::unset:
    case ToolChoice::Kind::automatic:
      break;
  }
  w.string("auto");
}

void write_text_config(Writer& w, const Request& r, const Quirks& quirks, Dropped& dropped, bool defaults) {
  using Kind = ResponseFormat::Kind;
  const Kind kind = r.response_format.kind;
  w.begin_object();
  if (kind != Kind::unset || defaults) {
    w.key("format");
    w.begin_object();
    w.field("type", kind == Kind::json_schema   ? "json_schema"
                    : kind == Kind::json_object ? "json_object"
                                                : "text");
    if (kind == Kind::json_schema) schema(w, r, quirks, dropped);
    w.end_object();
  }
  if (!r.verbosity.empty() || defaults)
    w.field("verbosity", r.verbosity.empty() ? Str("medium") : r.verbosity);
  if (r.format == kName)
    for (const json::Member& m : r.extra.members())
      if (m.key.starts_with("text.")) w.field(m.key.substr(5), m.value);
  w.end_object();
}

void write_reasoning_config(Writer& w, const Request& r, Str effort, Str summary, bool defaults) {
  const auto word = [&](Str name, Str value) {
    if (!value.empty())
      w.field(name, value);
    else if (defaults)
      w.null_field(name);
  };
  w.begin_object();
  word("effort", effort);
  word("summary", summary);
  if (r.format == kName)
    for (const json::Member& m : r.extra.members())
      if (m.key.starts_with("reasoning.")) w.field(m.key.substr(10), m.value);
  w.end_object();
}

}  // namespace pb::llm::openai_responses
