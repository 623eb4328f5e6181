#include "llm/tool_rules.h"

#include <doctest/doctest.h>

#include "base/strings.h"

using namespace pb;
using namespace pb::llm;

namespace {

const ToolRules kRules{.exclude_tools = {"BatchTool", "mcp__*"}, .strip_schema_formats = {"uri"}};

// The body after the rules, and what was told of it.
std::string edited(std::string body, const ToolRules& rules = kRules) {
  Dropped dropped;
  const std::string before = body;
  const bool changed = apply_tool_rules(rules, body, dropped);
  CAPTURE(before);
  CHECK(changed == (body != before));
  CHECK(changed == !dropped.empty());
  return dropped.empty() ? body : body + " " + dropped.header();
}

// The tools of a request in Chat format, decoded, after the rules.
Request decoded(std::string body, Dropped& dropped) {
  auto r = find_dialect("openai_chat")->decode_request(std::move(body));
  REQUIRE_MESSAGE(r.has_value(), r.error().message);
  apply_tool_rules(kRules, *r, dropped);
  return std::move(*r);
}

}  // namespace

TEST_SUITE_BEGIN("tool rules");

TEST_CASE("globs") {
  CHECK(glob("BatchTool", "BatchTool"));
  CHECK_FALSE(glob("BatchTool", "BatchTools"));
  CHECK_FALSE(glob("BatchTool", "batchtool"));
  CHECK(glob("*", ""));
  CHECK(glob("mcp__*", "mcp__"));
  CHECK(glob("*_b*_d", "a_bc_b_c_d"));
  CHECK_FALSE(glob("*_b*_d", "a_bc_b_c"));
  CHECK_FALSE(glob("", "x"));
  CHECK(glob("", ""));
}

TEST_CASE("an excluded tool goes, every other byte stays") {
  CHECK(
      edited(
          R"({ "a" : 1.50, "tools" : [ {"name":"Bash", "input_schema":{"x" :1} } ,{"name":"BatchTool"}, {"name":"Read"}] ,"z":"é" })") ==
      R"({ "a" : 1.50, "tools" : [{"name":"Bash", "input_schema":{"x" :1} },{"name":"Read"}] ,"z":"é" } exclude_tools)");
  CHECK(edited(R"({"tools":[{"type":"function","function":{"name":"mcp__x__y"}},{"type":"web_search"}]})") ==
        R"({"tools":[{"type":"web_search"}]} exclude_tools)");
  CHECK(edited(R"({"functions":[{"name":"a"},{"name":"BatchTool"}]})") ==
        R"({"functions":[{"name":"a"}]} exclude_tools)");
}

TEST_CASE("a body without them stays as it is") {
  for (const char* body :
       {R"({"tools":[{"name":"Bash"}],"messages":[{"name":"BatchTool","format":"uri"}]})", "{}",
        R"({"tools":null})", R"({"tools":"BatchTool"})", R"({"tools":[1,null,"BatchTool"]})",
        R"({"tools":[]})", "[1]", "", "{\"tools\":[{\"name\":\"BatchTool\"}", "nonsense",
        R"({"tools":[{"name":"BatchTool"}}]})"})
    CHECK(edited(body) == body);
  CHECK(edited(R"({"tools":[{"name":"BatchTool"}]})", {}) == R"({"tools":[{"name":"BatchTool"}]})");
}

TEST_CASE("no empty list of tools is left, and no choice of one that is gone") {
  CHECK(
      edited(
          R"({"a":1,"tools":[{"name":"BatchTool"}],"tool_choice":{"type":"auto"},"parallel_tool_calls":true})") ==
      R"({"a":1} exclude_tools)");
  CHECK(edited(R"({"tools":[{"name":"BatchTool"}],"b":2})") == R"({"b":2} exclude_tools)");
  CHECK(edited(R"({"tools":[{"name":"BatchTool"}] })") == R"({} exclude_tools)");
  CHECK(
      edited(
          R"({"tool_choice":{"type":"tool","name":"BatchTool"},"tools":[{"name":"BatchTool"},{"name":"a"}],"b":2})") ==
      R"({"tools":[{"name":"a"}],"b":2} exclude_tools)");
  CHECK(
      edited(
          R"({"tools":[{"name":"BatchTool"},{"name":"a"}],"tool_choice":{"type":"function","function":{"name":"a"}}})") ==
      R"({"tools":[{"name":"a"}],"tool_choice":{"type":"function","function":{"name":"a"}}} exclude_tools)");
  CHECK(
      edited(
          R"({"tools":[{"functionDeclarations":[{"name":"BatchTool"},{"name":"a"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["BatchTool"]}}})") ==
      R"({"tools":[{"functionDeclarations":[{"name":"a"}]}]} exclude_tools)");
}

