// Tool parameters as the server reads them: it knows type, description, enum, items, properties, required and anyOf of a
// property, drops every other keyword without a word, and refuses a property that is no object. So what can be said with
// those is said with them, and the rest goes into the description, where the model sees it.
#include <algorithm>
#include <array>

#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Member;
using json::Value;

constexpr int kRefsMax = 256;  // references unfolded in one schema
constexpr std::array<Str, 6> kSilent = {"$schema", "$id", "$comment", "title", "$defs", "definitions"};

bool is_in(std::span<const Str> names, Str name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Cleaner {
 public:
  Cleaner(Value root, json::Arena& arena) : root_(root), arena_(arena) {}

  Value parameters(Value s) {
    Value cleaned = property(s);
    std::vector<Member> out = {{"type", Value::string("object")}};  // it takes no other, and no list
    for (const Member& m : cleaned.members())
      if (m.key != "type") out.push_back(m);
    if (!cleaned["properties"].is_object()) out.push_back({"properties", Value::object(arena_, {})});
    return Value::object(arena_, out);
  }

 private:
  Value property(Value s) {
    if (!s.is_object()) return Value::object(arena_, {});  // true: anything
    const Str ref = s["$ref"].as_string();
    const Value target = ref.empty() ? Value() : find(ref);
    if (target.is_object() && !is_in(unfolding_, ref) && refs_++ < kRefsMax) {
      unfolding_.push_back(ref);
      const Value out = property(joined(s, target));
      unfolding_.pop_back();
      return out;
    }
    std::vector<Member> out;
    std::string rest;
    for (const Member& m : s.members()) keyword(m, out, rest);
    describe(s["description"].as_string(), rest, out);
    return Value::object(arena_, out);
  }

  void keyword(const Member& m, std::vector<Member>& out, std::string& rest) {
    const Str k = m.key;
    if (k == "description" || is_in(kSilent, k)) return;
    if (k == "properties" && m.value.is_object()) return out.push_back({k, map(m.value)});
    if (k == "items" && m.value.is_object()) return out.push_back({k, property(m.value)});
    if ((k == "anyOf" || k == "oneOf") && m.value.is_array()) return out.push_back({"anyOf", list(m.value)});
    if (k == "const") return out.push_back({"enum", Value::array(arena_, {&m.value, 1})});
    if (k == "required") return required(m, out);
    if (k == "allOf" && m.value.size() == 1) {  // how generators attach a description to a reference
      const Value inner = property(m.value.at(0));
      for (const Member& i : inner.members())
        if (i.key != "description") out.push_back(i);
      return;
    }
    if (k == "type" ? is_type(m.value) : k == "enum" && m.value.is_array()) return out.push_back(m);
    if (m.value.is_null() || ((k == "additionalProperties" || k == "items") && m.value.is_bool())) return;
    if (!rest.empty()) rest += ", ";
    rest.append(k).append(": ").append(json::to_text(m.value));
  }

  static bool is_type(Value v) {
    return v.is_string() || (v.is_array() && std::all_of(v.items().begin(), v.items().end(),
                                                         [](const Value& t) { return t.is_string(); }));
  }

  void required(const Member& m, std::vector<Member>& out) {
    std::vector<Value> names;
    for (const Value& name : m.value.items())
      if (name.is_string()) names.push_back(name);
    if (!names.empty()) out.push_back({"required", Value::array(arena_, names)});
  }

  void describe(Str text, const std::string& rest, std::vector<Member>& out) {
    if (rest.empty()) {
      if (!text.empty()) out.push_back({"description", Value::string(text)});
      return;
    }
    std::string all(text);
    if (!all.empty()) all += "\n\n";
    all.append("{").append(rest).append("}");
    out.push_back({"description", Value::string(arena_.keep(std::move(all)))});
  }

  Value list(Value v) {
    std::vector<Value> out;
    for (const Value& item : v.items()) out.push_back(property(item));
    return Value::array(arena_, out);
  }

  Value map(Value v) {
    std::vector<Member> out;
    for (const Member& m : v.members()) out.push_back({m.key, property(m.value)});
    return Value::object(arena_, out);
  }

  // What "#/$defs/x" stands for.
  Value find(Str ref) const {
    Value target = ref.starts_with("#/") ? root_ : Value();
    for (std::size_t at = 2; at < ref.size();) {
      const std::size_t end = std::min(ref.find('/', at), ref.size());
      target = target[ref.substr(at, end - at)];
      at = end + 1;
    }
    return target;
  }

  Value joined(Value s, Value target) {
    std::vector<Member> out;
    for (const Member& m : s.members())
      if (m.key != "$ref") out.push_back(m);
    for (const Member& m : target.members())
      if (m.key == "$ref" || !s.has(m.key)) out.push_back(m);
    return Value::object(arena_, out);
  }

  Value root_;
  json::Arena& arena_;
  std::vector<Str> unfolding_;  // references that refer to each other are unfolded once
  int refs_ = 0;
};

}  // namespace

Value tool_parameters(Value schema, json::Arena& arena) { return Cleaner(schema, arena).parameters(schema); }

}  // namespace pb::llm::ollama
