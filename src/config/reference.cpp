// docs/configuration.md, made from the tables of options.
#include "config/read.h"

namespace pb::config {
namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Made from src/config/options_table.cpp; `./dev golden` rewrites it. -->

Patchbay works without a file: providers whose key is in the environment are switched on, an Ollama or LM Studio on this
machine too, and with none of them the built-in simulator answers. A file adds names, addresses and limits. It is YAML or
JSON, and the first of these that exists: `--config FILE`, `$PATCHBAY_CONFIG`, `./patchbay.yaml`,
`$XDG_CONFIG_HOME/patchbay/patchbay.yaml`, `~/.config/patchbay/patchbay.yaml` (or `.yml`, `.json`).

    server: {listen: "127.0.0.1:8000", data_dir: ./data}
    providers:
      up:  {type: custom, formats: [openai_chat], base_url: "http://127.0.0.1:9001/v1", api_key: "${UP_KEY:-none}"}
      ant: {type: anthropic, base_url: "http://127.0.0.1:9002"}
    models: {fast: up/gpt-x, smart: ant/claude-y}

- `patchbay config validate FILE` prints every mistake with file, line, column and the nearest valid key; exit code 0 or 2.
- `patchbay config show` prints what is in force, secrets masked, and where each value comes from; `patchbay config schema` a JSON Schema for editors.
- `${VAR}` and `${VAR:-default}` in any value are replaced from the environment; `$$` is a dollar sign. A variable that is
  not set and has no default is a mistake. `${keyring:NAME}` is a key that `patchbay keys provider` has stored
  ([provider-keys.md](provider-keys.md)); it can stand wherever a secret is expected, and in headers.
- `patchbay config set PATH VALUE` sets an option over the file's while the gateway runs; profiles (`--profile prod`) are parts of the
  configuration for one place: [live configuration](live-configuration.md).
- Each option of the first tables can be set by the environment variable next to it, which wins over the file; a command-line
  option wins over both. Options of a provider in the file too: `PATCHBAY_PROVIDERS_UP_API_KEY` for `providers.up.api_key`.
  Lists are separated by commas, maps are written `name=value,name=value`.
- Durations are seconds (`10`, `0.5`) or have a unit: `500ms`, `30s`, `2m`, `1h`. Sizes are bytes or `64KiB`, `10MB`.
)";

constexpr std::string_view kRoutes = R"(## Routes

`routes` is a map from names that clients may use to deployments: models of providers that can stand in for each other.
[Routing](routing.md) explains what they are for. A name may end in `*`, as in `models`.

    routes:
      main: {strategy: smart, sticky: prefix, deployments: [{use: ant/claude-y, weight: 2}, up/gpt-x], fallbacks: [spare]}
      spare: {deployments: [up/gpt-x-mini]}
    rules:
      - {name: nightly, when: {time: "22:00-06:00", header: {x-team: batch}}, use: spare}

)";

std::string cell(std::string text) {
  for (std::size_t i = 0; (i = text.find('|', i)) != text.npos; i += 2) text.replace(i, 1, "\\|");
  return text;
}

std::string takes(const Option& o) {
  std::string out;
  switch (o.kind) {
    case Kind::choice:
      for (std::string_view c : o.choices) out += (out.empty() ? "`" : ", `") + std::string(c) + "`";
      return out;
    case Kind::flag:
      return "`true`, `false`";
    case Kind::address:
      return "HOST:PORT";
    case Kind::count:
      out = "whole number";
      break;
    case Kind::money:
      return "US dollars";
    case Kind::share:
      return "share, 0 to 100 %";
    case Kind::duration:
      out = "duration";
      break;
    case Kind::bytes:
      out = "size";
      break;
    case Kind::url:
      return "URL";
    case Kind::file:
      return "file";
    case Kind::texts:
    case Kind::formats:
      return "list";
    case Kind::secrets:
      return "list of secrets";
    case Kind::secret:
      return "secret";
    case Kind::headers:
    case Kind::levels:
    case Kind::pairs:
      return "map";
    default:
      return "text";
  }
  if (o.min == o.max) return out;
  const auto text = [&](double n) {
    if (o.kind == Kind::duration) return duration_text(n);
    return o.kind == Kind::bytes ? bytes_text(n) : std::to_string(static_cast<long long>(n));
  };
  return out + ", " + text(o.min) + " to " + text(o.max);
}

std::string default_of(const Bound& b) {
  if (!b.option->default_text.empty()) return std::string(b.option->default_text);
  const Node value = value_node(b);
  if (value.kind == Node::Kind::scalar) return value.text.empty() ? "–" : "`" + value.text + "`";
  return "none";
}

