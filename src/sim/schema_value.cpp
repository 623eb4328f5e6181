#include "sim/schema_value.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pb::sim {
namespace {

using json::Member;
using json::Value;

constexpr int kDepthMax = 12;  // below, only what is required
constexpr std::int64_t kItemsMax = 64;
constexpr std::int64_t kLengthMax = 4096;

struct Format {
  std::string_view name, value;
};
constexpr Format kFormats[] = {
    {"date", "2026-11-20"},
    {"date-time", "2026-11-20T12:00:00Z"},
    {"time", "12:00:00Z"},
    {"duration", "PT5M"},
    {"email", "ada@example.com"},
    {"hostname", "example.com"},
    {"ipv4", "192.0.2.1"},
    {"ipv6", "2001:db8::1"},
    {"uri", "https://example.com/"},
    {"url", "https://example.com/"},
    {"uuid", "123e4567-e89b-42d3-a456-426614174000"},
};
constexpr std::string_view kWords[] = {"Paris", "Oslo", "Lima", "Cairo", "Quito", "Hanoi", "Accra", "Perth"};

class Generator {
 public:
  Generator(Value root, int variant, json::Arena& arena) : root_(root), variant_(variant), arena_(arena) {}

  Value make(Value schema, int depth) {
    schema = resolve(schema);
    if (const Value* v = schema.find("const")) return *v;
    if (const auto values = schema["enum"].items(); !values.empty())
      return values[static_cast<std::size_t>(variant_) % values.size()];
    if (const Value* v = schema.find("default")) return *v;
    if (const auto values = schema["examples"].items(); !values.empty()) return values[0];
    for (const std::string_view word : {"anyOf", "oneOf"})
      if (const auto choices = schema[word].items(); !choices.empty()) return choice(schema, choices, depth);
    return typed(schema, depth);
  }

 private:
  // Follows "#/…" references, at most a few in a row: a schema may refer to itself.
  Value resolve(Value schema) {
    for (int hops = 0; hops < 8; ++hops) {
      const std::string_view ref = schema["$ref"].as_string();
      if (!ref.starts_with("#")) return schema;
      Value at = root_;
      std::string_view path = ref.substr(1);
      while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::size_t slash = std::min(path.find('/'), path.size());
        at = at[path.substr(0, slash)];
        path.remove_prefix(slash);
      }
      schema = at;
    }
    return {};
  }

  // The first alternative that is not null; members beside anyOf (properties) are kept when it is an object.
  Value choice(Value schema, std::span<const Value> choices, int depth) {
    const Value* pick = &choices[0];
    for (const Value& c : choices)
      if (c["type"].as_string() != "null") {
        pick = &c;
        break;
      }
    Value made = depth > 2 * kDepthMax ? Value{} : make(*pick, depth + 1);
    if (!made.is_object() || schema["properties"].size() == 0) return made;
    std::vector<Member> members(made.members().begin(), made.members().end());
    add_properties(schema, members, depth);
    return Value::object(arena_, members);
  }

  static std::string_view type_of(Value schema) {
    const Value type = schema["type"];
    if (type.is_string()) return type.as_string();
    for (const Value& t : type.items())
      if (t.as_string() != "null") return t.as_string();
    if (type.size() > 0) return "null";
    if (schema.has("items") || schema.has("prefixItems")) return "array";
    if (schema.has("minLength") || schema.has("pattern") || schema.has("format")) return "string";
    if (schema.has("minimum") || schema.has("maximum")) return "number";
    return "object";
  }

  Value typed(Value schema, int depth) {
    const std::string_view type = type_of(schema);
    if (type == "string") return string(schema);
    if (type == "integer") return integer(schema);
    if (type == "number") return number(schema);
    if (type == "boolean") return Value::boolean(variant_ % 2 == 0);
    if (type == "null") return {};
    if (type == "array") return array(schema, depth);
    std::vector<Member> members;
    add_properties(schema, members, depth);
    for (const Value& part : schema["allOf"].items()) {
      const Value made = depth > 2 * kDepthMax ? Value{} : make(part, depth + 1);
      for (const Member& m : made.members()) add(members, m.key, m.value);
    }
    return Value::object(arena_, members);
  }

