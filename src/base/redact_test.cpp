#include "base/redact.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("redact");

TEST_CASE("keys of every known form are masked") {
  const char* tail = "aB3dEfGh1jKlMn0pQrSt";
  for (const char* prefix : {"sk-", "sk-ant-api03-", "sk-proj-", "sk-or-v1-", "gsk_", "xai-", "pplx-", "csk-",
                             "hf_", "AIza", "fw_", "eyJ"}) {
    const std::string key = std::string(prefix) + tail;
    CAPTURE(key);
    const std::string masked = pb::redact("provider said: " + key + " is wrong");
    CHECK(masked.find(tail) == std::string::npos);
    CHECK(masked.find("****") != std::string::npos);
    CHECK(masked.starts_with("provider said: "));
    CHECK(masked.ends_with(" is wrong"));
  }
}

TEST_CASE("the prefix stays, the rest goes") {
  CHECK(pb::redact("sk-1234567890") == "sk-****");
  CHECK(pb::redact("Bearer abcdef123456") == "Bearer ****");
  CHECK(pb::redact("bearer ABCDEFGH.x_y-z~+/==") == "bearer ****");
  CHECK(pb::redact("(gsk_0123456789abc)") == "(gsk_****)");
  CHECK(pb::redact("a sk-0123456789, b xai-0123456789.") == "a sk-****, b xai-****.");
  CHECK(pb::redact("Incorrect API key provided: sk-proj-****************abcd.") ==
        "Incorrect API key provided: sk-****.");
}

TEST_CASE("named values") {
  CHECK(pb::redact("GET /v1?key=0123456789abcdef&alt=sse") == "GET /v1?key=****&alt=sse");
  CHECK(pb::redact(R"({"x-api-key": "0123456789abcdef", "a": 1})") == R"({"x-api-key": "****", "a": 1})");
  CHECK(pb::redact("Authorization: Bearer 0123456789abcdef") == "Authorization: Bearer ****");
  CHECK(pb::redact("authorization: 0123456789abcdef") == "authorization: ****");
  CHECK(pb::redact("api_key='0123456789abcdef'") == "api_key='****'");
}

TEST_CASE("ordinary text is left alone") {
  for (const char* text :
       {"", "task-oriented-agents", "Bearer authentication is missing", "sk-learn", "risk-0123456789",
        "req_a1B2c3D4e5F6g7H8i9J0k1L2", "chatcmpl-a1B2c3D4e5F6g7H8i9J0", "toolu_01A09q90qw90lq917835lq9",
        "claude-sonnet-4-5-20250929", "token limit exceeded", "the key is wrong", "basic auth",
        "model: gpt-5.4", "monkey=0123456789abc", "unknown key: base_url_of_it", "\xff\xfe sk-"})
    CHECK(pb::redact(text) == text);
}

TEST_SUITE_END();
