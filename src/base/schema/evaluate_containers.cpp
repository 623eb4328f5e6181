// Arrays and objects.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/schema/equal.h"
#include "base/schema/evaluate.h"
#include "base/utf8.h"

namespace pb::schema {
namespace {

constexpr std::size_t kHashesOnStack = 64;

Place item_place(const Place& at, std::size_t index) { return {&at, {}, index, true}; }
Place member_place(const Place& at, std::string_view key) { return {&at, key, 0, false}; }

// "; there are `a`, `b`, …"
std::string known_names(const ObjectPlan& plan) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, plan.names.size()); ++i)
    text.append(i == 0 ? "; there are `" : ", `").append(utf8::beginning(plan.names[i], 64)).append("`");
  return text + (plan.names.size() > kMost ? ", …" : "");
}

}  // namespace

Index find_property(const ObjectPlan& plan, std::string_view name) {
  const auto& all = plan.properties;
  const auto at = std::lower_bound(all.begin(), all.end(), name, [](const Property& p, std::string_view k) {
    return property_before(p.name, k);
  });
  return at != all.end() && at->name == name ? at->node : kNone;
}

bool Run::array(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  switch (i.op) {
    case Op::min_items:
      return v.size() >= i.n || refuse(id, i, v, at);
    case Op::max_items:
      return v.size() <= i.n || refuse(id, i, v, at);
    case Op::items:
      return items(p_.array_plans[i.a], v, at, seen);
    case Op::contains:
      return contains(id, i, v, at, seen);
    default:
      return unique(id, i, v, at);
  }
}

bool Run::items(const ArrayPlan& plan, json::Value v, const Place& at, Evaluated* seen) {
  const auto all = v.items();
  bool fits = true;
  for (std::size_t n = 0; n < all.size(); ++n) {
    const Index child = n < plan.count ? p_.children[plan.first + n] : plan.rest;
    if (child == kNone) break;
    if (seen != nullptr) seen->add(n);
    if (node(child, all[n], item_place(at, n), nullptr)) continue;
    fits = false;
    if (hasty()) break;
  }
  return fits;
}

bool Run::contains(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  const ContainsPlan& plan = p_.contains_plans[i.a];
  const auto all = v.items();
  const bool count_all = plan.max.has_value() || (seen != nullptr && plan.evaluates);
  std::uint64_t found = 0;
  for (std::size_t n = 0; n < all.size() && (count_all || found < plan.min); ++n) {
    if (!quietly(plan.node, all[n], item_place(at, n), nullptr)) continue;
    ++found;
    if (seen != nullptr && plan.evaluates) seen->add(n);
  }
  if (gave_up()) return false;
  if (found >= plan.min && (!plan.max || found <= *plan.max)) return true;
  if (faults_ == nullptr) return false;
  const bool few = found < plan.min;
  const std::uint64_t bound = few ? plan.min : *plan.max;
  return refuse(id, few ? (plan.min == 1 ? "contains" : "minContains") : "maxContains", at,
                "must have at " + std::string(few ? "least " : "most ") + std::to_string(bound) +
                    (bound == 1 ? " item" : " items") + " of the kind that is asked for, has " +
                    std::to_string(found));
}

// By hashes, so that many items take no more than their sorting.
bool Run::unique(Index id, const Instruction& i, json::Value v, const Place& at) {
  using Hashed = std::pair<std::uint64_t, std::size_t>;
  const auto all = v.items();
  std::array<Hashed, kHashesOnStack> few;
  std::vector<Hashed> many;
  if (all.size() > few.size()) many.resize(all.size());
  const std::span<Hashed> hashes(many.empty() ? few.data() : many.data(), all.size());
  const int depth = p_.options.depth_max;
  for (std::size_t n = 0; n < all.size(); ++n) hashes[n] = {hash_of(all[n], depth, left_), n};
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t n = 1; n < hashes.size(); ++n)
    for (std::size_t before = n; before-- > 0 && hashes[before].first == hashes[n].first;) {
      const std::size_t first = hashes[before].second, second = hashes[n].second;
      if (!equal(all[first], all[second], depth, left_)) {
        if (left_ < 0) return false;
        continue;
      }
      if (faults_ == nullptr) return false;
      return refuse(id, i.name, at,
                    "must not hold anything twice; items " + std::to_string(std::min(first, second)) +
                        " and " + std::to_string(std::max(first, second)) + " are the same");
    }
  return left_ >= 0;
}

