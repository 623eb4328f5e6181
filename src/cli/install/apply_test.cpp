#include "cli/install/apply.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::cli;

namespace {

std::string shown(const std::string& before, const std::string& after) {
  return difference({"f", before, after});
}

}  // namespace

TEST_SUITE("install") {
  TEST_CASE("difference: the lines that go and come, also at two places") {
    CHECK(shown("a\nb\nc\n", "a\nb\nc\n").empty());
    CHECK(shown("", "a\nb\n") == "+ a\n+ b\n");
    CHECK(shown("a\nb\n", "") == "- a\n- b\n");
    CHECK(shown("a\nb\nc\n", "a\nx\nc\n") == "- b\n+ x\n");
    CHECK(shown("a\nb\nc\nd\n", "x\na\nb\nc\ny\nd\n") == "+ x\n+ y\n");
    CHECK(shown("a\na\nb\n", "a\nb\nb\n") == "- a\n+ b\n");
    CHECK(difference({"f", std::nullopt, "a\n"}) == "+ a\n");
    // More than is compared line by line.
    std::string many;
    for (int i = 0; i < 2'100; ++i) many += std::to_string(i) + "\n";
    CHECK(shown("first\n" + many + "last\n", many).starts_with("- first\n- 0\n"));
  }

  TEST_CASE("difference: nobody's secrets") {
    for (const char* line :
         {R"("API_KEY": "hunter2",)", R"("PGPASSWORD": "hunter2")", R"("Authorization": "Basic hunter2")",
          R"(auth = "hunter2")", R"(GEMINI_API_KEY=hunter2)", R"("env": {"X_TOKEN": "hunter2"})",
          R"({"a":{"env":{"API_KEY":"hunter2"}},"patchbay":{"headers":{"Authorization":"Bearer $K"}}})",
          R"("Authorization": "Bearer $K", "x-key": "hunter2")"}) {
      const std::string text = shown("", line);
      CHECK_FALSE(text.contains("hunter2"));
      CHECK(text.contains("****"));
    }
    CHECK(shown("", "  \"Authorization\": \"Bearer ${env:PB_KEY}\"") ==
          "+   \"Authorization\": \"Bearer ${env:PB_KEY}\"\n");
    CHECK(shown("", "command = \"/bin/patchbay\"") == "+ command = \"/bin/patchbay\"\n");
  }
}
