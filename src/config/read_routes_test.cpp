// Routes and rules: what they say, and what is wrong with them.
#include <doctest/doctest.h>

#include <map>

#include "base/json.h"
#include "config/lead.h"
#include "config/load.h"
#include "config/options.h"

using namespace pb;
using namespace pb::config;

namespace {

Loaded read(const std::string& text, std::map<std::string, std::string> variables = {}) {
  Environment env;
  env.get = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return load_text("providers: {a: {type: custom, base_url: \"http://h/v1\"}, b: {type: anthropic}}\n" + text,
                   "f.yaml", env);
}

std::string mistakes(const Loaded& loaded) {
  std::string out;
  for (const Mistake& m : loaded.mistakes) out += m.text() + "\n";
  return out;
}
std::string mistakes(const std::string& text) { return mistakes(read(text)); }

constexpr const char* kWhole = R"(routes:
  main:
    strategy: least-connections
    sticky: prefix
    mid_stream: continue
    first_token: 3s
    retries: {attempts: 1, budget: 10%}
    hedge: {after: 300ms, share: 0.1}
    deployments:
      - {use: a/x, priority: 2, weight: 0, tags: [eu, fast],
         limits: {requests_per_minute: 20, tokens_per_day: 1000, concurrency: 3}}
      - b/y
    fallbacks: [other, b/z]
  other: {deployments: [a/x], hedge: {}}
  gpt-*: {deployments: [a/gpt-*]}
rules:
  - {name: night, when: {time: "22:00-06:30", days: [fri, sat], header: {x-team: red, x-any: "*"}}, use: main}
  - {when: {model: claude-*, path: /v1/messages, key: ci, team: t, tag: batch, tokens_over: 10, tokens_under: 20},
     use: a/x}
  - {use: other}
retries: {attempts: 3, wait: 1s, wait_max: 2m}
breaker: {failures: 2, open: 1s, open_max: 1m}
health: {interval: 30s}
)";

}  // namespace

