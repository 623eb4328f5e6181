// What is wrong with a query or a body, by the table's own words.
#include <charconv>

#include "api/admin/endpoint.h"
#include "base/schema/schema.h"
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

Result<void> check_body(std::string_view name, json::Value body) {
  TRY_ASSIGN(const schema::Schema wanted, schema::Schema::compile(schema(name)));
  const std::vector<schema::Fault> faults = wanted.faults(body);
  if (faults.empty()) return {};
  return wrong(faults[0].path, faults[0].what);
}

Page page_of(const Call& call) {
  Page page;
  page.after = call.parameter("cursor");
  const std::string limit = call.parameter("limit");  // checked
  if (!limit.empty()) std::from_chars(limit.data(), limit.data() + limit.size(), page.limit);
  return page;
}

}  // namespace pb::api::admin
