// Tools, the choice among them and the answer's format, towards providers of this format and of its relatives.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/schema.h"

namespace pb::llm::openai_chat {
namespace {

using json::Writer;

struct ToolWriter {
  const Request& r;
  const Quirks& quirks;
  const Variant& variant;
  Dropped& dropped;
  Writer& w;
  json::Arena scratch;  // cleaned schemas
  bool same = r.format == variant.name;
  bool customs = variant.custom_tools && quirks.custom_tools;
  bool narrows = same || customs;  // the provider can be told which tools are allowed

  void tools();
  void tool(const Tool& t);
  void function(const Tool& t);
  void custom(const Tool& t);
  void tool_choice();
  void allowed_tools();
  void response_format();
  // Writes `schema` and, where it holds, `strict`. `name` is what is dropped when it cannot hold.
  void schema(std::string_view key, json::Value schema, std::optional<bool> strict, std::string_view name);
};

void ToolWriter::schema(std::string_view key, json::Value given, std::optional<bool> strict,
                        std::string_view name) {
  if (strict.value_or(false) && quirks.strict_schema) {
    if (auto closed = openai_strict_schema(given, scratch)) {
      w.field(key, *closed);
      w.field("strict", true);
      return;
    }
    dropped.add(name);
    strict = false;
  }
  w.field(key, tool_schema(given, scratch));
  if (strict) w.field("strict", *strict);
}

void ToolWriter::function(const Tool& t) {
  w.field("type", "function");
  w.key("function");
  w.begin_object();
  w.field("name", t.name);
  if (!t.description.empty()) w.field("description", t.description);
  bool bare = same && t.parameters.is_null();
  if (!bare)
    schema("parameters", t.parameters, t.strict, "tools.strict");
  else if (t.strict)
    w.field("strict", *t.strict);
  if (same)
    write_extra(w, t.extra);
  else
    drop_extra(t.extra, dropped);
  w.end_object();
  if (!t.cache.on) return;
  if (!quirks.openrouter) return dropped.add("cache_control");
  w.key("cache_control");
  w.begin_object();
  w.field("type", "ephemeral");
  if (!t.cache.ttl.empty()) w.field("ttl", t.cache.ttl);
  w.end_object();
}

void ToolWriter::custom(const Tool& t) {
  w.field("type", "custom");
  w.key("custom");
  if (t.format == variant.name) return w.write(t.raw);
  w.begin_object();
  w.field("name", t.name);
  if (!t.description.empty()) w.field("description", t.description);
  if (const Grammar g = grammar_of(t); !g.definition.empty()) {
    w.key("format");
    w.begin_object();
    w.field("type", "grammar");
    w.key("grammar");
    w.begin_object();
    w.field("syntax", g.syntax);
    w.field("definition", g.definition);
    w.end_object();
    w.end_object();
  }
  w.end_object();
}

void ToolWriter::tool(const Tool& t) {
  w.begin_object();
  if (t.kind != Tool::Kind::custom)
    function(t);
  else if (customs)
    custom(t);
  else
    write_custom_as_function(w, t);
  w.end_object();
}

void ToolWriter::tools() {
  auto carried = [&](const Tool& t) { return t.kind != Tool::Kind::opaque || t.format == variant.name; };
  auto sent = [&](const Tool& t) { return carried(t) && (narrows || may_be_called(r, t)); };
  bool any = std::any_of(r.tools.begin(), r.tools.end(), sent);
  if (std::any_of(r.tools.begin(), r.tools.end(), [&](const Tool& t) { return !carried(t); }))
    dropped.add("provider_tools");
  if (!any) return;  // an empty list, or a choice without tools, is an error there
  w.key("tools");
  w.begin_array();
  for (const Tool& t : r.tools) {
    if (!sent(t)) continue;
    if (t.kind == Tool::Kind::opaque)
      w.write(t.raw);
    else
      tool(t);
  }
  w.end_array();
  tool_choice();
  if (!r.parallel_tool_calls) return;
  if (quirks.parallel_tool_calls)
    w.field("parallel_tool_calls", *r.parallel_tool_calls);
  else
    dropped.add("parallel_tool_calls");
}

void ToolWriter::allowed_tools() {
  w.key("tool_choice");
  w.begin_object();
  w.field("type", "allowed_tools");
  w.key("allowed_tools");
  w.begin_object();
  w.field("mode", r.tool_choice.kind == ToolChoice::Kind::required ? "required" : "auto");
  w.key("tools");
  w.begin_array();
  for (const Str name : r.tool_choice.allowed) {
    const Tool* tool = find_tool(&r, name);
    if (tool == nullptr && !same) continue;
    std::string_view type =
        tool != nullptr && tool->kind == Tool::Kind::custom && customs ? "custom" : "function";
    w.begin_object();
    w.field("type", type);
    w.key(type);
    w.begin_object();
    w.field("name", name);
    w.end_object();
    w.end_object();
  }
  w.end_array();
  w.end_object();
  w.end_object();
}

void ToolWriter::tool_choice() {
  using Kind = ToolChoice::Kind;
  if (json::Value list = r.extra[kAllowedTools]; same && list.is_object())
    return w.field("tool_choice", list);
  if (narrows && !r.tool_choice.allowed.empty() && r.tool_choice.kind != Kind::none) return allowed_tools();
  switch (r.tool_choice.kind) {
    case Kind::unset:
      return;
    case Kind::automatic:
      return w.field("tool_choice", "auto");
    case Kind::none:
      return w.field("tool_choice", "none");
    case Kind::required:
      return w.field("tool_choice", variant.must_call);
    case Kind::named:
      break;
  }
  auto named = std::find_if(r.tools.begin(), r.tools.end(),
                            [&](const Tool& t) { return t.name == r.tool_choice.name; });
  if (named != r.tools.end() && named->kind == Tool::Kind::opaque) return;  // the tool itself was dropped
  bool custom = named != r.tools.end() && named->kind == Tool::Kind::custom && customs;
  std::string_view type = custom ? "custom" : "function";
  w.key("tool_choice");
  w.begin_object();
  w.field("type", type);
  w.key(type);
  w.begin_object();
  w.field("name", r.tool_choice.name);
  w.end_object();
  w.end_object();
}

void ToolWriter::response_format() {
  const ResponseFormat& f = r.response_format;
  using Kind = ResponseFormat::Kind;
  if (f.kind == Kind::unset) return;
  w.key("response_format");
  w.begin_object();
  if (f.kind == Kind::text) {
    w.field("type", "text");
  } else if (f.kind == Kind::json_object || !quirks.json_schema) {
    w.field("type", "json_object");  // encode_messages() adds the schema as an instruction
  } else {
    w.field("type", "json_schema");
    w.key("json_schema");
    w.begin_object();
    w.field("name", schema_name(f.name));
    if (!f.description.empty()) w.field("description", f.description);
    // Formats without the switch always hold to the schema.
    std::optional<bool> strict = f.strict;
    if (!strict && !same) strict = true;
    if (!f.schema.is_null())
      schema("schema", f.schema, strict, "response_format.strict");
    else if (strict)
      w.field("strict", *strict);
    w.end_object();
  }
  w.end_object();
}

}  // namespace

// The grammar is told, not enforced; the way back is CallRestorer's.
void write_custom_as_function(Writer& w, const Tool& t) {
  w.field("type", "function");
  w.key("function");
  w.begin_object();
  w.field("name", t.name);
  if (std::string description = custom_description(t); !description.empty())
    w.field("description", std::string_view(description));
  w.key("parameters");
  w.raw(kCustomSchema);
  w.end_object();
}

void write_tools(const Request& r, const Quirks& quirks, const Variant& variant, Dropped& dropped,
                 Writer& w) {
  ToolWriter{r, quirks, variant, dropped, w, {}}.tools();
}

void write_response_format(const Request& r, const Quirks& quirks, const Variant& variant, Dropped& dropped,
                           Writer& w) {
  ToolWriter{r, quirks, variant, dropped, w, {}}.response_format();
}

}  // namespace pb::llm::openai_chat
