#include "llm/schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace pb::llm {
namespace {

using json::Member;
using json::Value;
using Names = std::span<const std::string_view>;

// What a strict target knows. Keywords outside `kept` carry meaning the model should still see, so they are
// written into the description.
struct Rules {
  Names kept;              // keywords copied as they are
  Names formats;           // values of `format` it knows
  bool all_required;       // every property must be in `required`; optional ones become nullable
  bool all_of;             // knows allOf
  bool min_items_only_01;  // minItems may be 0 or 1 and nothing else
};

constexpr std::array<std::string_view, 9> kOpenaiFormats = {"date-time", "time", "date", "duration", "email",
                                                            "hostname",  "ipv4", "ipv6", "uuid"};
constexpr std::array<std::string_view, 10> kAnthropicFormats = {
    "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"};
constexpr std::array<std::string_view, 14> kOpenaiKept = {"type",
                                                          "enum",
                                                          "const",
                                                          "description",
                                                          "title",
                                                          "$ref",
                                                          "pattern",
                                                          "multipleOf",
                                                          "minimum",
                                                          "maximum",
                                                          "exclusiveMinimum",
                                                          "exclusiveMaximum",
                                                          "minItems",
                                                          "maxItems"};
constexpr std::array<std::string_view, 6> kAnthropicKept = {"type",        "enum",  "const",
                                                            "description", "title", "$ref"};
constexpr Rules kOpenaiRules = {kOpenaiKept, kOpenaiFormats, true, false, false};
constexpr Rules kAnthropicRules = {kAnthropicKept, kAnthropicFormats, false, true, true};

constexpr std::array<std::string_view, 4> kSilent = {"$schema", "$id", "$comment", "additionalProperties"};
// Keywords whose loss would make a strict target refuse what the client's schema allows.
constexpr std::array<std::string_view, 7> kOpen = {"patternProperties", "not",         "if",         "allOf",
                                                   "dependentSchemas",  "$dynamicRef", "prefixItems"};

bool has(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_object_schema(Value s) {
  Value type = s["type"];
  if (type.as_string() == "object") return true;
  for (const Value& t : type.items())
    if (t.as_string() == "object") return true;
  return type.is_null() && s.has("properties");
}

bool allows_null(Value s) {
  Value type = s["type"];
  if (type.as_string() == "null") return true;
  for (const Value& t : type.items())
    if (t.as_string() == "null") return true;
  for (const Value& v : s["anyOf"].items())
    if (allows_null(v)) return true;
  return false;
}

Value null_schema(json::Arena& arena) {
  Member m{"type", Value::string("null")};
  return Value::object(arena, {&m, 1});
}

Value with_null(Value list, Value null_value, json::Arena& arena) {
  std::vector<Value> all(list.items().begin(), list.items().end());
  all.push_back(null_value);
  return Value::array(arena, all);
}

// The same schema, also allowing null.
Value nullable(Value s, json::Arena& arena) {
  if (!s.is_object() || allows_null(s)) return s;
  std::vector<Member> out(s.members().begin(), s.members().end());
  bool simple = s.has("type") && !s.has("const") && !s.has("$ref") && !s.has("anyOf");
  if (simple) {
    for (Member& m : out) {
      if (m.key == "type") {
        Value one = m.value.is_string() ? Value::array(arena, {&m.value, 1}) : m.value;
        m.value = with_null(one, Value::string("null"), arena);
      } else if (m.key == "enum") {
        m.value = with_null(m.value, Value{}, arena);
      }
    }
    return Value::object(arena, out);
  }
  Value pair[] = {s, null_schema(arena)};
  Member any{"anyOf", Value::array(arena, pair)};
  return Value::object(arena, {&any, 1});
}

class Cleaner {
 public:
  Cleaner(const Rules& rules, json::Arena& arena) : rules_(rules), arena_(arena) {}

  bool open() const { return open_; }

  Value clean(Value s) {
    if (!s.is_object()) {  // true, false or nonsense: nothing a strict target can take
      open_ = true;
      return s;
    }
    std::vector<Member> out;
    std::string rest;
    bool object = is_object_schema(s);
    for (const Member& m : s.members()) keyword(m, out, rest);
    if (object) close(s, out);
    if (!rest.empty()) describe(out, rest);
    return Value::object(arena_, out);
  }

 private:
  void keyword(const Member& m, std::vector<Member>& out, std::string& rest) {
    std::string_view k = m.key;
    if (k == "properties" && m.value.is_object()) return;  // close() writes them
    if (k == "required") return;
    if (k == "additionalProperties" && (m.value.is_object() || m.value.as_bool(false))) open_ = true;
    if (has(kSilent, k)) return;
    if (k == "$defs" || k == "definitions") {
      out.push_back({k, map(m.value)});
    } else if (k == "items" && m.value.is_object()) {
      out.push_back({k, clean(m.value)});
    } else if (k == "anyOf" || k == "oneOf") {
      out.push_back({"anyOf", list(m.value)});
    } else if (k == "allOf" && rules_.all_of) {
      out.push_back({k, list(m.value)});
    } else if (k == "format" && has(rules_.formats, m.value.as_string())) {
      out.push_back(m);
    } else if (k == "minItems" && rules_.min_items_only_01 && m.value.as_int(9) <= 1) {
      out.push_back(m);
    } else if (has(rules_.kept, k)) {
      out.push_back(m);
    } else {
      if (has(kOpen, k)) open_ = true;
      if (k == "default" && m.value.is_null()) return;
      if (!rest.empty()) rest += ", ";
      rest.append(k).append(": ").append(json::to_text(m.value));
    }
  }

  void close(Value s, std::vector<Member>& out) {
    Value required = s["required"];
    if (!s["properties"].is_object() && !s.has("additionalProperties")) open_ = true;  // "any object"
    std::vector<Member> properties;
    std::vector<Value> names;
    for (const Member& p : s["properties"].members()) {
      bool needed = std::any_of(required.items().begin(), required.items().end(),
                                [&](const Value& r) { return r.as_string() == p.key; });
      Value v = clean(p.value);
      if (rules_.all_required && !needed) v = nullable(v, arena_);
      properties.push_back({p.key, v});
      if (rules_.all_required || needed) names.push_back(Value::string(p.key));
    }
    out.push_back({"properties", Value::object(arena_, properties)});
    if (rules_.all_required || !names.empty()) out.push_back({"required", Value::array(arena_, names)});
    out.push_back({"additionalProperties", Value::boolean(false)});
  }

  void describe(std::vector<Member>& out, const std::string& rest) {
    for (Member& m : out) {
      if (m.key != "description" || !m.value.is_string()) continue;
      std::string text(m.value.as_string());
      text.append("\n\n{").append(rest).append("}");
      m.value = Value::string(arena_.keep(std::move(text)));
      return;
    }
    out.push_back({"description", Value::string(arena_.keep("{" + rest + "}"))});
  }

  Value list(Value v) {
    std::vector<Value> out;
    for (const Value& item : v.items()) out.push_back(clean(item));
    return Value::array(arena_, out);
  }

  Value map(Value v) {
    std::vector<Member> out;
    for (const Member& m : v.members()) out.push_back({m.key, clean(m.value)});
    return Value::object(arena_, out);
  }

  const Rules& rules_;
  json::Arena& arena_;
  bool open_ = false;
};

}  // namespace

Value tool_schema(Value schema, json::Arena& arena) {
  bool has_type = schema.has("type");
  bool clean = schema.is_object() && has_type && !schema.has("$schema") && !schema.has("$id");
  if (clean && (schema["type"].as_string() != "object" || schema["properties"].is_object())) return schema;
  std::vector<Member> out;
  if (!has_type) out.push_back({"type", Value::string("object")});
  for (const Member& m : schema.members())
    if (m.key != "$schema" && m.key != "$id" && !(m.key == "properties" && !m.value.is_object()))
      out.push_back(m);
  if (!schema["properties"].is_object() && (!has_type || schema["type"].as_string() == "object"))
    out.push_back({"properties", Value::object(arena, {})});
  return Value::object(arena, out);
}

std::optional<Value> openai_strict_schema(Value schema, json::Arena& arena) {
  Cleaner cleaner(kOpenaiRules, arena);
  Value out = cleaner.clean(tool_schema(schema, arena));
  if (cleaner.open()) return std::nullopt;
  return out;
}

Value anthropic_strict_schema(Value schema, json::Arena& arena) {
  return Cleaner(kAnthropicRules, arena).clean(schema);
}

}  // namespace pb::llm