  static void add(std::vector<Member>& members, std::string_view key, Value value) {
    for (const Member& m : members)
      if (m.key == key) return;
    members.push_back({key, value});
  }

  void add_properties(Value schema, std::vector<Member>& members, int depth) {
    const auto required = schema["required"].items();
    for (const Member& p : schema["properties"].members()) {
      const bool needed = std::any_of(required.begin(), required.end(),
                                      [&](const Value& r) { return r.as_string() == p.key; });
      if (depth >= kDepthMax && (!needed || depth > 2 * kDepthMax)) continue;
      if (depth >= 3 && !needed && p.value.has("$ref")) continue;  // a tree's optional branches end early
      add(members, p.key, make(p.value, depth + 1));
    }
  }

  Value array(Value schema, int depth) {
    std::vector<Value> items;
    for (const Value& item : schema["prefixItems"].items()) items.push_back(make(item, depth + 1));
    std::int64_t wanted = std::max<std::int64_t>(schema["minItems"].as_int(depth >= 3 ? 0 : 1), 0);
    wanted = std::min({wanted, schema["maxItems"].as_int(kItemsMax), kItemsMax});
    if (depth > 2 * kDepthMax) wanted = 0;
    const int variant = variant_;
    while (std::cmp_less(items.size(), wanted)) {
      items.push_back(make(schema["items"], depth + 1));
      ++variant_;  // uniqueItems
    }
    variant_ = variant;
    return Value::array(arena_, items);
  }

  Value string(Value schema) {
    for (const Format& f : kFormats)
      if (schema["format"].as_string() == f.name) return Value::string(f.value);
    std::string text(kWords[static_cast<std::size_t>(variant_) % std::size(kWords)]);
    const auto min =
        static_cast<std::size_t>(std::clamp<std::int64_t>(schema["minLength"].as_int(0), 0, kLengthMax));
    const auto max = static_cast<std::size_t>(
        std::clamp<std::int64_t>(schema["maxLength"].as_int(kLengthMax), 0, kLengthMax));
    while (text.size() < min) text += 'x';
    if (text.size() > max) text.resize(max);
    return Value::string(arena_.keep(std::move(text)));
  }

  Value integer(Value schema) {
    const double step = schema["multipleOf"].as_double(1);
    double n = bounded(schema, 1);
    if (step > 0) n = std::ceil(n / step) * step;
    return Value::integer(arena_, static_cast<std::int64_t>(n));
  }

  Value number(Value schema) {
    const double step = schema["multipleOf"].as_double(0);
    double n = bounded(schema, 0.5);
    if (step > 0) n = std::ceil(n / step) * step;
    return Value::real(arena_, n);
  }

  // Near 1 + variant + bias·small, moved into the bounds; `nudge` is the distance kept from an exclusive bound.
  double bounded(Value schema, double nudge) const {
    double n = nudge + variant_;
    constexpr double kAny = 1e15;
    double low = schema["minimum"].as_double(-kAny), high = schema["maximum"].as_double(kAny);
    if (schema["exclusiveMinimum"].is_number())
      low = std::max(low, schema["exclusiveMinimum"].as_double() + nudge);
    if (schema["exclusiveMaximum"].is_number())
      high = std::min(high, schema["exclusiveMaximum"].as_double() - nudge);
    if (n < low) n = nudge == 1 ? std::ceil(low) : low;
    if (n > high) n = nudge == 1 ? std::floor(high) : high;
    return n;
  }

  Value root_;
  int variant_;
  json::Arena& arena_;
};

}  // namespace

json::Value value_for_schema(json::Value schema, int variant, json::Arena& arena) {
  if (!schema.is_object()) return Value::object(arena, {});
  return Generator(schema, variant, arena).make(schema, 0);
}

}  // namespace pb::sim
