#include "config/paths.h"

#include <doctest/doctest.h>

using namespace pb::config;

namespace {

std::string steps(std::string_view text) {
  const auto path = parse_path(text);
  if (!path) return "! " + path.error().message;
  std::string out;
  for (const std::string& s : *path) out += "<" + s + ">";
  CHECK(path_text(*path).size() > 0);
  CHECK(*parse_path(path_text(*path)) == *path);
  return out;
}

std::string fault(std::string_view text) { return spot_at(*parse_path(text)).fault; }

std::string secret(std::string_view path, const std::string& yaml) {
  std::vector<Mistake> mistakes;
  return written_secret(*parse_path(path), read_yaml(yaml, "v", mistakes));
}

}  // namespace

TEST_SUITE("config paths") {
  TEST_CASE("steps") {
    CHECK(steps("log.level") == "<log><level>");
    CHECK(steps("models.\"gpt-5.4\".use") == "<models><gpt-5.4><use>");
    CHECK(steps("models.'a \"b\".c'") == "<models><a \"b\".c>");
    CHECK(steps("routes.main.deployments[0].weight") == "<routes><main><deployments><[0]><weight>");
    CHECK(steps("routes.main.deployments.up/gpt-x.weight") ==
          "<routes><main><deployments><up/gpt-x><weight>");
    CHECK(steps("rules[12]") == "<rules><[12]>");
    CHECK(steps("models.gpt-*") == "<models><gpt-*>");
    CHECK(steps("").starts_with("! the path is empty"));
    CHECK(steps("a..b") == "! `.b` is no name; write one with such characters in quotes");
    CHECK(steps("a.") == "! the path ends with a dot");
    CHECK(steps(".a").starts_with("! `.a` is no name"));
    CHECK(steps("[0]").starts_with("! `[` begins a place"));
    CHECK(steps("a[x]").starts_with("! `[` begins a place"));
    CHECK(steps("a[1").starts_with("! `[` begins a place"));
    CHECK(steps("a[-1]").starts_with("! `[` begins a place"));
    CHECK(steps("a[99999999999]").starts_with("! `[` begins a place"));
    CHECK(steps("a.\"b") == "! a quote is not closed");
    CHECK(steps("a\"b\"").starts_with("! there must be a dot before"));
    CHECK(steps("a[0]b").starts_with("! there must be a dot before `b`"));
    CHECK(steps(std::string(1001, 'a')).starts_with("! the path is longer"));
  }

  TEST_CASE("what may stand at a path, and what was meant") {
    for (const char* good : {"log",
                             "log.level",
                             "log.modules.net",
                             "server.allowed_hosts[0]",
                             "providers",
                             "providers.new",
                             "providers.up.base_url",
                             "providers.up.timeouts",
                             "providers.up.timeouts.connect",
                             "providers.up.headers.X-A",
                             "models.x",
                             "models.x.use",
                             "models.x.thinking",
                             "routes.main.deployments",
                             "routes.main.deployments[0]",
                             "routes.main.deployments.a/b.limits.requests_per_day",
                             "routes.main.hedge",
                             "rules[0].when.thinking",
                             "rules.night.use",
                             "prices.a/b.input",
                             "teams.t.budget.amount",
                             "default_model",
                             "retries.attempts"})
      CHECK_MESSAGE(fault(good) == "", good);
    CHECK(fault("log_level") == "there is no option `log_level`; did you mean `log.level`?");
    CHECK(fault("log.levle") == "there is no option `log.levle`; did you mean `log.level`?");
    CHECK(fault("providers.up.base_ur") ==
          "there is no option `providers.up.base_ur`; did you mean `providers.up.base_url`?");
    CHECK(fault("provider.up.base_url") != "");
    CHECK(fault("routes.main.deployments[0].wieght") ==
          "there is no option `routes.main.deployments[0].wieght`; did you mean "
          "`routes.main.deployments[0].weight`?");
    CHECK(fault("models.gpt-5.4") ==
          "there is no option `models.gpt-5.4`; names that have dots stand in quotes, as in models.\"a.b\"");
    CHECK(fault("something.else.entirely").contains("docs/configuration.md"));
    CHECK(fault("log.level.deeper") != "");
    CHECK(fault("profiles.dev") != "");
  }

  TEST_CASE("secrets that are written out") {
    CHECK(secret("providers.up.api_key", "sk-1") == "providers.up.api_key");
    CHECK(secret("providers.up", "{type: custom, api_key: sk-1}") == "providers.up.api_key");
    CHECK(secret("providers", "{up: {headers: {X-Api-Key: abc}}}") == "providers.up.headers.X-Api-Key");
    CHECK(secret("server.keys", "[\"${K}\", abc]") == "server.keys[1]");
    CHECK(secret("server", "{keys: abc}") == "server.keys");
    CHECK(secret("providers.up.query", "\"key=sk-proj-0123456789abcdefghij\"") == "providers.up.query");
    CHECK(secret("providers.up.api_key", "\"${KEY}\"") == "");
    CHECK(secret("providers.up.api_key", "\"${KEY:-none}\"") == "");
    CHECK(secret("providers.up.api_key", "\"${KEY:-sk-1}\"") == "providers.up.api_key");
    CHECK(secret("providers.up.headers.X-Team", "blue") == "");
    CHECK(secret("rules", "[{when: {header: {x-token: a}}, use: b/c}]") == "");
    std::vector<Mistake> mistakes;
    const Node hidden =
        masked({"providers"}, read_yaml("{up: {api_key: abcdefgh12345678, query: q}}", "v", mistakes));
    CHECK(hidden.find("up")->find("api_key")->text == "abcd…5678");
    CHECK(hidden.find("up")->find("query")->text == "q");
  }
}