TEST_CASE("tools inside tools") {
  CHECK(edited(R"({"tools":[{"functionDeclarations":[{"name":"BatchTool"}],"googleSearch":{}}]})") ==
        R"({"tools":[{"googleSearch":{}}]} exclude_tools)");
  CHECK(edited(R"({"x":0,"tools":[{"functionDeclarations":[{"name":"BatchTool"}]}]})") ==
        R"({"x":0} exclude_tools)");
  CHECK(
      edited(
          R"({"tools":[{"type":"namespace","name":"n","tools":[{"name":"BatchTool"}]},{"name":"b","tools":[]}]})") ==
      R"({"tools":[{"name":"b","tools":[]}]} exclude_tools)");
}

TEST_CASE("formats go from schemas, wherever those stand, and from nothing else") {
  CHECK(
      edited(
          R"({"tools":[{"name":"a","input_schema":{"properties":{"u":{"type":"string","format":"uri"},"d":{"format":"date"}}}}]})") ==
      R"({"tools":[{"name":"a","input_schema":{"properties":{"u":{"type":"string"},"d":{"format":"date"}}}}]} strip_schema_formats)");
  CHECK(edited(R"({"tools":[{"parameters":{"items":[{"anyOf":[{"format":"uri"}]}]}}]})") ==
        R"({"tools":[{"parameters":{"items":[{"anyOf":[{}]}]}}]} strip_schema_formats)");
  CHECK(
      edited(
          R"({"response_format":{"type":"json_schema","json_schema":{"schema":{"format":"uri","n":1.0}}},"b":1})") ==
      R"({"response_format":{"type":"json_schema","json_schema":{"schema":{"n":1.0}}},"b":1} strip_schema_formats)");
  CHECK(edited(R"({"text":{"format":{"type":"json_schema","schema":{"format":"uri"}}}})") ==
        R"({"text":{"format":{"type":"json_schema","schema":{}}}} strip_schema_formats)");
  for (const char* body :
       {R"({"tools":[{"parameters":{"properties":{"format":{"type":"string"},"enum":{"type":"string"}}}}]})",
        R"({"tools":[{"parameters":{"default":{"format":"uri"},"enum":[{"format":"uri"}]}}]})",
        R"({"tools":[{"name":"a","input_examples":[{"format":"uri"}]}]})", R"({"format":"json","x":"uri"})",
        R"({"messages":[{"format":"uri"}]})"})
    CHECK(edited(body) == body);
  CHECK(edited(R"({"tools":[{"parameters":{"properties":{"enum":{"format":"uri"}}}}]})") ==
        R"({"tools":[{"parameters":{"properties":{"enum":{}}}}]} strip_schema_formats)");
}

TEST_CASE("both at once; the tools that stay unchanged keep their bytes") {
  CHECK(
      edited(
          R"({"tools":[{"name":"k" , "n":1e3},{"name":"BatchTool"},{"name":"u", "input_schema":{"format":"uri"}}]})") ==
      R"({"tools":[{"name":"k" , "n":1e3},{"name":"u","input_schema":{}}]} exclude_tools, strip_schema_formats)");
}

TEST_CASE("the same of a decoded request") {
  Dropped dropped;
  const Request r = decoded(
      R"({"model":"m","messages":[{"role":"user","content":"x"}],"parallel_tool_calls":true,
          "tools":[{"type":"function","function":{"name":"BatchTool"}},
                   {"type":"function","function":{"name":"open","parameters":{"properties":{"u":{"format":"uri"}}}}}],
          "tool_choice":{"type":"function","function":{"name":"BatchTool"}},
          "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"format":"uri"}}}})",
      dropped);
  REQUIRE(r.tools.size() == 1);
  CHECK(r.tools[0].name == "open");
  CHECK(json::to_text(r.tools[0].parameters) == R"({"properties":{"u":{}}})");
  CHECK(r.tool_choice.kind == ToolChoice::Kind::unset);
  CHECK(r.parallel_tool_calls == true);
  CHECK(json::to_text(r.response_format.schema) == "{}");
  CHECK(dropped.header() == "exclude_tools, strip_schema_formats");

  Dropped again;
  const Request none = decoded(
      R"({"model":"m","messages":[{"role":"user","content":"x"}],"parallel_tool_calls":true,"tool_choice":"required",
          "tools":[{"type":"function","function":{"name":"mcp__a"}}]})",
      again);
  CHECK(none.tools.empty());
  CHECK(none.tool_choice.kind == ToolChoice::Kind::unset);
  CHECK_FALSE(none.parallel_tool_calls.has_value());
  CHECK(again.header() == "exclude_tools");

  Dropped nothing;
  CHECK(
      decoded(
          R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}}]})",
          nothing)
          .tools.size() == 1);
  CHECK(nothing.empty());
}

TEST_SUITE_END();
