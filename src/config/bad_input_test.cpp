// Every kind of mistake in every section of the configuration is found at load, with its file, its line, its path and a word about
// what to do. One row each: a text, and where and what is told first.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "config/load.h"

using namespace pb::config;

namespace {

using Variables = std::map<std::string, std::string>;

Loaded read(const std::string& text, Variables variables = {}) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return load_text(text, "f.yaml", env);
}

struct Case {
  const char* text;  // behind kProviders, so that its first line is the second
  int line;
  const char* path;
  const char* says;  // a part of what is told
};

constexpr const char* kProviders =
    "providers: {a: {type: custom, base_url: 'http://h/v1'}, b: {type: anthropic, base_url: 'http://h'}}\n";

constexpr Case kCases[] = {
    // --- listening and the server ---
    {"server: 5", 2, "server", "expected a map, found the number 5"},
    {"server:\n  listn: x", 3, "server.listn", "did you mean `listen`?"},
    {"server: {listen: 8000}", 2, "server.listen", "write HOST:PORT"},
    {"server: {listen: '127.0.0.1:99999'}", 2, "server.listen", "write HOST:PORT"},
    {"server: {listen: '0.0.0.0:80'}", 2, "server.listen", "set `server.keys`"},
    {"server: {listen: '0.0.0.0:80', require_key: never, keys: [k]}", 2, "server.require_key",
     "`never` is for loopback addresses only"},
    {"server: {require_key: sometimes}", 2, "server.require_key", "valid values: `auto`, `always`, `never`"},
    {"server: {keys: [k, k]}", 2, "server.keys", "the same key is listed twice"},
    {"server: {keys: [\"k \"]}", 2, "server.keys", "visible ASCII characters"},
    {"server: {keys: {a: b}}", 2, "server.keys", "expected a list of text"},
    {"server: {threads: -1}", 2, "server.threads", "must be between 0 and 1024"},
    {"server: {threads: 2.5}", 2, "server.threads", "expected a whole number"},
    {"server: {body_bytes_max: 64 gigs}", 2, "server.body_bytes_max", "expected a size such as 65536"},
    {"server: {body_bytes_max: 1}", 2, "server.body_bytes_max", "must be between 1KiB and 1GiB"},
    {"server: {header_timeout: soon}", 2, "server.header_timeout", "expected a duration such as 30"},
    {"server: {keep_alive: 2d}", 2, "server.keep_alive", "must be between 1ms and 1d"},
    {"server: {drain: -3}", 2, "server.drain", "expected a duration"},
    {"server: {loop_guard: 3}", 2, "server.loop_guard", "must be 0 (off) or at least 10"},
    {"server: {allowed_hosts: ['http://gateway']}", 2, "server.allowed_hosts", "write the name alone"},
    {"server: {allowed_origins: [app.example.com]}", 2, "server.allowed_origins",
     "write it as browsers send it"},
    {"server: {allowed_origins: [a, a]}", 2, "server.allowed_origins", "`a` is listed twice"},
    {"providers_from_environment: maybe", 2, "providers_from_environment", "expected true or false"},
    {"surprise: 1", 2, "surprise", "unknown key; valid keys"},
    // --- names of models ---
    {"models: [a/x]", 2, "models", "expected a map of names"},
    {"models: {m: x}", 2, "models.m", "expected provider/model"},
    {"models: {m: c/x}", 2, "models.m", "no provider is named `c`; providers: `a`, `b`"},
    {"models: {m: a/x*}", 2, "models.m", "`m` has none"},
    {"models: {'a*b': a/x}", 2, "models.a*b", "at the end of a name only"},
    {"models: {'': a/x}", 2, "models.", "must not be empty"},
    {"models: {m: [a/x]}", 2, "models.m", "expected provider/model, found a list"},
    {"models: {m: {thinking: a/x}}", 2, "models.m", "`use: provider/model` is missing"},
    {"models: {m: {use: a/x, thinkin: a/y}}", 2, "models.m.thinkin", "did you mean `thinking`?"},
    {"models: {m: {use: a/x, thinking: 5}}", 2, "models.m.thinking", "expected provider/model"},
    {"default_model: m", 2, "default_model", "add it under `models` or write provider/model"},
    {"default_model: groq/x", 2, "default_model", "set GROQ_API_KEY or add it under `providers`"},
    // --- routes ---
    {"routes: [a/x]", 2, "routes", "expected a map of routes by name"},
    {"routes: {r: a/x}", 2, "routes.r", "expected a map such as {deployments: [provider/model]}"},
    {"routes: {r: {strategy: smart}}", 2, "routes.r.deployments", "a route needs at least one deployment"},
    {"routes: {r: {deployments: a/x}}", 2, "routes.r.deployments", "expected a list of deployments"},
    {"routes:\n  r:\n    deployments:\n      - c/x", 5, "routes.r.deployments[0]",
     "no provider is named `c`"},
    {"routes: {r: {deployments: [a/x, a/x]}}", 2, "routes.r.deployments[1]", "give it a higher weight"},
    {"routes: {r: {deployments: [{weight: 1}]}}", 2, "routes.r.deployments[0]",
     "`use: provider/model` is missing"},
    {"routes: {r: {deployments: [{use: a/x, weigth: 1}]}}", 2, "routes.r.deployments[0].weigth",
     "did you mean `weight`?"},
    {"routes: {r: {deployments: [{use: a/x, weight: 2000}]}}", 2, "routes.r.deployments[0].weight",
     "must be between 0 and 1000"},
    {"routes: {r: {deployments: [{use: a/x, priority: first}]}}", 2, "routes.r.deployments[0].priority",
     "expected a whole number"},
    {"routes: {r: {deployments: [{use: a/x, tags: {eu: 1}}]}}", 2, "routes.r.deployments[0].tags",
     "expected a list of text"},
    {"routes: {r: {deployments: [{use: a/x, limits: {requests_per_minute: 100, requests_per_day: 10}}]}}", 2,
     "routes.r.deployments[0].limits.requests_per_minute", "is more than the 10 of a whole day"},
    {"routes: {r: {deployments: [{use: a/x, limits: {tokens_per_day: 3}}]}}", 2,
     "routes.r.deployments[0].limits.tokens_per_day", "0 means any number"},
    {"routes: {r: {deployments: [a/x], strategy: fastest}}", 2, "routes.r.strategy",
     "valid values: `priority`"},
    {"routes: {r: {deployments: [a/x], sticky: on}}", 2, "routes.r.sticky", "valid values: `off`"},
    {"routes: {r: {deployments: [a/x], mid_stream: resume}}", 2, "routes.r.mid_stream",
     "valid values: `fail`, `continue`"},
    {"routes: {r: {deployments: [a/x], first_token: 2d}}", 2, "routes.r.first_token",
     "must be between 0s and 1d"},
    {"routes: {r: {deployments: [a/x], retries: {attempts: 11}}}", 2, "routes.r.retries.attempts",
     "must be between 0 and 10"},
    {"routes: {r: {deployments: [a/x], retries: {wait: 9s, wait_max: 1s}}}", 2, "routes.r.retries.wait",
     "is longer than the longest, 1s"},
    {"routes: {r: {deployments: [a/x], hedge: {after: often}}}", 2, "routes.r.hedge.after",
     "expected p95 or a duration"},
    {"routes: {r: {deployments: [a/x], hedge: {share: 120%}}}", 2, "routes.r.hedge.share",
     "expected a share such as 20%"},
    {"routes: {r: {deployments: [a/x], hedge: yes}}", 2, "routes.r.hedge", "expected a map"},
    {"routes: {r: {deployments: [a/x], fallbacks: [s]}}", 2, "routes.r.fallbacks",
     "write a route's name, one of `models`"},
    {"routes: {r: {deployments: [a/x], fallbacks: [c/x]}}", 2, "routes.r.fallbacks",
     "no provider is named `c`"},
    {"routes: {r: {deployments: [a/x], fallbacks: [r]}}", 2, "routes.r.fallbacks", "in a circle: r → r"},
    {"routes:\n  r: {deployments: [a/x], fallbacks: [s]}\n  s: {deployments: [a/x], fallbacks: [r]}", 4,
     "routes.s.fallbacks", "in a circle: r → s → r"},
    {"models: {r: a/x}\nroutes: {r: {deployments: [a/x]}}", 3, "routes.r",
     "a name leads to one of them only"},
    {"routes: {r: {deployments: [a/x], fallback: [a/y]}}", 2, "routes.r.fallback",
     "did you mean `fallbacks`?"},
    // --- rules ---
    {"rules: {use: a/x}", 2, "rules", "expected a list of rules"},
    {"rules: [a/x]", 2, "rules[0]", "expected a map such as {when:"},
    {"rules: [{when: {model: m}}]", 2, "rules[0]", "`use` is missing"},
    {"rules: [{use: s}]", 2, "rules[0].use", "write a route's name"},
    {"rules: [{use: a/x, when: m}]", 2, "rules[0].when", "expected a map"},
    {"rules: [{use: a/x, when: {mdel: m}}]", 2, "rules[0].when.mdel", "did you mean `model`?"},
    {"rules: [{use: a/x, when: {model: 'a*b'}}]", 2, "rules[0].when.model",
     "a `*` may stand at the end only"},
    {"rules: [{use: a/x, when: {tool: '*x'}}]", 2, "rules[0].when.tool", "a `*` may stand at the end only"},
    {"rules: [{use: a/x, when: {path: v1}}]", 2, "rules[0].when.path", "a path begins with `/`"},
    {"rules: [{use: a/x, when: {header: {'a b': c}}}]", 2, "rules[0].when.header.a b",
     "not the name of a header"},
    {"rules: [{use: a/x, when: {tokens_over: 9, tokens_under: 5}}]", 2, "rules[0].when.tokens_under",
     "no prompt has more than 9 and fewer than 5"},
    {"rules: [{use: a/x, when: {thinking: 5}}]", 2, "rules[0].when.thinking", "expected true or false"},
    {"rules: [{use: a/x, when: {time: noon}}]", 2, "rules[0].when.time", "expected a time such as"},
    {"rules: [{use: a/x, when: {days: [monday]}}]", 2, "rules[0].when.days", "unknown day `monday`"},
    {"rules:\n  - {use: a/x}\n  - {use: a/y, when: {model: m}}", 4, "rules[1]", "no request comes here"},
    {"rules:\n  - {name: n, use: a/x, when: {model: m}}\n  - {name: n, use: a/x, when: {model: o}}", 4,
     "rules[1].name", "is the name of rules[0] too"},
    // --- retries, breakers, health ---
    {"retries: {attempts: many}", 2, "retries.attempts", "expected a whole number"},
    {"retries: {wait: 10s, wait_max: 1s}", 2, "retries.wait", "is longer than the longest"},
    {"retries: {budget: 200%}", 2, "retries.budget", "expected a share"},
    {"breaker: {failures: -1}", 2, "breaker.failures", "must be between 0 and 1000"},
    {"breaker: {open: 10m}", 2, "breaker.open", "is longer than `open_max`"},
    {"breaker: {opens: 1s}", 2, "breaker.opens", "did you mean `open`?"},
    {"health: {interval: always}", 2, "health.interval", "expected a duration"},
    {"health: {timeout: 0}", 2, "health.timeout", "must be between 1ms and 1h"},
    {"health: {unhealthy_after: 0}", 2, "health.unhealthy_after", "must be between 1 and 1000"},
    // --- limits, budgets, teams, alerts, prices ---
    {"limits: {requests_per_minute: 10, requests_per_day: 5}", 2, "limits.requests_per_minute",
     "is more than the 5 of a whole day"},
    {"limits: {tokens_per_minute: 5}", 2, "limits.tokens_per_minute",
     "no request fits into 5 tokens; 0 means any number"},
    {"limits: {concurrency: -1}", 2, "limits.concurrency", "must be between 0"},
    {"limits: {rpm: 5}", 2, "limits.rpm", "valid keys: `requests_per_minute`"},
    {"limits: 5", 2, "limits", "expected a map"},
    {"budget: {amount: lots}", 2, "budget.amount", "expected a number"},
    {"budget: {amount: -1}", 2, "budget.amount", "must not be negative"},
    {"budget: {per: week}", 2, "budget.per", "valid values: `day`, `month`, `total`"},
    {"teams: [t]", 2, "teams", "expected a map of teams by name"},
    {"teams: {t: 5}", 2, "teams.t", "expected a map such as {budget: {amount: 50}}"},
    {"teams: {t: {budget: {per: year}}}", 2, "teams.t.budget.per", "valid values"},
    {"teams: {t: {limits: {tokens_per_minute: 50, tokens_per_day: 20}}}", 2,
     "teams.t.limits.tokens_per_minute", "is more than the 20 of a whole day"},
    {"teams: {t: {model: [x]}}", 2, "teams.t.model", "did you mean `models`?"},
    {"alerts: {budget: [150%]}", 2, "alerts.budget", "write 80% or 0.8"},
    {"alerts: {webhook: example.com}", 2, "alerts.webhook", "not a usable URL"},
    {"prices: {m: 5}", 2, "prices.m", "expected a map such as {input: 1, output: 2}"},
    {"prices: {m: {input: 1}}", 2, "prices.m", "`output` is missing"},
    {"prices: {m: {input: 1, output: -2}}", 2, "prices.m.output", "must not be negative"},
    {"prices: {m: {input: 1, output: 2, cached: 0}}", 2, "prices.m.cached", "unknown key"},
    // --- the tools of MCP ---
    {"mcp: {tools: {parallel: 0}}", 2, "mcp.tools.parallel", "must be between 1 and 64"},
    {"mcp: {tools: {call: 3}}", 2, "mcp.tools.call", "did you mean `calls`?"},
    {"mcp: {files: {roots: [/a, pictures]}}", 2, "mcp.files.roots[1]", "a folder's whole path"},
    // --- the cache of answers, lists of models ---
    {"cache: {ttl: 0}", 2, "cache.ttl", "must be between 1ms and"},
    {"cache: {skip: [tool]}", 2, "cache.skip[0]", "did you mean `tools`?"},
    {"cache: {models: ['a*b']}", 2, "cache.models[0]", "at the end of a name only"},
    {"cache: {bytes_max: 1MiB, entry_bytes_max: 2MiB}", 2, "cache.entry_bytes_max",
     "is more than `bytes_max`"},
    {"cache: {share: none}", 2, "cache.share", "valid values: `key`, `team`, `all`"},
    {"cache: {semantic: {embed: nowhere}}", 2, "cache.semantic.embed", "write a route's name"},
    {"cache: {semantic: {threshold: 2}}", 2, "cache.semantic.threshold", "expected a share"},
    {"model_lists: 5", 2, "model_lists", "expected a map"},
    {"admin: {key: [a]}", 2, "admin.key", "expected text"},
    // --- the rest ---
    {"log: {level: loud}", 2, "log.level", "valid values: `trace`"},
    {"log: {format: xml}", 2, "log.format", "valid values: `text`, `json`"},
    {"log: {modules: {nett: debug}}", 2, "log.modules.nett", "did you mean `net`?"},
    {"log: {modules: {net: loud}}", 2, "log.modules.net", "valid values"},
    {"ledger: {enabled: 3}", 2, "ledger.enabled", "expected true or false"},
    {"ledger: {flush: 1h}", 2, "ledger.flush", "must be between 1ms and 1m"},
    {"media: {allow_hosts: ['http://x']}", 2, "media.allow_hosts", "must be a host"},
    {"media: {fetch_timeout: 0}", 2, "media.fetch_timeout", "must be between 1ms and 1h"},
    {"profiles: [dev]", 2, "profiles", "expected a map of profiles"},
    {"profiles: {dev: 5}", 2, "profiles.dev", "expected a map of options"},
    {"profiles: {'a b': {}}", 2, "profiles.a b", "made of letters, digits"},
    // --- variables and the text itself ---
    {"log: {level: '${LEVEL}'}", 2, "log.level", "set it or give a default: ${LEVEL:-default}"},
    {"log: {level: '${LEVEL'}", 2, "log.level", "a literal $ is written $$"},
    {"log: {level: '${1}'}", 2, "log.level", "is not of the form ${NAME}"},
    {"log: {level: info}\nlog: {level: warn}", 3, "log",
     "this key is here twice; the first one is in line 2"},
    {"log: {level: [", 3, "", "not valid YAML"},
    {"---\nlog: {}", 2, "", "one file holds one configuration"},
    {"? [a]\n: b", 2, "", "a key must be plain text"},
};

