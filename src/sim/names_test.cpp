#include "sim/names.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::sim;

TEST_SUITE_BEGIN("sim/names");

TEST_CASE("names that are not the simulator's are answered with a greeting") {
  for (const char* name : {"gpt-5.4", "claude-sonnet-4-5", "echoes", "simple", ""}) {
    CAPTURE(name);
    const auto b = parse_model(name);
    REQUIRE(b);
    CHECK(b->answer == Answer::hello);
  }
}

TEST_CASE("echo is a name by itself and takes modifiers") {
  CHECK(parse_model("echo")->answer == Answer::echo);
  const auto slow = parse_model("echo+slow-first-500ms+slow-token-50ms");
  REQUIRE(slow);
  CHECK(slow->answer == Answer::echo);
  CHECK(slow->first_ms == 500);
  CHECK(slow->token_ms == 50);
}

TEST_CASE("numbers and durations") {
  CHECK(parse_model("sim-size-16384")->count == 16384);
  CHECK(parse_model("sim-stream-100")->count == 100);
  CHECK(parse_model("sim-tools")->count == 1);
  CHECK(parse_model("sim-tools-3")->count == 3);
  CHECK(parse_model("sim-tools-parallel")->parallel);
  CHECK(parse_model("sim-tools-parallel-2")->count == 2);
  CHECK(parse_model("sim-silent-20s")->silent_ms == 20'000);
  CHECK(parse_model("sim-loris")->byte_ms == 1);
  CHECK(parse_model("sim-loris-0ms")->byte_ms == 0);
  CHECK(parse_model("sim-429-3")->retry_after_s == 3);
  CHECK(parse_model("sim-429-3")->status == 429);
  CHECK(parse_model("sim-error-529")->status == 529);
}

TEST_CASE("modifiers alone answer with the paragraph") {
  const auto cut = parse_model("sim-cut");
  CHECK(cut->answer == Answer::text);
  CHECK(cut->fault == Fault::cut);
  CHECK(parse_model("sim-cut-body")->fault == Fault::cut_body);
  const auto fails = parse_model("sim-fail-2");
  CHECK(fails->fail_times == 2);
  CHECK(fails->status == 503);
  CHECK(parse_model("sim-fail-1+429-1")->status == 429);
}

TEST_CASE("what looks like the simulator's and is not is refused by name") {
  for (const char* name :
       {"sim-", "sim-nothing", "sim-size", "sim-size-x", "sim-size-99999999999", "sim-slow-first-5",
        "sim-text+", "echo+nothing", "sim-slow-token--5ms", "sim-textual"}) {
    CAPTURE(name);
    const auto b = parse_model(name);
    REQUIRE_FALSE(b);
    CHECK(b.error().code == Code::not_found);
    CHECK(b.error().message.find(name) != std::string::npos);
  }
}

TEST_SUITE_END();
