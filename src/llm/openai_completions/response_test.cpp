// Answers, whole and streamed: choices of several prompts, the prompt before the answer, probabilities in both shapes.
#include "llm/llm_test_support.h"
#include "llm/openai_completions/completions.h"

namespace pb::llm {
namespace {

using namespace testing;

std::string chat_answer(std::string_view choices) {
  return std::string(R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[)")
      .append(choices)
      .append(R"(],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})");
}

Result<Request> asked(std::string_view members) {
  return kOpenaiCompletions.decode_request(std::string(R"({"model":"m",)").append(members).append("}"));
}

// The choices a client of text completions sees of an answer.
std::string seen(const Dialect& provider, std::string answer, const Request* request,
                 Dropped* dropped = nullptr) {
  auto r = provider.decode_response(std::move(answer));
  REQUIRE_MESSAGE(r, r.error().message);
  Dropped ignored;
  std::string out;
  kOpenaiCompletions.encode_response(*r, {"id", "m", 1, request}, dropped ? *dropped : ignored, out);
  json::Arena arena;
  return json::canonical_text((*json::parse(out, arena))["choices"]);
}

constexpr std::string_view kTwo =
    R"({"index":0,"message":{"role":"assistant","content":"hé"},"finish_reason":"stop","logprobs":{"content":[{"token":"h","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"h","logprob":-0.5,"bytes":null}]},{"token":"é","logprob":-1,"bytes":null,"top_logprobs":[]}],"refusal":null}})";

std::vector<std::string> chunks(std::string_view text) {
  std::vector<std::string> out;
  EventReader reader(Framing::sse);
  reader.append(text);
  SseEvent e;
  while (reader.next(e)) out.emplace_back(e.data);
  return out;
}

// A chat provider's stream as these clients see it: each chunk's choices, then "[DONE]".
std::vector<std::string> streamed(const std::vector<std::string>& events, const Request* request,
                                  bool usage = false) {
  const StreamOptions options{
      .id = "id", .model = "m", .created = 1, .include_usage = usage, .request = request};
  std::vector<std::string> out;
  for (const std::string& data : chunks(translate_stream(kOpenaiChat, kOpenaiCompletions, events, options))) {
    json::Arena arena;
    auto v = json::parse(data, arena);
    out.push_back(v ? json::canonical_text((*v)["choices"]) : data);
  }
  return out;
}

std::string chat_chunk(int index, std::string_view text, std::string_view finish = "null") {
  return R"({"id":"c","model":"m","choices":[{"index":)" + std::to_string(index) +
         R"(,"delta":{"content":")" + std::string(text) + R"("},"finish_reason":)" + std::string(finish) +
         "}]}";
}

}  // namespace

TEST_SUITE("openai_completions response") {
  TEST_CASE("nonsense from a provider is its fault, not the client's") {
    for (const char* body :
         {"", "<html>oops</html>", "[]", "5", "{}", R"({"choices":5})", "{\"choices\":[", "\xff\xfe"}) {
      CAPTURE(body);
      auto r = kOpenaiCompletions.decode_response(body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::bad_upstream);
      CHECK(r.error().retryable);
    }
    for (const char* body :
         {R"({"choices":[]})", R"({"choices":[5]})", R"({"choices":[{"text":5,"logprobs":5}],"usage":[]})",
          R"({"choices":[{"logprobs":{"tokens":["a"],"token_logprobs":5,"top_logprobs":[null]}}]})"}) {
      CAPTURE(body);
      auto r = kOpenaiCompletions.decode_response(body);
      REQUIRE(r);
      for (const Dialect* d : dialects()) {
        Dropped dropped;
        std::string out;
        d->encode_response(*r, {"id", "m", 1}, dropped, out);
        canonical(out);
      }
    }
    auto paid = kOpenaiCompletions.decode_response(R"({"error":{"message":"No credits","code":402}})");
    REQUIRE_FALSE(paid);
    CHECK(paid.error().code == Code::payment_required);
  }

  TEST_CASE("the prompt stands before each answer of a client that asked for it") {
    auto request = asked(R"("prompt":"Größe: ","echo":true)");
    REQUIRE(request);
    CHECK(
        seen(kOpenaiChat, chat_answer(kTwo), &*request) ==
        R"([{"finish_reason":"stop","index":0,"logprobs":{"text_offset":[7,8],"token_logprobs":[-0.5,-1],"tokens":["h","é"],"top_logprobs":[{"h":-0.5},{}]},"text":"Größe: hé"}])");
    // A provider of this format has done so itself.
    CHECK(seen(kOpenaiCompletions, R"({"choices":[{"text":"Größe: 5","index":0,"finish_reason":"length"}]})",
               &*request) == R"([{"finish_reason":"length","index":0,"logprobs":null,"text":"Größe: 5"}])");
    auto plain = asked(R"("prompt":"Größe: ")");
    REQUIRE(plain);
    CHECK(seen(kOpenaiChat, chat_answer(kTwo), &*plain).contains(R"("text":"hé")"));
    const auto events = streamed({chat_chunk(0, "5"), chat_chunk(0, " m", "\"stop\""), "[DONE]"}, &*request);
    CHECK(events == std::vector<std::string>{
                        R"([{"finish_reason":null,"index":0,"logprobs":null,"text":"Größe: "}])",
                        R"([{"finish_reason":null,"index":0,"logprobs":null,"text":"5"}])",
                        R"([{"finish_reason":null,"index":0,"logprobs":null,"text":" m"}])",
                        R"([{"finish_reason":"stop","index":0,"logprobs":null,"text":""}])", "[DONE]"});
  }

  TEST_CASE("choices belong to prompts in order, n of each") {
    auto request = asked(R"("prompt":["a","b"],"n":2,"echo":true)");
    REQUIRE(request);
    const char* prompts[] = {"a", "a", "b", "b"};
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(openai_completions::echo_of(&*request, "openai_chat", i, 4) == prompts[i]);
    CHECK(openai_completions::echo_of(&*request, "openai_chat", 9, 4) == "b");
    CHECK(openai_completions::echo_of(nullptr, "openai_chat", 0, 1) == "");
  }

  TEST_CASE("probabilities survive both shapes") {
    const std::string legacy =
        R"({"choices":[{"text":" Paris","index":0,"finish_reason":"stop","logprobs":{"tokens":[" Par","is"],"token_logprobs":[null,-0.001],"top_logprobs":[null,{"is":-0.001,"it":-7}],"text_offset":[0,4]}}]})";
    auto r = kOpenaiCompletions.decode_response(legacy);
    REQUIRE(r);
    CHECK(
        json::canonical_text(r->choices.at(0).logprobs) ==
        R"({"content":[{"bytes":null,"logprob":null,"token":" Par","top_logprobs":[]},{"bytes":null,"logprob":-0.001,"token":"is","top_logprobs":[{"bytes":null,"logprob":-0.001,"token":"is"},{"bytes":null,"logprob":-7,"token":"it"}]}],"refusal":null})");
    CHECK(seen(kOpenaiCompletions, legacy, nullptr).contains(R"("text_offset":[0,4])"));
    auto request = asked(R"("prompt":"x","logprobs":1)");
    REQUIRE(request);
    const std::string token =
        R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"ö"},"logprobs":{"content":[{"token":"ö","logprob":-1,"bytes":null,"top_logprobs":[]}]},"finish_reason":null}]})";
    const auto events = streamed({token, token, chat_chunk(0, "", "\"length\""), "[DONE]"}, &*request);
    std::string all;
    for (const std::string& e : events) all += e + "\n";
    CHECK(all.contains(R"("text_offset":[0])"));
    CHECK(all.contains(R"("text_offset":[1])"));
  }

  TEST_CASE("what is no text is named, and the text is there") {
    Dropped dropped;
    CHECK(
        seen(
            kOpenaiChat,
            chat_answer(
                R"({"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"})"),
            nullptr, &dropped) == R"([{"finish_reason":"stop","index":0,"logprobs":null,"text":"hi"}])");
    CHECK(dropped.header() == "thinking.text, tool_calls");
  }
}