// Providers by themselves: the text is the whole file.
constexpr Case kProviderCases[] = {
    {"providers: [a]", 1, "providers", "expected a map of providers by name"},
    {"providers: {a: 5}", 1, "providers.a", "expected a map"},
    {"providers: {a: {}}", 1, "providers.a", "`type` is missing"},
    {"providers: {a: {type: antropic}}", 1, "providers.a.type", "did you mean `anthropic`?"},
    {"providers: {a: {type: [x]}}", 1, "providers.a.type", "expected a name"},
    {"providers: {'a/b': {type: openai}}", 1, "providers.a/b", "made of letters, digits"},
    {"providers: {a: {type: custom}}", 1, "providers.a", "`base_url` is missing"},
    {"providers: {a: {type: custom, base_url: h}}", 1, "providers.a.base_url", "not a usable URL"},
    {"providers: {a: {type: custom, base_url: 'http://u:p@h'}}", 1, "providers.a.base_url", "user name"},
    {"providers: {a: {type: custom, base_url: 'http://127.0.0.1:8000/v1'}}", 1, "providers.a.base_url",
     "this gateway's own address"},
    {"providers: {groq: {base_ur: x}}", 1, "providers.groq.base_ur", "did you mean `base_url`?"},
    {"providers: {groq: {formats: [openai]}}", 1, "providers.groq.formats", "unknown format `openai`"},
    {"providers: {groq: {formats: [anthropic]}}", 1, "providers.groq.formats", "use `type: custom`"},
    {"providers: {groq: {formats: []}}", 1, "providers.groq.formats", "at least one format is needed"},
    {"providers: {groq: {api_key: ['k']}}", 1, "providers.groq.api_key", "expected text"},
    {"providers: {groq: {auth: basic}}", 1, "providers.groq.auth", "valid values: `bearer`"},
    {"providers: {groq: {headers: [a]}}", 1, "providers.groq.headers", "expected a map of text"},
    {"providers: {groq: {headers: {a: [b]}}}", 1, "providers.groq.headers.a", "expected text"},
    {"providers: {groq: {models: [m, m]}}", 1, "providers.groq.models", "`m` is listed twice"},
    {"providers: {groq: {timeouts: 5}}", 1, "providers.groq.timeouts", "expected a map"},
    {"providers: {groq: {timeouts: {connect: 0}}}", 1, "providers.groq.timeouts.connect",
     "must be between 1ms and 1h"},
    {"providers:\n  groq:\n    timeouts:\n      idle: 5m\n      total: 30s", 4,
     "providers.groq.timeouts.idle", "is longer than the whole request may take, 30s"},
    {"providers: {groq: {connections_max: 0}}", 1, "providers.groq.connections_max", "must be between 1 and"},
    {"providers: {groq: {tls_verify: 5}}", 1, "providers.groq.tls_verify", "expected true or false"},
    {"providers: {groq: {ca_file: /nowhere/ca.pem}}", 1, "providers.groq.ca_file", "cannot be read"},
    {"providers: {groq: {ca_file: " PATCHBAY_SOURCE_DIR "/README.md}}", 1, "providers.groq.ca_file",
     "has no certificate in PEM form"},
    {"providers: {groq: {images: {side_max: 99999}}}", 1, "providers.groq.images.side_max",
     "must be between"},
    {"providers: {groq: {quirks: {json_shema: true}}}", 1, "providers.groq.quirks.json_shema",
     "did you mean `json_schema`?"},
    {"providers: {groq: {quirks: {reasoning_field: thoughts}}}", 1, "providers.groq.quirks.reasoning_field",
     "valid values"},
    {"providers: {groq: {limits: {requests_per_minute: 9, requests_per_day: 1}}}", 1,
     "providers.groq.limits.requests_per_minute", "is more than the 1 of a whole day"},
    {"providers: {groq: {budget: {amount: many}}}", 1, "providers.groq.budget.amount", "expected a number"},
    {"providers: {groq: {queue: 2h}}", 1, "providers.groq.queue", "must be between 0s and 1h"},
};

