#include "cli/install/toml_edit.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::cli;

namespace {

const TablePath kServer = {"mcp_servers", "patchbay"};
const TomlFields kFields = {{"command", {{"/bin/patchbay"}, false}},
                            {"args", {{"mcp", "--config", "a \"b\""}, true}}};

std::string set(std::string_view text, const std::vector<std::string>& without = {"url"}) {
  const auto got = toml_set_table(text, kServer, kFields, without);
  return got ? *got : "fault: " + got.error().message;
}

const std::string kTable =
    "[mcp_servers.patchbay]\ncommand = \"/bin/patchbay\"\nargs = [\"mcp\", \"--config\", \"a \\\"b\\\"\"]\n";

}  // namespace

TEST_SUITE("install") {
  TEST_CASE("toml: a table is added at the end, and not twice") {
    CHECK(set("") == kTable);
    const std::string text = "# mine\nmodel = \"ä\" # a model\n\n[mcp_servers.other]\ncommand = 'x'";
    const std::string after = set(text);
    CHECK(after == text + "\n\n" + kTable);
    CHECK(set(after) == after);
    CHECK(toml_remove_table(after, kServer).value_or("") == text + "\n");
  }

  TEST_CASE("toml: a table that is there keeps what is the user's own") {
    const std::string text =
        "[mcp_servers.patchbay] # mine\nurl = \"http://x\"\nargs = [ # old\n  \"a\",\n]\nstartup_timeout_sec "
        "= 20 "
        "# slow\n\n[mcp_servers.patchbay.env]\nX = \"1\"\n\n# about c\n[c]\nd = 1\n";
    const std::string after = set(text);
    CHECK(after ==
          "[mcp_servers.patchbay] # mine\ncommand = \"/bin/patchbay\"\nargs = [\"mcp\", \"--config\", \"a "
          "\\\"b\\\"\"]\nstartup_timeout_sec = 20 # slow\n\n[mcp_servers.patchbay.env]\nX = \"1\"\n\n# about "
          "c\n[c]\nd "
          "= 1\n");
    CHECK(toml_remove_table(after, kServer).value_or("") == "\n# about c\n[c]\nd = 1\n");
    CHECK(toml_text(after, {"mcp_servers", "patchbay", "command"}).value_or("") == "/bin/patchbay");
  }

  TEST_CASE("toml: what cannot be changed line by line is refused with its place") {
    for (const char* text :
         {"a = 1\nmcp_servers = {patchbay = {command = \"x\"}}\n",
          "a = 1\nmcp_servers.patchbay.command = \"x\"\n", "a = 1\n[[mcp_servers.patchbay]]\nX = \"1\"\n"})
      CHECK_MESSAGE(set(text).starts_with("fault: 2:"), text);
    CHECK(set("a = 1\nb = [1,\n").starts_with("fault: "));
    CHECK(set("a = 1\na = 2\n").starts_with("fault: 2:"));
  }

  TEST_CASE("toml: a table that has only tables below it gets its own header") {
    const std::string text = "[mcp_servers.patchbay.env]\nX = \"1\"\n";
    const std::string after = set(text);
    CHECK(after == text + "\n" + kTable);
    CHECK(set(after) == after);
    CHECK(toml_text(after, {"mcp_servers", "patchbay", "env", "X"}).value_or("") == "1");
    CHECK(toml_remove_table(after, kServer).value_or("-").empty());
    CHECK(toml_remove_table(text, kServer).value_or("-").empty());
  }

  TEST_CASE("toml: lists of texts") {
    using Texts = std::vector<std::string>;
    CHECK(toml_texts(kTable, {"mcp_servers", "patchbay", "args"}).value_or(Texts{}) ==
          Texts{"mcp", "--config", "a \"b\""});
    CHECK(toml_texts("a = [1, 'x']\n", {"a"}).value_or(Texts{}) == Texts{"x"});
    CHECK(toml_texts(kTable, {"mcp_servers", "patchbay", "command"})->empty());
    CHECK(toml_texts("", {"a"})->empty());
  }

  TEST_CASE("toml: values at the top") {
    const auto put = [](std::string_view text) {
      return toml_set_text(text, "model_provider", "patchbay").value_or("fault");
    };
    CHECK(put("") == "model_provider = \"patchbay\"\n");
    CHECK(put("a = 1\nb = [\n 2]\n# x\n[t]\nc = 3\n") ==
          "a = 1\nb = [\n 2]\nmodel_provider = \"patchbay\"\n# x\n[t]\nc = 3\n");
    CHECK(put("[t]\nc = 3\n") == "model_provider = \"patchbay\"\n[t]\nc = 3\n");
    CHECK(put("é = 1\n") == "fault");  // no bare key
    CHECK(put("\"é\" = 'é'\nmodel_provider = 'x' # mine\n") ==
          "\"é\" = 'é'\nmodel_provider = \"patchbay\" # mine\n");
    const std::string same = "model_provider = 'patchbay'\n";
    CHECK(put(same) == same);
    CHECK(put("a = 1") == "a = 1\nmodel_provider = \"patchbay\"\n");
    CHECK(toml_remove_value("a = 1\nmodel_provider = 'x'\nb = 2\n", "model_provider").value_or("") ==
          "a = 1\nb = 2\n");
    for (const char* text : {"", "\xEF\xBB\xBF[t]\n", "[t]\nc = 3\n", "\n[t]\n", "# x\n[t]\n",
                             "a = 1\n\n[t]\n", "a = 1\r\n[t]\r\n"})
      CHECK(toml_remove_value(put(text), "model_provider").value_or("fault") == text);
  }

  TEST_CASE("toml: tables apart, and what looks like a header") {
    const std::string text =
        "note = \"\"\"\n[mcp_servers.patchbay]\n\"\"\"\n[mcp_servers.patchbay]\ncommand = \"x\"\n[c]\nd = 1\n"
        "[mcp_servers.patchbay.env]\nX = \"1\"\n[[e]]\nf = 2\n";
    const auto after = toml_remove_table(text, kServer);
    REQUIRE(after);
    CHECK(*after == "note = \"\"\"\n[mcp_servers.patchbay]\n\"\"\"\n[c]\nd = 1\n[[e]]\nf = 2\n");
    CHECK(*toml_meaning(text, {kServer}) == *toml_meaning(*after, {kServer}));
    CHECK(*toml_meaning(text, {}) != *toml_meaning(*after, {}));
  }
}
