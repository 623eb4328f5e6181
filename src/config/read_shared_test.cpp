#include <doctest/doctest.h>

#include "config/load.h"

using namespace pb::config;

namespace {

Loaded read(const std::string& text, std::map<std::string, std::string> variables = {}) {
  Environment env;
  env.get = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return load_text(text, "x.yaml", env, {});
}

std::string fault(const std::string& text) {
  const Loaded got = read(text);
  REQUIRE(got.mistakes.size() == 1);
  CHECK(!got.mistakes[0].text().contains("secret"));
  return got.mistakes[0].text();
}

}  // namespace

TEST_SUITE("config") {
  TEST_CASE("shared is a URL or a map") {
    const Loaded text = read("shared: redis://:secret@cache:6380/2\n");
    CHECK(text.mistakes.empty());
    CHECK(text.config.shared.url.reveal() == "redis://:secret@cache:6380/2");
    const std::string shown = show(text.config, false);
    CHECK(shown.contains("redis://cache:6380/2 (with a password)"));
    CHECK(!shown.contains("secret"));

    const Loaded map = read("shared: {url: 'rediss://cache', prefix: team, timeout: 200ms, replicas: 3}\n");
    CHECK(map.mistakes.empty());
    CHECK(map.config.shared.prefix == "team");
    CHECK(map.config.shared.timeout_ms == 200);
    CHECK(map.config.shared.replicas == 3);

    CHECK(read("", {{"PATCHBAY_SHARED_URL", "redis://other"}}).config.shared.url.reveal() == "redis://other");
    CHECK(read("shared: ${R}\n", {{"R", "redis://third"}}).config.shared.url.reveal() == "redis://third");
  }

  TEST_CASE("mistakes in shared say where they are and keep the password to themselves") {
    CHECK(fault("shared: http://:secret@cache\n") ==
          "x.yaml:1:9: shared.url: not the address of a Redis server: the address must begin with redis://, "
          "rediss:// or unix://");
    CHECK(fault("log: {level: info}\nshared:\n  url: redis://:secret@\n")
              .starts_with("x.yaml:3:8: shared.url: "));
    CHECK(fault("shared: {timeout: 1s}\n").contains("`url` is missing"));
    CHECK(fault("shared: {url: 'redis://a', prefix: 'a b'}\n")
              .contains("shared.prefix: must be 1 to 64 letters"));
    CHECK(fault("shared: {url: 'redis://a', timeout: 1ms}\n").contains("must be between 5ms and 10s"));
    CHECK(fault("shared: {url: 'redis://a', prefx: b}\n").contains("did you mean `prefix`"));
    CHECK(fault("shared: [redis://a]\n").contains("expected a map"));
  }
}
