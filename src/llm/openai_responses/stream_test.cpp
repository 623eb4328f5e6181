#include <doctest/doctest.h>

#include <set>

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

std::vector<std::string> golden(const char* name) {
  return lines_of(
      read_file(source_dir() / "tests/golden/openai_responses" / (std::string(name) + ".stream.txt")));
}

struct Sent {
  std::string name;
  json::Value data;
};

// What an encoder wrote, and that its bookkeeping holds: numbers in order, an item and a part for every delta.
struct Events {
  json::Arena arena;
  std::vector<Sent> list;
  std::vector<std::string> names;

  explicit Events(const std::string& text) {
    SseReader reader;
    reader.append(text);
    SseEvent e;
    std::int64_t number = 0;
    std::set<std::string, std::less<>> open;
    while (reader.next(e)) {
      auto v = json::parse(arena.copy(e.data), arena);
      REQUIRE(v);
      CHECK((*v)["type"].as_string() == e.name);
      CHECK((*v)["sequence_number"].as_int(-1) == number++);
      if (e.name == "response.output_item.added")
        CHECK(open.insert(std::string((*v)["item"]["id"].as_string())).second);
      if (v->has("item_id")) CHECK(open.contains((*v)["item_id"].as_string()));
      if (e.name == "response.output_item.done")
        CHECK(open.erase(std::string((*v)["item"]["id"].as_string())) == 1);
      list.push_back({std::string(e.name), *v});
      names.emplace_back(e.name);
    }
    CHECK(open.empty());
  }
  json::Value first(std::string_view name) const {
    for (const Sent& s : list)
      if (s.name == name) return s.data;
    return {};
  }
  std::string joined(std::string_view name) const {
    std::string out;
    for (const Sent& s : list)
      if (s.name == name) out += s.data["delta"].as_string();
    return out;
  }
};

Event event(Event::Kind kind, int index = 0, Str text = {}) {
  Event e;
  e.kind = kind;
  e.index = index;
  e.text = text;
  return e;
}

Event start_of(Kind kind, int index, Str name = {}) {
  Event e = event(Event::Kind::block_start, index);
  e.block.kind = kind;
  e.block.id = kind == Kind::tool_call ? Str("call_1") : Str();
  e.block.name = name;
  return e;
}

Event stop_of(Stop stop) {
  Event e = event(Event::Kind::stop);
  e.stop = stop;
  return e;
}

std::string written(const std::vector<Event>& events, const Request* request = nullptr) {
  auto encoder =
      kOpenaiResponses.stream_encoder({"resp_s", "alias", 1700000000, true, false, false, request});
  std::string out;
  for (const Event& e : events) encoder->encode(e, out);
  return out;
}

}  // namespace

