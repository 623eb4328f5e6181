#include "base/schema/compile.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"

namespace pb::schema {
namespace {

constexpr std::int64_t kPatternMemoryMax = 8 << 20, kPatternMemoryMin = 256 << 10;  // bytes of one

std::uint8_t type_named(std::string_view name) {
  if (name == "null") return type_bit::null;
  if (name == "boolean") return type_bit::boolean;
  if (name == "integer") return type_bit::integer;
  if (name == "number") return type_bit::integer | type_bit::fraction;
  if (name == "string") return type_bit::string;
  if (name == "array") return type_bit::array;
  if (name == "object") return type_bit::object;
  return 0;
}

}  // namespace

Result<void> Compiler::run(json::Value document) {
  TRY(places_.whole(document));
  for (Index id = 0; id < p_.nodes.size(); ++id) {  // references add to them
    id_ = id;
    source_ = *p_.nodes[id].source;
    draft_ = places_.draft(id);
    TRY(node());
  }
  TRY(compile_patterns());
  return refuse_circles();
}

std::unexpected<Error> Compiler::wrong(std::string_view word, const std::string& what) const {
  return bad_schema(p_, id_, word, what);
}

std::unexpected<Error> Compiler::must_be(std::string_view word, std::string_view what,
                                         const json::Value& v) const {
  return wrong(word, "must be " + std::string(what) + ", is " + kind_text(v));
}

const json::Value* Compiler::word(std::string_view name, Draft from, Draft to) const {
  return draft_ >= from && draft_ <= to ? source_.find(name) : nullptr;
}

Instruction& Compiler::emit(Op op, std::string_view name) {
  return p_.code.emplace_back(Instruction{op, kNone, kNone, 0, name});
}

// What is emitted from now on belongs to this group.
void Compiler::begin(Group group) {
  p_.nodes[id_].begin[static_cast<std::size_t>(group)] = static_cast<Index>(p_.code.size());
}

Result<void> Compiler::node() {
  const bool only_ref = draft_ <= Draft::d7 && source_["$ref"].is_string();  // its neighbours do not count
  if (source_.is_bool()) p_.nodes[id_].never = !source_.as_bool();
  const bool reads = source_.is_object() && !only_ref;
  if (reads) TRY(types());
  begin(Group::number);
  if (reads) TRY(numbers());
  begin(Group::string);
  if (reads) TRY(strings());
  begin(Group::array);
  if (reads) TRY(arrays());
  begin(Group::object);
  if (reads) TRY(objects());
  begin(Group::all);
  if (reads) TRY(choices());
  if (source_.is_object()) TRY(references());
  if (reads) TRY(combinations());
  begin(Group::last);
  if (reads) {
    if (const json::Value* v = word("unevaluatedItems", Draft::d2019))
      emit(Op::unevaluated_items, "unevaluatedItems").a = child(v);
    if (const json::Value* v = word("unevaluatedProperties", Draft::d2019))
      emit(Op::unevaluated_properties, "unevaluatedProperties").a = child(v);
  }
  begin(Group::count);
  p_.nodes[id_].tracks = p_.nodes[id_].begin[static_cast<std::size_t>(Group::last)] < p_.code.size();
  return {};
}

Result<void> Compiler::types() {
  const json::Value* type = word("type");
  if (type == nullptr) return {};
  std::uint8_t types = 0;
  if (!type->is_string() && !type->is_array())
    return must_be("type", "the name of a type or an array of them", *type);
  for (std::size_t i = 0; i < (type->is_array() ? type->size() : 1); ++i) {
    const std::string_view name = (type->is_array() ? type->items()[i] : *type).as_string();
    const std::uint8_t bits = type_named(name);
    if (bits == 0)
      return wrong("type",
                   "`" + std::string(utf8::beginning(name, 40)) +
                       "` is no type; there are string, number, integer, boolean, object, array and null");
    types |= bits;
  }
  p_.nodes[id_].types = types;
  return {};
}

Result<void> Compiler::bound(std::string_view name, Op op, const json::Value* exclusive_flag, Op exclusive) {
  const json::Value* v = word(name);
  if (v == nullptr) return {};
  if (!v->is_number()) return must_be(name, "a number", *v);
  Bound b{v->number_text(), std::nullopt};
  std::int64_t n = 0;
  const char* const begin = b.text.data();
  const char* const end = begin + b.text.size();
  if (const auto [at, ec] = std::from_chars(begin, end, n); ec == std::errc() && at == end) b.whole = n;
  emit(exclusive_flag != nullptr && exclusive_flag->as_bool() ? exclusive : op, name).a =
      static_cast<Index>(p_.numbers.size());
  p_.numbers.push_back(b);
  return {};
}

Result<void> Compiler::numbers() {
  const json::Value* const least = word("exclusiveMinimum", Draft::d4, Draft::d4);  // a flag then
  const json::Value* const most = word("exclusiveMaximum", Draft::d4, Draft::d4);
  TRY(bound("minimum", Op::minimum, least, Op::exclusive_minimum));
  TRY(bound("maximum", Op::maximum, most, Op::exclusive_maximum));
  if (draft_ > Draft::d4) {
    TRY(bound("exclusiveMinimum", Op::exclusive_minimum, nullptr, {}));
    TRY(bound("exclusiveMaximum", Op::exclusive_maximum, nullptr, {}));
  }
  if (const json::Value* v = word("multipleOf")) {
    if (!v->is_number()) return must_be("multipleOf", "a number above 0", *v);
    const auto d = divisor(v->number_text());
    if (!d) return must_be("multipleOf", "a number above 0 with at most 19 digits", *v);
    Instruction& i = emit(Op::multiple_of, "multipleOf");
    i.a = static_cast<Index>(p_.divisors.size());
    i.b = static_cast<Index>(p_.values.size());  // for its fault
    p_.divisors.push_back(*d);
    p_.values.push_back(*v);
  }
  return {};
}

Result<std::uint64_t> Compiler::whole(std::string_view name, const json::Value& v) const {
  const Decimal d = decimal(v.is_number() ? v.number_text() : "-1");
  if (d.negative || !d.whole()) return must_be(name, "a whole number from 0", v);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, v.as_int(INT64_MAX)));
}

