// What was found, as our configuration.
#include <algorithm>

#include "base/strings.h"
#include "config/import/cproxy.h"
#include "config/import/writing.h"
#include "config/read.h"

namespace pb::config::cproxy {
namespace {

constexpr int kPort = 3000;  // where cproxy listened unless told otherwise
constexpr const char* kClientKey = "PATCHBAY_CLIENT_KEY";

using importing::letter_or_digit;
using importing::list;
using importing::text;
using importing::variable_name;

// The NAME of "${NAME}" or "${NAME:-…}" when the text is nothing else; "" when it is something else.
std::string reference(std::string_view value) {
  if (!value.starts_with("${") || !value.ends_with('}')) return {};
  std::string_view name = value.substr(2, value.size() - 3);
  name = name.substr(0, name.find(":-"));
  const bool good =
      !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
      std::all_of(name.begin(), name.end(), [](char c) { return letter_or_digit(c) || c == '_'; });
  return good ? std::string(name) : "";
}

// A text as it stands in our file: references stay, any other dollar sign is one.
std::string literal(std::string_view value) {
  if (!reference(value).empty()) return std::string(value);
  return importing::literal(value);
}

// cproxy's kind of provider -> the type of ours.
std::string type_of(const SourceProvider& p, Importer& from) {
  if (p.type == "openrouter" || p.type == "anthropic" || p.type == "openai") return p.type;
  if (p.type != "local")
    from.changed(p.path + ".type", "`" + p.type + "` is taken for a server with OpenAI's format");
  if (p.base_url.contains(":11434")) return "ollama";
  if (p.base_url.contains(":1234")) return "lmstudio";
  return "custom";
}

class Writer {
 public:
  explicit Writer(Importer& from) : from_(from), source_(from.source) {}

  Node run() {
    server();
    log();
    root_["providers_from_environment"] = Node::scalar("false", false);
    root_["providers"].kind = Node::Kind::map;
    for (SourceProvider& p : source_.providers) {
      p.name = name_for(p);
      if (p.enabled)
        provider(p);
      else
        from_.lost(p.path, "provider `" + p.id + "` is switched off there; add it to `providers` to use it");
    }
    models();
    return std::move(root_);
  }

 private:
  void server() {
    const std::string host = source_.host.empty() || source_.host == "localhost" ? "127.0.0.1" : source_.host;
    const std::string shown = host.contains(':') ? "[" + host + "]" : host;
    const int port = source_.port.value_or(kPort);
    if (!source_.port)
      from_.changed("server.port",
                    "was not set: written is " + std::to_string(kPort) + ", cproxy's own default");
    Node& server = root_["server"];
    server["listen"] = text(shown + ":" + std::to_string(port));
    const bool open = !HostPort{host, port}.loopback();
    if (open || source_.keys_required) {
      server["keys"] = list({"${" + std::string(kClientKey) + "}"});
      from_.changed(
          open ? "server.host" : "security.apiKeyValidation",
          std::string(open ? "other machines can connect, so clients need a key" : "clients need a key") +
              ": set " + kClientKey + " to the one they are to send");
    }
    if (!source_.origins.empty()) server["allowed_origins"] = list(source_.origins);
  }

  void log() {
    const std::string& given = source_.log_level;
    std::string level = given == "warning"                       ? "warn"
                        : given == "verbose" || given == "silly" ? "trace"
                                                                 : given;
    static constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
    if (!level.empty() && std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels)) {
      from_.lost("logging.level", "`" + given + "` is no level here");
      level.clear();
    }
    if (source_.debug && level != "trace") {
      if (!level.empty() && level != "debug")
        from_.changed("logging.level", "is `debug` here, as server.debug says");
      level = "debug";
    }
    if (!level.empty()) root_["log"]["level"] = text(level);
    const std::string& format = source_.log_format;
    if (format == "json" || format == "text")
      root_["log"]["format"] = text(format);
    else if (!format.empty())
      from_.lost("logging.format", "`" + format + "` is no format here; there are `text` and `json`");
  }

