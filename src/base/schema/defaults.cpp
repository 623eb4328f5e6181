// `default`s for members that are not there.
#include "base/schema/program.h"
#include "base/schema/schema.h"

namespace pb::schema {
namespace {

constexpr int kReferencesMax = 32;  // from schema to schema for one value

class Filling {
 public:
  Filling(const Program& p, json::Arena& arena) : p_(p), arena_(arena), left_(p.options.work_max) {}

  json::Value fill(Index id, json::Value v, int depth) {
    if (depth > p_.options.depth_max || --left_ < 0) return v;
    const Node& n = p_.nodes[id];
    for (Index at = n.begin.front(); at < n.begin.back(); ++at) {
      const Instruction& i = p_.code[at];
      if (i.op == Op::ref) v = fill(i.a, v, depth + 1);
      if (i.op == Op::all_of)
        for (Index c = i.a; c < i.b; ++c) v = fill(p_.children[c], v, depth + 1);
      if (i.op == Op::properties && v.is_object()) v = members(p_.object_plans[i.a], v, depth);
      if (i.op == Op::items && v.is_array()) v = items(p_.array_plans[i.a], v, depth);
    }
    return v;
  }

  // The default that a node gives to its value; null = none.
  const json::Value* of(Index id, int steps = 0) {
    const Node& n = p_.nodes[id];
    if (const json::Value* v = n.source->find("default")) return v;
    if (steps == kReferencesMax || --left_ < 0) return nullptr;
    for (Index at = n.begin.front(); at < n.begin.back(); ++at) {
      const Instruction& i = p_.code[at];
      if (i.op == Op::ref)
        if (const json::Value* v = of(i.a, steps + 1)) return v;
      if (i.op == Op::all_of)
        for (Index c = i.a; c < i.b; ++c)
          if (const json::Value* v = of(p_.children[c], steps + 1)) return v;
    }
    return nullptr;
  }

  // The same for a member of the node's value.
  const json::Value* of_member(Index id, std::string_view name, int steps = 0) {
    if (steps == kReferencesMax || --left_ < 0) return nullptr;
    const Node& n = p_.nodes[id];
    for (Index at = n.begin.front(); at < n.begin.back(); ++at) {
      const Instruction& i = p_.code[at];
      const json::Value* found = nullptr;
      if (i.op == Op::ref) found = of_member(i.a, name, steps + 1);
      if (i.op == Op::all_of)
        for (Index c = i.a; c < i.b && found == nullptr; ++c)
          found = of_member(p_.children[c], name, steps + 1);
      if (i.op == Op::properties)
        if (const Index child = find_property(p_.object_plans[i.a], name); child != kNone) found = of(child);
      if (found != nullptr) return found;
    }
    return nullptr;
  }

 private:
  static bool same(json::Value a, json::Value b) {  // the very same parts, not only equal ones
    return a.kind() == b.kind() && a.size() == b.size() && a.members().data() == b.members().data() &&
           a.items().data() == b.items().data();
  }

  json::Value members(const ObjectPlan& plan, json::Value v, int depth) {
    std::vector<json::Member> all(v.members().begin(), v.members().end());
    bool changed = false;
    for (json::Member& m : all) {
      const Index child = find_property(plan, m.key);
      if (child == kNone) continue;
      const json::Value filled = fill(child, m.value, depth + 1);
      changed = changed || !same(filled, m.value);
      m.value = filled;
    }
    for (const std::string_view name : plan.names) {
      left_ -= 1 + static_cast<std::int64_t>(v.size() / 64);
      if (left_ < 0) break;
      const json::Value* const missing = v.has(name) ? nullptr : of(find_property(plan, name));
      if (missing == nullptr) continue;
      changed = true;
      all.push_back({name, *missing});
    }
    return changed ? json::Value::object(arena_, all) : v;
  }

  json::Value items(const ArrayPlan& plan, json::Value v, int depth) {
    std::vector<json::Value> all(v.items().begin(), v.items().end());
    bool changed = false;
    for (std::size_t n = 0; n < all.size(); ++n) {
      const Index child = n < plan.count ? p_.children[plan.first + n] : plan.rest;
      if (child == kNone) break;
      const json::Value filled = fill(child, all[n], depth + 1);
      changed = changed || !same(filled, all[n]);
      all[n] = filled;
    }
    return changed ? json::Value::array(arena_, all) : v;
  }

  const Program& p_;
  json::Arena& arena_;
  std::int64_t left_;
};

}  // namespace

const json::Value* Schema::default_of(std::string_view member) const {
  json::Arena arena;
  return Filling(*program_, arena).of_member(0, member);
}

json::Value Schema::with_defaults(json::Value v, json::Arena& arena) const {
  return Filling(*program_, arena).fill(0, v, 0);
}

}  // namespace pb::schema
