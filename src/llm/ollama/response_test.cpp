// Whole answers, streams and errors of Ollama's providers, and what its clients get.
#include "llm/ollama/ollama.h"

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

Response answer(const std::string& body) {
  auto r = kOllama.decode_response(body);
  REQUIRE_MESSAGE(r, r.error().message);
  return std::move(*r);
}

const std::vector<std::string> kStream = {
    R"({"model":"m","created_at":"2026-08-04T19:22:45Z","message":{"role":"assistant","content":"","thinking":"hm "},"done":false})",
    R"({"model":"m","created_at":"2026-08-04T19:22:46Z","message":{"role":"assistant","content":"","thinking":"so"},"done":false})",
    R"({"model":"m","created_at":"2026-08-04T19:22:46Z","message":{"role":"assistant","content":"Hi"},"done":false})",
    R"({"model":"m","created_at":"2026-08-04T19:22:47Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}},{"id":"given","function":{"name":"g","arguments":{}}}]},"done":false})",
    R"({"model":"m","created_at":"2026-08-04T19:22:48Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":7})"};

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& l : lines) out += l + "\n";
  return out;
}

// The events as text, from bytes that arrive in pieces.
std::string events_text(const std::vector<std::string_view>& pieces) {
  EventReader reader(Framing::ndjson);
  auto decoder = kOllama.stream_decoder();
  std::vector<Event> out;
  std::string text;
  auto drain = [&] {
    for (const Event& e : out)
      text += std::to_string(static_cast<int>(e.kind)) + "/" + std::to_string(e.index) + ":" +
              std::string(e.text) + std::string(e.block.id) + std::string(e.block.name) + e.error.message +
              ";";
    out.clear();
  };
  SseEvent e;
  for (std::string_view piece : pieces) {
    reader.append(piece);
    while (reader.next(e)) {
      decoder->feed(e.name, e.data, out);
      drain();
    }
  }
  if (reader.rest(e)) decoder->feed(e.name, e.data, out);
  decoder->finish(out);
  drain();
  return text;
}

Event event(Event::Kind kind, Str text = {}) {
  Event e;
  e.kind = kind;
  e.text = text;
  return e;
}

Event block(Kind kind, Str id = {}, Str name = {}) {
  Event e = event(Event::Kind::block_start);
  e.block.kind = kind;
  e.block.id = id;
  e.block.name = name;
  return e;
}

std::string encoded(const std::vector<Event>& events, StreamOptions options, const Dialect& d = kOllama) {
  auto encoder = d.stream_encoder(options);
  std::string out;
  for (const Event& e : events) encoder->encode(e, out);
  return out;
}

}  // namespace

