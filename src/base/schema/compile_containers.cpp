// Keywords of arrays and objects.
#include <algorithm>

#include "base/schema/compile.h"
#include "base/utf8.h"

namespace pb::schema {

Result<void> Compiler::arrays() {
  TRY(count("minItems", Op::min_items));
  TRY(count("maxItems", Op::max_items));
  TRY(items());
  TRY(contains());
  if (const json::Value* v = word("uniqueItems")) {
    if (!v->is_bool()) return must_be("uniqueItems", "true or false", *v);
    if (v->as_bool()) emit(Op::unique_items, "uniqueItems");
  }
  return {};
}

// Until 2019-09 `items` may be the list of the first items' schemas, and `additionalItems` is for those behind them.
Result<void> Compiler::items() {
  const json::Value* items = word("items");
  const json::Value* first = word("prefixItems", Draft::d2020);
  const json::Value* rest = items;
  if (items != nullptr && items->is_array()) {
    first = items;
    rest = word("additionalItems");
  }
  if (first == nullptr && rest == nullptr) return {};
  ArrayPlan plan;
  plan.first = static_cast<Index>(p_.children.size());
  if (first != nullptr)
    for (const json::Value& one : first->items()) p_.children.push_back(child(&one));
  plan.count = static_cast<Index>(p_.children.size()) - plan.first;
  if (rest != nullptr) plan.rest = child(rest);
  emit(Op::items, "items").a = static_cast<Index>(p_.array_plans.size());
  p_.array_plans.push_back(plan);
  return {};
}

Result<void> Compiler::contains() {
  const json::Value* v = word("contains", Draft::d6);
  if (v == nullptr) return {};
  ContainsPlan plan{child(v)};
  plan.evaluates = draft_ == Draft::d2020;
  if (const json::Value* least = word("minContains", Draft::d2019)) {
    TRY_ASSIGN(plan.min, whole("minContains", *least));
  }
  if (const json::Value* most = word("maxContains", Draft::d2019)) {
    TRY_ASSIGN(plan.max, whole("maxContains", *most));
  }
  emit(Op::contains, "contains").a = static_cast<Index>(p_.contains_plans.size());
  p_.contains_plans.push_back(plan);
  return {};
}

Result<void> Compiler::objects() {
  TRY(required());
  TRY(object_plan());
  TRY(count("minProperties", Op::min_properties));
  TRY(count("maxProperties", Op::max_properties));
  if (const json::Value* v = word("propertyNames", Draft::d6))
    emit(Op::property_names, "propertyNames").a = child(v);
  return dependents();
}

Result<void> Compiler::object_plan() {
  const json::Value *named = word("properties"), *by_pattern = word("patternProperties"),
                    *others = word("additionalProperties");
  if (named == nullptr && by_pattern == nullptr && others == nullptr) return {};
  ObjectPlan plan;
  if (named != nullptr) {
    for (const json::Member& m : named->members()) {
      if (named->find(m.key) != &m.value) continue;  // said again further down
      plan.properties.push_back({m.key, child(&m.value)});
      plan.names.push_back(m.key);
    }
  }
  std::sort(plan.properties.begin(), plan.properties.end(),
            [](const Property& a, const Property& b) { return property_before(a.name, b.name); });
  if (by_pattern != nullptr) {
    for (const json::Member& m : by_pattern->members()) {
      TRY_ASSIGN(const Index index, pattern("patternProperties", m.key));
      plan.patterns.push_back({index, child(&m.value)});
    }
  }
  if (others != nullptr) plan.additional = child(others);
  emit(Op::properties, "properties").a = static_cast<Index>(p_.object_plans.size());
  p_.object_plans.push_back(std::move(plan));
  return {};
}

Result<void> Compiler::required() {
  const json::Value* v = word("required");
  if (v == nullptr) return {};
  if (!v->is_array()) return must_be("required", "an array of the names of members", *v);
  const auto first = static_cast<Index>(p_.names.size());
  for (const json::Value& name : v->items()) {
    if (!name.is_string()) return must_be("required", "an array of strings", name);
    p_.names.push_back(name.as_string());
  }
  Instruction& i = emit(Op::required, "required");
  i.a = first;
  i.b = static_cast<Index>(p_.names.size());
  return {};
}

Result<void> Compiler::dependents() {
  if (draft_ >= Draft::d2019) {
    TRY(dependencies_of("dependentRequired", Op::dependent_required));
    TRY(dependencies_of("dependentSchemas", Op::dependent_schemas));
  }
  return dependencies_of(
      "dependencies", Op::dependent_schemas);  // both in one; no longer in the vocabulary, but still in use
}

Result<void> Compiler::dependencies_of(std::string_view name, Op op) {
  const json::Value* v = word(name);
  if (v == nullptr) return {};
  if (!v->is_object()) return must_be(name, "an object", *v);
  const auto first = static_cast<Index>(p_.dependents.size());
  for (const json::Member& m : v->members()) {
    Dependent d;
    d.name = m.key;
    d.first = static_cast<Index>(p_.names.size());
    if (op == Op::dependent_required && !m.value.is_array())
      return wrong(name, "must hold an array of names for `" + std::string(utf8::beginning(m.key, 64)) + "`");
    if (!m.value.is_array()) d.node = child(&m.value);
    for (const json::Value& one : m.value.items()) {
      if (!one.is_string()) return must_be(name, "an object of arrays of strings", one);
      p_.names.push_back(one.as_string());
    }
    d.end = static_cast<Index>(p_.names.size());
    p_.dependents.push_back(d);
  }
  Instruction& i = emit(op, name);
  i.a = first;
  i.b = static_cast<Index>(p_.dependents.size());
  return {};
}

}  // namespace pb::schema