  // A provider's name here: its id without what names may not have, once only.
  std::string name_for(const SourceProvider& p) {
    std::string name = importing::provider_name(p.id.empty() ? p.type : p.id);
    const std::string first = name;
    for (int n = 2; root_["providers"].find(name) != nullptr || taken(name, p); ++n)
      name = first + "-" + std::to_string(n);
    if (name != p.id) from_.changed(p.path + ".id", "provider `" + p.id + "` is named `" + name + "` here");
    return name;
  }
  bool taken(const std::string& name, const SourceProvider& except) const {
    return std::any_of(source_.providers.begin(), source_.providers.end(),
                       [&](const SourceProvider& p) { return &p != &except && p.name == name; });
  }

  void provider(const SourceProvider& p) {
    Node& out = root_["providers"][p.name];
    const std::string type = type_of(p, from_);
    const llm::Vendor& vendor = *llm::find_vendor(type);
    out["type"] = text(type);
    if (type == "custom") out["formats"] = list({"openai_chat"});
    base_url(p, vendor, out);
    key(p, out);
    for (const auto& [name, value] : p.headers) header(p, name, value, out);
    std::vector<std::string> known;
    for (const std::string& m : p.models)
      if (!m.contains('*')) known.push_back(m);
    if (!known.empty()) out["models"] = list(known);
    if (p.timeout_ms && *p.timeout_ms >= 1)
      out["timeouts"]["first_byte"] = text(duration_text(*p.timeout_ms));
    if (type == "anthropic") return;
    // What cproxy did to every request.
    out["exclude_tools"] = list({"BatchTool"});
    out["strip_schema_formats"] = list({"uri"});
  }

  // cproxy's paths began with /v1, ours begin after it.
  void base_url(const SourceProvider& p, const llm::Vendor& vendor, Node& out) {
    if (p.base_url.empty()) {
      if (vendor.base_url.empty())
        from_.lost(p.path + ".baseUrl", "is missing; set providers." + p.name + ".base_url");
      return;
    }
    std::string url = p.base_url;
    while (url.ends_with('/')) url.pop_back();
    if (!reference(url).empty()) {
      out["base_url"] = text(url);
      return;
    }
    if (const std::string fault = url_fault(url); !fault.empty()) {
      from_.lost(p.path + ".baseUrl", "is no usable URL: " + fault);
      return;
    }
    for (const char* endpoint : {"/chat/completions", "/messages"})
      if (url.ends_with(endpoint)) url.resize(url.size() - std::string_view(endpoint).size());
    const bool chat = std::any_of(vendor.formats.begin(), vendor.formats.end(),
                                  [](const llm::VendorFormat& f) { return f.dialect == "openai_chat"; });
    if (chat && !url.ends_with("/v1")) url += "/v1";
    if (!chat && url.ends_with("/v1")) url.resize(url.size() - 3);
    if (llm::normal_base_url(vendor, url) == vendor.base_url) return;
    if (url != p.base_url) from_.changed(p.path + ".baseUrl", "is `" + url + "` here: paths begin after it");
    out["base_url"] = text(literal(url));
    if (vendor.name == p.type && chat) {
      out["formats"] = list({"openai_chat"});
      from_.changed(p.path + ".type",
                    "at this address it is taken to have OpenAI's format only, as cproxy did; see `formats`");
    }
  }

  void key(const SourceProvider& p, Node& out) {
    if (p.keyless) {
      out["auth"] = text("none");
      return;
    }
    if (p.key.empty()) return;
    if (const std::string name = reference(p.key); !name.empty()) {
      out["api_key"] = text("${" + name + "}");
      if (p.key.contains(":-"))
        from_.changed(p.path + ".apiKey", "the default of ${" + name + "} is not copied: set the variable");
      return;
    }
    if (p.type == "local") {
      from_.lost(p.path + ".apiKey", "is not copied: a local server mostly needs none, else set api_key");
      return;
    }
    const std::string name = variable_name(p.name, "API_KEY");
    out["api_key"] = text("${" + name + "}");
    from_.changed(p.path + ".apiKey", "the key itself is not copied: put it into the variable " + name);
  }

  void header(const SourceProvider& p, const std::string& name, const std::string& value, Node& out) {
    std::string written = literal(value);
    if (secret_name(name) && reference(value).empty()) {
      const std::string variable = variable_name(p.name + "_" + name, "HEADER");
      written = "${" + variable + "}";
      from_.changed(p.path + ".headers." + name,
                    "may be a secret and is not copied: put it into the variable " + variable);
    }
    out["headers"][name] = text(written);
  }

