#include "mcp/protocol.h"

#include <doctest/doctest.h>

namespace pb::mcp {
namespace {

TEST_SUITE("mcp protocol") {
  TEST_CASE("every revision reads back as it is written") {
    for (std::string_view text : all_revisions()) {
      const auto revision = parse_revision(text);
      REQUIRE(revision);
      CHECK(to_string(*revision) == text);
    }
    CHECK_FALSE(parse_revision("2027-01-01"));
    CHECK_FALSE(parse_revision(""));
    CHECK(stateless(Revision::v2026_07_28));
    CHECK_FALSE(stateless(kNewestWithSessions));
  }

  TEST_CASE("an empty elicitation means forms") {
    json::Arena arena;
    const auto can = [&](std::string_view text) { return read_capabilities(*json::parse(text, arena)); };
    CHECK(can(R"({"elicitation":{}})").elicitation_form);
    CHECK_FALSE(can(R"({"elicitation":{"url":{}}})").elicitation_form);
    CHECK(can(R"({"elicitation":{"url":{}}})").elicitation_url);
    CHECK(can(R"({"elicitation":{"url":{},"form":{}}})").elicitation_form);
    CHECK_FALSE(can("{}").sampling);
    CHECK(can(R"({"sampling":{"tools":{}}})").sampling_tools);
    CHECK(can(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})").tasks);
  }

  TEST_CASE("an unknown version is told which there are") {
    const Fault f = unsupported_version("v9").error();
    CHECK(f.code == -32022);
    CHECK(
        f.data ==
        R"({"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"v9"})");
    CHECK(http_status(f, Revision::v2026_07_28) == 400);
  }

  TEST_CASE("statuses are the stateless revision's, the older ones answer 200") {
    const Fault f = fault(kMethodNotFound, "x").error();
    CHECK(http_status(f, Revision::v2026_07_28) == 404);
    CHECK(http_status(f, Revision::v2025_11_25) == 200);
  }

  TEST_CASE("levels of logging") {
    CHECK(parse_log_level("debug") == LogLevel::debug);
    CHECK(parse_log_level("emergency") == LogLevel::emergency);
    CHECK_FALSE(parse_log_level("off"));
    CHECK_FALSE(parse_log_level("INFO"));
  }
}

}  // namespace
}  // namespace pb::mcp
