#include "tools/call_notes.h"

#include <doctest/doctest.h>

#include "mcp/hub.h"
#include "mcp/tasks.h"

namespace pb::tools {
namespace {

class Noting final : public mcp::Context {
 public:
  mcp::Revision revision() const override { return mcp::Revision::v2025_11_25; }
  const mcp::Principal& principal() const override { return principal_; }
  const mcp::ClientCapabilities& client_can() const override { return can_; }
  bool cancelled() const override { return false; }
  void progress(double, double, std::string_view) override {}
  bool wants_progress() const override { return false; }
  void log(mcp::LogLevel level, std::string_view logger, std::string_view data) override {
    last = std::string(to_string(level)) + " " + std::string(logger) + " " + std::string(data);
  }
  Task<mcp::Outcome<mcp::Answers>> ask(std::vector<mcp::Ask>) override { co_return mcp::Answers(); }
  void let_client_poll() override {}
  mcp::Hub& hub() override { return hub_; }
  std::string last;

 private:
  mcp::Principal principal_;
  mcp::ClientCapabilities can_;
  mcp::Hub hub_{{.now_ms = [] { return 0; }}};
};

}  // namespace

TEST_SUITE("mcp call notes") {
  TEST_CASE("who answered, and why not who was asked") {
    config::Config config;
    for (const char* name : {"a", "b"}) {
      config::Provider& p = config.providers.emplace_back();
      p.name = name;
      p.base_url = "http://127.0.0.1:1/v1";
    }
    const auto snapshot = gateway::Snapshot::make(std::move(config));
    REQUIRE(snapshot);
    Noting context;
    ModelQuestion q;
    q.model = "a/m";
    ModelAnswer answer;
    answer.provider = "a";
    answer.model = "m";
    answer.latency_us = 1500;
    note_answer(context, **snapshot, q, answer);
    CHECK(context.last ==
          R"(debug models {"event":"answered","asked":"a/m","provider":"a","model":"m","ms":1.5})");
    answer.provider = "b";
    answer.cost = 0.25;
    answer.cost_known = true;
    note_answer(context, **snapshot, q, answer);
    CHECK(
        context.last ==
        R"(notice models {"event":"failed_over","asked":"a/m","provider":"b","model":"m","ms":1.5,"cost_usd":0.25})");
    q.model = "vendor/m";  // a name with a slash, but no provider's
    note_answer(context, **snapshot, q, answer);
    CHECK(context.last.starts_with("debug models"));
    q.model = "route";
    answer.cache = "hit";
    note_answer(context, **snapshot, q, answer);
    CHECK(context.last.starts_with(R"(info models {"event":"answered_from_cache","asked":"route")"));
    CHECK(context.last.contains(R"("cache":"hit")"));
  }

  TEST_CASE("no answer, and limits") {
    Noting context;
    ModelQuestion q;
    q.model = "a/m";
    note_failure(context, q, fail(Code::bad_upstream, "it is gone").error());
    CHECK(
        context.last ==
        R"(warning models {"event":"not_answered","asked":"a/m","error":"bad_upstream","message":"it is gone"})");
    Error limit = fail(Code::rate_limited, "used up").error();
    limit.retry_after_ms = 2000;
    note_failure(context, q, limit);
    CHECK(context.last.contains(R"("event":"limit_reached")"));
    CHECK(context.last.contains(R"("retry_after_ms":2000)"));
  }
}

}  // namespace pb::tools
