#include "gateway/loop_guard.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace pb;
using namespace pb::gateway;

namespace {

std::uint64_t print_of(std::string body, std::string_view format = "anthropic",
                       std::string_view caller = "") {
  auto peek = llm::peek_request(body);
  CAPTURE(body);
  REQUIRE(peek.has_value());
  return fingerprint(format, caller, *peek, body, 42);
}

// How many of `n` sendings, `every_ms` apart from `from_ms` on, are let through.
int let_through(LoopGuard& guard, std::uint64_t print, int n, std::int64_t from_ms, int every_ms,
                int limit = 60) {
  int count = 0;
  for (int i = 0; i < n; ++i)
    if (!guard.count(print, limit, from_ms + static_cast<std::int64_t>(i) * every_ms)) ++count;
  return count;
}

}  // namespace

TEST_SUITE_BEGIN("loop guard");

TEST_CASE("the same conversation, tried in different ways") {
  const auto same = print_of(R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
  CHECK(same == print_of(R"({"model":"m","messages":[{"role":"user","content":"x"}],"stream":true})"));
  CHECK(same == print_of(R"({"stream":false,"model":"m","messages":[{"role":"user","content":"x"}]})"));
  CHECK(
      same ==
      print_of(
          R"({"model":"m","max_tokens":64000, "messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}})"));
  CHECK(
      same ==
      print_of(
          R"({"model":"m","messages":[{"role":"user","content":"x"}] , "metadata":{"try":"2"} , "stream":true }
)"));
}

TEST_CASE("Claude Code's first system block does not count") {
  auto body = [](std::string version, std::string rest) {
    return R"({"model":"m","messages":[1],"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=)" +
           version + R"(; cc_entrypoint=cli"},{"type":"text","text":")" + rest + R"("}],"stream":true})";
  };
  CHECK(print_of(body("2.1.328.a", "be good")) == print_of(body("2.1.328.b \\\" x", "be good")));
  CHECK(print_of(body("2.1.328.a", "be good")) != print_of(body("2.1.328.a", "be bad")));
  CHECK(print_of(R"({"model":"m","system":"x-anthropic-billing-header: a"})") !=
        print_of(R"({"model":"m","system":"something else"})"));
  CHECK(print_of(R"({"model":"m","system":"x-anthropic-billing-header: cut)"
                 R"("})") != 0);
}

TEST_CASE("what makes another conversation") {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
  const auto one = print_of(body);
  CHECK(one != print_of(R"({"model":"m","messages":[{"role":"user","content":"y"}]})"));
  CHECK(one != print_of(R"({"model":"n","messages":[{"role":"user","content":"x"}]})"));
  CHECK(one != print_of(R"({"model":"m","messages":[{"role":"user","content":"x"}],"seed":2})"));
  CHECK(one != print_of(R"({"model":"m","messages":[{"role":"user","content":"x"}],"user":"u-1"})"));
  CHECK(one !=
        print_of(R"({"model":"m","messages":[{"role":"user","content":"x"}],"metadata":{"user_id":"u"}})"));
  CHECK(one != print_of(body, "openai_chat"));
  CHECK(one != print_of(body, "anthropic", "sk-…abcd"));
}

TEST_CASE("sixty a minute, not one more") {
  LoopGuard guard(1);
  CHECK(let_through(guard, 7, 60, 1'000'000, 100) == 60);
  const auto loop = guard.count(7, 60, 1'006'000);
  REQUIRE(loop.has_value());
  CHECK(loop->sent == 61);
  CHECK(loop->retry_after_ms == 54'000);  // the ten seconds that the burst fell into end a minute later
  CHECK_FALSE(guard.count(8, 60, 1'006'000).has_value());
  CHECK_FALSE(guard.count(7, 0x7fff'ffff, 1'006'000).has_value());
}

TEST_CASE("one a second is no loop, nor are the retries of SDKs") {
  LoopGuard guard(1);
  CHECK(let_through(guard, 7, 600, 5'000, 1000) == 600);
  CHECK(let_through(guard, 9, 7, 5'000, 500, 10) == 7);
}

TEST_CASE("who goes on without a pause stays refused, who pauses comes back") {
  LoopGuard guard(1);
  CHECK(let_through(guard, 7, 3000, 0, 100) == 60);  // five minutes of ten a second
  const auto loop = guard.count(7, 60, 300'000);
  REQUIRE(loop.has_value());
  CHECK(loop->retry_after_ms == 50'000);
  CHECK(guard.count(7, 60, 300'000 + loop->retry_after_ms - 1).has_value());
  // That one counted too, but the many before it are forgotten.
  CHECK_FALSE(guard.count(7, 60, 300'000 + loop->retry_after_ms).has_value());
}

TEST_CASE("a day later, and a clock that stands still") {
  LoopGuard guard(1);
  CHECK(let_through(guard, 7, 100, 0, 0) == 60);
  CHECK(let_through(guard, 7, 100, 86'400'000, 0) == 60);
}

TEST_CASE("a flood of other conversations does not hide a loop") {
  LoopGuard guard(1);
  int refused = 0;
  std::uint64_t other = 0x9e3779b97f4a7c15;
  for (int i = 0; i < 100; ++i) {
    if (guard.count(7, 60, i * 100)) ++refused;
    for (int k = 0; k < 5000; ++k) {
      other = other * 6364136223846793005u + 1442695040888963407u;
      CHECK_FALSE(guard.count(other ^ (other >> 29), 60, i * 100).has_value());
    }
  }
  CHECK(refused == 40);
}

TEST_CASE("many threads count as one") {
  LoopGuard guard(1);
  std::atomic<int> through = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        if (!guard.count(7, 60, 0)) ++through;
    });
  for (auto& t : threads) t.join();
  CHECK(through == 60);
}

TEST_CASE("what the client is told") {
  const Error e = loop_error({.sent = 61, .retry_after_ms = 5000}, 60);
  CHECK(http_status(e) == 429);
  CHECK(e.message.find("61 times") != e.message.npos);
  CHECK(e.message.find("server.loop_guard") != e.message.npos);
  CHECK(e.message.find("now 60 times a minute") != e.message.npos);
  CHECK(e.retry_after_ms == 5000);
}

TEST_SUITE_END();