  SourceProvider* usable(std::string_view id) {
    SourceProvider* p = find_provider(source_, id);
    return p != nullptr && p->enabled ? p : nullptr;
  }

  SourceProvider* default_provider() {
    if (SourceProvider* p = usable(source_.default_provider)) return p;
    for (SourceProvider& p : source_.providers)
      if (p.enabled) return &p;
    return nullptr;
  }

  // Who has a model of that name: the first that lists it, then the first whose `*` covers it, then the default provider.
  SourceProvider* provider_of(std::string_view model) {
    for (const bool stars : {false, true})
      for (SourceProvider& p : source_.providers)
        for (const std::string& m : p.models) {
          if (!p.enabled) continue;
          if (stars ? covers(m, model) : m == model) return &p;
        }
    return default_provider();
  }

  // Adds a name; the first one stays.
  void name(const std::string& path, const std::string& asked, const std::string& target) {
    const auto star = asked.find('*');
    if (asked.empty() || (star != asked.npos && star + 1 != asked.size()))
      return from_.lost(path, "`" + asked + "`: a name may have a `*` at its end only");
    Node& models = root_["models"];
    if (const Node* there = models.find(asked)) {
      if (there->text != target)
        from_.lost(path, "`" + asked + "` leads to " + there->text + " already; " + target +
                             " can be asked for by that name");
      return;
    }
    models[asked] = text(literal(target));
  }

  void models() {
    if (!source_.default_provider.empty() && usable(source_.default_provider) == nullptr)
      from_.lost("routing.defaultProvider",
                 "no provider in use has the id `" + source_.default_provider + "`");
    SourceProvider* fallback = default_provider();
    if (fallback == nullptr) return;
    for (const auto& [alias, model] : source_.mapping)
      name("routing.modelMapping." + alias, alias, provider_of(model)->name + "/" + model);
    for (const SourceProvider& p : source_.providers)
      for (const std::string& m : p.models)
        if (p.enabled && m.contains('*')) name(p.path + ".models", m, p.name + "/" + m);
    for (const SourceRule& r : source_.rules) rule(r);
    everything_else(*fallback);
  }

  void rule(const SourceRule& r) {
    const SourceProvider* p = usable(r.provider);
    if (!r.enabled) return from_.note(ImportNote::Kind::idle, r.path, "is switched off there");
    if (r.model.empty() || r.other_conditions)
      return from_.lost(r.path, "only conditions on nothing but the model's name can be carried over");
    if (p == nullptr) return from_.lost(r.path, "no provider in use has the id `" + r.provider + "`");
    name(r.path, r.model, p->name + "/" + r.model);
  }

  // Names that nothing above covers.
  void everything_else(SourceProvider& fallback) {
    const std::string &completion = source_.completion_model, &reasoning = source_.reasoning_model;
    const std::string& mapped = source_.mapped_default;
    if (!completion.empty() || !reasoning.empty()) {
      const SourceProvider* chosen = usable(source_.model_provider);
      const std::string at = (chosen != nullptr ? *chosen : fallback).name + "/";
      if (!mapped.empty()) from_.lost("routing.modelMapping.default", "COMPLETION_MODEL goes before it");
      Node& all = root_["models"]["*"];
      if (all.kind != Node::Kind::null) from_.lost("models `*`", "COMPLETION_MODEL goes before " + all.text);
      all = Node{};
      if (completion == reasoning) {
        all = text(literal(at + completion));
      } else {
        all["use"] = text(literal(at + completion));
        all["thinking"] = text(literal(at + reasoning));
      }
    } else if (!mapped.empty()) {
      root_["default_model"] = text(literal(provider_of(mapped)->name + "/" + mapped));
    } else if (root_["models"].find("*") == nullptr) {
      root_["models"]["*"] = text(fallback.name + "/*");
    }
  }

  Importer& from_;
  Source& source_;
  Node root_;
};

}  // namespace

Node write(Importer& from) { return Writer(from).run(); }

}  // namespace pb::config::cproxy