bool Run::object(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  switch (i.op) {
    case Op::min_properties:
      return v.size() >= i.n || refuse(id, i, v, at);
    case Op::max_properties:
      return v.size() <= i.n || refuse(id, i, v, at);
    case Op::required:
      return required(id, i, v, at);
    case Op::properties:
      return properties(id, p_.object_plans[i.a], v, at, seen);
    case Op::property_names:
      return property_names(id, i, v, at);
    default:
      return dependents(id, i, v, at, seen);
  }
}

bool Run::required(Index id, const Instruction& i, json::Value v, const Place& at) {
  bool fits = true;
  for (Index n = i.a; n < i.b; ++n) {
    left_ -= static_cast<std::int64_t>(v.size() / 64);
    if (v.has(p_.names[n])) continue;
    fits = false;
    if (hasty()) return false;
    refuse_member(id, i.name, at, p_.names[n], "is missing");
  }
  return fits;
}

bool Run::properties(Index id, const ObjectPlan& plan, json::Value v, const Place& at, Evaluated* seen) {
  const auto all = v.members();
  bool fits = true;
  for (std::size_t n = 0; n < all.size() && (fits || !hasty()); ++n) {
    if (--left_ < 0) return false;
    const std::string_view key = all[n].key;
    const Place below = member_place(at, key);
    Index child = find_property(plan, key);
    bool known = child != kNone;
    if (known) fits = node(child, all[n].value, below, nullptr) && fits;
    for (const ObjectPlan::ByPattern& by : plan.patterns) {
      const Pattern& pattern = p_.patterns[by.pattern];
      left_ -= 1 + static_cast<std::int64_t>(key.size()) * pattern.size() / 2048;
      if (left_ < 0) return false;
      if (!pattern.found_in(key)) continue;
      known = true;
      fits = node(by.node, all[n].value, below, nullptr) && fits;
    }
    if (!known && plan.additional != kNone) {
      known = true;
      if (!p_.nodes[plan.additional].never)
        fits = node(plan.additional, all[n].value, below, nullptr) && fits;
      else
        fits = faults_ != nullptr &&
               refuse_member(id, "additionalProperties", at, key, "is not known" + known_names(plan));
    }
    if (known && seen != nullptr) seen->add(n);
  }
  return fits;
}

bool Run::property_names(Index id, const Instruction& i, json::Value v, const Place& at) {
  bool fits = true;
  for (const json::Member& m : v.members()) {
    std::vector<Fault> why;
    std::vector<Fault>* const outer = std::exchange(faults_, nullptr);
    const Place below = member_place(at, m.key);
    const bool good = node(i.a, json::Value::string(m.key), below, nullptr);
    if (!good && outer != nullptr) {
      faults_ = &why;
      node(i.a, json::Value::string(m.key), below, nullptr);
    }
    faults_ = outer;
    if (good) continue;
    fits = false;
    if (hasty()) return false;
    refuse_member(id, i.name, at, m.key,
                  "is not a name that can stand here" + (why.empty() ? "" : ": it " + why[0].what));
  }
  return fits;
}

bool Run::dependents(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  bool fits = true;
  for (Index n = i.a; n < i.b && (fits || !hasty()); ++n) {
    const Dependent& d = p_.dependents[n];
    left_ -= 1 + static_cast<std::int64_t>(v.size() / 64);
    if (left_ < 0) return false;
    if (!v.has(d.name)) continue;
    if (d.node != kNone) fits = node(d.node, v, at, seen) && fits;
    for (Index name = d.first; name < d.end; ++name) {
      left_ -= static_cast<std::int64_t>(v.size() / 64);
      if (v.has(p_.names[name])) continue;
      fits = false;
      if (hasty()) return false;
      refuse_member(id, i.name, at, p_.names[name],
                    "is missing, which `" + std::string(utf8::beginning(d.name, 64)) + "` asks for");
    }
  }
  return fits;
}

bool Run::unevaluated(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated& seen) {
  const bool items = i.op == Op::unevaluated_items;
  if (items ? !v.is_array() : !v.is_object()) return true;
  bool fits = true;
  for (std::size_t n = 0; n < v.size() && (fits || !hasty()); ++n) {
    if (seen.has(n)) continue;
    const json::Value part = items ? v.items()[n] : v.members()[n].value;
    const Place below = items ? item_place(at, n) : member_place(at, v.members()[n].key);
    if (!p_.nodes[i.a].never)
      fits = node(i.a, part, below, nullptr) && fits;
    else
      fits = faults_ != nullptr && refuse(id, i.name, below, items ? "is one item too many" : "is not known");
  }
  if (fits) seen.add_all();
  return fits;
}

}  // namespace pb::schema
