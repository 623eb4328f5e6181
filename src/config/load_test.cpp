#include "config/load.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace pb::config;

namespace {

Environment environment(std::map<std::string, std::string> variables = {},
                        std::function<bool(const std::string&, int)> probe = nullptr) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  env.probe = std::move(probe);
  return env;
}

Loaded read(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return load_text(text, "f.yaml", environment(std::move(variables)));
}

// All mistakes, one a line.
std::string mistakes(const Loaded& loaded) {
  std::string out;
  for (const Mistake& m : loaded.mistakes) out += m.text() + "\n";
  return out;
}
std::string mistakes(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return mistakes(read(text, std::move(variables)));
}

const Provider& provider(const Loaded& loaded, std::string_view name) {
  for (const Provider& p : loaded.config.providers)
    if (p.name == name) return p;
  FAIL("no provider " << name);
  return loaded.config.providers.front();
}

constexpr const char* kSmallest = R"(
server: {listen: "127.0.0.1:8000", data_dir: ./data}
providers:
  up:  {type: custom, formats: [openai_chat], base_url: "http://127.0.0.1:9001/v1", api_key: "${UP_KEY:-none}"}
  ant: {type: anthropic, base_url: "http://127.0.0.1:9002"}
models: {fast: up/gpt-x, smart: ant/claude-y}
)";

}  // namespace

