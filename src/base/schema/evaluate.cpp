#include "base/schema/evaluate.h"

#include <charconv>

#include "base/schema/equal.h"
#include "base/utf8.h"

namespace pb::schema {
namespace {

std::uint8_t type_of(json::Value v, std::uint8_t asked) {
  switch (v.kind()) {
    case json::Kind::null:
      return type_bit::null;
    case json::Kind::boolean:
      return type_bit::boolean;
    case json::Kind::number:
      if ((asked & type_bit::fraction) != 0) return type_bit::fraction;  // takes whole ones too
      return (asked & type_bit::integer) != 0 && !is_whole(v.number_text()) ? type_bit::fraction
                                                                            : type_bit::integer;
    case json::Kind::string:
      return type_bit::string;
    case json::Kind::array:
      return type_bit::array;
    case json::Kind::object:
      return type_bit::object;
  }
  return 0;
}

Group group_of(json::Value v) {
  switch (v.kind()) {
    case json::Kind::number:
      return Group::number;
    case json::Kind::string:
      return Group::string;
    case json::Kind::array:
      return Group::array;
    case json::Kind::object:
      return Group::object;
    default:
      return Group::all;
  }
}

int compare_to(const Bound& bound, std::string_view text) {
  if (bound.whole) {
    std::int64_t n = 0;
    const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec == std::errc() && at == text.data() + text.size())
      return n < *bound.whole ? -1 : n > *bound.whole ? 1 : 0;
  }
  return compare_numbers(text, bound.text);
}

}  // namespace

Evaluated::Evaluated(std::size_t size) {
  if (size > 64 * kInline) many_.resize(size / 64 + 1);
}

void Evaluated::add(std::size_t i) {
  (many_.empty() ? few_[i / 64] : many_[i / 64]) |= std::uint64_t{1} << i % 64;
}

void Evaluated::add(const Evaluated& other) {
  all_ = all_ || other.all_;
  for (std::size_t i = 0; i < kInline; ++i) few_[i] |= other.few_[i];
  for (std::size_t i = 0; i < many_.size(); ++i) many_[i] |= other.many_[i];
}

bool Evaluated::has(std::size_t i) const {
  return all_ || ((many_.empty() ? few_[i / 64] : many_[i / 64]) >> i % 64 & 1) != 0;
}

bool Run::root(json::Value v) {
  const Place whole;
  return node(0, v, whole, nullptr);
}

bool Run::node(Index id, json::Value v, const Place& at, Evaluated* seen) {
  if (--left_ < 0) return false;
  if (depth_ >= p_.options.depth_max) too_deep_ = true;
  if (too_deep_) return false;
  const Node& n = p_.nodes[id];
  if (n.never) return faults_ == nullptr ? false : refuse(id, n.keyword, at, "is not allowed");
  if (n.types != type_bit::any && (n.types & type_of(v, n.types)) == 0) return refuse_type(id, v, at);
  if (n.begin.front() == n.begin.back()) return true;
  const Scope scope{scope_, n.resource};
  const Scope* const before = scope_;
  if (before == nullptr || before->resource != n.resource) scope_ = &scope;
  ++depth_;
  bool fits = true;
  const auto walk = [&](Evaluated* own) {
    const Group group = group_of(v);
    if (group != Group::all) fits = instructions(id, group, v, at, own);
    if (fits || !hasty()) fits = instructions(id, Group::all, v, at, own) && fits;
  };
  if (n.tracks && (v.is_object() || v.is_array())) {
    Evaluated own(v.size());
    walk(&own);
    // Where something is wrong, more would be found unevaluated than the sender has to know.
    if (fits) fits = instructions(id, Group::last, v, at, &own);
    if (fits && seen != nullptr) seen->add(own);
  } else {
    walk(seen);
  }
  --depth_;
  scope_ = before;
  return fits;
}

bool Run::instructions(Index id, Group group, json::Value v, const Place& at, Evaluated* seen) {
  const auto& begin = p_.nodes[id].begin;
  const auto g = static_cast<std::size_t>(group);
  bool fits = true;
  for (Index i = begin[g]; i < begin[g + 1]; ++i) {
    if (instruction(id, p_.code[i], v, at, seen)) continue;
    fits = false;
    if (hasty()) return false;
  }
  return fits;
}

bool Run::instruction(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen) {
  if (i.op <= Op::multiple_of) {
    charge(v.number_text().size());
    return number(i, v) || refuse(id, i, v, at);
  }
  if (i.op <= Op::format) return text(i, v) || refuse(id, i, v, at);
  if (i.op <= Op::unique_items) return array(id, i, v, at, seen);
  if (i.op <= Op::dependent_schemas) return object(id, i, v, at, seen);
  if (i.op >= Op::unevaluated_items) return seen == nullptr || unevaluated(id, i, v, at, *seen);
  return logic(id, i, v, at, seen);
}

bool Run::number(const Instruction& i, json::Value v) {
  const std::string_view text = v.number_text();
  switch (i.op) {
    case Op::minimum:
      return compare_to(p_.numbers[i.a], text) >= 0;
    case Op::maximum:
      return compare_to(p_.numbers[i.a], text) <= 0;
    case Op::exclusive_minimum:
      return compare_to(p_.numbers[i.a], text) > 0;
    case Op::exclusive_maximum:
      return compare_to(p_.numbers[i.a], text) < 0;
    default:
      return is_multiple(text, p_.divisors[i.a]);
  }
}

bool Run::text(const Instruction& i, json::Value v) {
  const std::string_view text = v.as_string();
  // A character has one to four bytes, so that most lengths need not be counted.
  switch (i.op) {
    case Op::min_length:
      if (text.size() < i.n) return false;
      if (text.size() / 4 >= i.n) return true;
      charge(text.size());
      return static_cast<std::uint64_t>(utf8::characters(text)) >= i.n;
    case Op::max_length:
      if (text.size() <= i.n) return true;
      if (text.size() / 4 > i.n) return false;
      charge(text.size());
      return static_cast<std::uint64_t>(utf8::characters(text)) <= i.n;
    case Op::pattern: {
      const Pattern& pattern = p_.patterns[i.a];
      left_ -= static_cast<std::int64_t>(text.size()) * pattern.size() / 2048;
      return left_ >= 0 && pattern.found_in(text);
    }
    default:
      charge(4 * text.size());
      return has_format(static_cast<Format>(i.n), text);
  }
}

}  // namespace pb::schema
