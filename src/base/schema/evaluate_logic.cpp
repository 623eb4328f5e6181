// What applies to values of every kind: constants, references and combinations of schemas.
#include <utility>

#include "base/schema/equal.h"
#include "base/schema/evaluate.h"

namespace pb::schema {

bool Run::logic(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  switch (i.op) {
    case Op::enumeration:
      for (Index n = i.a; n < i.b; ++n)
        if (equal(p_.values[n], v, p_.options.depth_max, left_)) return true;
      return refuse(id, i, v, at);
    case Op::constant:
      return equal(p_.values[i.a], v, p_.options.depth_max, left_) || refuse(id, i, v, at);
    case Op::ref:
      return node(i.a, v, at, seen);
    case Op::dynamic_ref:
      return node(dynamic_target(i), v, at, seen);
    case Op::all_of:
      return all_of(i, v, at, seen);
    case Op::any_of:
      return any_of(id, i, v, at, seen);
    case Op::one_of:
      return one_of(id, i, v, at, seen);
    case Op::negation:
      if (quietly(i.a, v, at, nullptr)) return refuse(id, i, v, at);
      return !gave_up();
    default:
      return condition(p_.conditions[i.a], v, at, seen);
  }
}

// The outermost resource of the walk that has the anchor; section 8.2.3.2 of the core specification.
Index Run::dynamic_target(const Instruction& i) {
  Index target = i.a;
  for (const Scope* s = scope_; s != nullptr; s = s->outer, --left_)
    for (const auto& [resource, anchored] : p_.dynamic_names[i.b].nodes)
      if (resource == s->resource) target = anchored;
  return target;
}

bool Run::quietly(Index id, json::Value v, const Place& at, Evaluated* seen) {
  std::vector<Fault>* const outer = std::exchange(faults_, nullptr);
  const bool fits = node(id, v, at, seen);
  faults_ = outer;
  return fits;
}

bool Run::all_of(const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  bool fits = true;
  for (Index n = i.a; n < i.b && (fits || !hasty()); ++n) fits = node(p_.children[n], v, at, seen) && fits;
  return fits;
}

bool Run::any_of(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  bool fits = false;
  for (Index n = i.a; n < i.b; ++n) {
    if (seen == nullptr) {
      if (quietly(p_.children[n], v, at, nullptr)) return true;
      continue;
    }
    Evaluated branch(v.size());
    if (!quietly(p_.children[n], v, at, &branch)) continue;
    fits = true;
    seen->add(branch);
  }
  if (fits) return true;
  if (faults_ != nullptr && !gave_up()) explain_alternatives(id, i, v, at);
  return false;
}

bool Run::one_of(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  Index found[2] = {kNone, kNone};
  for (Index n = i.a; n < i.b && found[1] == kNone; ++n) {
    Evaluated branch(seen == nullptr ? 0 : v.size());
    if (!quietly(p_.children[n], v, at, seen == nullptr ? nullptr : &branch)) continue;
    found[found[0] == kNone ? 0 : 1] = n;
    if (found[1] == kNone && seen != nullptr) seen->add(branch);
  }
  if (found[0] != kNone && found[1] == kNone) return true;
  if (faults_ == nullptr || gave_up()) return false;
  if (found[0] == kNone)
    explain_alternatives(id, i, v, at);
  else
    refuse(id, i.name, at,
           "must fit exactly one of " + std::to_string(i.b - i.a) + " alternatives, fits numbers " +
               std::to_string(found[0] - i.a + 1) + " and " + std::to_string(found[1] - i.a + 1));
  return false;
}

bool Run::condition(const Condition& c, json::Value v, const Place& at, Evaluated* seen) {
  Evaluated branch(seen == nullptr ? 0 : v.size());
  if (!quietly(c.test, v, at, seen == nullptr ? nullptr : &branch)) {
    if (gave_up()) return false;
    return c.otherwise == kNone || node(c.otherwise, v, at, seen);
  }
  if (seen != nullptr) seen->add(branch);
  return c.then == kNone || node(c.then, v, at, seen);
}

}  // namespace pb::schema