TEST_SUITE("ollama answers") {
  TEST_CASE("a stream cut at any byte gives the same events") {
    const std::string all = joined(kStream);
    const std::string whole = events_text({all});
    CHECK(whole.contains(":hm ;"));
    for (std::size_t i = 0; i <= all.size(); ++i) {
      const std::string_view text(all);
      REQUIRE(events_text({text.substr(0, i), text.substr(i)}) == whole);
    }
    CHECK(events_text({std::string_view(all).substr(0, all.size() - 1)}) == whole);  // no end of line
  }

  TEST_CASE("a stream's blocks, ids and end") {
    Assembled a = assemble(kOllama, kStream);
    REQUIRE(a.choices.size() == 1);
    CHECK(a.all(Kind::thinking) == "hm so");
    CHECK(a.all(Kind::text) == "Hi");
    REQUIRE(a.choices[0].parts.size() == 4);
    CHECK(a.choices[0].parts[2].text == R"({"a":1})");
    CHECK(a.choices[0].parts[3].id == "given");
    const std::string made = a.choices[0].parts[2].id;
    CHECK(made.starts_with("call_"));
    CHECK(made.size() == 17);
    CHECK(assemble(kOllama, kStream).choices[0].parts[2].id == made);
    std::vector<std::string> later = kStream;
    later[3].replace(later[3].find("22:47"), 5, "23:47");
    CHECK(assemble(kOllama, later).choices[0].parts[2].id != made);
    CHECK(a.choices[0].stop == Stop::tool_use);
    CHECK(a.usage.input == 10);
    CHECK(a.usage.output == 7);
    CHECK(a.model == "m");
    CHECK(a.ended);
  }

  TEST_CASE("streams that break off, and lines that are none") {
    auto error_of = [](std::vector<std::string> lines) { return assemble(kOllama, lines).error; };
    CHECK(error_of({}) == "the provider's stream ended before it began");
    CHECK(error_of({kStream[0]}) == "the provider's stream ended before its last line");
    CHECK(error_of({kStream[0], R"({"error":"an error was encountered while running the model"})",
                    kStream[4]}) == "an error was encountered while running the model");
    CHECK(error_of({"[1]"}) == "the provider sent a line that is not an object");
    CHECK(error_of({kStream[0], "{\"broken\": "}).starts_with("the provider sent an event that is not JSON"));
    Assembled busy = assemble(kOllama, {R"({"error":"server busy","status":503})"});
    CHECK(busy.error_code == Code::overloaded);
    CHECK(assemble(kOllama, {kStream[4], kStream[0]}).ended);  // what follows the end is not looked at
  }

  TEST_CASE("whole answers of both endpoints") {
    Response r = answer(
        R"({"model":"m","created_at":"2026-08-04T19:22:45.5+02:00","response":"x","thinking":"t","done":true,"done_reason":"length","context":[1],"prompt_eval_count":3})");
    REQUIRE(r.choices[0].content.size() == 2);
    CHECK(r.choices[0].content[0].text == "t");
    CHECK(r.choices[0].content[1].text == "x");
    CHECK(r.choices[0].stop == Stop::max_tokens);
    CHECK(r.usage.known);
    CHECK(r.usage.input == 3);
    CHECK(r.usage.output == 0);
    CHECK(r.created == 1785864165);
    CHECK(r.extra.has("context"));
    CHECK(kOllama.decode_response("nonsense").error().code == Code::bad_upstream);
    CHECK(kOllama.decode_response(R"({"done":true})").error().message ==
          "the provider's answer has no message");
    CHECK(kOllama.decode_response(R"({"error":"model 'x' not found"})").error().message ==
          "model 'x' not found");
  }

  TEST_CASE("times") {
    CHECK(ollama::read_time("1970-01-01T00:00:00Z") == 0);
    CHECK(ollama::read_time("2026-08-04T19:22:45.499127Z") == 1785871365);
    CHECK(ollama::read_time("2026-08-04T12:22:45.499-07:00") == 1785871365);
    for (const char* bad : {"", "yesterday, at noon!!", "2026-13-04T19:22:45Z", "2026-08-04 19:2x:45Z"})
      CHECK(ollama::read_time(bad) == 0);
    std::string out;
    ollama::append_time(out, 1785871365'499'127'999);
    CHECK(out == "2026-08-04T19:22:45.499127Z");
  }

  TEST_CASE("a client's stream: one line each, a call whole, counts and measured times at the end") {
    Times times{1'000'000'000, 0, 1'500'000'000};
    StreamOptions options;
    options.model = "asked";
    options.times = &times;
    auto encoder = kOllama.stream_encoder(options);
    std::string out;
    auto send = [&](const Event& e) {
      out.clear();
      encoder->encode(e, out);
      return out;
    };
    CHECK(send(event(Event::Kind::start)).empty());
    CHECK(send(block(Kind::thinking)).empty());
    CHECK(
        send(event(Event::Kind::thinking_delta, "h\nm")) ==
        R"({"model":"asked","created_at":"1970-01-01T00:00:01.500000Z","message":{"role":"assistant","content":"","thinking":"h\nm"},"done":false})"
        "\n");
    send(event(Event::Kind::block_stop));
    CHECK(send(block(Kind::tool_call, "c1", "f")).empty());
    CHECK(send(event(Event::Kind::arguments_delta, "{\"a\":")).empty());
    CHECK(send(event(Event::Kind::arguments_delta, "\n[1]}")).empty());
    CHECK(
        send(event(Event::Kind::block_stop)) ==
        R"({"model":"asked","created_at":"1970-01-01T00:00:01.500000Z","message":{"role":"assistant","content":"","tool_calls":[{"id":"c1","function":{"index":0,"name":"f","arguments":{"a":[1]}}}]},"done":false})"
        "\n");
    Event stop = event(Event::Kind::stop);
    stop.stop = Stop::tool_use;
    CHECK(send(stop).empty());
    Event usage = event(Event::Kind::usage);
    usage.usage.input = 3;
    usage.usage.output = 4;
    usage.usage.known = true;
    CHECK(send(usage).empty());
    times.first = 1'200'000'000;
    times.now = 3'000'000'000;
    CHECK(
        send(event(Event::Kind::end)) ==
        R"({"model":"asked","created_at":"1970-01-01T00:00:03.000000Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":2000000000,"prompt_eval_count":3,"prompt_eval_duration":200000000,"eval_count":4,"eval_duration":1800000000})"
        "\n");
    CHECK(send(event(Event::Kind::text_delta, "late")).empty());
  }

  TEST_CASE("a client's stream: arguments that are none, an error, generate's shape") {
    StreamOptions options;
    options.model = "m";
    std::string out = encoded({event(Event::Kind::start), block(Kind::tool_call, "c", "f"),
                               event(Event::Kind::arguments_delta, "{oops"), event(Event::Kind::block_stop)},
                              options);
    CHECK(out.contains(R"("arguments":{"input":"{oops"})"));
    Event error = event(Event::Kind::error);
    error.error.message = "went \"away\"";
    CHECK(encoded({error, event(Event::Kind::end)}, options) == "{\"error\":\"went \\\"away\\\"\"}\n");
    out = encoded({event(Event::Kind::start), block(Kind::text), event(Event::Kind::text_delta, "x"),
                   event(Event::Kind::block_stop), event(Event::Kind::end)},
                  options, kOllamaGenerate);
    CHECK(
        out ==
        R"({"model":"m","created_at":"1970-01-01T00:00:00.000000Z","response":"x","done":false})"
        "\n"
        R"({"model":"m","created_at":"1970-01-01T00:00:00.000000Z","response":"","done":true,"done_reason":"stop"})"
        "\n");
  }

  TEST_CASE("a whole answer of generate; durations the provider told are told") {
    Response r = answer(
        R"({"model":"m","message":{"role":"assistant","content":"x","thinking":"t"},"done":true,"done_reason":"stop","total_duration":77,"eval_count":2,"eval_duration":33})");
    Times times{1, 0, 1'000};
    ResponseOptions options;
    options.model = "asked";
    options.times = &times;
    Dropped dropped;
    std::string out;
    kOllamaGenerate.encode_response(r, options, dropped, out);
    CHECK(
        out ==
        R"({"model":"asked","created_at":"1970-01-01T00:00:00.000001Z","response":"x","thinking":"t","done":true,"done_reason":"stop","total_duration":77,"prompt_eval_count":0,"eval_count":2,"eval_duration":33})");
    CHECK(dropped.empty());
  }

  TEST_CASE("errors are one member") {
    Error e;
    e.code = Code::not_found;
    e.message = "model `x` is not known here";
    std::string out;
    kOllama.encode_error(e, "req_1", out);
    CHECK(out == R"({"error":"model `x` is not known here"})");
    Error d = kOllama.decode_error(404, R"({"error":"model 'x' not found"})");
    CHECK(d.code == Code::not_found);
    CHECK(d.message == "model 'x' not found");
    CHECK(kOllama.decode_error(503, "busy").code == Code::overloaded);
  }

  TEST_CASE("relays see the counts, the end and errors") {
    Peek peek;
    for (const std::string& line : kStream) kOllama.peek_event("", line, peek);
    CHECK(peek.done);
    CHECK(peek.usage.input == 10);
    CHECK(peek.usage.output == 7);
    // Members of arguments and of texts that look like the end's are none.
    Peek none;
    for (
        const char* line :
        {R"({"message":{"content":"\"done\":true, \"error\""},"done":false})",
         R"({"message":{"tool_calls":[{"function":{"name":"f","arguments":{"done":true,"error":"x"}}}]},"done":false})",
         R"({"message":{"tool_calls":[{"function":{"name":"f","arguments":{"done":false}}}]},"done" : false})"})
      kOllama.peek_event("", line, none);
    CHECK_FALSE(none.done);
    CHECK_FALSE(none.error);
    kOllama.peek_event(
        "", R"({"message":{"tool_calls":[{"function":{"arguments":{"done":false}}}]},"done":true})", none);
    CHECK(none.done);
    Peek error;
    kOllama.peek_event("", R"({"error":"gone"})", error);
    CHECK(error.error);
    Peek whole;
    kOllama.peek_response(kStream[4], whole);
    CHECK(whole.usage.output == 7);
  }

  TEST_CASE("a time that nanoseconds cannot hold is none") {
    CHECK(ollama::as_ns(2) == 2'000'000'000);
    CHECK(ollama::as_ns(-1) == 0);
    CHECK(ollama::as_ns(65'720'316'165) == 0);
    Response r = answer(
        R"({"created_at":"4052-08-08T19:22:45Z","message":{"role":"assistant","content":"x"},"done":true})");
    Dropped dropped;
    std::string out;
    kOllama.encode_response(r, {}, dropped, out);
    CHECK(out.contains(R"("created_at":"1970-01-01T00:00:00)"));
  }
}

}  // namespace pb::llm
