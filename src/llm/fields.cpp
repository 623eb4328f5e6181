#include "llm/fields.h"

#include <algorithm>

namespace pb::llm {
namespace {

bool is_in(Str name, std::initializer_list<Str> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<Str> need_string(json::Value object, Str key, const Path& at) {
  const json::Value* v = object.find(key);
  if (!v || v->is_null()) return Path(at, key).fail("is required");
  if (!v->is_string()) return Path(at, key).wrong_type("a string", *v);
  return v->as_string();
}

Result<Str> maybe_string(json::Value object, Str key, const Path& at) {
  const json::Value v = object[key];
  if (v.is_null()) return Str();
  if (!v.is_string()) return Path(at, key).wrong_type("a string", v);
  return v.as_string();
}

Result<std::optional<std::int64_t>> maybe_int(json::Value object, Str key, const Path& at) {
  const json::Value v = object[key];
  if (v.is_null()) return std::nullopt;
  const std::int64_t n = v.as_int(-1);
  if (!v.is_number()) return Path(at, key).wrong_type("a whole number", v);
  if (n < 0) return Path(at, key).fail("must be a whole number of at least 0");
  return n;
}

Result<std::optional<double>> maybe_double(json::Value object, Str key, const Path& at) {
  const json::Value v = object[key];
  if (v.is_null()) return std::nullopt;
  if (!v.is_number()) return Path(at, key).wrong_type("a number", v);
  return v.as_double();
}

Result<std::optional<bool>> maybe_bool(json::Value object, Str key, const Path& at) {
  const json::Value v = object[key];
  if (v.is_null()) return std::nullopt;
  if (!v.is_bool()) return Path(at, key).wrong_type("true or false", v);
  return v.as_bool();
}

json::Value rest_of(json::Value object, std::initializer_list<Str> known, json::Arena& arena) {
  std::vector<json::Member> rest;
  for (const json::Member& m : object.members())
    if (!is_in(m.key, known)) rest.push_back(m);
  return rest.empty() ? json::Value() : json::Value::object(arena, rest);
}

json::Value join(json::Value a, json::Value b, json::Arena& arena) {
  if (b.size() == 0) return a.size() == 0 ? json::Value() : a;
  if (a.size() == 0) return b;
  std::vector<json::Member> all(a.members().begin(), a.members().end());
  all.insert(all.end(), b.members().begin(), b.members().end());
  return json::Value::object(arena, all);
}

void write_rest(json::Writer& w, json::Value extra, std::initializer_list<Str> except) {
  for (const json::Member& m : extra.members())
    if (!is_in(m.key, except)) w.field(m.key, m.value);
}

Result<json::Value> parse_answer(std::string body, Str format, Response& r) {
  r.text = std::make_unique<std::string>(std::move(body));
  r.format = format;
  const auto root = json::parse(*r.text, r.arena);
  if (!root) return bad_answer("is not JSON: " + root.error().message, *r.text);
  if (!root->is_object()) return bad_answer("is not an object", *r.text);
  return *root;
}

std::unexpected<Error> bad_answer(std::string what, std::string_view body) {
  Error e = upstream_fault("the provider's answer " + std::move(what));
  e.raw_body = body;
  return std::unexpected(std::move(e));
}

bool split_data_url(Str url, Str& media_type, Str& data) {
  if (url.size() < 5 || (url.substr(0, 5) != "data:" && url.substr(0, 5) != "DATA:")) return false;
  std::size_t comma = url.find(',');
  if (comma == Str::npos) return false;
  Str head = url.substr(5, comma - 5);
  if (!head.ends_with(";base64")) return false;
  head.remove_suffix(7);
  media_type = head.substr(0, head.find(';'));
  data = url.substr(comma + 1);
  return true;
}

Str media_type_of(Str file_name) {
  struct Row {
    Str ending, type;
  };
  static constexpr Row kTypes[] = {{".pdf", "application/pdf"},   {".txt", "text/plain"},
                                   {".md", "text/markdown"},      {".csv", "text/csv"},
                                   {".json", "application/json"}, {".html", "text/html"},
                                   {".png", "image/png"},         {".jpg", "image/jpeg"}};
  for (const Row& row : kTypes)
    if (file_name.ends_with(row.ending)) return row.type;
  return "application/pdf";
}

}  // namespace pb::llm
