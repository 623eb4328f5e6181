// Members of Google's JSON, in both of its spellings.
#include <charconv>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Whole numbers may come as texts (the JSON form of 64-bit numbers).
std::optional<std::int64_t> whole(json::Value v) {
  if (v.is_number()) {
    const std::int64_t n = v.as_int(INT64_MIN);
    if (n == INT64_MIN) return std::nullopt;
    return n;
  }
  const Str text = v.as_string();
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

}  // namespace

bool is_snake(Str key, Str camel) {
  std::size_t k = 0;
  for (const char c : camel) {
    if (k >= key.size()) return false;
    if (key[k] == c) {
      ++k;
    } else if (c != small(c) && key[k] == '_' && k + 1 < key.size() && key[k + 1] == small(c)) {
      k += 2;
    } else {
      return false;
    }
  }
  return k == key.size();
}

json::Value get(json::Value object, Str camel) {
  json::Value found;
  for (const json::Member& m : object.members())
    if (is_named(m.key, camel)) found = m.value;
  return found;
}

Result<Str> get_string(json::Value object, Str camel, const Path& at) {
  const json::Value v = get(object, camel);
  if (v.is_null()) return Str();
  if (!v.is_string()) return Path(at, camel).wrong_type("a string", v);
  return v.as_string();
}

Result<std::optional<std::int64_t>> get_int(json::Value object, Str camel, const Path& at) {
  const json::Value v = get(object, camel);
  if (v.is_null()) return std::nullopt;
  if (const auto n = whole(v)) return *n;
  if (v.is_number()) return Path(at, camel).fail("must be a whole number");
  return Path(at, camel).wrong_type("a whole number", v);
}

Result<std::optional<double>> get_double(json::Value object, Str camel, const Path& at) {
  const json::Value v = get(object, camel);
  if (v.is_null()) return std::nullopt;
  if (!v.is_number()) return Path(at, camel).wrong_type("a number", v);
  return v.as_double();
}

Result<std::optional<bool>> get_bool(json::Value object, Str camel, const Path& at) {
  const json::Value v = get(object, camel);
  if (v.is_null()) return std::nullopt;
  if (!v.is_bool()) return Path(at, camel).wrong_type("true or false", v);
  return v.as_bool();
}

json::Value others(json::Value object, std::initializer_list<Str> known, json::Arena& arena) {
  std::vector<json::Member> rest;
  for (const json::Member& m : object.members()) {
    bool is_known = false;
    for (const Str name : known) is_known = is_known || is_named(m.key, name);
    if (!is_known) rest.push_back(m);
  }
  return rest.empty() ? json::Value() : json::Value::object(arena, rest);
}

std::span<const json::Value> as_list(const json::Value& v) {
  if (v.is_array()) return v.items();
  return {&v, v.is_null() ? 0u : 1u};
}

}  // namespace pb::llm::gemini