TEST_SUITE("openai_responses streams") {
  TEST_CASE("all that a stream tells, from the whole of it and from the least of it") {
    const Assembled tools = assemble(kOpenaiResponses, golden("tools"));
    REQUIRE(tools.choices.size() == 1);
    const auto& parts = tools.choices[0].parts;
    REQUIRE(parts.size() == 6);
    CHECK(parts[0].text == "**Plan**\n\nCall.\n\nThen answer.");
    CHECK(parts[0].signature == "gAAAenc1");
    CHECK(parts[2].text == R"({"city":"Oslo"})");
    CHECK(parts[3].custom);
    CHECK(parts[3].text == "*** Begin\n+\"ä\"\n");
    CHECK(parts[4].name == "clock__now");
    CHECK(parts[5].kind == Kind::redacted_thinking);
    CHECK(parts[5].data == "gAAAenc2");
    CHECK(tools.choices[0].stop == Stop::tool_use);
    CHECK(tools.usage.cache_read == 30);
    CHECK(tools.usage.reasoning == 40);

    const Assembled least = assemble(kOpenaiResponses, golden("minimum"));
    REQUIRE(least.choices[0].parts.size() == 3);
    CHECK(least.choices[0].parts[0].text == "Hm.");
    CHECK(least.choices[0].parts[0].signature == "gAAAenc");
    CHECK(least.choices[0].parts[1].text == "Done.");
    CHECK(least.choices[0].parts[2].text == R"({"a":1})");
    CHECK(least.ended);
    CHECK(assemble(kOpenaiResponses, golden("only_completed")).all(Kind::text) == "All at once.");
    const Assembled open = assemble(kOpenaiResponses, golden("open_weights"));
    CHECK(open.all(Kind::thinking) == "Step one.\n Step two.");
    CHECK(open.all(Kind::text) == "Open weights.");
  }

  TEST_CASE("calls at once come one after another") {
    const Assembled a = assemble(kOpenaiResponses, golden("interleaved_calls"));
    REQUIRE(a.choices[0].parts.size() == 2);
    CHECK(a.choices[0].parts[0].text == R"({"a":1})");
    CHECK(a.choices[0].parts[1].text == R"({"b":2})");
  }

  TEST_CASE("errors, and streams that break off") {
    const Assembled failed = assemble(kOpenaiResponses, golden("error"));
    CHECK(failed.failed);
    CHECK(failed.error_code == Code::rate_limited);
    CHECK(failed.all(Kind::text) == "I beg");
    auto flat = assemble(
        kOpenaiResponses,
        {R"({"type":"error","code":"server_error","message":"boom","param":null,"sequence_number":0})"});
    CHECK(flat.failed);
    CHECK(flat.error == "boom");
    CHECK(
        assemble(kOpenaiResponses,
                 {R"({"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}})"})
            .error == "m");
    CHECK(assemble(kOpenaiResponses, {"{"}).error.contains("not JSON"));
    CHECK(assemble(kOpenaiResponses, {"7"}).error.contains("not an object"));
    CHECK(assemble(kOpenaiResponses, {}).error.contains("before it began"));
    auto cut = golden("text");
    cut.resize(6);
    CHECK(assemble(kOpenaiResponses, cut).error.contains("before its response.completed"));
    // Nobody can make us remember without end.
    std::vector<std::string> many;
    for (int i = 0; i < 5000; ++i)
      many.push_back(R"({"type":"response.output_text.delta","output_index":)" + std::to_string(i) +
                     R"(,"delta":"x"})");
    CHECK(assemble(kOpenaiResponses, many).error.contains("4096 blocks"));
  }

  TEST_CASE("what goes out is the vendor's own order of events") {
    std::vector<Event> events = {event(Event::Kind::start),
                                 start_of(Kind::thinking, 0),
                                 event(Event::Kind::thinking_delta, 0, "hm"),
                                 event(Event::Kind::signature_delta, 0, "sig"),
                                 event(Event::Kind::block_stop, 0),
                                 start_of(Kind::text, 1),
                                 event(Event::Kind::text_delta, 1, "a \"b\""),
                                 event(Event::Kind::text_delta, 1, "ö"),
                                 event(Event::Kind::block_stop, 1),
                                 start_of(Kind::tool_call, 2, "f"),
                                 event(Event::Kind::arguments_delta, 2, "{}"),
                                 event(Event::Kind::block_stop, 2),
                                 stop_of(Stop::tool_use),
                                 event(Event::Kind::end)};
    const Events out(written(events));
    CHECK(out.names == std::vector<std::string>{"response.created",
                                                "response.in_progress",
                                                "response.output_item.added",
                                                "response.reasoning_summary_part.added",
                                                "response.reasoning_summary_text.delta",
                                                "response.reasoning_summary_text.done",
                                                "response.reasoning_summary_part.done",
                                                "response.output_item.done",
                                                "response.output_item.added",
                                                "response.content_part.added",
                                                "response.output_text.delta",
                                                "response.output_text.delta",
                                                "response.output_text.done",
                                                "response.content_part.done",
                                                "response.output_item.done",
                                                "response.output_item.added",
                                                "response.function_call_arguments.delta",
                                                "response.function_call_arguments.done",
                                                "response.output_item.done",
                                                "response.completed"});
    CHECK(out.joined("response.output_text.delta") == "a \"b\"ö");
    const json::Value last = out.list.back().data["response"];
    REQUIRE(last["output"].size() == 3);
    CHECK(last["output"].items()[1]["content"].items()[0]["text"].as_string() == "a \"b\"ö");
    CHECK(last["status"].as_string() == "completed");
    CHECK(out.first("response.created")["response"]["status"].as_string() == "in_progress");
    CHECK(out.first("response.function_call_arguments.done")["name"].as_string() == "f");
  }

  TEST_CASE("custom tools, refusals, limits, errors") {
    Event custom = start_of(Kind::tool_call, 0, "patch");
    custom.block.custom = true;
    const Events call(
        written({event(Event::Kind::start), custom, event(Event::Kind::arguments_delta, 0, "+a\n"),
                 event(Event::Kind::block_stop, 0), stop_of(Stop::tool_use), event(Event::Kind::end)}));
    CHECK(call.joined("response.custom_tool_call_input.delta") == "+a\n");
    CHECK(call.first("response.custom_tool_call_input.done")["input"].as_string() == "+a\n");
    CHECK(call.first("response.output_item.done")["item"]["type"].as_string() == "custom_tool_call");

    const Events refusal(written(
        {event(Event::Kind::start), start_of(Kind::refusal, 0), event(Event::Kind::refusal_delta, 0, "no"),
         event(Event::Kind::block_stop, 0), stop_of(Stop::refusal), event(Event::Kind::end)}));
    CHECK(refusal.first("response.refusal.done")["refusal"].as_string() == "no");
    CHECK(refusal.list.back().name == "response.completed");

    const Events limit(
        written({event(Event::Kind::start), start_of(Kind::text, 0), event(Event::Kind::text_delta, 0, "x"),
                 event(Event::Kind::block_stop, 0), stop_of(Stop::max_tokens), event(Event::Kind::end)}));
    CHECK(limit.list.back().name == "response.incomplete");
    CHECK(limit.first("response.output_item.done")["item"]["status"].as_string() == "incomplete");

    Event error = event(Event::Kind::error);
    error.error = fail(Code::overloaded, "too much").error();
    const std::string text = written({event(Event::Kind::start), error, event(Event::Kind::end)});
    const Events broken(text);
    CHECK(broken.names ==
          std::vector<std::string>{"response.created", "response.in_progress", "error", "response.failed"});
    CHECK(broken.first("error")["message"].as_string() == "too much");
    CHECK(broken.first("error")["error"]["message"].as_string() == "too much");
    CHECK(broken.list.back().data["response"]["error"]["message"].as_string() == "too much");
    CHECK(Events(written({error})).names.back() == "response.failed");
  }

  TEST_CASE("probabilities wait for their text where the client wants them") {
    auto request = kOpenaiResponses.decode_request(R"({"model":"m","input":"x","top_logprobs":1})");
    REQUIRE(request);
    json::Arena arena;
    Event probabilities = event(Event::Kind::logprobs);
    probabilities.value =
        *json::parse(R"({"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}]})", arena);
    const Events out(
        written({event(Event::Kind::start), start_of(Kind::text, 0), event(Event::Kind::text_delta, 0, "a"),
                 probabilities, event(Event::Kind::text_delta, 0, "b"), probabilities,
                 event(Event::Kind::block_stop, 0), stop_of(Stop::end), event(Event::Kind::end)},
                &*request));
    std::size_t found = 0;
    for (const Sent& s : out.list)
      if (s.name == "response.output_text.delta") found += s.data["logprobs"].size();
    CHECK(found == 2);
    CHECK(out.first("response.output_text.done")["logprobs"].size() == 2);
    CHECK(out.joined("response.output_text.delta") == "ab");
  }

  TEST_CASE("peeking at events: only the ends are read") {
    Peek peek;
    for (const std::string& line : golden("tools")) kOpenaiResponses.peek_event("", line, peek);
    CHECK(peek.done);
    CHECK(peek.usage.input == 100);
    CHECK(peek.usage.cache_read == 30);
    CHECK(peek.stop == Stop::end);
    Peek limit;
    for (const std::string& line : golden("incomplete")) {
      json::Arena arena;
      kOpenaiResponses.peek_event((*json::parse(line, arena))["type"].as_string(), line, limit);
    }
    CHECK(limit.stop == Stop::max_tokens);
    Peek failed;
    for (const std::string& line : golden("error")) kOpenaiResponses.peek_event("", line, failed);
    CHECK(failed.error);
    Peek last_type;
    kOpenaiResponses.peek_event(
        "",
        R"({"response":{"output":[{"type":"message"}],"usage":{"input_tokens":2,"output_tokens":1}},"type":"response.completed"})",
        last_type);
    CHECK(last_type.usage.input == 2);
    CHECK(last_type.done);
  }
}

}  // namespace pb::llm
