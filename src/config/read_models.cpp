// The model names and prices of the file, and what concerns several options at once.
#include <algorithm>

#include "base/strings.h"
#include "config/read.h"
#include "net/fetch_url.h"

namespace pb::config {
namespace {

std::optional<std::size_t> index_of(const Config& config, std::string_view name) {
  for (std::size_t i = 0; i < config.providers.size(); ++i)
    if (config.providers[i].name == name) return i;
  return std::nullopt;
}

struct Targets {
  const Node* use = nullptr;  // null: its mistake is told
  const Node* thinking = nullptr;
};

// The "provider/model" texts of an entry.
Targets targets_of(const Entry& e, const std::string& path, Reading& reading) {
  if (e.value.broken) return {};
  if (e.value.kind == Node::Kind::scalar) return {&e.value, nullptr};
  if (e.value.kind != Node::Kind::map) {
    reading.mistake(e.value, path, "expected provider/model, found " + found(e.value));
    return {};
  }
  static constexpr std::string_view kKeys[] = {"use", "thinking"};
  Targets out;
  for (const Entry& member : e.value.members) {
    const std::string at = path + "." + member.key;
    const Node** to = member.key == "use" ? &out.use : member.key == "thinking" ? &out.thinking : nullptr;
    if (to == nullptr)
      reading.mistake(member, at, "unknown key; " + suggestion(member.key, kKeys));
    else if (member.value.kind != Node::Kind::scalar)
      reading.mistake(member.value, at, "expected provider/model, found " + found(member.value));
    else if (!member.value.broken)
      *to = &member.value;
  }
  if (e.value.find("use") == nullptr) reading.mistake(e, path, "`use: provider/model` is missing");
  return out;
}

}  // namespace

std::vector<std::string_view> provider_names(const Node& root, const Config& config) {
  std::vector<std::string_view> out;
  for (const Provider& p : config.providers) out.push_back(p.name);
  if (const Node* map = root.find("providers"))
    for (const Entry& e : map->members)
      if (std::find(out.begin(), out.end(), e.key) == out.end()) out.push_back(e.key);
  return out;
}

std::string unknown_provider(const std::string& name, std::span<const std::string_view> names) {
  std::string out = "no provider is named `" + name + "`; ";
  const llm::Vendor* vendor = llm::find_vendor(name);
  if (vendor != nullptr && !vendor->key_env.empty())
    return out + "set " + std::string(vendor->key_env) + " or add it under `providers`";
  if (names.empty()) return out + "add it under `providers`";
  return out + suggestion(name, names, "providers");
}

std::optional<ModelTarget> read_target(const Node& node, const std::string& name, const std::string& path,
                                       std::span<const std::string_view> providers, Reading& reading) {
  const std::string& text = node.text;
  const auto slash = text.find('/');
  if (slash == text.npos || slash == 0 || slash + 1 == text.size()) {
    reading.mistake(node, path, "expected provider/model, found " + found(node));
    return std::nullopt;
  }
  if (text.ends_with('*') && !name.ends_with('*')) {
    reading.mistake(node, path,
                    "a `*` here stands for what the name's `*` does, and `" + name + "` has none");
    return std::nullopt;
  }
  const std::string provider = text.substr(0, slash);
  if (const auto index = index_of(reading.out.config, provider))
    return ModelTarget{*index, text.substr(slash + 1)};
  if (std::find(providers.begin(), providers.end(), provider) == providers.end())
    reading.mistake(node, path, unknown_provider(provider, providers));
  return std::nullopt;
}

const Node* map_of(const Node& root, std::string_view key, std::string_view what, Reading& reading) {
  const Node* map = root.find(key);
  if (map == nullptr || map->kind == Node::Kind::null) return nullptr;
  if (map->kind == Node::Kind::map) return map;
  reading.mistake(*map, std::string(key),
                  "expected a map of " + std::string(what) + ", found " + found(*map));
  return nullptr;
}

std::string name_fault(std::string_view name, std::string_view what) {
  if (name.empty()) return "a " + std::string(what) + "'s name must not be empty";
  const auto star = name.find('*');
  return star != name.npos && star + 1 < name.size() ? "a `*` may stand at the end of a name only" : "";
}

void read_models(const Node& root, Reading& reading) {
  Config& config = reading.out.config;
  const Node* map = map_of(root, "models", "names", reading);
  if (map == nullptr) return;
  const auto names = provider_names(root, config);
  for (const Entry& e : map->members) {
    const std::string path = "models." + e.key;
    if (std::string fault = name_fault(e.key, "model"); !fault.empty()) {
      reading.mistake(e, path, std::move(fault));
      continue;
    }
    const Targets to = targets_of(e, path, reading);
    if (to.use != nullptr) reading.origin(to.use == &e.value ? path : path + ".use", *to.use);
    if (to.thinking != nullptr) reading.origin(path + ".thinking", *to.thinking);
    std::optional<ModelTarget> use, thinking;
    if (to.use != nullptr) use = read_target(*to.use, e.key, path, names, reading);
    if (to.thinking != nullptr)
      thinking = read_target(*to.thinking, e.key, path + ".thinking", names, reading);
    if (use) config.models.push_back({e.key, use->provider, std::move(use->model), std::move(thinking)});
  }
}

void read_prices(const Node& root, Reading& reading) {
  const Node* map = map_of(root, "prices", "prices by model", reading);
  if (map == nullptr) return;
  for (const Entry& e : map->members) {
    const std::string path = "prices." + e.key;
    if (e.value.broken) continue;
    if (e.value.kind != Node::Kind::map) {
      reading.mistake(e.value, path, "expected a map such as {input: 1, output: 2}, found " + found(e.value));
      continue;
    }
    Price price;
    const std::size_t before = reading.out.mistakes.size();
    read_options(e.value, bind(price), path, {}, reading);
    for (const char* key : {"input", "output"})
      if (e.value.find(key) == nullptr) reading.mistake(e, path, "`" + std::string(key) + "` is missing");
    if (reading.out.mistakes.size() == before) reading.out.config.prices[e.key] = price;
  }
}

namespace {

void check_admin(const Node& key, const Node& listen, Reading& reading) {
  constexpr std::size_t kKeyMin = 16;
  const Config& config = reading.out.config;
  const std::string& secret = config.admin.key.reveal();
  if (secret.empty() && !config.admin.listen.empty())
    reading.mistake(listen, "admin.listen",
                    "needs `admin.key` (or PATCHBAY_ADMIN_KEY): the admin API is off without");
  if (secret.empty()) return;
  if (secret.size() < kKeyMin)
    reading.mistake(key, "admin.key",
                    "is too short: at least " + std::to_string(kKeyMin) +
                        " characters; `openssl rand -hex 32` makes one");
  for (const Secret& client : config.server.keys)
    if (client.equals(secret))
      reading.mistake(key, "admin.key",
                      "is one of `server.keys` too: clients must not have the key of the admin API");
}

}  // namespace

void check_whole(const Node& root, Reading& reading) {
  Config& config = reading.out.config;
  const auto at = [&](std::initializer_list<std::string_view> path) {
    const Node* n = &root;
    for (std::string_view key : path) n = n == nullptr ? nullptr : n->find(key);
    return n == nullptr ? Node{} : *n;
  };
  if (const auto listen = parse_address(config.server.listen); listen && !listen->loopback()) {
    if (config.server.require_key == "never")
      reading.mistake(at({"server", "require_key"}), "server.require_key",
                      "`never` is for loopback addresses only; this server listens on " + listen->host);
    else if (config.server.keys.empty() && config.server.require_key != "always")
      reading.mistake(
          at({"server", "listen"}), "server.listen",
          "listening on " + listen->host +
              " needs client keys: set `server.keys` (or PATCHBAY_SERVER_KEYS), or "
              "`server.require_key: always` with keys of `patchbay keys`, or listen on 127.0.0.1");
  }
  check_admin(at({"admin", "key"}), at({"admin", "listen"}), reading);
  if (const int n = config.server.loop_guard; n > 0 && n < limits::kLoopSendsMin)
    reading.mistake(at({"server", "loop_guard"}), "server.loop_guard",
                    "must be 0 (off) or at least " + std::to_string(limits::kLoopSendsMin) +
                        ": SDKs send a request that failed again up to six times");
  for (const std::string& host : config.server.allowed_hosts)
    if (host.contains('/'))
      reading.mistake(at({"server", "allowed_hosts"}), "server.allowed_hosts",
                      "`" + host + "` is no `Host` header; write the name alone, as in gateway.example.com");
  for (const std::string& origin : config.server.allowed_origins)
    if (const auto scheme = origin.find("://");
        origin != "null" && origin != "*" &&
        (scheme == origin.npos || origin.find('/', scheme + 3) != origin.npos))
      reading.mistake(at({"server", "allowed_origins"}), "server.allowed_origins",
                      "`" + origin + "` is no origin; write it as browsers send it: https://app.example.com");
  for (const std::string& host : config.media.allow_hosts)
    if (auto allowed = net::parse_allowed_host(host); !allowed)
      reading.mistake(at({"media", "allow_hosts"}), "media.allow_hosts", allowed.error().message);
  const std::string& model = config.default_model;
  if (model.empty()) return;
  for (const Model& m : config.models)
    if (covers(m.name, model)) return;
  for (const route::Route& r : config.routes)
    if (covers(r.name, model)) return;
  for (const Provider& p : config.providers)
    if (model.starts_with(p.name + "/") ||
        std::find(p.models.begin(), p.models.end(), model) != p.models.end())
      return;
  const auto names = provider_names(root, config);
  const auto slash = model.find('/');
  if (slash != model.npos && std::find(names.begin(), names.end(), model.substr(0, slash)) != names.end())
    return;  // has its own mistake
  reading.mistake(at({"default_model"}), "default_model",
                  slash == model.npos
                      ? "no model is named `" + model + "`; add it under `models` or write provider/model"
                      : unknown_provider(model.substr(0, slash), names));
}

}  // namespace pb::config
