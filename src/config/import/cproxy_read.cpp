// The keys of a cproxy file, one row each: what becomes of it, or why nothing does.
#include <algorithm>
#include <charconv>

#include "config/import/cproxy.h"
#include "config/read.h"

namespace pb::config::cproxy {

SourceProvider* find_provider(Source& source, std::string_view id) {
  for (SourceProvider& p : source.providers)
    if (p.id == id) return &p;
  return nullptr;
}

std::optional<std::string> text_of(const Node& node, const std::string& path, Importer& to) {
  if (node.kind == Node::Kind::scalar) return node.text;
  if (node.kind != Node::Kind::null) to.lost(path, "expected text, found " + found(node));
  return std::nullopt;
}

std::optional<bool> flag_of(const Node& node, const std::string& path, Importer& to) {
  if (node.kind == Node::Kind::scalar && node.text == "true") return true;
  if (node.kind == Node::Kind::scalar && node.text == "false") return false;
  if (node.kind != Node::Kind::null) to.lost(path, "expected true or false, found " + found(node));
  return std::nullopt;
}

std::optional<double> number_of(const Node& node, const std::string& path, Importer& to) {
  double n = 0;
  const char* end = node.text.data() + node.text.size();
  if (node.kind == Node::Kind::scalar && !node.text.empty()) {
    const auto [at, ec] = std::from_chars(node.text.data(), end, n);
    if (ec == std::errc() && at == end && n >= 0) return n;
  }
  if (node.kind != Node::Kind::null) to.lost(path, "expected a number, found " + found(node));
  return std::nullopt;
}

std::vector<std::string> texts_of(const Node& node, const std::string& path, Importer& to) {
  std::vector<std::string> out;
  if (node.kind == Node::Kind::scalar) return {node.text};
  if (node.kind == Node::Kind::map) to.lost(path, "expected a list, found " + found(node));
  for (std::size_t i = 0; i < node.items.size(); ++i)
    if (auto text = text_of(node.items[i], path + "[" + std::to_string(i) + "]", to))
      out.push_back(std::move(*text));
  return out;
}

namespace {

using Kind = ImportNote::Kind;
using Take = void (*)(const Node& node, const std::string& path, Importer& to);

struct Row {
  std::string_view key;  // "[]" for any index
  Take take;             // null: noted with `why`
  Kind kind = Kind::lost;
  std::string_view why = {};
  bool inside = false;  // its members have rows of their own
};

SourceProvider& provider(Importer& to) { return to.source.providers.back(); }
SourceRule& rule(Importer& to) { return to.source.rules.back(); }

template <std::string Source::* member>
void take_text(const Node& node, const std::string& path, Importer& to) {
  if (auto text = text_of(node, path, to)) to.source.*member = std::move(*text);
}
template <std::string SourceProvider::* member>
void take_of_provider(const Node& node, const std::string& path, Importer& to) {
  if (auto text = text_of(node, path, to)) provider(to).*member = std::move(*text);
}
template <std::string SourceRule::* member>
void take_of_rule(const Node& node, const std::string& path, Importer& to) {
  if (auto text = text_of(node, path, to)) rule(to).*member = std::move(*text);
}

void take_port(const Node& node, const std::string& path, Importer& to) {
  const auto n = number_of(node, path, to);
  if (n && *n >= 1 && *n <= 65535)
    to.source.port = static_cast<int>(*n);
  else if (n)
    to.lost(path, "no port has this number");
}
void take_debug(const Node& node, const std::string& path, Importer& to) {
  to.source.debug = flag_of(node, path, to).value_or(false);
}
void begin_provider(const Node&, const std::string& path, Importer& to) {
  to.source.providers.emplace_back().path = path;
}
void take_models(const Node& node, const std::string& path, Importer& to) {
  provider(to).models = texts_of(node, path, to);
}
void take_headers(const Node& node, const std::string& path, Importer& to) {
  if (node.kind != Node::Kind::map && node.kind != Node::Kind::null)
    to.lost(path, "expected a map, found " + found(node));
  for (const Entry& e : node.members)
    if (auto text = text_of(e.value, path + "." + e.key, to))
      provider(to).headers.emplace_back(e.key, std::move(*text));
}
void take_timeout(const Node& node, const std::string& path, Importer& to) {
  provider(to).timeout_ms = number_of(node, path, to);
  if (provider(to).timeout_ms)
    to.changed(path, "is timeouts.first_byte here: a stream may take longer in all");
}
void take_enabled(const Node& node, const std::string& path, Importer& to) {
  provider(to).enabled = flag_of(node, path, to).value_or(true);
}
void begin_rule(const Node&, const std::string& path, Importer& to) {
  to.source.rules.emplace_back().path = path;
}
void take_rule_enabled(const Node& node, const std::string& path, Importer& to) {
  rule(to).enabled = flag_of(node, path, to).value_or(true);
}
void other_condition(const Node&, const std::string&, Importer& to) { rule(to).other_conditions = true; }
void take_mapping(const Node& node, const std::string& path, Importer& to) {
  if (node.kind != Node::Kind::map && node.kind != Node::Kind::null)
    to.lost(path, "expected a map, found " + found(node));
  for (const Entry& e : node.members) {
    auto text = text_of(e.value, path + "." + e.key, to);
    if (!text) continue;
    if (e.key == "default")
      to.source.mapped_default = std::move(*text);
    else
      to.source.mapping.emplace_back(e.key, std::move(*text));
  }
}

// "cache {enabled, redis {host}}": a section with all that stands in it.
std::string with_keys(const std::string& path, const Node& node) {
  std::string out = path;
  for (const Entry& e : node.members)
    out += (&e == &node.members.front() ? " {" : ", ") + with_keys(e.key, e.value);
  return node.members.empty() ? out : out + "}";
}

// Sections that can be off: then nothing is lost.
void switched(const Node& node, const std::string& path, Importer& to, std::string why) {
  const Node* enabled = node.find("enabled");
  if (enabled != nullptr && enabled->text == "false")
    to.note(Kind::idle, with_keys(path, node), "is off there, and here");
  else
    to.lost(with_keys(path, node), std::move(why));
}
void take_cache(const Node& node, const std::string& path, Importer& to) {
  switched(node, path, to, "there is no cache of answers");
}
void take_log_file(const Node& node, const std::string& path, Importer& to) {
  switched(node, path, to, "the log goes to standard error; whoever starts the program keeps it in files");
}
void take_client_limits(const Node& node, const std::string& path, Importer& to) {
  switched(node, path, to, "there are no limits per client but server.connections_max and server.loop_guard");
}
void take_bodies(const Node& node, const std::string& path, Importer& to) {
  if (flag_of(node, path, to).value_or(false))
    to.lost(path, "prompts and answers are never logged");
  else
    to.note(Kind::idle, path, "prompts and answers are never logged");
}
void take_client_keys(const Node& node, const std::string& path, Importer& to) {
  const Node* required = node.find("required");
  const Node* enabled = node.find("enabled");
  const bool on =
      (enabled == nullptr || enabled->text != "false") && required != nullptr && required->text == "true";
  to.source.keys_required = on;
  if (!on) to.note(Kind::idle, path, "no key was required, and none is");
}
void take_cors(const Node& node, const std::string& path, Importer& to) {
  const Node* enabled = node.find("enabled");
  if (enabled != nullptr && enabled->text == "false")
    return to.note(Kind::idle, path, "is off there, and here: browsers of other origins are refused");
  if (const Node* origins = node.find("origins"))
    for (std::string& o : texts_of(*origins, path + ".origins", to)) {
      if (o == "*")
        to.lost(path + ".origins",
                "`*` would let any web page use the keys; name origins in server.allowed_origins");
      else
        to.source.origins.push_back(std::move(o));
    }
  for (const char* key : {"methods", "headers"})
    if (node.find(key) != nullptr)
      to.note(Kind::idle, path + "." + key, "all that the endpoints take are allowed to allowed origins");
}

constexpr std::string_view kLabel = "a label, without effect";
constexpr std::string_view kRoutes =
    "choosing among several providers by load, order or health is not there yet";
constexpr std::string_view kLimits = "limits towards a provider are not there yet";
constexpr std::string_view kRetries = "a failed request is not sent again; clients' SDKs do that";
constexpr std::string_view kChecks =
    "providers are not asked for their health; a failed one answers 502 at once";
constexpr std::string_view kMetrics = "GET /metrics always answers, with figures of that moment";

const Row kRows[] = {
    {"server", nullptr, Kind::idle, {}, true},
    {"server.name", nullptr, Kind::idle, kLabel},
    {"server.version", nullptr, Kind::idle, kLabel},
    {"server.description", nullptr, Kind::idle, kLabel},
    {"server.debug", take_debug},
    {"server.port", take_port},
    {"server.host", take_text<&Source::host>},
    {"providers", nullptr, Kind::idle, {}, true},
    {"providers[]", begin_provider, Kind::idle, {}, true},
    {"providers[].id", take_of_provider<&SourceProvider::id>},
    {"providers[].name", nullptr, Kind::idle, kLabel},
    {"providers[].type", take_of_provider<&SourceProvider::type>},
    {"providers[].baseUrl", take_of_provider<&SourceProvider::base_url>},
    {"providers[].apiKey", take_of_provider<&SourceProvider::key>},
    {"providers[].models", take_models},
    {"providers[].capabilities", nullptr, Kind::lost, "what a model can do is not asked when one is chosen"},
    {"providers[].rateLimits", nullptr, Kind::lost, kLimits},
    {"providers[].priority", nullptr, Kind::lost,
     "of several providers with the same model the first is asked"},
    {"providers[].weight", nullptr, Kind::lost, kRoutes},
    {"providers[].healthCheck", nullptr, Kind::lost, kChecks},
    {"providers[].headers", take_headers},
    {"providers[].timeout", take_timeout},
    {"providers[].retryAttempts", nullptr, Kind::lost, kRetries},
    {"providers[].retryDelay", nullptr, Kind::lost, kRetries},
    {"providers[].enabled", take_enabled},
    {"routing", nullptr, Kind::idle, {}, true},
    {"routing.defaultProvider", take_text<&Source::default_provider>},
    {"routing.fallbackProvider", nullptr, Kind::lost, kRoutes},
    {"routing.loadBalancing", nullptr, Kind::lost, kRoutes},
    {"routing.rules", nullptr, Kind::idle, {}, true},
    {"routing.rules[]", begin_rule, Kind::idle, {}, true},
    {"routing.rules[].id", nullptr, Kind::idle, kLabel},
    {"routing.rules[].name", nullptr, Kind::idle, kLabel},
    {"routing.rules[].condition", nullptr, Kind::idle, {}, true},
    {"routing.rules[].condition.model", take_of_rule<&SourceRule::model>},
    {"routing.rules[].condition.provider", other_condition},
    {"routing.rules[].condition.capabilities", other_condition},
    {"routing.rules[].condition.metadata", other_condition},
    {"routing.rules[].target", nullptr, Kind::idle, {}, true},
    {"routing.rules[].target.providerId", take_of_rule<&SourceRule::provider>},
    {"routing.rules[].target.weight", nullptr, Kind::lost, kRoutes},
    {"routing.rules[].target.fallback", nullptr, Kind::lost, kRoutes},
    {"routing.rules[].enabled", take_rule_enabled},
    {"routing.modelMapping", take_mapping},
    {"cache", take_cache},
    {"logging", nullptr, Kind::idle, {}, true},
    {"logging.level", take_text<&Source::log_level>},
    {"logging.format", take_text<&Source::log_format>},
    {"logging.requests", nullptr, Kind::idle, "every request is a row of the ledger (`patchbay usage`)"},
    {"logging.responses", take_bodies},
    {"logging.performance", nullptr, Kind::idle, "times are in the ledger and at /metrics"},
    {"logging.errors", nullptr, Kind::idle, "failed requests are always logged"},
    {"logging.file", take_log_file},
    {"security", nullptr, Kind::idle, {}, true},
    {"security.rateLimiting", take_client_limits},
    {"security.apiKeyValidation", take_client_keys},
    {"security.cors", take_cors},
    {"monitoring", nullptr, Kind::idle, {}, true},
    {"monitoring.enabled", nullptr, Kind::idle, kMetrics},
    {"monitoring.metricsInterval", nullptr, Kind::idle, kMetrics},
    {"monitoring.healthCheckInterval", nullptr, Kind::lost, kChecks},
};

const Row* find_row(std::string_view key) {
  const auto row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.key == key; });
  return row == std::end(kRows) ? nullptr : row;
}

// `key`: the path as rows have it. True when it, or something in it, has a row.
bool visit(const Node& node, const std::string& key, const std::string& path, Importer& to) {
  const Row* row = find_row(key);
  if (row == nullptr && !key.empty()) {
    to.lost(path, "is not a key of cproxy");
    return false;
  }
  if (row != nullptr && row->take != nullptr) row->take(node, path, to);
  if (row != nullptr && row->take == nullptr && !row->inside)
    to.note(row->kind, with_keys(path, node), std::string(row->why));
  if (row != nullptr && !row->inside) return true;
  if (node.kind == Node::Kind::scalar) to.lost(path, "expected a map or a list, found " + found(node));
  bool known = row != nullptr;
  for (std::size_t i = 0; i < node.items.size(); ++i)
    visit(node.items[i], key + "[]", path + "[" + std::to_string(i) + "]", to);
  for (const Entry& e : node.members) {
    const std::string dot = key.empty() ? "" : ".";
    if (visit(e.value, key + dot + e.key, path + dot + e.key, to)) known = true;
  }
  return known;
}

}  // namespace

bool read_file(const Node& root, Importer& to) { return visit(root, "", "", to); }

}  // namespace pb::config::cproxy
