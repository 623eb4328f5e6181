#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/schema/number.h"
#include "base/schema/schema.h"
#include "base/schema/uri.h"

using namespace pb;
using namespace pb::schema;

namespace {

std::string read(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

json::Value parsed(std::string_view text, json::Arena& arena, std::size_t depth_max = 128) {
  const auto v = json::parse(text, arena, {depth_max});
  REQUIRE_MESSAGE(v, text);
  return *v;
}

Schema compiled(std::string_view text, const Options& options = {}) {
  auto s = Schema::compile(text, options);
  REQUIRE_MESSAGE(s, (s ? "" : s.error().message));
  return std::move(*s);
}

std::string refusal(std::string_view text, const Options& options = {}) {
  const auto s = Schema::compile(text, options);
  return s ? "none" : s.error().message;
}

std::string told(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& f : faults) text.append(text.empty() ? "" : "; ").append(f.text());
  return text;
}

std::string told(const Schema& s, std::string_view value) {
  json::Arena arena;
  return told(s.faults(parsed(value, arena)));
}

// {"a":{"a":…{}}} of so many levels, made without a parser.
json::Value deep(json::Arena& arena, int levels) {
  json::Value v = json::Value::object(arena, {});
  for (int i = 0; i < levels; ++i) {
    const json::Member m{"a", v};
    v = json::Value::object(arena, {&m, 1});
  }
  return v;
}

void check_cases(const std::string& name) {
  json::Arena arena;
  const std::string text = read(std::filesystem::path(PATCHBAY_SOURCE_DIR) / "tests/golden/schema" / name);
  const json::Value cases = parsed(text, arena);
  CHECK(cases.size() > 5);
  for (const json::Value& one : cases.items()) {
    INFO(name << ": " << one["about"].as_string());
    const auto s = Schema::compile(one["schema"], {.assert_formats = name == "formats.json"});
    REQUIRE_MESSAGE(s, (s ? "" : s.error().message));
    for (const json::Value& v : one["fit"].items()) {
      INFO(json::to_text(v));
      CHECK(told(s->faults(v)) == "");
      CHECK(s->fits(v));
    }
    for (const json::Value& pair : one["unfit"].items()) {
      INFO(json::to_text(pair.at(0)));
      CHECK_FALSE(s->fits(pair.at(0)));
      CHECK(told(s->faults(pair.at(0))) == pair.at(1).as_string());
    }
  }
}

}  // namespace

