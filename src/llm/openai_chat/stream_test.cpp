// Streams: cut, malformed and odd ones, and what a client gets of an error in the middle.
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return std::string(R"({"id":"c","model":"m","choices":[{"index":0,"delta":)")
      .append(delta)
      .append(R"(,"finish_reason":)")
      .append(finish)
      .append("}]}");
}

Assembled read(const Lines& lines) { return assemble(kOpenaiChat, lines); }

}  // namespace

TEST_SUITE("openai_chat stream") {
  TEST_CASE("a cut stream is an error, one that ended is not") {
    Assembled cut = read({chunk(R"({"content":"Hel"})")});
    CHECK(cut.failed);
    CHECK(cut.error_code == Code::bad_upstream);
    CHECK(read({}).failed);
    CHECK(read({"[DONE]"}).failed);
    Assembled no_done = read({chunk(R"({"content":"Hi"})"), chunk("{}", R"("stop")")});
    CHECK(no_done.ended);
    CHECK_FALSE(no_done.failed);
    Assembled no_finish =
        read({chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
              "[DONE]"});
    CHECK(no_finish.ended);
    CHECK(no_finish.choices[0].stop == Stop::tool_use);
  }

  TEST_CASE("malformed events end the stream with an error, and nothing follows") {
    for (const char* bad :
         {"{", "not json", "5", "[]", "\"x\"", R"({"error":{"message":"m"}})", R"({"error":"text"})",
          R"({"message":"m","code":500})", R"({"choices":[{"index":-1,"delta":{}}]})",
          R"({"choices":[{"index":99999,"delta":{}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":-3,"function":{}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":5000,"function":{}}]}}]})",
          R"({"choices":[{"delta":{},"finish_reason":"error"}]})"}) {
      CAPTURE(bad);
      Assembled a = read({chunk(R"({"content":"x"})"), bad, chunk(R"({"content":"y"})"),
                          chunk("{}", R"("stop")"), "[DONE]"});
      CHECK(a.failed);
      CHECK_FALSE(a.ended);
      CHECK(a.all(Block::Kind::text) == "x");
      CHECK(!a.error.empty());
    }
    // Oddities that mean nothing.
    for (const char* odd :
         {"", " ", "{}", R"({"choices":[]})", R"({"choices":5})", R"({"choices":[5,{}]})",
          R"({"choices":[{"delta":5}]})", R"({"ping":1})",
          R"({"choices":[{"delta":{"tool_calls":[5],"content":[5,"x",{}],"annotations":[1]}}]})"}) {
      CAPTURE(odd);
      Assembled a = read({chunk(R"({"content":"x"})"), odd, chunk(R"({"content":"y"})"),
                          chunk("{}", R"("stop")"), "[DONE]"});
      CHECK(a.ended);
      CHECK(a.all(Block::Kind::text) == "xy");
    }
  }

  TEST_CASE("the code of an error in a stream") {
    CHECK(read({R"({"error":{"message":"m","type":"rate_limit_error"}})"}).error_code == Code::rate_limited);
    CHECK(read({R"({"error":{"message":"m","code":503}})"}).error_code == Code::overloaded);
    CHECK(read({R"({"error":{"message":"m"}})"}).error_code == Code::bad_upstream);
    auto d = kOpenaiChat.stream_decoder();
    std::vector<Event> out;
    d->feed("error", R"({"message":"m","type":"invalid_request_error"})", out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].error.code == Code::invalid_request);
  }

  TEST_CASE("calls whose pieces interleave come out one after another, whole") {
    Assembled a = read(
        {chunk(
             R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}]})"),
         chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"{\"y\":"}}]})"),
         chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":[1"}}]})"),
         chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"\"}\"}"}}]})"),
         chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"]}"}}]})"),
         chunk("{}", R"("tool_calls")"), "[DONE]"});
    REQUIRE(a.choices.size() == 1);
    const auto& p = a.choices[0].parts;
    REQUIRE(p.size() == 2);
    CHECK(p[0].id == "a");
    CHECK(p[0].text == R"({"x":[1]})");
    CHECK(p[1].id == "b");
    CHECK(p[1].text == R"({"y":"}"})");
  }

  TEST_CASE("calls without arguments, without ids, without indexes") {
    Assembled a = read({chunk(R"({"tool_calls":[{"id":"a","function":{"name":"f"}}]})"),
                        chunk(R"({"tool_calls":[{"id":"b","function":{"name":"g","arguments":""}}]})"),
                        chunk(R"({"tool_calls":[{"function":{"name":"h","arguments":"{\"z\""}}]})"),
                        chunk(R"({"tool_calls":[{"function":{"arguments":":1}"}}]})"),
                        chunk("{}", R"("stop")"), "[DONE]"});
    const auto& p = a.choices[0].parts;
    REQUIRE(p.size() == 3);
    CHECK(p[0].id == "a");
    CHECK(p[0].text == "");
    CHECK(p[1].id == "b");
    CHECK(p[2].id == "call_c_0_2");
    CHECK(p[2].text == R"({"z":1})");
    CHECK(a.choices[0].stop == Stop::tool_use);
  }

  TEST_CASE("text, reasoning and calls in any order are separate blocks") {
    Assembled a = read(
        {chunk(R"({"reasoning":"r1"})"), chunk(R"({"content":"t1"})"), chunk(R"({"reasoning":"r2"})"),
         chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"a\":"}}]})"),
         chunk(R"({"content":"t2"})"), chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})"),
         chunk("{}", R"("stop")"), "[DONE]"});
    const auto& p = a.choices[0].parts;
    REQUIRE(p.size() == 5);
    CHECK(p[0].text == "r1");
    CHECK(p[1].text == "t1");
    CHECK(p[2].text == "r2");
    CHECK(p[3].text == R"({"a":1})");
    CHECK(p[4].text == "t2");
  }

  TEST_CASE("an error in the middle reaches the client with an end") {
    std::string out = translate_stream(
        kOpenaiChat, kOpenaiChat,
        {chunk(R"({"content":"x"})"), R"({"error":{"message":"gone","type":"server_error"}})"},
        {"id", "alias", 7, true});
    CHECK(
        out.find(
            R"(data: {"error":{"message":"gone","type":"server_error","param":null,"code":"bad_upstream"}})") !=
        std::string::npos);
    CHECK(out.find(R"("finish_reason":"stop")") != std::string::npos);
    CHECK(out.ends_with("data: [DONE]\n\n"));
    // Even when nothing had been sent.
    std::string early = translate_stream(kOpenaiChat, kOpenaiChat, {}, {"id", "alias", 7, false});
    CHECK(early.starts_with("data: {\"error\":"));
    CHECK(early.ends_with("data: [DONE]\n\n"));
  }

  TEST_CASE("usage goes to the client only when it asked") {
    Lines lines = {chunk(R"({"content":"x"})"), chunk("{}", R"("stop")"),
                   R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}})", "[DONE]"};
    std::string without = translate_stream(kOpenaiChat, kOpenaiChat, lines, {"id", "alias", 7, false});
    CHECK(without.find("usage") == std::string::npos);
    std::string asked = translate_stream(kOpenaiChat, kOpenaiChat, lines, {"id", "alias", 7, true});
    CHECK(asked.find(R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4)") !=
          std::string::npos);
    CHECK(asked.find(R"("model":"alias")") != std::string::npos);
    CHECK(asked.find(R"("model":"m")") == std::string::npos);
  }

  TEST_CASE("an encoder fed with nothing but the end still ends as clients expect") {
    auto encoder = kOpenaiChat.stream_encoder({"id", "alias", 7, false});
    std::string out;
    Event ping, end;
    end.kind = Event::Kind::end;
    encoder->encode(ping, out);
    CHECK(out == ": ping\n\n");
    encoder->encode(end, out);
    encoder->encode(end, out);
    CHECK(out.find(R"("delta":{"role":"assistant","content":"","refusal":null})") != std::string::npos);
    CHECK(out.find(R"("finish_reason":"stop")") != std::string::npos);
    CHECK(out.ends_with("data: [DONE]\n\n"));
    CHECK(out.find("[DONE]") == out.rfind("[DONE]"));
  }

  TEST_CASE("what is read again after encoding is what was sent") {
    for (const auto& entry : fs::directory_iterator(source_dir() / "tests" / "golden" / "openai_chat")) {
      std::string name = entry.path().filename().string();
      if (!name.ends_with(".stream.txt")) continue;
      CAPTURE(name);
      Lines lines = lines_of(read_file(entry.path()));
      Assembled first = read(lines);
      std::string sse = translate_stream(kOpenaiChat, kOpenaiChat, lines, {"id", "alias", 7, true});
      Assembled second = assemble_sse(kOpenaiChat, sse);
      CHECK(second.failed == first.failed);
      REQUIRE(second.choices.size() == first.choices.size());
      for (std::size_t i = 0; i < first.choices.size(); ++i) {
        if (!first.failed) CHECK(second.choices[i].stop == first.choices[i].stop);
        REQUIRE(second.choices[i].parts.size() == first.choices[i].parts.size());
        for (std::size_t k = 0; k < first.choices[i].parts.size(); ++k) {
          const auto &a = first.choices[i].parts[k], &b = second.choices[i].parts[k];
          CHECK(a.kind == b.kind);
          CHECK(a.text == b.text);
          CHECK(a.id == b.id);
          CHECK(a.name == b.name);
          CHECK(a.signature == b.signature);
          CHECK(a.data == b.data);
        }
      }
      CHECK(second.usage.output == first.usage.output);
      CHECK(second.usage.cache_write == first.usage.cache_write);
    }
  }

  TEST_CASE("the bytes may come in any pieces") {
    Lines lines =
        lines_of(read_file(source_dir() / "tests" / "golden" / "openai_chat" / "parallel_calls.stream.txt"));
    std::string sse;
    for (const std::string& line : lines) write_sse(sse, "", line);
    Assembled whole = read(lines);
    for (std::size_t cut = 0; cut <= sse.size(); ++cut) {
      SseReader reader;
      Lines events;
      SseEvent e;
      for (std::string_view part :
           {std::string_view(sse).substr(0, cut), std::string_view(sse).substr(cut)}) {
        reader.append(part);
        while (reader.next(e)) events.emplace_back(e.data);
      }
      REQUIRE(events == lines);
    }
    CHECK(whole.choices[0].parts.size() == 3);
  }
}

}  // namespace pb::llm
