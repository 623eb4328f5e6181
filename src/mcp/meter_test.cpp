#include "mcp/meter.h"

#include <doctest/doctest.h>

#include "mcp/hub.h"
#include "mcp/session.h"
#include "mcp/tasks.h"

namespace pb::mcp {

TEST_SUITE("mcp metrics") {
  TEST_CASE("calls are counted by tool and outcome, what is open is shown") {
    metrics::Registry registry;
    Meter meter(registry.add_shard());
    meter.tool_called("a", "ok", 0.2);
    meter.tool_called("a", "ok", 0.3);
    meter.tool_called("a", "cancelled", 3);
    Hub hub({.now_ms = [] { return 0; }});
    (void)hub.open_session({"ann", nullptr});
    (void)hub.tasks().create({"ann", nullptr}, 0);
    hub.streams = 3;
    meter.show(hub);
    const std::string text = registry.text();
    for (const char* line :
         {"patchbay_mcp_tool_calls_total{tool=\"a\",outcome=\"ok\"} 2",
          "patchbay_mcp_tool_calls_total{tool=\"a\",outcome=\"cancelled\"} 1",
          "patchbay_mcp_tool_call_seconds_count{tool=\"a\"} 3",
          "patchbay_mcp_tool_call_seconds_bucket{tool=\"a\",le=\"0.25\"} 1", "patchbay_mcp_sessions 1",
          "patchbay_mcp_tasks 1", "patchbay_mcp_streams 3", "patchbay_mcp_open_requests 0"})
      CHECK_MESSAGE(text.contains(std::string(line) + "\n"), line);
  }
}

TEST_SUITE("mcp hub") {
  TEST_CASE("a change is told to those who watch it, and only to whom it concerns") {
    struct Ear final : Listener {
      std::vector<std::string> heard;
      void changed(const Change& c) override { heard.push_back(c.uri); }
      void closing() override {}
    } ear;
    Hub hub({.now_ms = [] { return 0; }});
    REQUIRE(hub.add(ear));
    hub.publish({Change::What::resource, "x://a"});
    CHECK(ear.heard.empty());  // nobody watches it
    hub.watch("x://a");
    hub.watch("x://a");
    hub.unwatch("x://a");
    CHECK(hub.watched("x://a"));
    hub.publish({Change::What::resource, "x://a"});
    CHECK(ear.heard.size() == 1);
    hub.unwatch("x://a");
    CHECK_FALSE(hub.watched("x://a"));
    hub.unwatch("x://a");
    hub.remove(ear);
  }

  TEST_CASE("a session hears of its own caller's changes, and is no longer reckoned with once it has ended") {
    Hub hub({.now_ms = [] { return 0; }});
    const auto session = hub.open_session({"ann", nullptr});
    json::Arena arena;
    const auto hello = json::parse(
        R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}})",
        arena);
    REQUIRE(session->with_rules([&](SessionRules& r) { return r.initialize(*hello); }));
    session->with_rules([](SessionRules& r) { r.ready(); });
    session->listen();
    const auto stream = session->idle_stream().stream;
    hub.publish({Change::What::resources, {}, "bob"});
    CHECK(stream->last() == 0);
    hub.publish({Change::What::resources, {}, "ann"});
    CHECK(stream->last() == 1);
    REQUIRE(session->watch("x://a"));
    REQUIRE(session->watch("x://a"));
    hub.publish({Change::What::resource, "x://a", "bob"});
    CHECK(stream->last() == 1);
    hub.publish({Change::What::resource, "x://a", "ann"});
    CHECK(stream->last() == 2);
    REQUIRE(session->watch("x://b"));
    session->unwatch("x://a");
    CHECK_FALSE(hub.watched("x://a"));
    hub.close_session(session->id());
    CHECK_FALSE(hub.watched("x://b"));
  }

  TEST_CASE("limits are the hub's") {
    Hub hub({.now_ms = [] { return 0; }, .limits = {.sessions_max = 1, .calls_max = 1, .tasks_max = 1}});
    CHECK(hub.open_session({}) != nullptr);
    CHECK(hub.open_session({}) == nullptr);
    CHECK(hub.take_call());
    CHECK_FALSE(hub.take_call());
    CHECK(hub.tasks().create({}, 0) != nullptr);
    CHECK(hub.tasks().create({}, 0) == nullptr);
  }
}

}  // namespace pb::mcp