TEST_SUITE("schema") {
  TEST_CASE("every keyword, by examples") {
    for (const char* name : {"numbers.json", "strings.json", "arrays.json", "objects.json", "logic.json",
                             "references.json", "unevaluated.json", "drafts.json", "formats.json"})
      check_cases(name);
  }

  TEST_CASE("what is wrong with a schema, and where") {
    json::Arena arena;
    const std::string text =
        read(std::filesystem::path(PATCHBAY_SOURCE_DIR) / "tests/golden/schema/bad.json");
    const json::Value cases = parsed(text, arena);
    CHECK(cases.size() > 30);
    for (const json::Value& one : cases.items()) {
      INFO(json::to_text(one["schema"]));
      const auto s = Schema::compile(one["schema"]);
      CHECK((s ? "none" : s.error().message) == one["error"].as_string());
      if (!s) CHECK(s.error().code == Code::invalid_request);
    }
    CHECK(refusal("{").starts_with("invalid JSON at line 1"));
    const auto s = Schema::compile(R"({"properties":{"a":{"minimum":"x"}}})");
    REQUIRE_FALSE(s);
    CHECK(s.error().param == "/properties/a/minimum");
  }

  TEST_CASE("faults: pointers, paths and places in the schema") {
    const Schema s = compiled(
        R"({"properties":{"a/b":{"items":{"$ref":"#/$defs/small"}},"x":true},"$defs":{"small":{"maximum":3}},"required":["x"],"additionalProperties":false})");
    json::Arena arena;
    const auto faults = s.faults(parsed(R"({"a/b":[1,9],"y":1})", arena));
    REQUIRE(faults.size() == 3);
    CHECK(faults[0].pointer == "/x");
    CHECK(faults[0].keyword == "required");
    CHECK(faults[0].schema_pointer == "/required");
    CHECK(faults[1].pointer == "/a~1b/1");
    CHECK(faults[1].path == "a/b[1]");
    CHECK(faults[1].keyword == "maximum");
    CHECK(faults[1].schema_pointer == "/$defs/small/maximum");
    CHECK(faults[1].text() == "`a/b[1]` must be at most 3, got 9");
    CHECK(faults[2].pointer == "/y");
    CHECK(faults[2].keyword == "additionalProperties");
    const auto checked = s.check(parsed(R"({"a/b":[9],"x":1})", arena));
    REQUIRE_FALSE(checked);
    CHECK(checked.error().message == "`a/b[0]` must be at most 3, got 9");
    CHECK(checked.error().param == "a/b[0]");
    CHECK(s.check(parsed(R"({"x":1})", arena)));
  }

  TEST_CASE("faults are bounded in number and in length") {
    json::Arena arena;
    std::string many = "[";
    for (int i = 0; i < 1000; ++i) many += "\"" + std::string(1000, 'x') + "\",";
    many += "1]";
    const auto faults =
        compiled(R"({"items":{"type":"integer"}})", {.faults_max = 7}).faults(parsed(many, arena));
    CHECK(faults.size() == 7);
    for (const Fault& f : faults) CHECK(f.text().size() < 200);
    const std::string key(100'000, 'k');
    const auto named =
        compiled(R"({"additionalProperties":{"const":1}})").faults(parsed("{\"" + key + "\":2}", arena));
    REQUIRE(named.size() == 1);
    CHECK(named[0].text().size() < 500);
    CHECK(named[0].pointer.size() < 500);
    std::string choices = R"({"enum":[)";
    for (int i = 0; i < 500; ++i) choices += "\"choice number " + std::to_string(i) + "\",";
    choices += "0]}";
    CHECK(told(compiled(choices), "1").size() < 1000);
  }

  TEST_CASE("values that are too deep are told, not followed") {
    json::Arena arena;
    const json::Value v = deep(arena, 10'000);
    const Schema tree = compiled(R"({"additionalProperties":{"$ref":"#"}})");
    CHECK(tree.fits(deep(arena, 100)));
    CHECK_FALSE(tree.fits(v));
    const auto faults = tree.faults(v);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text() ==
          "the value is nested too deeply to be checked: at most 512 schemas may be applied within one "
          "another");
    CHECK(faults[0].keyword == "");
    // What no schema looks into may be as deep as it likes.
    CHECK(compiled(R"({"type":"object","properties":{"b":false}})").fits(v));
    const json::Value twice[] = {v, v};
    CHECK_FALSE(compiled(R"({"uniqueItems":true})").fits(json::Value::array(arena, twice)));
    CHECK_FALSE(compiled(R"({"not":{"additionalProperties":{"$ref":"#/not"}}})").fits(v));
  }

  TEST_CASE("schemas that are too deep or too many are refused") {
    std::string text = "true";
    for (int i = 0; i < 600; ++i) text = R"({"not":)" + text + "}";
    json::Arena arena;
    const auto s = Schema::compile(parsed(text, arena, 1000));
    REQUIRE_FALSE(s);
    CHECK(s.error().message == "schema: nested deeper than 512 levels");
    CHECK_FALSE(Schema::compile(deep(arena, 10'000)));
    std::string wide = R"({"allOf":[)";
    for (int i = 0; i < 20'001; ++i) wide += "true,";
    CHECK(refusal(wide + "true]}") == "schema: it has more than 20000 schemas in it");
    std::string patterns = R"({"allOf":[)";
    for (int i = 0; i < 300; ++i) patterns += R"({"pattern":"a)" + std::to_string(i) + "\"},";
    CHECK(refusal(patterns + "true]}")
              .ends_with("this is one pattern too many; at most 256 may be in a schema"));
  }

  TEST_CASE("long chains of references do not need the stack") {
    std::string text = R"({"$ref":"#/$defs/n0","$defs":{)";
    for (int i = 0; i < 10'000; ++i)
      text += "\"n" + std::to_string(i) + R"(":{"$ref":"#/$defs/n)" + std::to_string(i + 1) + "\"},";
    const Schema s = compiled(text + R"("n10000":{"type":"string"}}})");
    json::Arena arena;
    CHECK(s.faults(json::Value::string("a"))[0].what.starts_with("is nested too deeply"));
  }

  TEST_CASE("work is bounded where a schema multiplies it") {
    std::string text = R"({"$ref":"#/$defs/n0","$defs":{)";
    for (int i = 0; i < 60; ++i) {
      const std::string next = R"({"$ref":"#/$defs/n)" + std::to_string(i + 1) + "\"}";
      text += "\"n" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]},";
    }
    const Schema s = compiled(text + R"("n60":{"type":"string"}}})");
    const auto faults = s.faults(json::Value::string("a"));
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].text() == "the value takes too much work to be checked against its schema");
    const Schema strict = compiled(R"({"items":{"type":"integer"}})", {.work_max = 50});
    CHECK(told(strict, "[1,2,3]") == "");
    std::string many = "[1";
    for (int i = 0; i < 100; ++i) many += ",1";
    CHECK(told(strict, many + "]") == "the value takes too much work to be checked against its schema");
    // Not a way around: what gave up fits nothing, also not under `not`.
    CHECK(compiled(R"({"not":{"type":"integer"}})", {.work_max = 2}).fits(json::Value::string("a")));
    CHECK_FALSE(compiled(R"({"not":{"type":"integer"}})", {.work_max = 1}).fits(json::Value::string("a")));
  }

  TEST_CASE("patterns that explode elsewhere take linear time") {
    const Schema s = compiled(R"({"pattern":"^(a+)+$"})");
    std::string text(100'000, 'a');
    CHECK(s.fits(json::Value::string(text)));
    text += "!";
    CHECK_FALSE(s.fits(json::Value::string(text)));
    const Schema many =
        compiled(R"({"patternProperties":{"^(([a-z])+.)+[A-Z]([a-z])+$":{"type":"integer"}}})");
    json::Arena arena;
    const json::Member m{text, json::Value::boolean(true)};
    CHECK(many.fits(json::Value::object(arena, {&m, 1})));
  }

  TEST_CASE("uniqueItems over many items") {
    std::string many = "[0";
    for (int i = 1; i < 20'000; ++i) many += "," + std::to_string(i);
    const Schema s = compiled(R"({"uniqueItems":true})");
    json::Arena arena;
    CHECK(s.fits(parsed(many + "]", arena)));
    CHECK(told(s, many + ",77.0]") ==
          "the value must not hold anything twice; items 77 and 20000 are the same");
  }

  TEST_CASE("unevaluated members beyond what fits on the stack") {
    std::string members, properties;
    for (int i = 0; i < 600; ++i) {
      members += "\"m" + std::to_string(i) + "\":1,";
      properties += "\"m" + std::to_string(i) + "\":true,";
    }
    properties.pop_back();
    members.pop_back();
    const Schema s = compiled(R"({"anyOf":[{"properties":{)" + properties +
                              R"(}},{"required":["z"]}],"unevaluatedProperties":false})");
    CHECK(told(s, "{" + members + "}") == "");
    CHECK(told(s, "{" + members + R"(,"other":1})") == "`other` is not known");
  }

  TEST_CASE("defaults") {
    const Schema s = compiled(R"({"allOf":[{"properties":{"limit":{"type":"integer","default":10}}}],
      "properties":{"sort":{"$ref":"#/$defs/sort"},"filter":{"properties":{"deep":{"default":false}}},
                    "tags":{"items":{"properties":{"kind":{"default":"plain"}}}},
                    "self":{"$ref":"#","default":{}}},
      "$defs":{"sort":{"enum":["a","b"],"default":"a"}}})");
    REQUIRE(s.default_of("limit") != nullptr);
    CHECK(s.default_of("limit")->as_int() == 10);
    REQUIRE(s.default_of("sort") != nullptr);
    CHECK(s.default_of("sort")->as_string() == "a");
    CHECK(s.default_of("filter") == nullptr);
    CHECK(s.default_of("nothing") == nullptr);
    json::Arena arena;
    const auto filled = [&](std::string_view text) {
      return json::to_text(s.with_defaults(parsed(text, arena), arena));
    };
    CHECK(
        filled(R"({"limit":3,"tags":[{},{"kind":"x"}],"filter":{}})") ==
        R"({"limit":3,"tags":[{"kind":"plain"},{"kind":"x"}],"filter":{"deep":false},"sort":"a","self":{}})");
    CHECK(filled("[1]") == "[1]");
    const json::Value whole = parsed(R"({"limit":3,"sort":"b","self":1})", arena);
    CHECK(s.with_defaults(whole, arena).members().data() == whole.members().data());
    CHECK(s.document()["$defs"]["sort"]["default"].as_string() == "a");
  }

  TEST_CASE("a schema does not need the text it was made of") {
    auto s = std::make_unique<Schema>(compiled("true"));
    {
      json::Arena arena;
      std::string text = R"({"properties":{"name":{"pattern":"^a","enum":["abc"]}},"required":["name"]})";
      *s = std::move(*Schema::compile(parsed(text, arena)));
      text.assign(text.size(), 'x');
    }
    CHECK(told(*s, R"({"name":"abc"})") == "");
    CHECK(told(*s, "{}") == "`name` is missing");
  }

  TEST_CASE("numbers") {
    CHECK(compare_numbers("1", "1.0") == 0);
    CHECK(compare_numbers("100", "1e2") == 0);
    CHECK(compare_numbers("0.1", "1E-1") == 0);
    CHECK(compare_numbers("-0", "0") == 0);
    CHECK(compare_numbers("-2", "-1") < 0);
    CHECK(compare_numbers("-1", "0.5") < 0);
    CHECK(compare_numbers("12.345", "12.35") < 0);
    CHECK(compare_numbers("123456789012345678901", "123456789012345678902") < 0);
    CHECK(compare_numbers("0.00010", "1e-4") == 0);
    CHECK(compare_numbers("1e999999999999999999999", "1e5") > 0);
    CHECK(is_whole("1.50e1"));
    CHECK_FALSE(is_whole("1.55e1"));
    CHECK(is_whole("0.0"));
    CHECK_FALSE(divisor("0"));
    CHECK_FALSE(divisor("12345678901234567891"));
    REQUIRE(divisor("9999999999999999999"));
    CHECK(is_multiple("99999999999999999990", *divisor("9999999999999999999")));
    CHECK_FALSE(is_multiple("99999999999999999991", *divisor("9999999999999999999")));
    CHECK(is_multiple("1e18446744073709551616", *divisor("0.5")));
  }

  TEST_CASE("references between URIs, RFC 3986 section 5.4") {
    const auto resolved = [](std::string_view reference) {
      return resolve_uri("http://a/b/c/d;p?q", reference);
    };
    CHECK(resolved("g:h") == "g:h");
    CHECK(resolved("g") == "http://a/b/c/g");
    CHECK(resolved("./g") == "http://a/b/c/g");
    CHECK(resolved("g/") == "http://a/b/c/g/");
    CHECK(resolved("/g") == "http://a/g");
    CHECK(resolved("//g") == "http://g");
    CHECK(resolved("?y") == "http://a/b/c/d;p?y");
    CHECK(resolved("g?y") == "http://a/b/c/g?y");
    CHECK(resolved("") == "http://a/b/c/d;p?q");
    CHECK(resolved(".") == "http://a/b/c/");
    CHECK(resolved("..") == "http://a/b/");
    CHECK(resolved("../g") == "http://a/b/g");
    CHECK(resolved("../../../g") == "http://a/g");
    CHECK(resolved("/./g") == "http://a/g");
    CHECK(resolved("g;x=1/../y") == "http://a/b/c/y");
    CHECK(resolve_uri("", "a/b") == "a/b");
    CHECK(resolve_uri("a/b", "c") == "a/c");
    CHECK(resolve_uri("http://a", "g") == "http://a/g");
  }
}
