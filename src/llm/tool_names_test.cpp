#include "llm/tool_names.h"

#include <doctest/doctest.h>

using namespace pb::llm;
using Names = std::vector<std::string>;

TEST_CASE("tools of requests, by name") {
  CHECK(
      tool_names(
          R"({"tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}}]})") ==
      Names{"a", "b"});
  CHECK(tool_names(
            R"({"tools":[{"name":"a","input_schema":{}},{"type":"web_search_20250305","name":"web_search"}],
                       "mcp_servers":[{"name":"m"}]})") == Names{"a", "web_search", "m"});
  CHECK(
      tool_names(R"({"tools":[{"functionDeclarations":[{"name":"a"},{"name":"b"}]},{"googleSearch":{}}]})") ==
      Names{"a", "b", "googleSearch"});
  CHECK(tool_names(R"({"tools":[{"type":"function","name":"a"},{"type":"web_search"},
                       {"type":"mcp","server_label":"m"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"b"}]}]})") ==
        Names{"a", "web_search", "m", "b", "n"});
  CHECK(tool_names(R"({"functions":[{"name":"old"}],"web_search_options":{}})") ==
        Names{"old", "web_search"});
  CHECK(tool_names(R"({"messages":[{"tools":[{"name":"no"}]}]})").empty());
  CHECK(tool_names("{").empty());
}
