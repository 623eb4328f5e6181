#include "llm/schema_openapi.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace pb::llm {
namespace {

using json::Member;
using json::Value;

constexpr std::size_t kDepthMax = 24;      // of nested schemas
constexpr std::size_t kSchemasMax = 4000;  // in all, references resolved
constexpr std::size_t kPartsMax = 64;      // of an allOf, and references that lead to references
constexpr std::string_view kCopied[] = {
    "title",   "minItems", "maxItems", "minLength", "maxLength", "minProperties",   "maxProperties",
    "minimum", "maximum",  "pattern",  "default",   "example",   "propertyOrdering"};
constexpr std::string_view kSilent[] = {"$schema",  "$id",      "$defs",    "definitions",
                                        "$comment", "$anchor",  "$ref",     "nullable",
                                        "required", "readOnly", "writeOnly"};
constexpr std::string_view kFormats[] = {"int32", "int64", "float", "double", "date-time"};

template <std::size_t N>
bool in(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::string_view capital(std::string_view type) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"string", "STRING"}, {"number", "NUMBER"}, {"integer", "INTEGER"}, {"boolean", "BOOLEAN"},
      {"array", "ARRAY"},   {"object", "OBJECT"}, {"null", "NULL"}};
  for (const auto& [small, large] : kTypes)
    if (small == type || large == type) return large;
  return "STRING";
}

class Converter {
 public:
  Converter(Value root, json::Arena& arena, bool ordered) : root_(root), arena_(arena), ordered_(ordered) {}

  Value schema(Value s, std::size_t depth) {
    if (++count_ > kSchemasMax || depth > kDepthMax) return cut("nested too deeply to be shown");
    if (!s.is_object()) return any();
    const std::size_t open = refs_.size();
    Value out = any();
    if (const Value whole = resolved(s); whole.is_object())
      out = object(whole, depth);
    else
      out = cut("as described further up (a recursive reference)");
    refs_.resize(open);
    return out;
  }

 private:
  Value text(std::string s) { return Value::string(arena_.keep(std::move(s))); }
  Value make(const std::vector<Member>& members) { return Value::object(arena_, members); }
  Value any() {
    return make({{"type", Value::string("STRING")}, {"description", Value::string("any value")}});
  }
  Value cut(std::string why) {
    return make({{"type", Value::string("OBJECT")}, {"description", text(std::move(why))}});
  }

  // The schema with its reference and its allOf put in; null for a reference to a schema that is being written.
  Value resolved(Value s) {
    if (const Value ref = s["$ref"]; ref.is_string()) {
      const std::string_view name = ref.as_string();
      if (refs_.size() >= kPartsMax || std::find(refs_.begin(), refs_.end(), name) != refs_.end()) return {};
      refs_.push_back(name);
      const Value target = resolved(find(name));
      return target.is_object() ? merged(target, s) : target;
    }
    Value out = s;
    const auto parts = s["allOf"].items();
    for (const Value& part : parts.first(std::min(parts.size(), kPartsMax))) {
      const Value whole = part.is_object() ? resolved(part) : Value();
      if (whole.is_object()) out = merged(whole, out);
    }
    return out;
  }

  // "#/$defs/name" (RFC 6901); an empty schema when it leads nowhere.
  Value find(std::string_view ref) {
    Value at = root_;
    if (ref.starts_with('#')) ref.remove_prefix(1);
    while (ref.starts_with('/')) {
      ref.remove_prefix(1);
      const std::size_t end = std::min(ref.find('/'), ref.size());
      std::string key;
      for (std::size_t i = 0; i < end; ++i) {
        const bool escape = ref[i] == '~' && i + 1 < end;
        key += escape ? (ref[++i] == '1' ? '/' : '~') : ref[i];
      }
      at = at[key];
      ref.remove_prefix(end);
    }
    return at.is_object() ? at : make({});
  }

  // Both schemas' members; of keywords in both, `over` counts, but for properties and required names, which add up.
  Value merged(Value under, Value over) {
    std::vector<Member> out;
    std::unordered_set<std::string_view> keys;
    for (const Member& m : over.members())
      if (m.key != "$ref" && m.key != "allOf" && keys.insert(m.key).second)
        out.push_back({m.key, both(m, under[m.key])});
    for (const Member& m : under.members())
      if (m.key != "$ref" && m.key != "allOf" && keys.insert(m.key).second) out.push_back(m);
    return make(out);
  }

