#include "config/tool_scope.h"

#include <doctest/doctest.h>

#include "config/load.h"

using namespace pb::config;

namespace {

bool covered(const std::vector<std::string>& listed, std::string_view path) {
  return ToolScope(listed).covers(*parse_path(path));
}

}  // namespace

TEST_SUITE("config tool scope") {
  TEST_CASE("what is listed, and all below it") {
    CHECK(covered({"log"}, "log"));
    CHECK(covered({"log"}, "log.level"));
    CHECK(covered({"log"}, "'log'.level"));
    CHECK(covered({"log.modules"}, "log.modules.net"));
    CHECK(covered({"models"}, "models.\"a.b\".use"));
    CHECK(covered({"models.\"a.b\""}, "models.'a.b'.use"));
    CHECK(covered({"providers", "routes.main"}, "routes.main.deployments[0].weight"));
    CHECK(covered({"rules[0]"}, "rules[0].name"));
  }

  TEST_CASE("nothing else, whatever it looks like") {
    CHECK_FALSE(covered({}, "log"));
    CHECK_FALSE(covered({"log"}, "logs"));
    CHECK_FALSE(covered({"log"}, "logs.level"));
    CHECK_FALSE(covered({"log"}, "\"log.level\""));
    CHECK_FALSE(covered({"log.level"}, "log"));
    CHECK_FALSE(covered({"log.level"}, "log.levels"));
    CHECK_FALSE(covered({"models.a"}, "models.\"a.b\""));
    CHECK_FALSE(covered({"models.\"a.b\""}, "models.a.b"));
    CHECK_FALSE(covered({"models.\"a.b\""}, "models"));
    CHECK_FALSE(covered({"rules[0]"}, "rules[01]"));
    CHECK_FALSE(covered({"routes.main"}, "routes.other"));
    CHECK_FALSE(covered({"log"}, "server.log"));
  }

  TEST_CASE("never what says so itself") {
    CHECK(covered({"mcp"}, "mcp.tools.calls"));
    CHECK(covered({"mcp.tools"}, "mcp.tools.parallel"));
    for (const char* path :
         {"mcp", "mcp.tools", "mcp.tools.configure", "mcp.tools.configure[0]", "mcp.tools.configure.log",
          "mcp.\"tools.configure\"", "\"mcp.tools.configure\"", "\"mcp.tools\".configure", "'mcp'.\"tools\""})
      for (const char* listed : {"mcp", "mcp.tools"}) CHECK_FALSE(covered({listed}, path));
  }

  TEST_CASE("entries that lead nowhere are mistakes, told with their place, and count for nothing") {
    CHECK(tool_scope_fault("log") == "");
    CHECK(tool_scope_fault("mcp") == "");
    CHECK(tool_scope_fault("models.\"a.b\"") == "");
    CHECK(tool_scope_fault("lgo.level").contains("there is no option `lgo.level`"));
    CHECK(tool_scope_fault("log.").contains("ends with a dot"));
    CHECK(tool_scope_fault("mcp.tools.configure") == "tools may never change what they may change");
    CHECK(tool_scope_fault("mcp.tools.configure[0]") == "tools may never change what they may change");
    CHECK(ToolScope({"lgo", "mcp.tools.configure"}).empty());
    CHECK(ToolScope({"log", "models.\"a.b\""}).text() == "log, models.\"a.b\"");

    Environment env;
    env.get = [](const std::string&) { return std::nullopt; };
    const std::string start = "providers_from_environment: false\nmcp: {tools: {configure: ";
    const auto why = [&](const std::string& list) {
      std::string out;
      for (const Mistake& m : load_text(start + list + "}}\n", "patchbay.yaml", env).mistakes)
        out += m.text() + "\n";
      return out;
    };
    CHECK(why("[log, models]") == "");
    CHECK(load_text(start + "[log, models]}}\n", "patchbay.yaml", env).config.mcp.tools.configure ==
          std::vector<std::string>{"log", "models"});
    CHECK(why("[log, lgo.level]")
              .starts_with("patchbay.yaml:2:32: mcp.tools.configure[1]: there is no option `lgo.level`"));
    CHECK(why("[mcp.tools.configure]").contains("mcp.tools.configure[0]: tools may never change"));
  }
}
