#include "llm/custom_tools.h"

#include <doctest/doctest.h>

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using Kind = Block::Kind;

std::string unwrapped(std::string_view json, std::size_t piece) {
  InputUnwrapper u;
  std::string out;
  for (std::size_t at = 0; at < json.size(); at += piece) u.feed(json.substr(at, piece), out);
  u.finish(out);
  return out;
}

Request with_patch() {
  Request r;
  Tool& custom = r.tools.emplace_back();
  custom.kind = Tool::Kind::custom;
  custom.name = "patch";
  r.tools.emplace_back().name = "f";
  return r;
}

Event call_start(int index, Str name, Str arguments = {}) {
  Event e;
  e.kind = Event::Kind::block_start;
  e.index = index;
  e.block.kind = Kind::tool_call;
  e.block.id = "c";
  e.block.name = name;
  e.block.arguments = arguments;
  return e;
}

Event piece(Event::Kind kind, int index, Str text = {}) {
  Event e;
  e.kind = kind;
  e.index = index;
  e.text = text;
  return e;
}

}  // namespace

TEST_SUITE("custom tools") {
  TEST_CASE("the input comes out of its arguments, however they are cut") {
    struct Row {
      std::string_view json, text;
    };
    const Row rows[] = {
        {R"({"input":"a\n\"b\" \\ \/ \t end"})", "a\n\"b\" \\ / \t end"},
        {R"( { "input" : "" } )", ""},
        {R"({"input":"\u00e4\u20ac\ud83c\udf89 ä€🎉 \ud83c x \udf89"})",
         "ä€🎉 ä€🎉 \xef\xbf\xbd x \xef\xbf\xbd"},
        {R"({"input":"\ud83c\n\ud83c\ud83c\udf89\ud83c"})", "\xef\xbf\xbd\n\xef\xbf\xbd🎉\xef\xbf\xbd"},
        {R"({"input":"x","more":"y"})", "x"},
        {R"({"patch":"other name"})", "other name"},
        {R"({"input":7})", R"({"input":7})"},
        {R"({"a":"x","b":"y"})", R"({"a":"x","b":"y"})"},
        {"not json at all", "not json at all"},
        {"{}", ""},
        {"", ""},
        {R"({"inp)", R"({"inp)"},
    };
    for (const Row& row : rows)
      for (std::size_t size : {1, 2, 3, 5, 100}) {
        CAPTURE(row.json);
        CAPTURE(size);
        CHECK(unwrapped(row.json, size) == row.text);
      }
    // What is known of the input goes out at once.
    InputUnwrapper u;
    std::string out;
    u.feed(R"({"input":"so far\u00)", out);
    CHECK(out == "so far");
  }

  TEST_CASE("calls of custom tools become custom calls again, whole and streamed") {
    const Request request = with_patch();
    Response r;
    Choice& c = r.choices.emplace_back();
    for (auto [name, arguments] :
         {std::pair<Str, Str>{"patch", R"({"input":"+ \"x\""})"}, {"f", R"({"input":"no"})"}}) {
      Block& b = c.content.emplace_back();
      b.kind = Kind::tool_call;
      b.name = name;
      b.arguments = arguments;
    }
    CallRestorer(request).restore(r);
    CHECK(c.content[0].custom);
    CHECK(c.content[0].text == "+ \"x\"");
    CHECK(c.content[0].arguments.empty());
    CHECK_FALSE(c.content[1].custom);
    CHECK(c.content[1].arguments == R"({"input":"no"})");

    CallRestorer restorer(request);
    std::string text, other;
    bool custom = false;
    const auto run = [&](std::vector<Event> events) {
      restorer.restore(events);
      for (const Event& e : events) {
        if (e.kind == Event::Kind::block_start && e.index == 0) custom = e.block.custom;
        if (e.kind == Event::Kind::block_start && e.index == 0) text += e.block.text;
        if (e.kind == Event::Kind::arguments_delta) (e.index == 0 ? text : other) += e.text;
      }
      return events.back().kind;
    };
    run({call_start(0, "patch", "{\"in")});
    run({piece(Event::Kind::arguments_delta, 0, "put\":\"a\\"),
         piece(Event::Kind::arguments_delta, 0, "nb\"")});
    CHECK(run({piece(Event::Kind::arguments_delta, 0, "}"), piece(Event::Kind::block_stop, 0)}) ==
          Event::Kind::block_stop);
    run({call_start(1, "f"), piece(Event::Kind::arguments_delta, 1, "{}"),
         piece(Event::Kind::block_stop, 1)});
    CHECK(custom);
    CHECK(text == "a\nb");
    CHECK(other == "{}");
  }

  TEST_CASE("a call that the provider made as a custom one stays as it is") {
    const Request request = with_patch();
    std::vector<Event> events = {call_start(0, "patch")};
    events[0].block.custom = true;
    events.push_back(piece(Event::Kind::arguments_delta, 0, R"({"input":"raw"})"));
    CallRestorer(request).restore(events);
    CHECK(events[1].text == R"({"input":"raw"})");
  }

  TEST_CASE("names of namespaces and long texts") {
    json::Arena arena;
    CHECK(joined_name("", "f", arena) == "f");
    CHECK(joined_name("agents", "spawn", arena) == "agents__spawn");
    const std::string space(50, 's');
    const Str one = joined_name(space, "a_rather_long_name", arena),
              two = joined_name(space, "a_rather_long_name2", arena);
    CHECK(one.size() == 64);
    CHECK(one != two);
    CHECK(one == joined_name(space, "a_rather_long_name", arena));
    CHECK(bounded("short", 64) == "short");
    CHECK(bounded(std::string(100, 'a') + "ö", 64).size() == 64);
    const std::string umlauts = bounded("öööööööööööööööööööööööööööööööööööööööööööö", 30);
    CHECK(umlauts.substr(0, 12) == "öööööö");
    CHECK(umlauts[12] == '_');
  }

  TEST_CASE("a tool of a namespace has one name wherever there are no namespaces") {
    const auto request = find_dialect("openai_responses")->decode_request(R"({"model":"m",
      "tools":[{"type":"namespace","name":"agents","tools":[{"type":"function","name":"spawn","parameters":{"type":"object"}}]}],
      "input":[{"role":"user","content":"go"},
        {"type":"function_call","call_id":"c1","namespace":"agents","name":"spawn","arguments":"{}"},
        {"type":"function_call_output","call_id":"c1","output":"done"}]})");
    REQUIRE(request);
    for (const Dialect* d : dialects()) {
      // The one has namespaces, the other no tools.
      if (d->name == "openai_responses" || d->name == "openai_completions") continue;
      EncodeOptions options;
      options.model = "m";
      Dropped dropped;
      std::string text;
      REQUIRE(d->encode_request(*request, options, dropped, text));
      CHECK_MESSAGE(text.contains("\"agents__spawn\""), d->name << ": " << text);
      CHECK_MESSAGE(!text.contains("agents__agents"), d->name << ": " << text);
    }
  }

  TEST_CASE("grammars of both formats") {
    json::Arena arena;
    Tool t;
    t.description = "Edits";
    CHECK(custom_description(t) == "Edits");
    t.raw = *json::parse(
        R"({"name":"p","format":{"type":"grammar","syntax":"lark","definition":"start: a"}})", arena);
    CHECK(grammar_of(t).syntax == "lark");
    CHECK(custom_description(t) == "Edits\n\n`input` must match this lark grammar:\nstart: a");
    t.raw = *json::parse(
        R"({"name":"p","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"b"}}})", arena);
    CHECK(grammar_of(t).definition == "b");
    t.raw = *json::parse(R"({"name":"p","format":{"type":"text"}})", arena);
    CHECK(grammar_of(t).definition.empty());
  }
}

}  // namespace pb::llm
