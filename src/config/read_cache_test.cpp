#include <doctest/doctest.h>

#include "config/load.h"

using namespace pb;
using namespace pb::config;

namespace {

Loaded load(const std::string& text) {
  Environment env;
  env.get = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  return load_text("providers: {up: {type: custom, base_url: 'http://127.0.0.1:9/v1'}}\n" + text, "f.yaml",
                   env);
}
std::string mistakes(const std::string& text) {
  std::string out;
  for (const Mistake& m : load(text).mistakes) out += m.text() + "\n";
  return out;
}

}  // namespace

TEST_SUITE("config/cache") {
  TEST_CASE("options") {
    const Loaded l = load(
        "cache: {enabled: true, ttl: 5m, share: team, skip: [tools], models: ['up/*', fast], wait: 2s}\n"
        "routes: {a: {deployments: [up/m], cache: {keep: off, ttl: 1m}}, b: {deployments: [up/m]}}\n");
    REQUIRE(l.mistakes.empty());
    const Cache& c = l.config.cache;
    CHECK(c.ttl_ms == 300'000);
    CHECK(c.share == "team");
    CHECK(c.skip == std::vector<std::string>{"tools"});
    CHECK(c.anywhere);
    CHECK(l.config.routes[0].keep == route::Keep::off);
    CHECK(l.config.routes[0].keep_ms == 60'000);
    CHECK(l.config.routes[1].keep == route::Keep::inherit);
    CHECK(!load("").config.cache.anywhere);
    CHECK(load("routes: {a: {deployments: [up/m], cache: {keep: on}}}\n").config.cache.anywhere);
  }
  TEST_CASE("mistakes say where they are") {
    CHECK(mistakes("cache: {enabled: true, skip: [tools, link], bytes_max: 1MiB, entry_bytes_max: 2MiB}\n") ==
          "f.yaml:2:38: cache.skip[1]: unknown value `link`; did you mean `links`?\n"
          "f.yaml:2:79: cache.entry_bytes_max: 2MiB is more than `bytes_max`, 1MiB\n");
    CHECK(mistakes("cache:\n  models: ['a*b']\n  semantic: {embed: nobody/x, threshold: 2}\n") ==
          "f.yaml:3:11: cache.models[0]: a `*` may stand at the end of a name only\n"
          "f.yaml:4:21: cache.semantic.embed: no provider is named `nobody`; providers: `up`\n"
          "f.yaml:4:42: cache.semantic.threshold: expected a share such as 20% or 0.2, found the number 2\n");
    CHECK(mistakes("cache: {ttls: 5}\nroutes: {a: {deployments: [up/m], cache: {keep: maybe}}}\n") ==
          "f.yaml:2:9: cache.ttls: unknown key; did you mean `ttl`?\n"
          "f.yaml:3:49: routes.a.cache.keep: unknown value `maybe`; valid values: `inherit`, `on`, `off`\n");
  }
}
