// OpenAPI's subset of schemas, as Gemini's clients write it, to JSON Schema.
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "llm/schema_openapi.h"

namespace pb::llm {
namespace {

using json::Member;
using json::Value;

constexpr std::size_t kDepthMax = 100;   // what lies deeper stays as it is
constexpr std::size_t kOrderMax = 1000;  // longer orders of properties are not followed
constexpr std::string_view kOne[] = {"items", "additionalProperties", "not"};
constexpr std::string_view kLists[] = {"anyOf", "oneOf", "allOf", "prefixItems"};
constexpr std::string_view kMaps[] = {"properties", "$defs", "definitions"};
constexpr std::string_view kLimits[] = {"minItems",  "maxItems",      "minLength",
                                        "maxLength", "minProperties", "maxProperties"};

struct Spelling {
  std::string_view snake, camel;
};
constexpr Spelling kSpellings[] = {{"any_of", "anyOf"},
                                   {"property_ordering", "propertyOrdering"},
                                   {"min_items", "minItems"},
                                   {"max_items", "maxItems"},
                                   {"min_length", "minLength"},
                                   {"max_length", "maxLength"},
                                   {"min_properties", "minProperties"},
                                   {"max_properties", "maxProperties"}};

std::string_view camel(std::string_view key) {
  if (key.find('_') != key.npos)
    for (const Spelling& s : kSpellings)
      if (s.snake == key) return s.camel;
  return key;
}

template <std::size_t N>
bool in(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_capital(std::string_view type) { return !type.empty() && type[0] >= 'A' && type[0] <= 'Z'; }

bool is_capital(Value type) {
  if (type.is_string()) return is_capital(type.as_string());
  return std::any_of(type.items().begin(), type.items().end(),
                     [](const Value& t) { return is_capital(t.as_string()); });
}

bool is_limit(std::string_view key) { return in(kLimits, key); }

// Whether nothing in it is to be changed.
bool plain(Value s, std::size_t depth) {
  if (depth > kDepthMax) return true;
  for (const Member& m : s.members()) {
    if (m.key == "nullable" || m.key == "propertyOrdering" || camel(m.key) != m.key) return false;
    if (m.key == "type" && is_capital(m.value)) return false;
    if (m.value.is_string() && is_limit(m.key)) return false;
    if (in(kOne, m.key) && !plain(m.value, depth + 1)) return false;
    if (in(kLists, m.key))
      for (const Value& v : m.value.items())
        if (!plain(v, depth + 1)) return false;
    if (in(kMaps, m.key))
      for (const Member& v : m.value.members())
        if (!plain(v.value, depth + 1)) return false;
  }
  return true;
}

class Reverter {
 public:
  explicit Reverter(json::Arena& arena) : arena_(arena) {}

  Value schema(Value s, std::size_t depth) {
    if (!s.is_object() || depth > kDepthMax) return s;
    std::vector<Member> out;
    const bool nullable = s["nullable"].as_bool();
    for (const Member& m : s.members()) keyword(m, s, nullable, out, depth);
    return Value::object(arena_, out);
  }

 private:
  Value small(Value type) {
    if (type.is_array()) {
      std::vector<Value> out;
      for (const Value& t : type.items()) out.push_back(small(t));
      return Value::array(arena_, out);
    }
    const std::string_view name = type.as_string();
    if (!is_capital(name)) return type;
    std::string out(name);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return Value::string(arena_.keep(std::move(out)));
  }

  void keyword(const Member& m, Value s, bool nullable, std::vector<Member>& out, std::size_t depth) {
    const std::string_view k = camel(m.key);
    if (k == "nullable" || k == "propertyOrdering") return;
    if (k == "type") {
      if (m.value.as_string() == "TYPE_UNSPECIFIED") return;
      const Value type = small(m.value);
      const Value both[] = {type, Value::string("null")};
      const bool add = nullable && type.is_string() && type.as_string() != "null";
      return out.push_back({k, add ? Value::array(arena_, both) : type});
    }
    if (k == "format" && m.value.as_string() == "enum") return;
    if (k == "enum") return out.push_back({k, values(m.value, s, nullable)});
    if (in(kMaps, k))
      return out.push_back({k, map(m.value, k == "properties" ? order_of(s) : Value(), depth)});
    if (in(kOne, k)) return out.push_back({k, schema(m.value, depth + 1)});
    if (in(kLists, k))
      return out.push_back({k, list(m.value, nullable && k == "anyOf" && !s.has("type"), depth)});
    if (is_limit(k) && m.value.is_string()) return out.push_back({k, number(m.value)});
    out.push_back({k, m.value});
  }

  static Value order_of(Value s) {
    return s.has("propertyOrdering") ? s["propertyOrdering"] : s["property_ordering"];
  }

  Value number(Value v) {
    json::Arena scratch;
    auto n = json::parse(v.as_string(), scratch);
    return n && n->is_number() ? Value::number_text(v.as_string()) : v;
  }

  // Numbers stand as texts in an enum of INTEGER or NUMBER.
  Value values(Value list, Value s, bool nullable) {
    const std::string_view type = s["type"].as_string();
    const bool numbers = type == "INTEGER" || type == "NUMBER";
    if (!numbers && !nullable) return list;
    std::vector<Value> out;
    for (const Value& v : list.items()) out.push_back(numbers && v.is_string() ? number(v) : v);
    if (nullable) out.emplace_back();
    return Value::array(arena_, out);
  }

  Value list(Value given, bool nullable, std::size_t depth) {
    std::vector<Value> out;
    for (const Value& v : given.items()) out.push_back(schema(v, depth + 1));
    if (nullable) {
      const Member null_type{"type", Value::string("null")};
      out.push_back(Value::object(arena_, {&null_type, 1}));
    }
    return Value::array(arena_, out);
  }

  Value map(Value given, Value order, std::size_t depth) {
    std::vector<Member> out;
    std::unordered_set<std::string_view> done;
    if (order.size() <= kOrderMax)
      for (const Value& name : order.items())
        if (const Value* v = given.find(name.as_string()); v && done.insert(name.as_string()).second)
          out.push_back({name.as_string(), schema(*v, depth + 1)});
    for (const Member& m : given.members())
      if (!done.contains(m.key)) out.push_back({m.key, schema(m.value, depth + 1)});
    return Value::object(arena_, out);
  }

  json::Arena& arena_;
};

}  // namespace

Value json_schema_of_openapi(Value schema, json::Arena& arena) {
  return plain(schema, 0) ? schema : Reverter(arena).schema(schema, 0);
}

}  // namespace pb::llm