TEST_SUITE("openai_completions stream") {
  TEST_CASE("the bytes may come in any pieces") {
    for (const char* name : {"text", "choices", "logprobs", "error"}) {
      CAPTURE(name);
      const auto lines = lines_of(
          read_file(source_dir() / "tests/golden/openai_completions" / (std::string(name) + ".stream.txt")));
      std::string sse;
      for (const std::string& line : lines) write_sse(sse, "", line);
      const Assembled whole = assemble(kOpenaiCompletions, lines);
      for (std::size_t cut = 0; cut <= sse.size(); ++cut) {
        EventReader reader(kOpenaiCompletions.framing);
        std::vector<std::string> events;
        SseEvent e;
        for (auto part : {std::string_view(sse).substr(0, cut), std::string_view(sse).substr(cut)}) {
          reader.append(part);
          while (reader.next(e)) events.emplace_back(e.data);
        }
        const Assembled again = assemble(kOpenaiCompletions, events);
        REQUIRE(again.choices.size() == whole.choices.size());
        for (std::size_t i = 0; i < whole.choices.size(); ++i) {
          CHECK(again.all(Block::Kind::text, i) == whole.all(Block::Kind::text, i));
          CHECK(again.choices[i].logprobs == whole.choices[i].logprobs);
          CHECK(again.choices[i].stop == whole.choices[i].stop);
        }
        CHECK(again.error == whole.error);
      }
    }
  }

  TEST_CASE("a stream that is cut short or not what it should be is an error") {
    const std::string begun =
        R"({"id":"x","model":"m","choices":[{"index":0,"text":"a","finish_reason":null}]})";
    CHECK(assemble(kOpenaiCompletions, {begun}).error ==
          "the provider's stream ended before its finish_reason");
    CHECK(assemble(kOpenaiCompletions, {}).error == "the provider's stream ended before it began");
    CHECK(assemble(kOpenaiCompletions, {begun, "{\"cho"})
              .error.starts_with("the provider sent an event that is not JSON"));
    CHECK(assemble(kOpenaiCompletions, {begun, "[]"}).failed);
    CHECK(assemble(kOpenaiCompletions, {R"({"choices":[{"index":-1,"text":"a"}]})"}).failed);
    CHECK(assemble(kOpenaiCompletions, {R"({"choices":[{"index":4096,"text":"a"}]})"}).failed);
    const Assembled refused =
        assemble(kOpenaiCompletions, {begun, R"({"error":{"message":"busy","code":503}})"});
    CHECK(refused.error == "busy");
    CHECK(refused.error_code == Code::overloaded);
    // Without a reason, but with its end.
    const Assembled ended = assemble(kOpenaiCompletions, {begun, "[DONE]"});
    CHECK(ended.ended);
    CHECK(ended.choices.at(0).stop == Stop::end);
  }

  TEST_CASE("usage comes last, when it was asked for") {
    const std::vector<std::string> events = {
        chat_chunk(0, "a", "\"stop\""),
        R"({"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})",
        "[DONE]"};
    CHECK(streamed(events, nullptr, false).size() == 3);
    CHECK(streamed(events, nullptr, true).size() == 4);
    CHECK(streamed(events, nullptr, true).at(2) == "[]");
  }
}

}  // namespace pb::llm