TEST_SUITE("config routes") {
  TEST_CASE("all that can be said") {
    const Loaded l = read(kWhole);
    REQUIRE(mistakes(l) == "");
    REQUIRE(l.config.routes.size() == 3);
    const route::Route& main = l.config.routes[0];
    CHECK(main.name == "main");
    CHECK(main.strategy == route::Strategy::least_connections);
    CHECK(main.sticky == route::Sticky::prefix);
    CHECK(main.mid_stream == route::MidStream::resume);
    CHECK(main.first_token_ms == 3'000);
    REQUIRE(main.retries.has_value());
    CHECK(main.retries->attempts == 1);
    CHECK(main.retries->base_ms == 1'000);  // the configuration's
    CHECK(main.retries->budget == doctest::Approx(0.1));
    CHECK(main.hedge.on);
    CHECK(main.hedge.after_ms == 300);
    CHECK(main.hedge.share == doctest::Approx(0.1));
    REQUIRE(main.deployments.size() == 2);
    CHECK(main.deployments[0].provider == 0);
    CHECK(main.deployments[0].model == "x");
    CHECK(main.deployments[0].priority == 2);
    CHECK(main.deployments[0].weight == 0);
    CHECK(main.deployments[0].tags == std::vector<std::string>{"eu", "fast"});
    CHECK(main.deployments[0].limits.requests_per_minute == 20);
    CHECK(main.deployments[0].limits.tokens_per_day == 1'000);
    CHECK(main.deployments[0].limits.concurrency == 3);
    CHECK(main.deployments[1].provider == 1);
    CHECK(main.deployments[1].weight == 1);
    CHECK(main.deployments[1].limits.empty());
    CHECK(main.fallbacks == std::vector<std::string>{"other", "b/z"});
    const route::Route& other = l.config.routes[1];
    CHECK(other.strategy == route::Strategy::priority);
    CHECK(other.hedge.on);
    CHECK(other.hedge.after_ms == 0);
    CHECK_FALSE(other.retries.has_value());
    CHECK_FALSE(l.config.routes[2].hedge.on);
    REQUIRE(l.config.rules.size() == 3);
    const route::Rule& night = l.config.rules[0];
    CHECK(night.name == "night");
    CHECK(night.from_minute == 22 * 60);
    CHECK(night.to_minute == 6 * 60 + 30);
    CHECK(night.weekdays == (1u << 4 | 1u << 5));
    REQUIRE(night.headers.size() == 2);
    CHECK(night.headers[0].second == "red");
    CHECK(night.headers[1].second.empty());
    const route::Rule& second = l.config.rules[1];
    CHECK(second.name == "rule 2");
    CHECK(second.model == "claude-*");
    CHECK(second.path == "/v1/messages");
    CHECK(second.key == "ci");
    CHECK(second.team == "t");
    CHECK(second.tag == "batch");
    CHECK(second.tokens_over == 10);
    CHECK(second.tokens_under == 20);
    CHECK(l.config.retries.attempts == 3);
    CHECK(l.config.retries.max_ms == 120'000);
    CHECK(l.config.breaker.failures == 2);
    CHECK(l.config.breaker.open_ms == 1'000);
    CHECK(l.config.health.interval_ms == 30'000);
  }

  TEST_CASE("what is shown loads again, as the same") {
    const Loaded l = read(kWhole);
    for (bool as_json : {true, false}) {
      const std::string text = show(l.config, as_json);
      Environment none;
      none.get = [](const std::string&) { return std::nullopt; };
      const Loaded again = load_text(text, "shown", none);
      CHECK(mistakes(again) == "");
      CHECK(show(again.config, as_json) == text);
      REQUIRE(again.config.routes.size() == 3);
      CHECK(again.config.routes[0].deployments[0].limits == l.config.routes[0].deployments[0].limits);
      CHECK(again.config.routes[0].retries->attempts == 1);
      CHECK_FALSE(again.config.routes[1].retries.has_value());
      CHECK(again.config.routes[1].hedge.on);
      CHECK_FALSE(again.config.routes[2].hedge.on);
      CHECK(again.config.rules[0].weekdays == l.config.rules[0].weekdays);
      CHECK(again.config.rules[0].to_minute == l.config.rules[0].to_minute);
    }
  }

  TEST_CASE("the environment wins over the file") {
    const Loaded l = read("routes: {main: {deployments: [a/x]}}",
                          {{"PATCHBAY_ROUTES_MAIN_STRATEGY", "smart"}, {"PATCHBAY_BREAKER_FAILURES", "9"}});
    REQUIRE(mistakes(l) == "");
    CHECK(l.config.routes[0].strategy == route::Strategy::smart);
    CHECK(l.config.breaker.failures == 9);
  }

  TEST_CASE("routes: each mistake has its place") {
    CHECK(mistakes("routes: {m: {deployments: [up/x, a, {use: b/x, weigth: 2}, {weight: 2}, [1]]}}") ==
          "f.yaml:2:28: routes.m.deployments[0]: no provider is named `up`; providers: `a`, `b`\n"
          "f.yaml:2:34: routes.m.deployments[1]: expected provider/model, found the text \"a\"\n"
          "f.yaml:2:48: routes.m.deployments[2].weigth: unknown key; did you mean `weight`?\n"
          "f.yaml:2:60: routes.m.deployments[3]: `use: provider/model` is missing\n"
          "f.yaml:2:73: routes.m.deployments[4]: expected provider/model or a map, found a list\n");
    CHECK(mistakes("routes: {m: {deployments: []}, n: {strategy: smart}, o: a/x, p: {deployments: a/x}}") ==
          "f.yaml:2:27: routes.m.deployments: a route needs at least one deployment: `deployments: "
          "[provider/model]`\n"
          "f.yaml:2:32: routes.n.deployments: a route needs at least one deployment: `deployments: "
          "[provider/model]`\n"
          "f.yaml:2:57: routes.o: expected a map such as {deployments: [provider/model]}, found the text "
          "\"a/x\"\n"
          "f.yaml:2:79: routes.p.deployments: expected a list of deployments, found the text \"a/x\"\n");
    CHECK(
        mistakes(
            "routes: {m: {deployments: [a/x, {use: a/x}], strategy: smrat, sticky: on, first_token: -1}}") ==
        "f.yaml:2:39: routes.m.deployments[1]: `a/x` is listed twice; give it a higher weight\n"
        "f.yaml:2:56: routes.m.strategy: unknown value `smrat`; did you mean `smart`?\n"
        "f.yaml:2:71: routes.m.sticky: unknown value `on`; valid values: `off`, `prefix`, `header`, `user`\n"
        "f.yaml:2:88: routes.m.first_token: expected a duration such as 30, \"500ms\" or \"2m\", found the "
        "number -1\n");
    CHECK(
        mistakes("routes: {m: {deployments: [{use: a/x, weight: -1, priority: 1.5, limits: "
                 "{requests_per_day: many}}], hedge: {after: p96, share: 150%}, retries: {attempts: 11}}}") ==
        "f.yaml:2:47: routes.m.deployments[0].weight: must be between 0 and 1000, found -1\n"
        "f.yaml:2:61: routes.m.deployments[0].priority: expected a whole number, found the number 1.5\n"
        "f.yaml:2:93: routes.m.deployments[0].limits.requests_per_day: expected a whole number, found the "
        "text \"many\"\n"
        "f.yaml:2:117: routes.m.hedge.after: expected p95 or a duration from 1ms to 1h, such as 300ms, found "
        "the text \"p96\"\n"
        "f.yaml:2:129: routes.m.hedge.share: expected a share such as 20% or 0.2, found the text \"150%\"\n"
        "f.yaml:2:156: routes.m.retries.attempts: must be between 0 and 10, found 11\n");
    CHECK(mistakes("models: {m: a/x}\nroutes: {m: {deployments: [a/x]}, g*t: {deployments: [a/x]}, h: "
                   "{deployments: [a/x*]}}") ==
          "f.yaml:3:10: routes.m: `models` has this name too; a name leads to one of them only\n"
          "f.yaml:3:35: routes.g*t: a `*` may stand at the end of a name only\n"
          "f.yaml:3:80: routes.h.deployments[0]: a `*` here stands for what the name's `*` does, and `h` has "
          "none\n");
    CHECK(mistakes("routes: [a/x]\nrules: {use: a/x}") ==
          "f.yaml:2:9: routes: expected a map of routes by name, found a list\n"
          "f.yaml:3:8: rules: expected a list of rules, found a map\n");
  }

  TEST_CASE("fallbacks lead somewhere, and never back") {
    CHECK(
        mistakes("models: {small: a/s}\nroutes:\n  main: {deployments: [a/x], fallbacks: [othr, small, c/x, "
                 "nothing-like-it]}\n  other: {deployments: [a/x], fallbacks: b/y}\n") ==
        "f.yaml:4:42: routes.main.fallbacks: no route or model is named `othr`; did you mean `other`?\n"
        "f.yaml:4:55: routes.main.fallbacks: no provider is named `c`; providers: `a`, `b`\n"
        "f.yaml:4:60: routes.main.fallbacks: no route or model is named `nothing-like-it`; write a route's "
        "name, one of `models` or provider/model\n");
    CHECK(mistakes(
              "routes:\n  a: {deployments: [a/x], fallbacks: [b]}\n  b: {deployments: [a/x], fallbacks: [c, "
              "d]}\n  c: {deployments: [a/x]}\n  d: {deployments: [a/x], fallbacks: [b, a]}\n"
              "  e: {deployments: [a/x], fallbacks: e}\n  x-*: {deployments: [a/x], fallbacks: [x-9]}\n") ==
          "f.yaml:6:39: routes.d.fallbacks: fallbacks go in a circle: b → d → b\n"
          "f.yaml:6:42: routes.d.fallbacks: fallbacks go in a circle: a → b → d → a\n"
          "f.yaml:7:38: routes.e.fallbacks: fallbacks go in a circle: e → e\n"
          "f.yaml:8:41: routes.x-*.fallbacks: fallbacks go in a circle: x-* → x-*\n");
  }

  TEST_CASE("rules: each mistake has its place") {
    const std::string routes = "routes: {main: {deployments: [a/x]}}\n";
    CHECK(mistakes(routes + "rules:\n  - {when: {model: x}}\n  - {use: mian, when: {modle: x}}\n  - main\n"
                            "  - {use: c/x}\n") ==
          "f.yaml:4:5: rules[0]: `use` is missing: where does the rule lead?\n"
          "f.yaml:5:11: rules[1].use: no route or model is named `mian`; did you mean `main`?\n"
          "f.yaml:5:24: rules[1].when.modle: unknown key; did you mean `model`?\n"
          "f.yaml:6:5: rules[2]: expected a map such as {when: {model: gpt-*}, use: main}, found the text "
          "\"main\"\n"
          "f.yaml:7:11: rules[3].use: no provider is named `c`; providers: `a`, `b`\n");
    CHECK(mistakes(routes +
                   "rules:\n  - {use: main, when: {model: \"a*b\", path: v1/chat}}\n"
                   "  - {use: main, when: {tokens_over: 100, tokens_under: 101}}\n"
                   "  - {use: main, when: {time: 22:00}}\n  - {use: main, when: {time: 25:00-26:00}}\n"
                   "  - {use: main, when: {time: 10:00-10:00}}\n  - {use: main, when: {days: [mo]}}\n"
                   "  - {use: main, when: {header: {\"a b\": c}}}\n") ==
          "f.yaml:4:31: rules[0].when.model: a `*` may stand at the end only\n"
          "f.yaml:4:44: rules[0].when.path: a path begins with `/`, as in /v1/messages\n"
          "f.yaml:5:56: rules[1].when.tokens_under: no prompt has more than 100 and fewer than 101 tokens\n"
          "f.yaml:6:30: rules[2].when.time: expected a time such as \"22:00-06:00\", found the text "
          "\"22:00\"\n"
          "f.yaml:7:30: rules[3].when.time: expected a time such as \"22:00-06:00\", found the text "
          "\"25:00-26:00\"\n"
          "f.yaml:8:30: rules[4].when.time: begins and ends at the same minute; leave it out for any time\n"
          "f.yaml:9:30: rules[5].when.days: unknown day `mo`; did you mean `mon`?\n"
          "f.yaml:10:33: rules[6].when.header.a b: not the name of a header\n");
    CHECK(
        mistakes(routes + "rules:\n  - {name: n, use: main}\n  - {name: n, use: main, when: {model: x}}\n") ==
        "f.yaml:5:5: rules[1]: no request comes here: rules[0] has no `when` and takes all\n"
        "f.yaml:5:5: rules[1].name: `n` is the name of rules[0] too\n");
  }

  TEST_CASE("waits and breakers that contradict themselves") {
    CHECK(mistakes("retries: {wait: 10s, wait_max: 1s}\nbreaker: {open: 10m}\n"
                   "routes: {m: {deployments: [a/x], retries: {wait: 20s, wait_max: 2s}}}") ==
          "f.yaml:2:17: retries.wait: the first wait, 10s, is longer than the longest, 1s\n"
          "f.yaml:3:17: breaker.open: 10m is longer than `open_max`, 5m\n"
          "f.yaml:4:43: routes.m.retries.wait: the first wait, 20s, is longer than the longest, 2s\n");
  }

  TEST_CASE("a route may be the default model, and local providers that routes use are switched on") {
    CHECK(mistakes("default_model: main\nroutes: {main: {deployments: [a/x]}}") == "");
    const Loaded l = read("routes: {main: {deployments: [ollama/x, {use: lmstudio/y}]}}");
    CHECK(mistakes(l) == "");
    CHECK(l.config.providers.size() == 4);
  }

  TEST_CASE("a deployment has one set of limits, for all routes that name it") {
    const Loaded l = read(
        "routes:\n  one: {deployments: [a/x]}\n"
        "  two: {deployments: [b/x, {use: a/x, limits: {requests_per_minute: 5}}]}\n"
        "  three: {deployments: [{use: a/x, limits: {requests_per_minute: 5}}]}\n");
    REQUIRE(mistakes(l) == "");
    CHECK(l.config.routes[0].deployments[0].limits.requests_per_minute == 5);
    CHECK(l.config.routes[1].deployments[0].limits.empty());
    CHECK(mistakes("routes:\n  one: {deployments: [{use: a/x, limits: {concurrency: 1}}]}\n"
                   "  two: {deployments: [b/x, {use: a/x, limits: {requests_per_minute: 5}}]}\n") ==
          "f.yaml:4:47: routes.two.deployments[1].limits: differ from routes.one.deployments[0].limits in "
          "line 3: a/x "
          "has one set of limits, for all routes; give them in one place\n");
  }

  TEST_CASE("where a name leads") {
    const Loaded l = read(
        "models: {m: a/x, \"gpt-5*\": {use: b/five-*, thinking: b/deep}}\n"
        "routes: {main: {deployments: [a/x]}, \"gpt-*\": {deployments: [a/g-*]}, a/odd: {deployments: "
        "[b/x]}}\n");
    REQUIRE(mistakes(l) == "");
    const auto lead = [&](std::string_view name, bool thinking = false) {
      const Lead to = find_lead(l.config, name, thinking);
      if (to.kind == Lead::Kind::none) return std::string("nothing");
      if (to.kind == Lead::Kind::route)
        return "route " + to.route->name + " " + model_of(to.route->deployments[0], to.rest);
      return l.config.providers[to.target.provider].name + "/" + to.target.model + ", " + to.how;
    };
    CHECK(lead("main") == "route main x");
    CHECK(lead("a/odd") == "route a/odd x");
    CHECK(lead("m") == "a/x, a name of `models`");
    CHECK(lead("a/any/thing") == "a/any/thing, provider/model");
    CHECK(lead("gpt-4") == "route gpt-* g-4");
    CHECK(lead("gpt-5.1") == "b/five-.1, `gpt-5*` of `models`");
    CHECK(lead("gpt-5.1", true) == "b/deep, `gpt-5*` of `models`, for thinking");
    CHECK(lead("claude-opus-5") == "b/claude-opus-5, provider b is known to have it");
    CHECK(lead("unheard-of") == "nothing");
    CHECK(lead("") == "nothing");
    Config config = l.config;
    CHECK(find_lead_or_default(config, "unheard-of").kind == Lead::Kind::none);
    config.default_model = "m";
    CHECK(find_lead_or_default(config, "unheard-of").how == "`default_model` m: a name of `models`");
    config.default_model.clear();
    config.routes.clear();
    config.models.clear();
    config.providers.resize(1);
    CHECK(find_lead_or_default(config, "unheard-of").how == "the only provider there is");
  }
}
