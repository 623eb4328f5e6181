#include "cli/install/json_edit.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::cli;

namespace {

const MemberPath kServer = {"mcpServers", "patchbay"};
constexpr std::string_view kEntry = R"({"command":"/bin/patchbay","args":["mcp"]})";

std::string set(std::string_view text, Comments comments = Comments::allowed) {
  const auto got = json_set(text, kServer, kEntry, comments);
  return got ? *got : "fault: " + got.error().message;
}

std::string removed(std::string_view text) {
  const auto got = json_remove(text, kServer, Comments::allowed);
  return got ? *got : "fault: " + got.error().message;
}

}  // namespace

TEST_SUITE("install") {
  TEST_CASE("json: into an empty file, an empty object, beside others") {
    const std::string whole =
        "{\n  \"mcpServers\": {\n    \"patchbay\": {\n      \"command\": \"/bin/patchbay\",\n      \"args\": "
        "[\n"
        "        \"mcp\"\n      ]\n    }\n  }\n}\n";
    CHECK(set("") == whole);
    CHECK(set(" \n") == " \n" + whole);
    CHECK(set("{\n}\n") == whole);
    CHECK(
        set("{\n    \"a\": 1\n}") ==
        "{\n    \"a\": 1,\n    \"mcpServers\": {\n        \"patchbay\": {\n            \"command\": "
        "\"/bin/patchbay\",\n            \"args\": [\n                \"mcp\"\n            ]\n        }\n    "
        "}\n}");
    CHECK(set("{\n\t\"mcpServers\": {\n\t\t\"x\": {}\n\t}\n}\n")
              .contains("\t\t\"x\": {},\n\t\t\"patchbay\": {\n\t\t\t\"command\""));
    CHECK(set("{\"a\":1}\n") ==
          "{\"a\":1, \"mcpServers\": {\"patchbay\":{\"command\":\"/bin/patchbay\",\"args\":[\"mcp\"]}}}\n");
    CHECK(set("{}") == "{\"mcpServers\": {\"patchbay\":{\"command\":\"/bin/patchbay\",\"args\":[\"mcp\"]}}}");
    CHECK(set("{\r\n  \"a\": 1\r\n}\r\n").contains("\"a\": 1,\r\n  \"mcpServers\": {\r\n"));
  }

  TEST_CASE("json: comments and commas behind the last member stay where they are") {
    const std::string text =
        "// mine\n{\n  // about a\n  \"a\": 1, // one\n  \"mcpServers\": {\n    \"x\": {} // last\n    /* "
        "end */\n  "
        "},\n}\n";
    const std::string after = set(text);
    CHECK(after.starts_with(
        "// mine\n{\n  // about a\n  \"a\": 1, // one\n  \"mcpServers\": {\n    \"x\": {}, // "
        "last\n    \"patchbay\": {\n"));
    CHECK(after.ends_with("    }\n    /* end */\n  },\n}\n"));
    CHECK(set(after) == after);
    CHECK(removed(after) == text);
    CHECK(set("{\n  \"a\": 1,\n}\n").ends_with("    }\n  },\n}\n"));
    CHECK(set("// only this\n").starts_with("// only this\n{\n"));
    CHECK(set("{\n  // nothing yet\n}\n").starts_with("{\n  // nothing yet\n  \"mcpServers\""));
    const std::string tricky = "{\n  \"url\": \"http://x/*y*/\", // not } this\n  \"q\": \"a\\\"//b\"\n}\n";
    CHECK(set(tricky).starts_with(tricky.substr(0, tricky.size() - 3) + ",\n  \"mcpServers\""));
    // A comment of several lines behind the last member is not written into.
    const auto block = set("{\n  \"a\": 1 /* one\n two */\n}\n");
    CHECK(json_get(block, kServer, Comments::allowed)->has_value());
    CHECK(block.contains("/* one\n two */"));
  }

  TEST_CASE("json: what is there already is not touched; another value is replaced") {
    const std::string text =
        "{\"mcpServers\" : {\"patchbay\" :{\"args\":[ \"mcp\" ],\n\"command\": \"/bin/patchbay\"}}}";
    CHECK(set(text) == text);
    const auto other = json_set(text, {"mcpServers", "patchbay", "command"}, "\"/x\"", Comments::refused);
    CHECK(*other == "{\"mcpServers\" : {\"patchbay\" :{\"args\":[ \"mcp\" ],\n\"command\": \"/x\"}}}");
    CHECK(set("{\"mcpServers\": null}") ==
          "{\"mcpServers\": {\"patchbay\":{\"command\":\"/bin/patchbay\",\"args\":[\"mcp\"]}}}");
  }

  TEST_CASE("json: removing") {
    const std::string text =
        "{\n  \"mcpServers\": {\n    \"a\": 1,\n    \"patchbay\": {\n      \"x\": [1, 2]\n    },\n    \"b\": "
        "2\n  }\n}\n";
    CHECK(removed(text) == "{\n  \"mcpServers\": {\n    \"a\": 1,\n    \"b\": 2\n  }\n}\n");
    CHECK(removed("{\n  \"mcpServers\": {\n    \"a\": 1,\n    \"patchbay\": {}\n  }\n}\n") ==
          "{\n  \"mcpServers\": {\n    \"a\": 1\n  }\n}\n");
    CHECK(removed("{\n  \"mcpServers\": {\n    \"patchbay\": {}\n  }\n}\n") ==
          "{\n  \"mcpServers\": {}\n}\n");
    CHECK(removed("{\"mcpServers\":{\"patchbay\":{},\"b\":2}}") == "{\"mcpServers\":{\"b\":2}}");
    CHECK(removed("{\"mcpServers\":{\"a\":1,\"patchbay\":{}}}") == "{\"mcpServers\":{\"a\":1}}");
    for (const char* same : {"", "{}", "{\"mcpServers\":{}}", "{\"mcpServers\":[]}"})
      CHECK(removed(same) == same);
  }

  TEST_CASE("json: broken files are told by line and column") {
    CHECK(set("{\n  \"a\": 1\n  \"b\": 2\n}\n").starts_with("fault: 3:3: "));
    CHECK(set("{\n  // x\n  \"a\": 1\n}\n", Comments::refused).starts_with("fault: 2:3: "));
    CHECK(set("{\n  \"a\": 1,\n}\n", Comments::refused).starts_with("fault: 3:1: "));
    CHECK(set("{\n  /* open\n").starts_with("fault: 2:3: the comment has no end"));
    CHECK(set("\n[1]").starts_with("fault: 2:1: expected an object"));
    CHECK(set("{\"mcpServers\": [1]}").starts_with("fault: `mcpServers` is there, and no object"));
    CHECK(set("{\"a\": \"\\").starts_with("fault: "));
  }

  TEST_CASE("json: whatever the text, an edit is refused or changes only its own") {
    const std::string text =
        "{\n  \"a\": [1, {\"b\": \"//\"}], // c\n  \"mcpServers\": {\"x\": {\"y\": null}, /* d */ \"z\": "
        "\"}\"},\n  \"e\": {},\n}\n";
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
      for (const std::string& part :
           {text.substr(0, cut), text.substr(cut), text.substr(0, cut) + "}" + text.substr(cut)}) {
        const auto after = json_set(part, kServer, kEntry, Comments::allowed);
        if (!after) continue;
        const auto there = json_get(*after, kServer, Comments::allowed);
        REQUIRE(there);
        CHECK(there->has_value());
        const auto blank = json_set(part, kServer, "0", Comments::allowed),
                   blanked = json_set(*after, kServer, "0", Comments::allowed);
        CHECK(*json_meaning(*blank, Comments::allowed) == *json_meaning(*blanked, Comments::allowed));
      }
  }
}