void table(std::string& out, const std::vector<Bound>& bounds, std::string_view prefix, bool environment) {
  out += environment ? "| option | takes | default | environment | |\n|---|---|---|---|---|\n"
                     : "| option | takes | default | |\n|---|---|---|---|\n";
  for (const Bound& b : bounds) {
    const std::string_view path = b.option->path;
    if (prefix.empty() ? environment && path.find('.') != path.npos : !path.starts_with(prefix)) continue;
    out += "| `" + std::string(path) + "` | " + cell(takes(*b.option)) + " | " + cell(default_of(b)) + " | ";
    if (environment) out += "`" + environment_name(path) + "` | ";
    out += cell(std::string(b.option->doc)) + " |\n";
  }
}

}  // namespace

std::string reference_page() {
  Config config;
  ProviderDraft provider;
  Price price;
  const auto top = bind(config);
  std::string out(kIntroduction);
  out += "\n## Server\n\n";
  table(out, top, "server.", true);
  out += "\n## Admin API\n\n";
  table(out, top, "admin.", true);
  out +=
      "\n## Providers\n\n`providers` is a map from a name of your choice to a provider. Clients ask for "
      "`name/model`. An entry named like a\n"
      "type needs no `type`, and replaces the provider that the environment would switch on under that "
      "name.\n\n";
  table(out, bind(provider), "", false);
  out +=
      "\n## Models\n\n`models` is a map from the names that clients may use to `provider/model`, or to "
      "`{use: provider/model}`. `{use: a/fast, thinking: b/deep}` sends requests that want the model to "
      "think (or reason, in "
      "the words of their format)\nto the second. A name may end in `*`: it then stands for all names that "
      "begin so, unless a longer one "
      "does too, and a `*` at the end of\n`provider/model` is the rest of the name (`claude-*: "
      "ant/claude-*`; `\"*\": up/gpt-x` takes "
      "any name that is not `provider/model`).\n\n";
  table(out, top, "", true);
  out += "\n";
  RouteDraft route;
  DeploymentDraft deployment;
  RuleDraft rule;
  out += kRoutes;
  table(out, bind(route), "", false);
  out += "\n`deployments` is a list of `provider/model`, or of maps:\n\n";
  table(out, bind(deployment), "", false);
  out +=
      "\n`rules` is a list. The first rule whose conditions all hold decides where a request goes, whatever "
      "model it asks for; without\n"
      "one, that model's name does.\n\n";
  table(out, bind(rule), "", false);
  out += "\n## Retries, circuit breakers, health checks\n\n";
  for (const char* section : {"retries.", "breaker.", "health."}) {
    table(out, top, section, true);
    out += "\n";
  }
  out.pop_back();
  out +=
      "\n## Prices\n\n`prices` is a map from `provider/model`, or a model's name with any provider, to its "
      "price in US dollars per million\n"
      "tokens. It goes before the built-in table; requests to models in neither have no cost in the "
      "ledger.\n\n";
  table(out, bind(price), "", false);
  out +=
      "\n## Limits\n\nWhat keys without limits of their own may use ([keys.md](keys.md)). Providers and "
      "teams have the "
      "same options.\n\n";
  for (const char* section : {"limits.", "budget.", "alerts."}) {
    table(out, top, section, true);
    out += "\n";
  }
  out += "## Teams\n\n`teams` is a map from a name to what all keys of the team may use together.\n\n";
  Team team;
  table(out, bind(team), "", false);
  out +=
      "\n## Replicas\n\nWhat several processes have in common ([replicas.md](replicas.md)). `shared: "
      "redis://…` sets `shared.url`.\n\n";
  table(out, top, "shared.", true);
  out +=
      "\n## Stored keys\n\nWhere the keys of providers are kept ([provider-keys.md](provider-keys.md)).\n\n";
  table(out, top, "key_store.", true);
  out += "\n## Images and documents\n\n";
  table(out, top, "media.", true);
  out +=
      "\n## Cache\n\nAnswers that are kept for the same request asked again ([cache.md](cache.md)), and "
      "providers' lists of "
      "models.\n\n";
  for (const char* section : {"cache.", "model_lists."}) {
    table(out, top, section, true);
    out += "\n";
  }
  out.pop_back();
  out +=
      "\n## MCP\n\nThe MCP server ([mcp.md](mcp.md)): what its tools may use, where they may read and "
      "write, how much it holds, and whose access tokens it takes ([mcp-oauth.md](mcp-oauth.md)).\n\n";
  table(out, top, "mcp.", true);
  out += "\n## Log\n\n";
  table(out, top, "log.", true);
  out += "\n## Ledger\n\n";
  table(out, top, "ledger.", true);
  return out;
}

}  // namespace pb::config
