// Whole answers and streams: odd, cut and malformed ones, citations and errors.
#include "llm/cohere/cohere.h"
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;
using Lines = std::vector<std::string>;

const std::string kStart = R"({"type":"message-start","id":"a","delta":{"message":{"role":"assistant"}}})";
const std::string kEnd =
    R"({"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":3,"output_tokens":2}}}})";

std::string text(std::string_view words) {
  return std::string(R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":")")
      .append(words)
      .append("\"}}}}");
}

Assembled read(const Lines& lines) { return assemble(kCohere, lines); }

}  // namespace

TEST_SUITE("cohere answers") {
  TEST_CASE("nonsense from a provider is its fault, not the client's") {
    for (const char* body : {"", "<html>", "[]", "5", "{}", R"({"message":5})", "{\"message\":{",
                             R"({"id":"a","message":{"role":"assistant"},"finish_reason":"ERROR"})",
                             R"({"id":"a","message":{},"finish_reason":"TIMEOUT"})"}) {
      CAPTURE(body);
      auto r = kCohere.decode_response(body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::bad_upstream);
    }
    for (const char* body :
         {R"({"message":{}})", R"({"message":{"content":[5,{}],"tool_calls":[5,{}],"citations":[1]}})",
          R"({"message":{"content":5,"citations":{}},"usage":[],"logprobs":[5]})"}) {
      CAPTURE(body);
      auto r = kCohere.decode_response(body);
      REQUIRE(r);
      for (const Dialect* d : dialects()) {
        if (d->encode_response == nullptr) continue;
        Dropped dropped;
        std::string out;
        d->encode_response(*r, {"id", "m", 1, nullptr}, dropped, out);
        canonical(out);
      }
    }
  }

  TEST_CASE("a cut stream is an error, one that ended is not") {
    CHECK(read({}).failed);
    CHECK(read({kStart, text("Hel")}).failed);
    Assembled a = read({kStart, text("Hi"), kEnd, text("more")});
    CHECK(a.ended);
    CHECK(a.all(Kind::text) == "Hi");
    CHECK(a.usage.output == 2);
    // Blocks that were left open, and a start that was left out, do no harm.
    CHECK(read({text("Hi"), kEnd}).ended);
  }

  TEST_CASE("malformed events end the stream with an error, and nothing follows") {
    for (
        const char* bad :
        {"{", "5", "[]", R"({"message":"too many requests"})", R"({"type":"error","message":"m"})",
         R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{"}}}}})",
         R"({"type":"message-end","delta":{"finish_reason":"ERROR"}})",
         R"({"type":"message-end","delta":{"finish_reason":"COMPLETE","error":"broken"}})"}) {
      CAPTURE(bad);
      Assembled a = read({kStart, text("x"), bad, text("y"), kEnd});
      CHECK(a.failed);
      CHECK_FALSE(a.ended);
      CHECK(a.all(Kind::text) == "x");
      CHECK(!a.error.empty());
    }
    for (const char* odd :
         {"", "{}", R"({"type":"new-event","x":1})", R"({"type":"content-delta"})",
          R"({"type":"content-start","delta":5})", R"({"type":"citation-start","delta":{}})",
          R"({"type":"tool-call-start","delta":{"message":{"tool_calls":5}}})", "[DONE]"}) {
      CAPTURE(odd);
      Assembled a = read({kStart, text("x"), odd, text("y"), kEnd});
      CHECK(a.ended);
      CHECK(a.all(Kind::text) == "xy");
    }
  }

  TEST_CASE("the bytes may come in any pieces") {
    for (const char* name : {"calls", "reasoning", "text"}) {
      const auto lines = lines_of(
          read_file(source_dir() / "tests" / "golden" / "cohere" / (std::string(name) + ".stream.txt")));
      std::string sse;
      for (const std::string& line : lines) write_sse(sse, "x", line);
      for (std::size_t cut = 0; cut <= sse.size(); ++cut) {
        EventReader reader(kCohere.framing);
        Lines events;
        SseEvent e;
        for (auto part : {std::string_view(sse).substr(0, cut), std::string_view(sse).substr(cut)}) {
          reader.append(part);
          while (reader.next(e)) events.emplace_back(e.data);
        }
        REQUIRE(events == lines);
      }
    }
  }

  TEST_CASE("citations of a stream count characters in the text that clients see") {
    auto encoder = kCohere.stream_encoder({"id", "m", 1, true});
    std::string out;
    const auto send = [&](Event::Kind kind, int index, Str words = {}, json::Value value = {}) {
      Event e;
      e.kind = kind;
      e.index = index;
      e.text = words;
      e.value = value;
      e.format = "anthropic";
      encoder->encode(e, out);
    };
    json::Arena arena;
    const json::Value cited = *json::parse(
        R"({"type":"web_search_result_location","url":"https://h/","title":"T","cited_text":"c"})", arena);
    send(Event::Kind::block_start, 0);
    send(Event::Kind::text_delta, 0, "Grüße, ");
    send(Event::Kind::block_stop, 0);
    send(Event::Kind::block_start, 1);
    send(Event::Kind::citation, 1, {}, cited);
    send(Event::Kind::text_delta, 1, "Oslo");
    send(Event::Kind::block_stop, 1);
    send(Event::Kind::end, 0);
    CHECK(out.contains(
        R"({"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":7,"end":11,"text":"Oslo",)"));
    // One content block for both texts.
    std::size_t starts = 0;
    for (std::size_t at = 0; (at = out.find("event: content-start", at)) != std::string::npos; ++at) ++starts;
    CHECK(starts == 1);
  }

  TEST_CASE("errors in their shape") {
    std::string out;
    kCohere.encode_error(fail(Code::rate_limited, "slow down").error(), "req_1", out);
    CHECK(canonical(out) == canonical(R"({"id":"req_1","message":"slow down"})"));
    Error e = kCohere.decode_error(429, R"({"message":"You are using a Trial key, limited to 20 calls"})");
    CHECK(e.code == Code::rate_limited);
    CHECK(e.message == "You are using a Trial key, limited to 20 calls");
    CHECK(e.retryable);
  }

  TEST_CASE("a relay learns from the last event") {
    Peek p;
    kCohere.peek_event("content-delta", text("\\\"message-end\\\""), p);
    CHECK_FALSE(p.done);
    kCohere.peek_event("message-end", kEnd, p);
    CHECK(p.done);
    CHECK(p.usage.input == 3);
    CHECK(p.stop == Stop::end);
    Peek failed;
    kCohere.peek_event("", R"({"type":"message-end","delta":{"error":"x","finish_reason":"ERROR"}})", failed);
    CHECK(failed.error);
    Peek whole;
    kCohere.peek_response(R"({"message":"invalid api token"})", whole);
    CHECK(whole.error);
  }
}

}  // namespace pb::llm