Result<void> Compiler::count(std::string_view name, Op op) {
  const json::Value* v = word(name);
  if (v == nullptr) return {};
  TRY_ASSIGN(const std::uint64_t n, whole(name, *v));
  emit(op, name).n = n;
  return {};
}

Result<void> Compiler::strings() {
  TRY(count("minLength", Op::min_length));
  TRY(count("maxLength", Op::max_length));
  if (const json::Value* v = word("pattern")) {
    if (!v->is_string()) return must_be("pattern", "a string", *v);
    TRY_ASSIGN(const Index index, pattern("pattern", v->as_string()));
    emit(Op::pattern, "pattern").a = index;
  }
  if (const json::Value* v = word("format")) {
    if (!v->is_string()) return must_be("format", "a string", *v);
    if (const auto format = format_of(v->as_string()); format && p_.options.assert_formats)
      emit(Op::format, "format").n = static_cast<std::uint64_t>(*format);
  }
  return {};
}

Result<Index> Compiler::pattern(std::string_view name, std::string_view text) {
  const auto [at, fresh] = pattern_index_.try_emplace(text, static_cast<Index>(wanted_.size()));
  if (fresh) wanted_.push_back({id_, name, text});
  if (wanted_.size() > limits::kSchemaPatternsMax)
    return wrong(name, "this is one pattern too many; at most " + std::to_string(limits::kSchemaPatternsMax) +
                           " may be in a schema");
  return at->second;
}

// Last, because what memory there is for one depends on how many there are.
Result<void> Compiler::compile_patterns() {
  const auto share =
      static_cast<std::int64_t>(limits::kSchemaPatternBytesMax / std::max<std::size_t>(1, wanted_.size()));
  for (const WantedPattern& w : wanted_) {
    auto compiled = Pattern::compile(w.text, std::clamp(share, kPatternMemoryMin, kPatternMemoryMax));
    if (!compiled) {
      const std::string shown(utf8::beginning(w.text, 100));
      return bad_schema(p_, w.node, w.keyword, "the pattern `" + shown + "` " + compiled.error().message);
    }
    p_.patterns.push_back(std::move(*compiled));
    p_.pattern_texts.push_back(w.text);
  }
  return {};
}

Result<void> Compiler::choices() {
  if (const json::Value* v = word("enum")) {
    if (!v->is_array()) return must_be("enum", "an array", *v);
    Instruction& i = emit(Op::enumeration, "enum");
    i.a = static_cast<Index>(p_.values.size());
    p_.values.insert(p_.values.end(), v->items().begin(), v->items().end());
    i.b = static_cast<Index>(p_.values.size());
  }
  if (const json::Value* v = word("const", Draft::d6)) {
    emit(Op::constant, "const").a = static_cast<Index>(p_.values.size());
    p_.values.push_back(*v);
  }
  return {};
}