  Value both(const Member& over, Value under) {
    if (over.key == "properties" && under.size() > 0) {
      std::vector<Member> all(under.members().begin(), under.members().end());
      all.insert(all.end(), over.value.members().begin(), over.value.members().end());
      return make(all);
    }
    if (over.key == "required" && under.size() > 0) {
      std::vector<Value> all(under.items().begin(), under.items().end());
      all.insert(all.end(), over.value.items().begin(), over.value.items().end());
      return Value::array(arena_, all);
    }
    return over.value;
  }

  struct Parts {
    std::string_view type;  // "" = not known
    std::vector<std::string_view> types;
    bool nullable = false;
    std::vector<Member> out;
    std::string rest;  // for the description
  };

  Value object(Value s, std::size_t depth) {
    Parts p;
    p.nullable = s["nullable"].as_bool();
    read_types(s, p);
    if (const Value variants = s.has("anyOf") ? s["anyOf"] : s["oneOf"]; variants.size() > 0)
      return any_of(s, variants, p, depth);
    if (p.types.size() > 1) return any_type(s, p, depth);
    for (const Member& m : s.members()) keyword(m, s, p, depth);
    if (p.type == "ARRAY" && !has(p.out, "items")) p.out.push_back({"items", any()});
    return finished(s, p);
  }

  static bool has(const std::vector<Member>& members, std::string_view key) {
    return std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  }

  Value finished(Value s, Parts& p) {
    if (!p.type.empty()) p.out.insert(p.out.begin(), {"type", Value::string(p.type)});
    if (p.nullable) p.out.push_back({"nullable", Value::boolean(true)});
    std::string description(s["description"].as_string());
    if (!p.rest.empty()) description.append(description.empty() ? "{" : "\n\n{").append(p.rest).append("}");
    if (!description.empty()) p.out.push_back({"description", text(std::move(description))});
    return make(p.out);
  }

  void read_types(Value s, Parts& p) {
    const Value type = s["type"];
    const auto add = [&](std::string_view name) {
      const std::string_view t = capital(name);
      if (t == "NULL")
        p.nullable = true;
      else if (std::find(p.types.begin(), p.types.end(), t) == p.types.end())
        p.types.push_back(t);
    };
    if (type.is_string()) add(type.as_string());
    for (const Value& t : type.items()) add(t.as_string());
    if (type.is_null()) guess(s, add);
    if (p.types.size() == 1) p.type = p.types[0];
    if (p.types.empty() && p.nullable) p.type = "NULL";
    if (p.types.empty() && !p.nullable && !s.has("anyOf") && !s.has("oneOf")) p.type = "STRING";
  }

  template <class Add>
  static void guess(Value s, const Add& add) {
    if (s.has("properties") || s.has("additionalProperties") || s.has("required")) return add("object");
    if (s.has("items") || s.has("prefixItems")) return add("array");
    const auto of_value = [&](Value v) {
      if (v.is_null())
        add("null");
      else if (v.is_number())
        add(v.as_double() == std::floor(v.as_double()) ? "integer" : "number");
      else
        add(v.is_bool() ? "boolean" : "string");
    };
    if (const Value* one = s.find("const")) return of_value(*one);
    for (const Value& v : s["enum"].items()) of_value(v);
    if (s.has("minimum") || s.has("maximum")) add("number");
  }

  // `anyOf` stands alone there: what is said beside it goes into the variants.
  Value any_of(Value s, Value variants, Parts& p, std::size_t depth) {
    std::vector<Value> out;
    for (const Value& v : variants.items()) {
      if (v["type"].as_string() == "null") {
        p.nullable = true;
        continue;
      }
      out.push_back(schema(v, depth + 1));
    }
    if (out.empty()) return make({{"type", Value::string("NULL")}});
    for (Value& v : out) {
      std::vector<Member> members(v.members().begin(), v.members().end());
      if (p.nullable && !has(members, "nullable")) members.push_back({"nullable", Value::boolean(true)});
      if (!has(members, "description") && s["description"].is_string())
        members.push_back({"description", s["description"]});
      if (out.size() == 1 && !has(members, "title") && s.has("title"))
        members.push_back({"title", s["title"]});
      v = make(members);
    }
    return out.size() == 1 ? out[0] : make({{"anyOf", Value::array(arena_, out)}});
  }

  // {"type":["string","integer"]}: a variant for each.
  Value any_type(Value s, Parts& p, std::size_t depth) {
    std::vector<Value> out;
    for (const std::string_view type : p.types) {
      std::vector<Member> members = {{"type", Value::string(type)}};
      if (p.nullable) members.push_back({"nullable", Value::boolean(true)});
      for (const Member& m : s.members())
        if (m.key != "type" && m.key != "nullable" && fits(m.key, type)) members.push_back(m);
      out.push_back(schema(make(members), depth + 1));
    }
    return make({{"anyOf", Value::array(arena_, out)}});
  }

