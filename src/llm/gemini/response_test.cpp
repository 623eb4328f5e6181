#include "llm/gemini/gemini_test_util.h"

namespace pb::llm::gemini {

using namespace testing;
using Kind = Block::Kind;

namespace {

std::string answer(std::string_view candidate, std::string_view more = "") {
  return R"({"candidates":[)" + std::string(candidate) + R"(],"modelVersion":"m","responseId":"r1")" +
         std::string(more) + "}";
}

Error error_of_answer(const std::string& text) {
  auto r = kGemini.decode_response(text);
  REQUIRE_FALSE(r);
  return r.error();
}

}  // namespace

TEST_SUITE("gemini") {
  TEST_CASE("reasons") {
    const auto stop = [](Str reason, Str parts = R"([{"text":"a"}])") {
      auto r = kGemini.decode_response(answer(R"({"content":{"parts":)" + std::string(parts) +
                                              R"(},"finishReason":")" + std::string(reason) + "\"}"));
      REQUIRE_MESSAGE(r, r.error().message);
      return r->choices[0].stop;
    };
    CHECK(stop("STOP") == Stop::end);
    CHECK(stop("STOP", R"([{"functionCall":{"name":"f"}}])") == Stop::tool_use);
    CHECK(stop("MAX_TOKENS") == Stop::max_tokens);
    for (Str s : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
                  "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"})
      CHECK(stop(s) == Stop::content_filter);
    for (Str s : {"OTHER", "LANGUAGE", "NO_IMAGE", "FINISH_REASON_UNSPECIFIED", "SOMETHING_NEW"})
      CHECK(stop(s) == Stop::end);
    CHECK(stop("MALFORMED_FUNCTION_CALL") == Stop::end);  // something was said before
    CHECK(stop("CONTINUATION") == Stop::pause);
  }

  TEST_CASE("an answer that the model failed to give is an error worth another try") {
    const Error e = error_of_answer(answer(
        R"({"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: print f"})"));
    CHECK(e.code == Code::bad_upstream);
    CHECK(e.retryable);
    CHECK(e.provider_code == "MALFORMED_FUNCTION_CALL");
    CHECK(e.message.contains("print f"));
    CHECK(error_of_answer("{}").message.contains("neither candidates nor a reason"));
    CHECK(error_of_answer("nonsense").code == Code::bad_upstream);
    CHECK(error_of_answer(answer(R"({"content":{"parts":[{"text":7}]}})"))
              .message.contains("candidates[0].content.parts[0].text must be a string"));
    CHECK(error_of_answer(R"({"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}})").code ==
          Code::overloaded);
  }

  TEST_CASE("usage counts thinking and tools' prompts in, and goes back as it came") {
    auto r = kGemini.decode_response(answer(
        R"({"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"})",
        R"(,"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":30,"toolUsePromptTokenCount":7,"cachedContentTokenCount":60,"totalTokenCount":157,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":40},{"modality":"TEXT","tokenCount":60}]})"));
    REQUIRE(r);
    CHECK(r->usage.input == 107);
    CHECK(r->usage.output == 50);
    CHECK(r->usage.reasoning == 30);
    CHECK(r->usage.cache_read == 60);
    CHECK(r->usage.audio_input == 40);
    Dropped dropped;
    std::string out;
    kGemini.encode_response(*r, {.id = "x", .model = {}, .created = 0}, dropped, out);
    json::Arena arena;
    const json::Value u = (*json::parse(out, arena))["usageMetadata"];
    CHECK(u["promptTokenCount"].as_int() == 100);
    CHECK(u["candidatesTokenCount"].as_int() == 20);
    CHECK(u["thoughtsTokenCount"].as_int() == 30);
    CHECK(u["toolUsePromptTokenCount"].as_int() == 7);
    CHECK(u["totalTokenCount"].as_int() == 157);
  }

  TEST_CASE("made-up ids of calls differ within an answer and between answers") {
    const std::string two =
        R"({"content":{"parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"f"}}]},"finishReason":"STOP"})";
    auto r = kGemini.decode_response(answer(two));
    REQUIRE(r);
    const auto& c = r->choices[0].content;
    CHECK(c[0].id != c[1].id);
    auto same = kGemini.decode_response(answer(two));
    CHECK(same->choices[0].content[0].id == c[0].id);
    auto other = kGemini.decode_response(R"({"candidates":[)" + two + R"(],"responseId":"r2"})");
    CHECK(other->choices[0].content[0].id != c[0].id);
  }

  TEST_CASE("errors, both ways") {
    Error e = kGemini.decode_error(
        429,
        R"({"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProject"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}})");
    CHECK(e.code == Code::rate_limited);
    CHECK(e.retry_after_ms == 34400);
    CHECK(e.provider_code == "GenerateRequestsPerMinutePerProject");
    std::string out;
    kGemini.encode_error(e, "req_1", out);
    json::Arena arena;
    const json::Value error = (*json::parse(out, arena))["error"];
    CHECK(error["code"].as_int() == 429);
    CHECK(error["status"].as_string() == "RESOURCE_EXHAUSTED");
    CHECK(error["details"].size() == 3);  // as they came, and the request's id

    e = kGemini.decode_error(
        400,
        R"([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}])");
    CHECK(e.code == Code::unauthenticated);
    CHECK(http_status(e) == 401);
    e = kGemini.decode_error(
        429,
        R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"RequestsPerMinute"}]}]}})");
    CHECK(e.retry_after_ms == 60'000);
    CHECK(kGemini.decode_error(502, "<html>").code == Code::bad_upstream);
    CHECK(kGemini.decode_error(500, R"({"error":{"status":"INTERNAL","message":"x"}})").retryable);

    Error ours;
    ours.code = Code::invalid_request;
    ours.message = "contents is required";
    ours.param = "contents";
    std::string text;
    kGemini.encode_error(ours, {}, text);
    CHECK(
        canonical(text) ==
        canonical(
            R"({"error":{"code":400,"message":"contents is required","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents","description":"contents is required"}]}]}})"));
    ours = {};
    ours.code = Code::rate_limited;
    ours.message = "slow down";
    ours.retry_after_ms = 1500;
    text.clear();
    kGemini.encode_error(ours, {}, text);
    CHECK(text.contains(R"("retryDelay":"1.500s")"));
    CHECK(kGemini.decode_error(429, text).retry_after_ms == 1500);
  }

  TEST_CASE("a look at what passes by") {
    Peek peek;
    kGemini.peek_event(
        "", R"({"candidates":[{"content":{"parts":[{"text":"say \"finishReason\": \"STOP\""}]}}]})", peek);
    CHECK_FALSE(peek.done);
    kGemini.peek_event(
        "",
        R"({"candidates":[{"finishReason" : "MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4}})",
        peek);
    CHECK(peek.done);
    CHECK(peek.stop == Stop::max_tokens);
    CHECK(peek.usage.output == 4);
    Peek failed;
    kGemini.peek_event("", R"({"error":{"code":500,"message":"x","status":"INTERNAL"}})", failed);
    CHECK(failed.error);
    Peek blocked;
    kGemini.peek_response(
        R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}})", blocked);
    CHECK(blocked.stop == Stop::content_filter);
    CHECK_FALSE(blocked.error);
  }

  TEST_CASE("what the recorded answers are known to say") {
    fs::path dir = recorded_dir();
    if (dir.empty()) return;
    auto r = kGemini.decode_response(read_file(dir / "gemini/google-tool-call-gemini3.json"));
    REQUIRE(r);
    const Block& call = r->choices[0].content.at(0);
    CHECK(call.name == "weather");
    CHECK(call.signature.starts_with("Eqo+Cqc+"));
    CHECK(call.format == "gemini");
    CHECK(r->usage.output == 15 + 1801);
    Error e = kGemini.decode_error(429, read_file(dir / "gemini/google-429-retry-info.json"));
    CHECK(e.retry_after_ms == 34400);
    auto a = assemble(kGemini, lines_of(read_file(dir / "gemini/google-reasoning-gemini3.chunks.txt")));
    REQUIRE(a.choices.at(0).parts.size() == 1);
    CHECK(a.choices[0].parts[0].signature.starts_with("EpAICo0I"));
    CHECK(a.choices[0].parts[0].text.starts_with("There are **3**"));
  }
}

}  // namespace pb::llm::gemini