Result<void> Compiler::references() {
  const auto refer = [&](std::string_view name, Draft from, Draft to) -> Result<void> {
    const json::Value* v = word(name, from, to);
    if (v == nullptr) return {};
    if (!v->is_string()) return must_be(name, "a string", *v);
    TRY_ASSIGN(const Index to_node, places_.target(id_, name, v->as_string()));
    const Index dynamic = name == "$dynamicRef"     ? places_.dynamic_name(v->as_string(), to_node)
                          : name == "$recursiveRef" ? places_.recursive_name(to_node)
                                                    : kNone;
    Instruction& i = emit(dynamic == kNone ? Op::ref : Op::dynamic_ref, name);
    i.a = to_node;
    i.b = dynamic;
    return {};
  };
  TRY(refer("$ref", Draft::d4, Draft::d2020));
  TRY(refer("$dynamicRef", Draft::d2020, Draft::d2020));
  return refer("$recursiveRef", Draft::d2019, Draft::d2019);
}

Result<void> Compiler::combinations() {
  const auto list = [&](std::string_view name, Op op) {
    const json::Value* v = word(name);
    if (v == nullptr) return;
    Instruction& i = emit(op, name);
    i.a = static_cast<Index>(p_.children.size());
    for (const json::Value& one : v->items()) p_.children.push_back(child(&one));
    i.b = static_cast<Index>(p_.children.size());
  };
  list("allOf", Op::all_of);
  list("anyOf", Op::any_of);
  list("oneOf", Op::one_of);
  if (const json::Value* v = word("not")) emit(Op::negation, "not").a = child(v);
  const json::Value *test = word("if", Draft::d7), *then = word("then", Draft::d7),
                    *otherwise = word("else", Draft::d7);
  if (test != nullptr) {
    emit(Op::condition, "if").a = static_cast<Index>(p_.conditions.size());
    p_.conditions.push_back({child(test), then == nullptr ? kNone : child(then),
                             otherwise == nullptr ? kNone : child(otherwise)});
  }
  return {};
}

// Schemas that lead back to themselves without going into the value would never come to an end.
Result<void> Compiler::refuse_circles() const {
  const auto next = [&](Index id, std::vector<Index>& to) {
    const Node& n = p_.nodes[id];
    for (Index at = n.begin.front(); at < n.begin.back(); ++at) {
      const Instruction& i = p_.code[at];
      if (i.op == Op::ref || i.op == Op::negation) to.push_back(i.a);
      if (i.op == Op::all_of || i.op == Op::any_of || i.op == Op::one_of)
        to.insert(to.end(), p_.children.begin() + i.a, p_.children.begin() + i.b);
      if (i.op == Op::condition)
        for (const Index one :
             {p_.conditions[i.a].test, p_.conditions[i.a].then, p_.conditions[i.a].otherwise})
          if (one != kNone) to.push_back(one);
      if (i.op == Op::dependent_schemas)
        for (Index d = i.a; d < i.b; ++d)
          if (p_.dependents[d].node != kNone) to.push_back(p_.dependents[d].node);
    }
  };
  enum class State : std::uint8_t { fresh, open, done };
  struct Step {
    Index id;
    std::vector<Index> to;
  };
  std::vector<State> states(p_.nodes.size(), State::fresh);
  for (Index root = 0; root < p_.nodes.size(); ++root) {
    std::vector<Step> open;
    const auto enter = [&](Index id) {
      states[id] = State::open;
      open.push_back({id, {}});
      next(id, open.back().to);
    };
    if (states[root] == State::fresh) enter(root);
    while (!open.empty()) {
      Step& top = open.back();
      if (top.to.empty()) {
        states[top.id] = State::done;
        open.pop_back();
        continue;
      }
      const Index id = top.to.back();
      top.to.pop_back();
      if (states[id] == State::open) {
        const bool by_ref = p_.nodes[top.id].source->has("$ref");
        return bad_schema(p_, top.id, by_ref ? "$ref" : "", "leads back to itself without end");
      }
      if (states[id] == State::fresh) enter(id);
    }
  }
  return {};
}

}  // namespace pb::schema