  static bool fits(std::string_view key, std::string_view type) {
    constexpr std::string_view kArray[] = {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"};
    constexpr std::string_view kObject[] = {"properties", "required", "additionalProperties"};
    if (in(kArray, key)) return type == "ARRAY";
    return in(kObject, key) ? type == "OBJECT" : true;
  }

  void keyword(const Member& m, Value s, Parts& p, std::size_t depth) {
    const std::string_view k = m.key;
    if (k == "type" || k == "description" || in(kSilent, k)) return;
    if (k == "properties") return properties(m.value, s, p, depth);
    if (k == "items" || k == "prefixItems") return items(m, p, depth);
    if (k == "enum" || k == "const") return choices(m, p);
    if (k == "exclusiveMinimum" || k == "exclusiveMaximum") return exclusive(m, p);
    if (k == "additionalProperties" && !m.value.is_object()) return;
    if (in(kCopied, k) || (k == "format" && in(kFormats, m.value.as_string()))) return p.out.push_back(m);
    if (k == "format" && m.value.as_string() == "enum") return;
    if (!p.rest.empty()) p.rest += ", ";
    p.rest.append(k).append(": ").append(json::to_text(m.value));
  }

  void properties(Value given, Value s, Parts& p, std::size_t depth) {
    if (given.size() == 0) return;  // an empty map is refused there
    std::vector<Member> out;
    std::vector<Value> names, required;
    std::unordered_set<std::string_view> seen;
    for (const Member& m : given.members()) {
      if (!seen.insert(m.key).second) continue;
      out.push_back({m.key, schema(m.value, depth + 1)});
      names.push_back(Value::string(m.key));
    }
    for (const Value& r : s["required"].items())
      if (seen.erase(r.as_string()) != 0) required.push_back(r);
    p.out.push_back({"properties", make(out)});
    if (!required.empty()) p.out.push_back({"required", Value::array(arena_, required)});
    if (ordered_ && !s.has("propertyOrdering"))
      p.out.push_back({"propertyOrdering", Value::array(arena_, names)});
  }

  void items(const Member& m, Parts& p, std::size_t depth) {
    if (has(p.out, "items")) return;
    if (m.value.is_object()) return p.out.push_back({"items", schema(m.value, depth + 1)});
    std::vector<Value> variants;
    for (const Value& v : m.value.items()) variants.push_back(schema(v, depth + 1));
    if (variants.size() == 1) return p.out.push_back({"items", variants[0]});
    if (!variants.empty()) p.out.push_back({"items", make({{"anyOf", Value::array(arena_, variants)}})});
  }

  // Values are texts there, whatever their type.
  void choices(const Member& m, Parts& p) {
    std::vector<Value> out;
    const auto add = [&](Value v) {
      if (v.is_null())
        p.nullable = true;
      else
        out.push_back(v.is_string() ? v : text(json::to_text(v)));
    };
    if (m.key == "const") add(m.value);
    for (const Value& v : m.value.items())
      if (m.key == "enum") add(v);
    if (out.empty() || has(p.out, "enum")) return;
    if (p.type == "BOOLEAN") {  // has no values to list
      p.rest.append(p.rest.empty() ? "" : ", ").append(m.key).append(": ").append(json::to_text(m.value));
      return;
    }
    p.out.push_back({"format", Value::string("enum")});
    p.out.push_back({"enum", Value::array(arena_, out)});
  }

  void exclusive(const Member& m, Parts& p) {
    const bool low = m.key == "exclusiveMinimum";
    const std::string_view name = low ? "minimum" : "maximum";
    if (!m.value.is_number() || has(p.out, name)) return;
    const double limit = m.value.as_double();
    if (p.type == "INTEGER" && limit == std::floor(limit) && std::abs(limit) < 1e15)
      return p.out.push_back({name, Value::integer(arena_, m.value.as_int() + (low ? 1 : -1))});
    p.out.push_back({name, m.value});
    p.rest.append(p.rest.empty() ? "" : ", ").append(m.key).append(": ").append(json::to_text(m.value));
  }

  Value root_;
  json::Arena& arena_;
  bool ordered_;
  std::size_t count_ = 0;
  std::vector<std::string_view> refs_;  // of the schemas that are being written
};

}  // namespace

Value openapi_schema(Value json_schema, json::Arena& arena, bool ordered) {
  return Converter(json_schema, arena, ordered).schema(json_schema, 0);
}

}  // namespace pb::llm
