// cproxy's variables, one row each.
#include <algorithm>
#include <charconv>

#include "config/import/cproxy.h"
#include "config/read.h"

namespace pb::config::cproxy {
namespace {

using Kind = ImportNote::Kind;

struct Row {
  std::string_view name;
  void (*take)(const std::string& value, const std::string& name, Importer& to);  // null: noted with `why`
  Kind kind = Kind::lost;
  std::string_view why = {};
};

std::string value_of(const Importer& to, const char* name) {
  return to.env.get ? to.env.get(name).value_or("") : "";
}

Node scalar(const std::string& value) { return Node::scalar(value, false); }

template <std::string Source::* member>
void take_text(const std::string& value, const std::string&, Importer& to) {
  to.source.*member = value;
}

void take_port(const std::string& value, const std::string& name, Importer& to) {
  const auto n = number_of(scalar(value), name, to);
  if (n && *n >= 1 && *n <= 65535)
    to.source.port = static_cast<int>(*n);
  else if (n)
    to.lost(name, "no port has this number");
}

void take_debug(const std::string& value, const std::string&, Importer& to) {
  to.source.debug = value != "0" && value != "false";
}

// cproxy put /v1/chat/completions behind it, and sent no key.
void take_proxy(const std::string& value, const std::string& name, Importer& to) {
  SourceProvider& p = to.source.providers.emplace_back();
  p.path = name;
  p.id = "proxy";
  p.type = "local";
  p.base_url = value;
  p.keyless = true;
  to.source.model_provider = p.id;
}

SourceProvider& openrouter(Importer& to) {
  for (SourceProvider& p : to.source.providers)
    if (p.type == "openrouter") return p;
  SourceProvider& p = to.source.providers.emplace_back();
  p.id = p.type = p.path = "openrouter";
  return p;
}

void take_openrouter_key(const std::string&, const std::string& name, Importer& to) {
  if (!value_of(to, "ANTHROPIC_PROXY_BASE_URL").empty() && value_of(to, "OPENROUTER_BASE_URL").empty() &&
      value_of(to, "OPENROUTER_MODELS").empty())
    return to.note(Kind::idle, name, "is not sent where ANTHROPIC_PROXY_BASE_URL is set");
  openrouter(to).key = "${" + name + "}";
}
void take_openrouter_url(const std::string& value, const std::string&, Importer& to) {
  openrouter(to).base_url = value;
}

std::vector<std::string> listed(const std::string& value) {
  std::vector<std::string> out;
  for (const Node& n : node_of_text(value, config::Kind::texts).items) out.push_back(n.text);
  return out;
}
void take_openrouter_models(const std::string& value, const std::string&, Importer& to) {
  openrouter(to).models = listed(value);
}

SourceProvider& named(Importer& to) {
  std::string id = value_of(to, "MCP_PROVIDER_NAME");
  if (id.empty()) id = "provider";
  if (SourceProvider* p = find_provider(to.source, id)) return *p;
  SourceProvider& p = to.source.providers.emplace_back();
  p.id = id;
  p.path = "MCP_PROVIDER_NAME";
  p.type = "local";
  return p;
}
void take_named_url(const std::string& value, const std::string&, Importer& to) {
  named(to).base_url = value;
}
void take_named_key(const std::string&, const std::string& name, Importer& to) {
  named(to).key = "${" + name + "}";
}
void take_named_timeout(const std::string& value, const std::string& name, Importer& to) {
  named(to).timeout_ms = number_of(scalar(value), name, to);
}

constexpr std::string_view kLabel = "a label, without effect";
constexpr std::string_view kRoutes =
    "choosing among several providers by load, order or health is not there yet";
constexpr std::string_view kChecks =
    "providers are not asked for their health; a failed one answers 502 at once";
constexpr std::string_view kLimits = "limits towards a provider are not there yet";

// The later of two that set the same thing wins.
const Row kRows[] = {
    {"MCP_CONFIG_PATH", nullptr, Kind::idle, "says where cproxy's file is"},
    {"MCP_MODE", nullptr, Kind::lost, "there is no MCP server on standard input and output yet"},
    {"MCP_SERVER_NAME", nullptr, Kind::idle, kLabel},
    {"MCP_SERVER_VERSION", nullptr, Kind::idle, kLabel},
    {"MCP_SERVER_PORT", take_port},
    {"MCP_SERVER_HOST", take_text<&Source::host>},
    {"PORT", take_port},
    {"DEBUG", take_debug},
    {"MCP_ROUTING_STRATEGY", nullptr, Kind::lost, kRoutes},
    {"MCP_ROUTING_FALLBACK", nullptr, Kind::lost, kRoutes},
    {"MCP_HEALTH_CHECK_ENABLED", nullptr, Kind::lost, kChecks},
    {"MCP_HEALTH_CHECK_INTERVAL", nullptr, Kind::lost, kChecks},
    {"MCP_HEALTH_CHECK_TIMEOUT", nullptr, Kind::lost, kChecks},
    {"MCP_LOG_LEVEL", take_text<&Source::log_level>},
    {"MCP_LOG_FORMAT", take_text<&Source::log_format>},
    {"MCP_LOG_FILE", nullptr, Kind::lost,
     "the log goes to standard error; whoever starts the program keeps it in files"},
    {"MCP_PROVIDER_NAME", nullptr, Kind::idle, "names the provider of the variables that follow"},
    {"MCP_PROVIDER_URL", take_named_url},
    {"MCP_PROVIDER_API_KEY", take_named_key},
    {"MCP_PROVIDER_TIMEOUT", take_named_timeout},
    {"MCP_PROVIDER_RETRIES", nullptr, Kind::lost,
     "a failed request is not sent again; clients' SDKs do that"},
    {"ANTHROPIC_PROXY_BASE_URL", take_proxy},
    {"OPENROUTER_API_KEY", take_openrouter_key},
    {"OPENROUTER_BASE_URL", take_openrouter_url},
    {"OPENROUTER_MODELS", take_openrouter_models},
    {"OPENROUTER_RPM", nullptr, Kind::lost, kLimits},
    {"OPENROUTER_TPM", nullptr, Kind::lost, kLimits},
    {"COMPLETION_MODEL", take_text<&Source::completion_model>},
    {"REASONING_MODEL", take_text<&Source::reasoning_model>},
};

// What cproxy asked for when nobody said which model.
constexpr std::string_view kDefaultModel = "google/gemini-2.0-pro-exp-02-05:free";

}  // namespace

void read_environment(Importer& to) {
  const bool alone = to.source.providers.empty();
  for (const Row& row : kRows) {
    const std::string name(row.name);
    const std::string value = to.env.get ? to.env.get(name).value_or("") : "";
    if (value.empty()) continue;
    if (row.take != nullptr)
      row.take(value, name, to);
    else
      to.note(row.kind, name, std::string(row.why));
  }
  if (to.source.providers.empty()) {
    openrouter(to).key = "${OPENROUTER_API_KEY}";
    to.changed("OPENROUTER_API_KEY", "is not set now; it must be when Patchbay starts");
  }
  // Without a file, all went to one of two models whatever the client asked for.
  std::string &completion = to.source.completion_model, &reasoning = to.source.reasoning_model;
  if (!alone && completion.empty() && reasoning.empty()) return;
  for (auto [name, model] : {std::pair{"COMPLETION_MODEL", &completion}, {"REASONING_MODEL", &reasoning}})
    if (model->empty()) {
      *model = kDefaultModel;
      to.changed(name, "was not set: written is " + std::string(kDefaultModel) +
                           ", cproxy's own default, which its provider may no longer have");
    }
}

}  // namespace pb::config::cproxy
