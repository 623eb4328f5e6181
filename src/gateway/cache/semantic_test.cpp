#include "gateway/cache/semantic.h"

#include <doctest/doctest.h>

#include "gateway/cache/key.h"

using namespace pb;
using namespace pb::gateway::cache;

namespace {

std::string group(std::string_view dialect, std::string_view body) {
  const auto q = question_of(*llm::find_dialect(dialect), body);
  return q ? to_hex(read_asked(q->rest, 1)->hash) : "none";
}

}  // namespace

TEST_SUITE("cache/semantic") {
  TEST_CASE("the question, and what must be the same beside it") {
    const auto q = question_of(*llm::find_dialect("openai_chat"),
                               R"({"model":"m","messages":[{"role":"user","content":"what is it?"}]})");
    REQUIRE(q);
    CHECK(q->text == "what is it?");
    CHECK(!q->rest.contains("what is it"));
    const std::string one =
        R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}]})";
    CHECK(
        group("openai_chat", one) ==
        group(
            "openai_chat",
            R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"b"}],"stream":true})"));
    for (
        const char* other :
        {R"({"model":"m","messages":[{"role":"system","content":"t"},{"role":"user","content":"a"}]})",
         R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},{"role":"user","content":"a"}]})",
         R"({"model":"m","max_tokens":5,"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}]})"})
      CHECK(group("openai_chat", one) != group("openai_chat", other));
    CHECK(group("gemini", R"({"contents":[{"role":"user","parts":[{"text":"a"}]}]})") != "none");
    CHECK(group("anthropic", R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}]})") !=
          "none");
    CHECK(group("openai_responses", R"({"model":"m","input":"a"})") != "none");
  }
  TEST_CASE("none where the last message is no question") {
    for (
        const char* body :
        {R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})",
         R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]})",
         R"({"model":"m","messages":[]})", "{"})
      CHECK(group("openai_chat", body) == "none");
    CHECK(group("ollama_generate", R"({"model":"m","prompt":"a"})") == "none");
  }
  TEST_CASE("vectors, as numbers and as base64") {
    CHECK(
        vector_of(
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,0.5]}],"model":"m"})") ==
        Vector{1, 0.5});
    CHECK(
        vector_of(
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAD8="}],"model":"m"})") ==
        Vector{1, 0.5});
    CHECK(vector_of("{}").empty());
    CHECK(vector_of(R"({"data":[]})").empty());
  }
}
