#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "api/admin/admin.h"
#include "api/admin/endpoint.h"
#include "api/admin/key_json.h"

using namespace pb;
using namespace pb::api::admin;

namespace {

std::string fault(std::string_view schema_name, std::string_view body) {
  json::Arena arena;
  const auto value = json::parse(body, arena);
  REQUIRE(value);
  const auto checked = check_body(schema_name, *value);
  return checked ? "none" : checked.error().message;
}

std::string query_fault(std::string_view query) {
  constexpr Parameter kParameters[] = {{"limit", Parameter::Kind::count, ""},
                                       {"share", Parameter::Kind::share, ""},
                                       {"all", Parameter::Kind::flag, ""},
                                       {"name", Parameter::Kind::text, ""}};
  const auto checked = check_query(query, kParameters);
  return checked ? "none" : checked.error().message;
}

// All schemas that a schema refers to.
void references(json::Value v, std::set<std::string>& to) {
  if (const json::Value ref = v["$ref"]; ref.is_string())
    to.insert(std::string(ref.as_string().substr(std::string_view("#/components/schemas/").size())));
  for (const json::Member& m : v.members()) references(m.value, to);
  for (const json::Value& item : v.items()) references(item, to);
}

}  // namespace

TEST_SUITE("admin") {
  TEST_CASE("the table: rows of one path stand together, names are unique, schemas are there") {
    std::set<std::string_view> names, paths;
    std::string_view last;
    for (const Endpoint& e : endpoints()) {
      CHECK_MESSAGE(names.insert(e.name).second, e.name);
      if (e.path != last) CHECK_MESSAGE(paths.insert(e.path).second, e.path);
      last = e.path;
      CHECK_MESSAGE(e.path.starts_with("/admin/v1/"), e.path);
      CHECK_MESSAGE((e.run != nullptr), e.name);
      CHECK_MESSAGE(!schema(e.answer).empty(), e.answer);
      if (!e.body.empty() && e.body != "text") {
        CHECK_MESSAGE(!schema(e.body).empty(), e.body);
        const auto checked =
            check_body(e.body, {});  // what is wrong with the schema itself begins with that word
        CHECK_MESSAGE((checked || !checked.error().message.starts_with("schema")), e.body);
      }
    }
  }

  TEST_CASE("every schema is JSON, is used, and refers to what there is") {
    json::Arena arena;
    const std::string text = openapi_json();
    const auto document = json::parse(text, arena);
    REQUIRE(document);
    std::set<std::string> used;
    references(*document, used);
    for (const std::string& name : used) CHECK_MESSAGE(!schema(name).empty(), name);
    for (const NamedSchema& s : schemas()) {
      CHECK_MESSAGE(json::parse(s.json, arena).has_value(), s.name);
      CHECK_MESSAGE(used.contains(std::string(s.name)), s.name);
    }
    CHECK((*document)["paths"]["/admin/v1/keys/{key}"]["patch"]["operationId"].as_string() == "updateKey");
    CHECK((*document)["paths"].size() < endpoints().size());
  }

  TEST_CASE("endpoints are found, ids with slashes too; other methods are named") {
    std::string id, allow;
    const auto name = [&](std::string_view method, std::string_view path) {
      id.clear();
      allow.clear();
      const Endpoint* e = find_endpoint(method, path, id, allow);
      return e == nullptr ? "none" : std::string(e->name);
    };
    CHECK(name("POST", "/admin/v1/deployments/oai/vendor/model/drain") == "drainDeployment");
    CHECK(id == "oai/vendor/model");
    CHECK(name("GET", "/admin/v1/deployments/oai/m") == "getDeployment");
    CHECK(id == "oai/m");
    CHECK(name("GET", "/admin/v1/deployments") == "listDeployments");
    CHECK(id.empty());
    CHECK(name("PATCH", "/admin/v1/keys/alice") == "updateKey");
    CHECK(name("DELETE", "/admin/v1/keys/alice") == "none");
    CHECK(allow == "GET, PATCH");
    CHECK(name("GET", "/admin/v1/nothing") == "none");
    CHECK(allow.empty());
    CHECK(name("GET", "/admin/v1/keys/") == "none");
  }

  TEST_CASE("queries: unknown names and wrong values are told") {
    CHECK(query_fault("") == "none");
    CHECK(query_fault("limit=1000&share=0.5&all=true&name=a+b%20c") == "none");
    CHECK(query_fault("limits=1") == "limits: no such parameter; there are `limit`, `share`, `all`, `name`");
    for (const char* wrong : {"limit=0", "limit=1001", "limit=", "limit=1x", "limit=-1", "share=2", "share=x",
                              "share=nan", "all=1", "limit=1&limit=x"})
      CHECK_MESSAGE(query_fault(wrong) != "none", wrong);
  }

  TEST_CASE("bodies: the fault is named by its path") {
    CHECK(
        fault(
            "NewKey",
            R"({"name":"a","limits":{"requests_per_minute":1},"budget":{"amount":1.5,"per":"day"},"models":["m"],"metadata":{"a":"b","c":null}})") ==
        "none");
    CHECK(fault("NewKey", "{}") == "name: is missing");
    CHECK(fault("NewKey", "[]") == "must be an object, got an empty array");
    CHECK(fault("NewKey", R"({"name":1})") == "name: must be a string, got 1");
    CHECK(fault("NewKey", R"({"name":"a","limits":{"requests_per_minute":-1}})") ==
          "limits.requests_per_minute: must be at least 0, got -1");
    CHECK(fault("NewKey", R"({"name":"a","limits":{"requests_per_minute":1.5}})") ==
          "limits.requests_per_minute: must be a whole number, got 1.5");
    CHECK(fault("NewKey", R"({"name":"a","limits":{"rpm":1}})")
              .starts_with("limits.rpm: is not known; there are `requests_per_minute`"));
    CHECK(fault("NewKey", R"({"name":"a","models":["m",2]})") == "models[1]: must be a string, got 2");
    CHECK(fault("NewKey", R"({"name":"a","budget":{"amount":1,"per":"week"}})") ==
          R"(budget.per: must be one of "day", "month", "total", got "week")");
    CHECK(fault("NewKey", R"({"name":"a","metadata":{"x":[]}})") ==
          "metadata.x: must be a string or null, got an empty array");
    CHECK(fault("KeyChanges", R"({"budget":null,"expires":null})") == "none");
    CHECK(fault("KeyChanges", R"({"limits":{"concurrency":2000000}})") ==
          "limits.concurrency: must be at most 1000000, got 2000000");
  }

  TEST_CASE("wrong keys: after ten in a minute an address waits, others do not") {
    FailedAttempts attempts;
    for (int i = 0; i < FailedAttempts::kMost; ++i) {
      CHECK(attempts.wait_ms("a", 1000 + i) == 0);
      attempts.add("a", 1000 + i);
    }
    CHECK(attempts.wait_ms("a", 2000) == 59'000);
    CHECK(attempts.wait_ms("b", 2000) == 0);
    CHECK(attempts.wait_ms("a", 61'000) == 0);
    attempts.add("a", 61'000);
    CHECK(attempts.wait_ms("a", 61'001) == 0);
    for (int i = 0; i < 5000; ++i) attempts.add("address " + std::to_string(i), 62'000);
    CHECK(attempts.wait_ms("address 4999", 62'000) == 0);
  }

  TEST_CASE("lists: pages by name") {
    const std::vector<std::string> names = {"a", "b", "c"};
    const auto page = [&](std::size_t limit, std::string after) {
      return list_json(
          names, Page{limit, std::move(after)}, [](const std::string& s) { return s; },
          [](json::Writer& w, const std::string& s) { w.string(s); });
    };
    CHECK(page(2, "") == R"({"data":["a","b"],"next":"b"})");
    CHECK(page(2, "b") == R"({"data":["c"],"next":null})");
    CHECK(page(3, "") == R"({"data":["a","b","c"],"next":null})");
    CHECK(page(3, "zz") == R"({"data":[],"next":null})");
  }

  TEST_CASE("errors and times") {
    Error e;
    e.code = Code::invalid_request;
    e.message = "x: y";
    e.param = "x";
    CHECK(error_body(e) == R"({"error":{"code":"invalid_request","message":"x: y","param":"x"}})");
    CHECK(is_admin_path("/admin"));
    CHECK(is_admin_path("/admin/v1/x"));
    CHECK_FALSE(is_admin_path("/administrator"));
    std::string out;
    json::Writer w(out);
    w.begin_object();
    time_field(w, "a", 0);
    time_field(w, "b", 1'795'262'400'050);
    number_field(w, "c", -1);
    number_field(w, "d", 1.23456);
    w.end_object();
    CHECK(out == R"({"a":null,"b":"2026-11-21T12:00:00.050Z","c":null,"d":1.235})");
  }
}
