// What is wrong with a query or a body, by the table's own words.
#include <charconv>

#include "api/admin/endpoint.h"
#include "base/strings.h"

namespace pb::api::admin {
namespace {

std::unexpected<Error> wrong(const std::string& param, const std::string& what) {
  return fail(Code::invalid_request, param.empty() ? what : param + ": " + what, param);
}

std::string decoded(std::string_view text) {
  std::string plain(text);
  for (char& c : plain)
    if (c == '+') c = ' ';
  return percent_decode(plain);
}

Result<void> check_one(const Parameter& p, const std::string& value) {
  const std::string name(p.name);
  const char* const end = value.data() + value.size();
  if (p.kind == Parameter::Kind::count) {
    int n = 0;
    const auto [at, ec] = std::from_chars(value.data(), end, n);
    if (ec != std::errc() || at != end || n < 1 || n > 1000)
      return wrong(name, "expected a whole number from 1 to 1000, found `" + value + "`");
  }
  if (p.kind == Parameter::Kind::share) {
    double n = 0;
    const auto [at, ec] = std::from_chars(value.data(), end, n);
    if (ec != std::errc() || at != end || !(n >= 0 && n <= 1))
      return wrong(name, "expected a number from 0 to 1, found `" + value + "`");
  }
  if (p.kind == Parameter::Kind::flag && value != "true" && value != "false")
    return wrong(name, "expected true or false, found `" + value + "`");
  return {};
}

bool is_a(json::Value v, std::string_view type) {
  if (type == "integer") return v.is_number() && v.as_int(-1) == v.as_int(-2);  // whole
  return json::to_string(v.kind()) == type;
}

Result<void> check_type(json::Value schema, json::Value v, const std::string& path) {
  const json::Value type = schema["type"];
  if (type.is_null()) return {};
  std::string wanted;
  for (std::size_t i = 0; i < (type.is_array() ? type.size() : 1); ++i) {
    const std::string_view one = (type.is_array() ? type.at(i) : type).as_string();
    if (is_a(v, one)) return {};
    wanted.append(wanted.empty() ? "" : " or ").append(one);
  }
  return wrong(path, "expected " + wanted + ", found " + std::string(json::to_string(v.kind())));
}

Result<void> check_object(json::Value schema, json::Value v, const std::string& path) {
  const auto below = [&](std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
  };
  const json::Value properties = schema["properties"], others = schema["additionalProperties"];
  for (const json::Value& key : schema["required"].items())
    if (!v.has(key.as_string())) return wrong(below(key.as_string()), "is missing");
  for (const json::Member& m : v.members()) {
    if (const json::Value* known = properties.find(m.key); known != nullptr) {
      TRY(check_value(*known, m.value, below(m.key)));
    } else if (others.is_object()) {
      TRY(check_value(others, m.value, below(m.key)));
    } else if (others.is_bool() && !others.as_bool()) {
      std::string names;
      for (const json::Member& p : properties.members())
        names.append(names.empty() ? "`" : ", `").append(p.key).append("`");
      return wrong(below(m.key), "is not known; there are " + names);
    }
  }
  return {};
}

}  // namespace

std::string Call::parameter(std::string_view name) const {
  return decoded(query_value(request.query(), name));
}

Result<void> check_query(std::string_view query, std::span<const Parameter> parameters) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = decoded(pair.substr(0, equals));
    const Parameter* known = nullptr;
    std::string names;
    for (const Parameter& p : parameters) {
      if (p.name == name) known = &p;
      names.append(names.empty() ? "; there are `" : ", `").append(p.name).append("`");
    }
    if (known == nullptr)
      return wrong(name, "no such parameter" + (names.empty() ? std::string("; there are none") : names));
    TRY(check_one(*known, decoded(pair.substr(std::min(equals + 1, pair.size())))));
  }
  return {};
}

Result<void> check_value(json::Value schema, json::Value v, const std::string& path) {
  TRY(check_type(schema, v, path));
  if (v.is_object()) TRY(check_object(schema, v, path));
  if (v.is_array()) {
    std::size_t at = 0;
    for (const json::Value& item : v.items())
      TRY(check_value(schema["items"], item, path + "[" + std::to_string(at++) + "]"));
  }
  if (v.is_number() && schema.has("minimum") && v.as_double() < schema["minimum"].as_double())
    return wrong(path, "must be at least " + std::string(schema["minimum"].number_text()));
  if (v.is_number() && schema.has("maximum") && v.as_double() > schema["maximum"].as_double())
    return wrong(path, "must be at most " + std::string(schema["maximum"].number_text()));
  if (const json::Value choices = schema["enum"]; choices.is_array() && !v.is_null()) {
    std::string names;
    for (const json::Value& choice : choices.items()) {
      if (choice.as_string() == v.as_string()) return {};
      names.append(names.empty() ? "`" : ", `").append(choice.as_string()).append("`");
    }
    return wrong(path, "must be one of " + names);
  }
  return {};
}

Page page_of(const Call& call) {
  Page page;
  page.after = call.parameter("cursor");
  const std::string limit = call.parameter("limit");  // checked
  if (!limit.empty()) std::from_chars(limit.data(), limit.data() + limit.size(), page.limit);
  return page;
}

}  // namespace pb::api::admin