void check(const Case& c, const std::string& text) {
  CAPTURE(text);
  const Loaded loaded = read(text + "\n");
  std::string all;
  bool found = false;
  for (const Mistake& m : loaded.mistakes) {
    all += m.text() + "\n";
    found = found || (m.file == "f.yaml" && m.line == c.line && m.column > 0 && m.path == c.path &&
                      m.what.contains(c.says));
  }
  CHECK_MESSAGE(found, "expected line " << c.line << ", path " << std::string(c.path) << ", \""
                                        << std::string(c.says) << "\"; got:\n"
                                        << all);
}

}  // namespace

TEST_SUITE("config bad input") {
  TEST_CASE("one mistake of each kind in each section: file, line, path and what to do") {
    for (const Case& c : kCases) check(c, std::string(kProviders) + c.text);
    for (const Case& c : kProviderCases) check(c, c.text);
  }

  TEST_CASE("the environment and the command line have names instead of lines") {
    const auto first = [](const Loaded& l) {
      return l.mistakes.empty() ? "none" : l.mistakes.front().text();
    };
    CHECK(first(read("", {{"PATCHBAY_SERVER_THREADS", "many"}})) ==
          "PATCHBAY_SERVER_THREADS: expected a whole number, found the text \"many\"");
    CHECK(first(read(kProviders, {{"PATCHBAY_PROVIDERS_A_TIMEOUTS_IDLE", "never"}}))
              .starts_with("PATCHBAY_PROVIDERS_A_TIMEOUTS_IDLE: expected a duration"));
    CHECK(first(read("", {{"PATCHBAY_PROFILE", "prod"}}))
              .starts_with("--profile (PATCHBAY_PROFILE): no profile is named"));
    CHECK(first(read("", {{"GROQ_API_KEY", "g\n"}})).starts_with("GROQ_API_KEY: a key is made of"));
    Environment env;
    env.get = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    CHECK(first(load_text("", "f", env, {{"server.listen", "here", "--listen"}})) ==
          "--listen: not an address: `here`; write HOST:PORT, as in 127.0.0.1:8000 or [::1]:8000");
  }
}