TEST_SUITE("config") {
  TEST_CASE("hosts to fetch from, and an image's limits") {
    const Loaded l = read(
        "media: {fetch: false, allow_hosts: [images.local, '*.corp.example:8080', '[fd00::5]']}\n"
        "providers: {groq: {images: {side_max: 1568}}}");
    CHECK(mistakes(l) == "");
    CHECK(!l.config.media.fetch);
    CHECK(l.config.media.allow_hosts.size() == 3);
    CHECK(l.config.providers[0].media.image.side_max == 1568);
    CHECK(l.config.providers[0].media.image.pixels_max == 33'177'600);  // still the vendor's
    CHECK(mistakes("media: {allow_hosts: ['http://a']}") ==
          "f.yaml:1:22: media.allow_hosts: must be a host, as in `images.local`, `*.corp.example`, "
          "`10.0.0.5` or "
          "`[fd00::5]:8080`; found `http://a`\n");
  }

  TEST_CASE("the smallest configuration") {
    const Loaded l = read(kSmallest);
    CHECK(mistakes(l) == "");
    const Config& c = l.config;
    CHECK(c.server.listen == "127.0.0.1:8000");
    CHECK(c.server.data_dir == "./data");
    CHECK_FALSE(c.simulator);
    REQUIRE(c.providers.size() == 2);
    const Provider& up = c.providers[0];
    CHECK(up.name == "up");
    CHECK(up.vendor == pb::llm::find_vendor("custom"));
    CHECK(up.base_url == "http://127.0.0.1:9001/v1");
    CHECK(up.api_key.reveal() == "none");
    CHECK(up.auth == pb::llm::Auth::bearer);
    REQUIRE(up.formats.size() == 1);
    CHECK(up.formats[0].name == "openai_chat");
    CHECK(up.formats[0].path == "/chat/completions");
    REQUIRE(up.formats[0].dialect != nullptr);
    CHECK(up.formats[0].dialect->name == "openai_chat");
    const Provider& ant = c.providers[1];
    CHECK(ant.auth == pb::llm::Auth::x_api_key);
    CHECK(ant.base_url + ant.formats.at(0).path == "http://127.0.0.1:9002/v1/messages");
    CHECK(ant.headers ==
          std::vector<std::pair<std::string, std::string>>{{"anthropic-version", "2023-06-01"}});
    REQUIRE(c.models.size() == 2);
    CHECK(c.models[0].name == "fast");
    CHECK(c.models[0].provider == 0);
    CHECK(c.models[0].model == "gpt-x");
    CHECK(c.models[1].provider == 1);
    CHECK(c.models[1].model == "claude-y");
    CHECK(read(kSmallest, {{"UP_KEY", "k-1"}}).config.providers[0].api_key.reveal() == "k-1");
  }

  TEST_CASE("formats that only a vendor's own address has") {
    const auto formats = [](const std::string& provider) {
      const Loaded l = read("providers: {o: {" + provider + "}}\n");
      std::string names;
      for (const auto& f : l.config.providers.at(0).formats) names.append(f.name) += ' ';
      return names;
    };
    CHECK(formats("type: openai") == "openai_responses openai_chat openai_completions ");
    CHECK(formats("type: openai, base_url: 'https://eu.api.openai.com'") ==
          "openai_responses openai_chat openai_completions ");
    CHECK(formats("type: openai, base_url: 'http://127.0.0.1:8080/v1'") == "openai_chat ");
    CHECK(formats("type: openai, base_url: 'http://127.0.0.1:8080/v1', formats: [openai_responses]") ==
          "openai_responses ");
    CHECK(formats("type: azure-openai, base_url: 'https://r.openai.azure.com'") ==
          "openai_responses openai_chat ");
    CHECK(formats("type: azure-openai, base_url: 'https://r.openai.azure.com/openai/deployments/d'") ==
          "openai_chat ");
  }

  TEST_CASE("every option of a provider, and of the rest") {
    const Loaded l = read(R"(
server:
  listen: "[::1]:0"
  threads: 3
  keys: [one, two]
  allowed_hosts: gateway.example.com
  body_bytes_max: 10MB
  header_bytes_max: 128KiB
  header_timeout: 500ms
  drain: 0
providers:
  x:
    type: xai
    formats: [anthropic]
    base_url: http://127.0.0.1:1/v1/
    api_key: 12345
    auth: x-api-key
    headers: {X-Team: blue}
    query: a=b
    models: [grok-4]
    timeouts: {connect: 0.5, first_byte: 2m, idle: "30s", total: 1h}
    connections_max: 7
    stream_usage: no
    tls_verify: false
    quirks: {json_schema: false, reasoning_field: reasoning, default_max_tokens: 100}
models:
  a: {use: x/grok-4/with/slashes}
default_model: a
prices:
  x/grok-4: {input: 1.5, output: 2, cache_read: 0}
log: {level: debug, format: json, modules: {net: trace}}
ledger: {enabled: false, path: /tmp/l.db, flush: 1}
)");
    CHECK(mistakes(l) == "");
    const Config& c = l.config;
    CHECK(c.server.threads == 3);
    CHECK(c.server.keys.at(1).reveal() == "two");
    CHECK(c.server.allowed_hosts == std::vector<std::string>{"gateway.example.com"});
    CHECK(c.server.body_bytes_max == 10'000'000);
    CHECK(c.server.header_bytes_max == 131'072);
    CHECK(c.server.header_timeout_ms == 500);
    CHECK(c.server.drain_ms == 0);
    const Provider& x = provider(l, "x");
    CHECK(x.base_url + x.formats.at(0).path == "http://127.0.0.1:1/v1/messages");
    CHECK(x.api_key.reveal() == "12345");
    CHECK(x.auth == pb::llm::Auth::x_api_key);
    CHECK(x.headers.at(0) == std::pair<std::string, std::string>("X-Team", "blue"));
    CHECK(x.query == "a=b");
    CHECK(x.models == std::vector<std::string>{"grok-4"});
    CHECK(x.timeouts.connect_ms == 500);
    CHECK(x.timeouts.first_byte_ms == 120'000);
    CHECK(x.timeouts.idle_ms == 30'000);
    CHECK(x.timeouts.total_ms == 3'600'000);
    CHECK(x.connections_max == 7);
    CHECK_FALSE(x.stream_usage);
    CHECK_FALSE(x.tls_verify);
    CHECK_FALSE(x.quirks.json_schema);
    CHECK(x.quirks.reasoning_field == "reasoning");
    CHECK(x.quirks.default_max_tokens == 100);
    CHECK(c.models.at(0).model == "grok-4/with/slashes");
    CHECK(c.default_model == "a");
    CHECK(c.prices.at("x/grok-4").input == 1.5);
    CHECK(c.prices.at("x/grok-4").cache_read == 0);
    CHECK(c.prices.at("x/grok-4").cache_write == -1);
    CHECK(c.log.modules.at("net") == "trace");
    CHECK(c.ledger.path == "/tmp/l.db");
    CHECK(c.ledger.flush_ms == 1000);
  }

  TEST_CASE("all mistakes at once, each with its place and the nearest key") {
    CHECK(mistakes(R"(server:
  listn: "127.0.0.1:8000"
  threads: many
  body_bytes_max: 5
  drain: 2 days
providers:
  up:
    type: custom
    base_ur: http://x/v1
    formats: [openai_chatt]
    timeouts: {conect: 3}
    quirks: true
  bad: {type: antropic}
  gr: {type: groq, formats: [anthropic]}
  no url: {type: custom}
  list: [1]
models:
  fast: upp/x
  slow: up
  none: groq/x
  map: {us: up/x}
log: {level: loud}
surprise: 1
)") == "f.yaml:2:3: server.listn: unknown key; did you mean `listen`?\n"
       "f.yaml:3:12: server.threads: expected a whole number, found the text \"many\"\n"
       "f.yaml:4:19: server.body_bytes_max: must be between 1KiB and 1GiB, found 5\n"
       "f.yaml:5:10: server.drain: expected a duration such as 30, \"500ms\" or \"2m\", found the text \"2 "
       "days\"\n"
       "f.yaml:7:3: providers.up: `base_url` is missing: type `custom` has no address of its own\n"
       "f.yaml:9:5: providers.up.base_ur: unknown key; did you mean `base_url`?\n"
       "f.yaml:10:14: providers.up.formats: unknown format `openai_chatt`; did you mean `openai_chat`?\n"
       "f.yaml:11:16: providers.up.timeouts.conect: unknown key; did you mean `connect`?\n"
       "f.yaml:12:13: providers.up.quirks: expected a map, found true\n"
       "f.yaml:13:15: providers.bad.type: unknown type `antropic`; did you mean `anthropic`?\n"
       "f.yaml:14:29: providers.gr.formats: type `groq` does not speak `anthropic`; use `type: custom` if "
       "this server does\n"
       "f.yaml:15:3: providers.no url: a provider's name is made of letters, digits, `-`, `_` and `.`\n"
       "f.yaml:16:9: providers.list: expected a map, found a list\n"
       "f.yaml:18:9: models.fast: no provider is named `upp`; did you mean `up`?\n"
       "f.yaml:19:9: models.slow: expected provider/model, found the text \"up\"\n"
       "f.yaml:20:9: models.none: no provider is named `groq`; set GROQ_API_KEY or add it under `providers`\n"
       "f.yaml:21:3: models.map: `use: provider/model` is missing\n"
       "f.yaml:21:9: models.map.us: unknown key; did you mean `use`?\n"
       "f.yaml:22:14: log.level: unknown value `loud`; valid values: `trace`, `debug`, `info`, `warn`, "
       "`error`, `off`\n"
       "f.yaml:23:1: surprise: unknown key; valid keys: `server`, `admin`, `providers_from_environment`, "
       "`default_model`, `log`, `media`, `ledger`, `retries`, `breaker`, `health`, `limits`, `budget`, "
       "`alerts`, "
       "`cache`, `model_lists`, `shared`, `mcp`, `key_store`, `providers`, `models`, `routes`, `rules`, "
       "`prices`, "
       "`teams`, `profiles`\n");
  }

  TEST_CASE("wrong types and values") {
    CHECK(mistakes("server: 5\n") == "f.yaml:1:9: server: expected a map, found the number 5\n");
    CHECK(mistakes("server: {threads: 1.5}\n") ==
          "f.yaml:1:19: server.threads: expected a whole number, found the number 1.5\n");
    CHECK(mistakes("server: {threads: \"4\"}\n") ==
          "f.yaml:1:19: server.threads: expected a whole number, found the text \"4\"\n");
    CHECK(mistakes("server: {listen: 8000}\n").contains("write HOST:PORT"));
    CHECK(mistakes("server: {listen: 1.2.3.4:99999}\n").contains("not an address"));
    CHECK(mistakes("server: {data_dir: [a]}\n") ==
          "f.yaml:1:20: server.data_dir: expected text, found a list\n");
    CHECK(mistakes("server: {data_dir: }\n") ==
          "f.yaml:1:20: server.data_dir: expected text, found nothing\n");
    CHECK(mistakes("server: {keys: [a, a]}\n") == "f.yaml:1:20: server.keys: the same key is listed twice\n");
    CHECK(mistakes("server: {keys: [\"\"]}\n") ==
          "f.yaml:1:17: server.keys: a key must be a text that is not empty\n");
    CHECK(mistakes("server: {keys: [\"a\\n\", \"\u00fc\"]}\n") ==
          "f.yaml:1:17: server.keys: a key must be a text that is not empty\n"
          "f.yaml:1:24: server.keys: a key is made of visible ASCII characters, with no space or line break "
          "at its ends\n");
    CHECK(mistakes("", {{"GROQ_API_KEY", "gsk\n"}})
              .starts_with("GROQ_API_KEY: a key is made of visible ASCII"));
    CHECK_FALSE(mistakes("", {{"GROQ_API_KEY", "gsk\n"}}).contains("gsk"));
    CHECK(mistakes("providers: {groq: {api_key: \"${K}\"}}\n", {{"K", "gsk "}})
              .contains("providers.groq.api_key: a key is made of"));
    CHECK(mistakes("prices: {m: {input: -1, output: 2}}\n") ==
          "f.yaml:1:21: prices.m.input: must not be negative, found -1\n");
    CHECK(mistakes("prices: {m: {input: 1}}\n") == "f.yaml:1:10: prices.m: `output` is missing\n");
    CHECK(mistakes("log: {modules: {nett: debug}}\n") ==
          "f.yaml:1:17: log.modules.nett: unknown key; did you mean `net`?\n");
    CHECK(mistakes("providers: {o: {type: openai, base_url: ftp://x}}\n")
              .contains("1:41: providers.o.base_url: not a usable URL"));
    CHECK(mistakes("providers: {o: {type: openai, base_url: http://u:p@x}}\n").contains("no user name"));
    CHECK(mistakes("providers: {o: {type: openai, base_url: http://x:0}}\n").contains("port"));
    CHECK(mistakes("providers: {o: {type: openai, headers: {\"a b\": c}}}\n")
              .contains("not the name of a header"));
    CHECK(mistakes("providers: {o: {type: openai, headers: {a: \"b\\r\\nX: y\"}}}\n")
              .contains("expected text"));
    CHECK(mistakes("providers: {o: {type: openai, ca_file: /nowhere/ca.pem}}\n").contains("cannot be read"));
    CHECK(mistakes("- a\n- b\n") == "f.yaml:1:1: expected a map of options, found a list\n");
    CHECK(mistakes("providers: {nothing: {}}\n") ==
          "f.yaml:1:13: providers.nothing: `type` is missing; `custom` is for any compatible server\n");
    CHECK(mistakes("providers: {up: {type: custom, base_url: \"http://localhost:8000/v1\"}}\n")
              .contains("this gateway's own address"));
    CHECK(mistakes("default_model: x\n").contains("no model is named `x`"));
    CHECK(mistakes("default_model: groq/x\n").contains("set GROQ_API_KEY"));
  }

  TEST_CASE("YAML's own traps") {
    CHECK(mistakes("log: {level: info}\nlog: {level: warn}\n") ==
          "f.yaml:2:1: log: this key is here twice; the first one is in line 1\n");
    CHECK(mistakes("providers:\n  a: {type: openai}\n  a: {type: groq}\n") ==
          "f.yaml:3:3: providers.a: this key is here twice; the first one is in line 2\n");
    CHECK(mistakes("server: {listen: \"127.0.0.1:1\"\n").contains("not valid YAML"));
    CHECK(mistakes("server:\n\tlisten: x\n").starts_with("f.yaml:2:"));
    CHECK(mistakes("---\nlog: {}\n---\nlog: {}\n") ==
          "f.yaml:3:1: a second document: one file holds one configuration\n");
    CHECK(mistakes("? [a]\n: b\n").contains("a key must be plain text"));
    CHECK(mistakes(std::string(200, '[')) != "");
    CHECK(mistakes("a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
                   "[*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                   "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n")
              .contains("too large"));
    const Loaded merged = read(
        "providers:\n  a: &base {type: custom, base_url: \"http://h/v1\", connections_max: 5}\n  b: {<<: "
        "*base, connections_max: 6}\n");
    CHECK(mistakes(merged) == "");
    CHECK(provider(merged, "b").base_url == "http://h/v1");
    CHECK(provider(merged, "b").connections_max == 6);
    for (const char* empty : {"", "\n", "# nothing\n", "{}", "server:\nproviders:\nmodels:\n", "---\n"})
      CHECK_MESSAGE(mistakes(empty) == "", empty);
  }

  TEST_CASE("JSON") {
    const Loaded l = read(
        "{\n\t\"server\": "
        "{\n\t\t\"listen\":\"127.0.0.1:8000\",\t\"threads\":2\n\t},\n\t\"providers\":{\"up\":{\"type\":"
        "\"custom\",\"base_url\":"
        "\"http:\\/\\/h\\/v1\",\"models\":[\"a\",\"b\"],\"stream_usage\":false}}\n}\n");
    CHECK(mistakes(l) == "");
    CHECK(l.config.server.threads == 2);
    CHECK(provider(l, "up").base_url == "http://h/v1");
    CHECK(provider(l, "up").models.size() == 2);
    CHECK_FALSE(provider(l, "up").stream_usage);
    CHECK(mistakes("{\"log\": {\"level\": \"info\", \"lvel\": 1}}").contains("1:27: log.lvel"));
  }

  TEST_CASE("interpolation") {
    const auto key = [](const std::string& value, std::map<std::string, std::string> variables = {}) {
      return read("providers: {o: {type: openai, api_key: \"" + value + "\"}}\n", std::move(variables))
          .config.providers.at(0)
          .api_key.reveal();
    };
    CHECK(key("${A}", {{"A", "x"}}) == "x");
    CHECK(key("a-${A}-${B:-b}", {{"A", "x"}}) == "a-x-b");
    CHECK(key("${A:-d}", {{"A", ""}}) == "d");
    CHECK(key("$$A $$ $5 100$", {{"A", "x"}}) == "$A $ $5 100$");
    CHECK(key("${A}", {{"A", "${B}"}}) == "${B}");  // values are not looked through again
    CHECK(mistakes("providers:\n  o: {type: openai, api_key: \"${NO_SUCH}\"}\n") ==
          "f.yaml:2:30: providers.o.api_key: the environment variable NO_SUCH is not set; set it or give a "
          "default: ${NO_SUCH:-default}\n");
    CHECK(mistakes("providers: {o: {type: openai, api_key: \"${A\"}}\n").contains("without a closing"));
    CHECK(mistakes("providers: {o: {type: openai, api_key: \"${A-b}\"}}\n").contains("not of the form"));
    CHECK(mistakes("server: {keys: [\"${A}\", b]}\n")
              .contains("server.keys[0]: the environment variable A is not set"));
    const Loaded typed = read(
        "server: {threads: \"${N}\", keys: [k]}\nledger: {enabled: '${ON:-false}', flush: \"${F:-2s}\"}\n",
        {{"N", "5"}});
    CHECK(mistakes(typed) == "");
    CHECK(typed.config.server.threads == 5);
    CHECK_FALSE(typed.config.ledger.enabled);
    CHECK(typed.config.ledger.flush_ms == 2000);
    CHECK(mistakes("server: {threads: \"${N}\"}\n", {{"N", "s3cret"}}) ==
          "f.yaml:1:19: server.threads: expected a whole number, found the value of a variable\n");
  }

  TEST_CASE("environment variables win over the file, the command line over both") {
    const Environment env = environment({{"PATCHBAY_SERVER_LISTEN", "127.0.0.1:1"},
                                         {"PATCHBAY_SERVER_KEYS", "a, b"},
                                         {"PATCHBAY_LOG_LEVEL", "warn"},
                                         {"PATCHBAY_LOG_MODULES", "net=debug,sim=off"},
                                         {"PATCHBAY_LEDGER_ENABLED", "false"},
                                         {"PATCHBAY_SERVER_PING_AFTER", "5s"},
                                         {"PATCHBAY_PROVIDERS_UP_TIMEOUTS_IDLE", "7"},
                                         {"PATCHBAY_PROVIDERS_UP_API_KEY", "from-env"}});
    const Loaded l = load_text(kSmallest, "f.yaml", env, {{"log.level", "error", "--log-level"}});
    CHECK(mistakes(l) == "");
    CHECK(l.config.server.listen == "127.0.0.1:1");
    CHECK(l.config.server.keys.at(1).reveal() == "b");
    CHECK(l.config.log.level == "error");
    CHECK(l.config.log.modules.at("sim") == "off");
    CHECK_FALSE(l.config.ledger.enabled);
    CHECK(l.config.server.ping_after_ms == 5000);
    CHECK(provider(l, "up").timeouts.idle_ms == 7000);
    CHECK(provider(l, "up").api_key.reveal() == "from-env");
    CHECK(mistakes("", {{"PATCHBAY_SERVER_THREADS", "x"}}) ==
          "PATCHBAY_SERVER_THREADS: expected a whole number, found the text \"x\"\n");
    CHECK(mistakes(load_text("", "", environment(), {{"server.listen", "nowhere", "--listen"}}))
              .starts_with("--listen: not an address"));
  }

  TEST_CASE("listening beyond this machine needs keys") {
    CHECK(mistakes("server: {listen: 0.0.0.0:80}\n") ==
          "f.yaml:1:18: server.listen: listening on 0.0.0.0 needs client keys: set `server.keys` (or "
          "PATCHBAY_SERVER_KEYS), or `server.require_key: always` with keys of `patchbay keys`, or listen on "
          "127.0.0.1\n");
    CHECK(mistakes("server: {listen: \"[::]:80\"}\n").contains("needs client keys"));
    CHECK(mistakes("server: {listen: 127.0.0.1.example.com:80}\n").contains("needs client keys"));
    CHECK(mistakes(load_text("", "", environment(), {{"server.listen", "0.0.0.0:1", "--listen"}}))
              .contains("needs client keys"));
    CHECK(mistakes("server: {listen: 0.0.0.0:80, keys: [k]}\n") == "");
    for (const char* own : {"127.0.0.1:0", "127.9.9.9:1", "[::1]:1", "localhost:1"})
      CHECK_MESSAGE(mistakes("server: {listen: \"" + std::string(own) + "\"}\n") == "", own);
  }
}
