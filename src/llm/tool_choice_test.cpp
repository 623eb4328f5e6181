// A choice among some of the tools: told where the format has words for it, else only those tools are offered.
#include <doctest/doctest.h>

#include "llm/custom_tools.h"
#include "llm/dialects.h"
#include "llm/tool_rules.h"

namespace pb::llm {
namespace {

Request decode(const Dialect& d, std::string body) {
  auto r = d.decode_request(std::move(body));
  REQUIRE_MESSAGE(r, r.error().message);
  return std::move(*r);
}

std::string encode(const Dialect& d, const Request& r, std::string& dropped, Quirks quirks = {}) {
  Dropped names;
  std::string out;
  auto done = d.encode_request(r, {"m", quirks}, names, out);
  REQUIRE_MESSAGE(done, done.error().message);
  dropped = names.header();
  return out;
}

bool has_tools(const Dialect& d) { return note_of(d, "tools").starts_with("kept"); }

const std::string kChat =
    R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"one"}},{"type":"function","function":{"name":"two"}},{"type":"function","function":{"name":"three"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"two"}},{"type":"function","function":{"name":"three"}}]}}})";
const std::string kResponses =
    R"({"model":"m","input":"x","tools":[{"type":"function","name":"one"},{"type":"function","name":"two"},{"type":"function","name":"three"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"two"},{"type":"function","name":"three"}]}})";
const std::string kGoogle =
    R"({"contents":[{"role":"user","parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"one"},{"name":"two"},{"name":"three"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["two","three"]}}})";

struct Client {
  const Dialect& dialect;
  const std::string& body;
};
const Client kClients[] = {{kOpenaiChat, kChat}, {kOpenaiResponses, kResponses}, {kGemini, kGoogle}};

}  // namespace

TEST_SUITE("allowed tools") {
  TEST_CASE("from every format that has them to every format") {
    for (const Client& client : kClients)
      for (const Dialect* target : dialects()) {
        if (!has_tools(*target)) continue;
        CAPTURE(client.dialect.name);
        CAPTURE(target->name);
        const Request r = decode(client.dialect, client.body);
        CHECK(r.tool_choice.allowed == std::vector<Str>{"two", "three"});
        std::string dropped;
        const std::string out = encode(*target, r, dropped);
        const bool told =
            target == &kOpenaiResponses || target == &kGemini || target->name == client.dialect.name;
        CHECK(out.contains("\"one\"") == told);
        CHECK(out.contains("\"two\""));
        CHECK(out.contains("\"three\""));
        CHECK_FALSE(dropped.contains("allowed_tools"));
        // What is told is told as the format says it: read again, it is the same.
        if (told) CHECK(decode(*target, out).tool_choice.allowed == r.tool_choice.allowed);
      }
  }

  TEST_CASE("OpenAI's own chat format is told") {
    std::string dropped;
    const std::string out =
        encode(kOpenaiChat, decode(kOpenaiResponses, kResponses), dropped, {.custom_tools = true});
    CHECK(out.contains(kChat.substr(kChat.find("\"tool_choice\""))));
    CHECK(out.contains("\"one\""));
  }

  TEST_CASE("where the model may choose, Gemini is offered only those") {
    std::string body = kResponses, dropped;
    body.replace(body.find("required"), 8, "auto");
    const std::string out = encode(kGemini, decode(kOpenaiResponses, body), dropped);
    CHECK_FALSE(out.contains("\"one\""));
    CHECK(out.contains(R"({"mode":"AUTO"})"));
  }

  TEST_CASE("a list that is more than names goes back as it came, and what others lose of it is named") {
    const std::string list =
        R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"two"},{"type":"mcp","server_label":"s"}]})";
    const Request r = decode(
        kOpenaiResponses,
        R"({"model":"m","input":"x","tools":[{"type":"function","name":"one"},{"type":"function","name":"two"},{"type":"mcp","server_label":"s"}],"tool_choice":)" +
            list + "}");
    std::string dropped;
    CHECK(encode(kOpenaiResponses, r, dropped).contains(list));
    CHECK(dropped.empty());
    CHECK_FALSE(encode(kAnthropic, r, dropped).contains("\"one\""));
    CHECK(dropped.contains("tool_choice.allowed_tools"));
  }

  TEST_CASE("excluded tools are no longer among them") {
    for (const bool both : {false, true}) {
      Request r = decode(kOpenaiResponses, kResponses);
      ToolRules rules;
      rules.exclude_tools = {"two"};
      if (both) rules.exclude_tools.emplace_back("thr*");
      Dropped dropped;
      apply_tool_rules(rules, r, dropped);
      CHECK(r.tool_choice.allowed == (both ? std::vector<Str>() : std::vector<Str>{"three"}));
      CHECK(r.tool_choice.kind == (both ? ToolChoice::Kind::none : ToolChoice::Kind::required));
    }
  }

  TEST_CASE("tools of a namespace have one name in formats without namespaces") {
    const Request r = decode(
        kOpenaiResponses,
        R"({"model":"m","tools":[{"type":"namespace","name":"files","description":"d","tools":[{"type":"function","name":"read"}]}],"input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"call_1","namespace":"files","name":"read","arguments":"{}"},{"type":"function_call_output","call_id":"call_1","output":"y"}]})");
    for (const Dialect* target : dialects()) {
      if (target == &kOpenaiResponses || !has_tools(*target)) continue;
      CAPTURE(target->name);
      std::string dropped;
      const std::string out = encode(*target, r, dropped);
      CHECK(out.contains("\"files__read\""));
      CHECK_FALSE(out.contains("files__files"));
    }
  }
}

}  // namespace pb::llm
