#include "cli/install/plan.h"

#include <doctest/doctest.h>

#include <map>

using namespace pb;
using namespace pb::cli;

namespace {

using Files = std::map<std::string, std::string>;

ReadFile reading(const Files& files) {
  return [&files](const std::string& file) -> Result<std::optional<std::string>> {
    const auto at = files.find(file);
    return at == files.end() ? std::nullopt : std::optional(at->second);
  };
}

Places places() { return {"/h", "/p", nullptr, false}; }

const ServerEntry kCommand = {"/bin/patchbay", {"mcp", "--config", "/c.yaml"}, "", ""};
const ServerEntry kAddress = {"/bin/patchbay", {"mcp"}, "http://127.0.0.1:8000/mcp", "PB_KEY"};

}  // namespace

TEST_SUITE("install") {
  TEST_CASE("files of each client and scope") {
    const auto file = [](const char* client, Scope scope, const Places& at) {
      return client_file(*find_client(client), scope, at).value_or("none");
    };
    CHECK(file("claude-desktop", Scope::user, places()) == "/h/.config/Claude/claude_desktop_config.json");
    CHECK(file("claude-desktop", Scope::project, places()) == "none");
    CHECK(file("claude-code", Scope::user, places()) == "/h/.claude.json");
    CHECK(file("claude-code", Scope::project, places()) == "/p/.mcp.json");
    CHECK(file("cursor", Scope::project, places()) == "/p/.cursor/mcp.json");
    CHECK(file("vscode", Scope::user, places()) == "/h/.config/Code/User/mcp.json");
    CHECK(file("codex", Scope::user, places()) == "/h/.codex/config.toml");
    CHECK(file("gemini", Scope::user, places()) == "/h/.gemini/settings.json");
    Places other = places();
    other.variable = [](const std::string& name) { return "/of/" + name; };
    CHECK(file("codex", Scope::user, other) == "/of/CODEX_HOME/config.toml");
    CHECK(file("claude-code", Scope::user, other) == "/of/CLAUDE_CONFIG_DIR/.claude.json");
    CHECK(file("vscode", Scope::user, other) == "/of/XDG_CONFIG_HOME/Code/User/mcp.json");
    other.mac = true;
    CHECK(file("claude-desktop", Scope::user, other) ==
          "/h/Library/Application Support/Claude/claude_desktop_config.json");
  }

  TEST_CASE("every client: in, found, not twice, as an address and back, out") {
    for (const Client& c : clients()) {
      CAPTURE(c.name);
      Files files;
      const auto put = [&](const ServerEntry& entry) {
        const auto change = plan_server(c, "f", entry, reading(files));
        REQUIRE(change);
        files["f"] = change->after;
        return change->changed();
      };
      CHECK(put(kCommand));
      const std::string first = files["f"];
      CHECK_FALSE(put(kCommand));
      CHECK(find_server(c, first)->command == "/bin/patchbay");
      if (c.http) {
        CHECK(put(kAddress));
        CHECK(find_server(c, files["f"])->url == "http://127.0.0.1:8000/mcp");
        CHECK(find_server(c, files["f"])->command.empty());
        CHECK(files["f"].contains("PB_KEY"));
        CHECK_FALSE(files["f"].contains("\"mcp\""));
        CHECK_FALSE(put(kAddress));
        CHECK(put(kCommand));
        CHECK_FALSE(files["f"].contains("PB_KEY"));
      } else {
        CHECK_FALSE(plan_server(c, "f", kAddress, reading(files)));
      }
      const auto out = plan_no_server(c, "f", reading(files));
      REQUIRE(out);
      CHECK_FALSE(find_server(c, out->after)->there);
      CHECK_FALSE(plan_no_server(c, "none", reading(files))->changed());
    }
  }

  TEST_CASE("the user's own members of the entry stay") {
    const Files files = {{"f", "{\"servers\": {\"patchbay\": {\"disabled\": true, \"url\": \"x\"}}}"}};
    const auto change = plan_server(*find_client("vscode"), "f", kCommand, reading(files));
    REQUIRE(change);
    CHECK(change->after ==
          "{\"servers\": {\"patchbay\": {\"disabled\": true, \"type\": \"stdio\", \"command\": "
          "\"/bin/patchbay\", "
          "\"args\": [\"mcp\",\"--config\",\"/c.yaml\"]}}}");
  }

  TEST_CASE("broken files: file, line and column") {
    const Files files = {{"a.json", "{\n  \"x\": \n}\n"}, {"a.toml", "x = 1\ny =\n"}};
    CHECK(plan_server(*find_client("cursor"), "a.json", kCommand, reading(files))
              .error()
              .message.starts_with("a.json:3:1: "));
    CHECK(plan_server(*find_client("codex"), "a.toml", kCommand, reading(files))
              .error()
              .message.starts_with("a.toml:2:"));
    CHECK(plan_no_server(*find_client("codex"), "a.toml", reading(files))
              .error()
              .message.starts_with("a.toml:2:"));
  }

  TEST_CASE("the models' address: in, not over another one, and out") {
    const std::string url = "http://127.0.0.1:8000";
    for (const char* name : {"claude-code", "codex", "gemini"}) {
      CAPTURE(name);
      const Client& c = *find_client(name);
      Files files;
      const auto put = [&](const GatewayEntry& entry) -> Result<bool> {
        auto changes = plan_gateway(c, places(), entry, reading(files));
        if (!changes) return std::unexpected(changes.error());
        bool any = false;
        for (const FileChange& change : *changes) {
          any = any || change.changed();
          files[change.file] = change.after;
        }
        return any;
      };
      CHECK(put({url, "", "", false}).value_or(false));
      CHECK_FALSE(put({url, "", "", false}).value_or(true));
      const Files mine = files;
      const auto other = put({"http://127.0.0.1:9000", "", "", false});
      if (c.gateway == GatewayIn::codex_provider) {
        CHECK(other.value_or(false));  // that provider is Patchbay's own
      } else {
        REQUIRE_FALSE(other);
        CHECK(other.error().message.contains("--force"));
        CHECK(put({"http://127.0.0.1:9000", "", "", true}).value_or(false));
      }
      files = mine;
      const auto out = plan_no_gateway(c, places(), url, reading(files));
      REQUIRE(out);
      for (const FileChange& change : *out) {
        CHECK_FALSE(change.after.contains(url));
        CHECK_FALSE(change.after.contains("patchbay"));
        CHECK(change.note.empty());
      }
    }
    CHECK_FALSE(plan_gateway(*find_client("cursor"), places(), {url, "", "", false}, reading({})));
    const Files codex = {{"/h/.codex/config.toml", "model_provider = \"mine\"\n"}};
    CHECK(plan_gateway(*find_client("codex"), places(), {url, "", "", false}, reading(codex))
              .error()
              .message.contains("model_provider = mine"));
    const Files gemini = {{"/h/.gemini/.env", "# mine\nGEMINI_API_KEY=own\nX=1\n"}};
    CHECK_FALSE(plan_gateway(*find_client("gemini"), places(), {url, "", "", false}, reading(gemini)));
    const auto forced =
        plan_gateway(*find_client("gemini"), places(), {url, "", "pb-x", true}, reading(gemini));
    REQUIRE(forced);
    CHECK(forced->front().after == "# mine\nX=1\nGOOGLE_GEMINI_BASE_URL=" + url + "\nGEMINI_API_KEY=pb-x\n");
  }

  TEST_CASE(
      "the models' address: what is not Patchbay's stays, when the gateway's own address is not known, too") {
    const std::string claude = "/h/.claude/settings.json", env = "/h/.gemini/.env";
    const Files files = {{claude, R"({"env": {"ANTHROPIC_AUTH_TOKEN": "mine"}})"},
                         {env, "GEMINI_API_KEY=mine\n"}};
    for (const char* url : {"", "http://127.0.0.1:8000"})
      for (const char* name : {"claude-code", "gemini"}) {
        const auto out = plan_no_gateway(*find_client(name), places(), url, reading(files));
        REQUIRE(out);
        for (const FileChange& change : *out) {
          CHECK_FALSE(change.changed());
          CHECK(change.note.empty());
        }
      }
    const Files other = {
        {claude, R"({"env": {"ANTHROPIC_BASE_URL": "https://x", "ANTHROPIC_AUTH_TOKEN": "m"}})"}};
    const auto left =
        plan_no_gateway(*find_client("claude-code"), places(), "http://127.0.0.1:8000", reading(other));
    REQUIRE(left);
    CHECK_FALSE(left->front().changed());
    CHECK(left->front().note.contains("https://x"));
  }

  TEST_CASE("Gemini CLI's way to sign in: not over another one, and back to none") {
    const Client& gemini = *find_client("gemini");
    const GatewayEntry entry{"http://127.0.0.1:8000", "", "", false};
    const std::string settings = "/h/.gemini/settings.json";
    Files files = {{settings, R"({"security": {"auth": {"selectedType": "oauth-personal"}}})"}};
    const auto refused = plan_gateway(gemini, places(), entry, reading(files));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.contains("security.auth.selectedType = oauth-personal already; --force"));
    files = {{settings, "{\n  // mine\n  \"ui\": {\"theme\": \"x\"}\n}\n"}};
    const std::string before = files[settings];
    const auto in = plan_gateway(gemini, places(), entry, reading(files));
    REQUIRE(in);
    for (const FileChange& change : *in) files[change.file] = change.after;
    CHECK(files[settings].contains("\"selectedType\": \"gemini-api-key\""));
    const auto out = plan_no_gateway(gemini, places(), entry.url, reading(files));
    REQUIRE(out);
    for (const FileChange& change : *out) files[change.file] = change.after;
    CHECK(files[settings] == before);
    CHECK(files["/h/.gemini/.env"].empty());
  }
}
