#include "base/schema/equal.h"

#include "base/hash.h"
#include "base/schema/number.h"

namespace pb::schema {
namespace {

std::int64_t cost(json::Value v) {
  const std::size_t bytes = v.is_string() ? v.as_string().size() : v.number_text().size();
  return 1 + static_cast<std::int64_t>(bytes / 64);
}

std::uint64_t number_hash(std::string_view text) {
  const Decimal d = decimal(text);
  Hash64 h(d.negative ? 2 : 1);
  const std::size_t point = d.digits.find('.');
  h.add(d.digits.substr(0, point));
  if (point != std::string_view::npos) h.add(d.digits.substr(point + 1));
  return h.value() ^ static_cast<std::uint64_t>(d.lead) * 0x9e3779b97f4a7c15;
}

bool equal_objects(json::Value a, json::Value b, int depth, std::int64_t& left) {
  const auto ours = a.members(), theirs = b.members();
  if (ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const json::Value* other = &theirs[i].value;
    if (theirs[i].key != ours[i].key) {  // in another order
      left -= static_cast<std::int64_t>(theirs.size());
      if (left < 0) return false;
      other = b.find(ours[i].key);
    }
    if (other == nullptr || !equal(ours[i].value, *other, depth - 1, left)) return false;
  }
  return true;
}

}  // namespace

bool equal(json::Value a, json::Value b, int depth, std::int64_t& left) {
  if (a.kind() != b.kind()) return false;
  if (depth <= 0) left = -1;
  if ((left -= cost(a)) < 0) return false;
  switch (a.kind()) {
    case json::Kind::null:
      return true;
    case json::Kind::boolean:
      return a.as_bool() == b.as_bool();
    case json::Kind::number:
      return compare_numbers(a.number_text(), b.number_text()) == 0;
    case json::Kind::string:
      return a.as_string() == b.as_string();
    case json::Kind::array:
      if (a.size() != b.size()) return false;
      for (std::size_t i = 0; i < a.size(); ++i)
        if (!equal(a.items()[i], b.items()[i], depth - 1, left)) return false;
      return true;
    case json::Kind::object:
      return equal_objects(a, b, depth, left);
  }
  return false;
}

std::uint64_t hash_of(json::Value v, int depth, std::int64_t& left) {
  if (depth <= 0) left = -1;
  if ((left -= cost(v)) < 0) return 0;
  std::uint64_t sum = 0x100 + static_cast<std::uint64_t>(v.kind());
  switch (v.kind()) {
    case json::Kind::null:
      return sum;
    case json::Kind::boolean:
      return sum * 2 + (v.as_bool() ? 1 : 0);
    case json::Kind::number:
      return number_hash(v.number_text());
    case json::Kind::string:
      return hash64(v.as_string(), 3);
    case json::Kind::array:
      for (const json::Value& item : v.items())
        sum = hash_detail::fold(sum ^ hash_detail::kPi[0],
                                hash_of(item, depth - 1, left) ^ hash_detail::kPi[1]);
      return sum;
    case json::Kind::object:
      for (const json::Member& m : v.members())  // in any order
        sum += hash_detail::fold(hash64(m.key, 5), hash_of(m.value, depth - 1, left) ^ hash_detail::kPi[2]);
      return sum;
  }
  return sum;
}

}  // namespace pb::schema
