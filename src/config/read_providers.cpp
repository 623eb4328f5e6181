// The providers of the file and of the environment.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "config/read.h"
#include "config/stored_keys.h"

namespace pb::config {
namespace {

using Names = std::vector<std::string_view>;

std::optional<std::string> variable(const Reading& reading, std::string_view name) {
  if (name.empty() || !reading.env.get) return std::nullopt;
  auto value = reading.env.get(std::string(name));
  return value && !value->empty() ? value : std::nullopt;
}

bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// Host and port of a URL without faults.
HostPort endpoint_of(std::string_view url) {
  HostPort out;
  const bool tls = url.starts_with("https");
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find('/'));
  if (auto both = parse_address(url)) return *both;
  out.host = url.starts_with('[') ? url.substr(1, url.size() - 2) : url;
  out.port = tls ? 443 : 80;
  return out;
}

// True when requests to `url` would come back to this gateway.
bool own_address(const Config& config, const std::string& url) {
  const auto listen = parse_address(config.server.listen);
  if (!listen || listen->port == 0 || url.empty()) return false;
  const HostPort to = endpoint_of(url);
  if (to.port != listen->port) return false;
  return to.host == listen->host ||
         (to.loopback() && (listen->loopback() || listen->host == "0.0.0.0" || listen->host == "::"));
}

// What OLLAMA_HOST and its like hold: "0.0.0.0", "box:11434", ":11434" or a URL.
std::string url_of_host(std::string text, std::string_view vendor_url) {
  if (text.find("://") != text.npos) return text;
  const HostPort standard = endpoint_of(vendor_url);
  std::string port = std::to_string(standard.port);
  if (const auto colon = text.rfind(':'); colon != text.npos && text.find(']', colon) == text.npos) {
    if (colon + 1 < text.size()) port = text.substr(colon + 1);
    text.resize(colon);
  }
  if (text.empty() || text == "0.0.0.0" || text == "[::]")
    text = standard.host;  // an address to listen on, not to connect to
  return "http://" + text + ":" + port;
}

// The vendor's address: from its variable, else its own; "" when it has none.
std::string vendor_url(const llm::Vendor& vendor, const std::string& provider, Reading& reading) {
  const auto text = variable(reading, vendor.base_url_env);
  if (!text) return std::string(vendor.base_url);
  const std::string variable_name(vendor.base_url_env);
  const std::string url = vendor.local ? url_of_host(*text, vendor.base_url) : *text;
  if (const std::string fault = url_fault(url); !fault.empty()) {
    reading.mistake(Node{}, variable_name, "not a usable URL: `" + url + "`: " + fault);
    return std::string(vendor.base_url);
  }
  std::string normal = llm::normal_base_url(vendor, url);
  if (own_address(reading.out.config, normal)) {  // set for clients, so that they use this gateway
    const std::string note =
        variable_name + " points at this gateway; provider " + provider + " keeps its own address";
    if (std::find(reading.out.notes.begin(), reading.out.notes.end(), note) == reading.out.notes.end())
      reading.out.notes.push_back(note);
    return std::string(vendor.base_url);
  }
  return normal;
}

void add_header(Provider& p, std::string_view name, std::string_view value) {
  const auto same = [&](const auto& h) {
    return h.first.size() == name.size() &&
           std::equal(name.begin(), name.end(), h.first.begin(),
                      [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  };
  if (std::none_of(p.headers.begin(), p.headers.end(), same)) p.headers.emplace_back(name, value);
}

class ProviderReader {
 public:
  ProviderReader(std::string name, const llm::Vendor& vendor, const Entry* entry, Reading& reading)
      : name_(std::move(name)),
        path_("providers." + name_),
        vendor_(vendor),
        entry_(entry),
        reading_(reading) {}

  void read() {
    const std::size_t before = reading_.out.mistakes.size();
    start();
    const std::vector<Bound> bounds = bind(draft_);
    if (entry_ != nullptr) {
      read_options(entry_->value, bounds, path_, {}, reading_);
      read_environment(bounds, path_ + ".", reading_);
    }
    check_timeouts();
    check_certificates();
    take_key();
    take_url();
    take_formats();
    take_auth();
    for (ProviderFormat& f : draft_.provider.formats) {
      const std::string& url = draft_.provider.base_url;
      // Without an address yet (the simulator), the path is below the host's root.
      const std::string below(url.empty() ? vendor_.base_path : "");
      f.path = below + llm::format_path(vendor_, f.name, url.empty() ? below : url);
      f.stream_path = llm::stream_path(*f.dialect, f.path);
      if (f.name == "anthropic") add_header(draft_.provider, "anthropic-version", "2023-06-01");
    }
    add_doors();
    if (reading_.out.mistakes.size() != before) return;
    notes();
    if (draft_.provider.base_url.empty()) reading_.out.config.simulator = true;
    reading_.out.config.providers.push_back(std::move(draft_.provider));
  }

 private:
  void start() {
    Provider& p = draft_.provider;
    p.name = name_;
    p.vendor = &vendor_;
    p.auth = vendor_.auth;
    p.query = vendor_.query;
    p.quirks = vendor_.quirks;
    p.media = vendor_.media;
    for (const auto& [name, value] : vendor_.headers) p.headers.emplace_back(name, value);
    p.from_environment = entry_ == nullptr;
  }

  void mistake(std::string_view key, std::string what) {
    const Node* at = entry_ == nullptr ? nullptr : entry_->value.find(key);
    if (at != nullptr) return reading_.mistake(*at, path_ + "." + std::string(key), std::move(what));
    if (entry_ != nullptr) return reading_.mistake(*entry_, path_, std::move(what));
    reading_.mistake(Node{}, path_, std::move(what));
  }
  bool has(std::string_view key) const { return entry_ != nullptr && entry_->value.find(key) != nullptr; }

  // Parts of a request that are given more time than the whole.
  void check_timeouts() {
    const Node* given = entry_ == nullptr ? nullptr : entry_->value.find("timeouts");
    if (given == nullptr || given->find("total") == nullptr) return;
    const Timeouts& t = draft_.provider.timeouts;
    for (const auto& [key, ms] :
         {std::pair("connect", t.connect_ms), {"first_byte", t.first_byte_ms}, {"idle", t.idle_ms}})
      if (const Node* node = given->find(key); node != nullptr && ms > t.total_ms)
        reading_.mistake(*node, path_ + ".timeouts." + key,
                         duration_text(ms) + " is longer than the whole request may take, " +
                             duration_text(t.total_ms) + " (`timeouts.total`)");
  }

  // A file that holds something else would only be told when the provider is asked.
  void check_certificates() {
    const std::string& file = draft_.provider.ca_file;
    std::error_code failed;
    if (file.empty() || !std::filesystem::is_regular_file(file, failed)) return;
    std::ifstream in(file, std::ios::binary);
    std::string line;
    while (std::getline(in, line))
      if (line.starts_with("-----BEGIN ") && line.contains("CERTIFICATE-----")) return;
    mistake("ca_file",
            "the file `" + file + "` has no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  }

  void take_key() {
    Provider& p = draft_.provider;
    if (!p.api_key.empty() || has("api_key")) return;
    for (std::string_view name : {vendor_.key_env, vendor_.key_env_also}) {
      auto key = variable(reading_, name);
      if (!key) continue;
      if (const std::string fault = key_fault(*key); !fault.empty())
        return reading_.mistake(Node{}, std::string(name), fault);
      p.api_key = Secret(std::move(*key));
      key_from_ = name;
      reading_.origin(path_ + ".api_key", "environment: " + std::string(name));
      return;
    }
    if (const store::ProviderKey* key = stored_key(reading_, name_, vendor_)) {
      p.api_key = key->secret;
      key_from_ = "the stored keys";
      reading_.origin(path_ + ".api_key", "stored key " + key->name);
    }
  }

  void take_formats() {
    if (draft_.formats.empty() && !has("formats")) {
      // A server that we know nothing about is taken to speak the commonest format only.
      for (const llm::VendorFormat& f : vendor_.formats)
        if (!f.asked && draft_.provider.base_url.contains(f.only_at)) draft_.formats.emplace_back(f.dialect);
      if (vendor_.name == "custom") draft_.formats.resize(1);
    }
    Names all, own;
    for (const llm::Vendor& v : llm::vendors())
      for (const llm::VendorFormat& f : v.formats)
        if (std::find(all.begin(), all.end(), f.dialect) == all.end()) all.push_back(f.dialect);
    for (const llm::VendorFormat& f : vendor_.formats) own.push_back(f.dialect);
    for (const std::string& name : draft_.formats) {
      const auto known = std::find(all.begin(), all.end(), name);
      if (known == all.end())
        mistake("formats", "unknown format `" + name + "`; " + suggestion(name, all, "formats"));
      else if (std::find(own.begin(), own.end(), name) == own.end())
        mistake("formats", "type `" + std::string(vendor_.name) + "` does not speak `" + name +
                               "`; use `type: custom` if this server does");
      else
        draft_.provider.formats.push_back({llm::find_dialect(name), {}, {}, *known, models_of(name)});
    }
    if (draft_.formats.empty())
      mistake("formats", "at least one format is needed: " + suggestion("", own, "formats"));
  }

  // Another server that is addressed as this vendor has models of its own.
  std::string_view models_of(std::string_view format) const {
    for (const llm::VendorFormat& f : vendor_.formats)
      if (f.dialect == format && draft_.provider.base_url.contains(f.only_at)) return f.models;
    return {};
  }

  // The further doors of what is spoken, at the paths beside it.
  void add_doors() {
    std::vector<ProviderFormat>& formats = draft_.provider.formats;
    for (std::size_t i = 0, n = formats.size(); i < n; ++i)
      for (const llm::Dialect* door : llm::doors()) {
        const ProviderFormat& f = formats[i];
        if (door->door_of != f.name || !f.path.ends_with(f.dialect->path)) continue;
        std::string path = f.path.substr(0, f.path.size() - f.dialect->path.size());
        path.append(door->path);
        formats.push_back({door, path, llm::stream_path(*door, path), door->name});
      }
  }

  void take_url() {
    std::string& url = draft_.provider.base_url;
    if (!url.empty()) {
      given_path_ = url.find('/', url.find("://") + 3) != url.npos;
      url = llm::normal_base_url(vendor_, url);
      if (own_address(reading_.out.config, url))
        mistake("base_url", "`" + url + "` is this gateway's own address; requests would go in circles");
    } else if (!has("base_url")) {
      given_path_ = true;
      url = vendor_url(vendor_, name_, reading_);
      if (url.empty() && vendor_.auth != llm::Auth::none)
        mistake("base_url",
                "`base_url` is missing: type `" + std::string(vendor_.name) + "` has no address of its own");
    }
  }

  void take_auth() {
    Provider& p = draft_.provider;
    const auto names = auth_names();
    const auto chosen = std::find(names.begin(), names.end(), draft_.auth);
    if (chosen != names.end())
      p.auth = static_cast<llm::Auth>(chosen - names.begin());
    else if (vendor_.name == "custom" && !draft_.formats.empty() && draft_.formats.front() == "anthropic")
      p.auth = llm::Auth::x_api_key;
    else if (vendor_.auth == llm::Auth::x_goog_api_key && !draft_.formats.empty() &&
             draft_.formats.front() == "openai_chat")
      p.auth = llm::Auth::bearer;  // as OpenAI's clients send it
  }

  void notes() {
    const Provider& p = draft_.provider;
    std::string note;
    if (!key_from_.empty())
      note = "key from " + std::string(key_from_);
    else if (p.from_environment && vendor_.local)
      note = "at " + p.base_url;
    else if (p.api_key.empty() && p.base_url == vendor_.base_url && !vendor_.local &&
             vendor_.auth != llm::Auth::none)
      note = "no key; set " + std::string(vendor_.key_env) + " or " + path_ + ".api_key";
    else if (!given_path_ && vendor_.base_path.empty() && p.formats.front().name == "openai_chat" &&
             !p.formats.front().path.starts_with("/v1/"))
      note = "requests go to " + p.base_url + p.formats.front().path +
             "; most servers want a base_url that ends in /v1";
    if (!note.empty()) reading_.out.notes.push_back("provider " + p.name + ": " + note);
  }

  std::string name_, path_;
  const llm::Vendor& vendor_;
  const Entry* entry_;  // null: from the environment
  Reading& reading_;
  ProviderDraft draft_;
  std::string_view key_from_;
  bool given_path_ = false;  // the base URL was given with a path
};

const llm::Vendor* vendor_of(const Entry& e, Reading& reading) {
  const std::string path = "providers." + e.key;
  const Node* type = e.value.find("type");
  if (type != nullptr && (type->kind != Node::Kind::scalar || type->broken)) {
    if (!type->broken) reading.mistake(*type, path + ".type", "expected a name, found " + found(*type));
    return nullptr;
  }
  if (const llm::Vendor* v = llm::find_vendor(type != nullptr ? type->text : e.key)) return v;
  Names names;
  for (const llm::Vendor& v : llm::vendors()) names.push_back(v.name);
  if (type != nullptr)
    reading.mistake(*type, path + ".type",
                    "unknown type `" + type->text + "`; " + suggestion(type->text, names, "types"));
  else
    reading.mistake(e, path, "`type` is missing; `custom` is for any compatible server");
  return nullptr;
}

void read_entry(const Entry& e, Reading& reading) {
  const std::string path = "providers." + e.key;
  if (!good_name(e.key))
    return reading.mistake(e, path, "a provider's name is made of letters, digits, `-`, `_` and `.`");
  if (e.value.broken) return;
  if (e.value.kind != Node::Kind::map && e.value.kind != Node::Kind::null)
    return reading.mistake(e.value, path, "expected a map, found " + found(e.value));
  const llm::Vendor* vendor = vendor_of(e, reading);
  if (vendor != nullptr) return ProviderReader(e.key, *vendor, &e, reading).read();
  ProviderDraft ignored;  // for the mistakes in its other options
  read_options(e.value, bind(ignored), path, {}, reading);
}

// True when the file's models go to a provider of that name: then it is meant to be there, running or not.
bool wanted(const Node& root, std::string_view name, const Config& config) {
  const std::string start = std::string(name) + "/";
  if (config.default_model.starts_with(start)) return true;
  if (const Node* routes = root.find("routes"))
    for (const Entry& route : routes->members)
      if (const Node* all = route.value.find("deployments"))
        for (const Node& d : all->items) {
          const Node* use = d.kind == Node::Kind::map ? d.find("use") : &d;
          if (use != nullptr && use->text.starts_with(start)) return true;
        }
  const Node* models = root.find("models");
  if (models == nullptr) return false;
  return std::any_of(models->members.begin(), models->members.end(), [&](const Entry& e) {
    if (e.value.kind != Node::Kind::map) return e.value.text.starts_with(start);
    for (const char* key : {"use", "thinking"})
      if (const Node* to = e.value.find(key); to != nullptr && to->text.starts_with(start)) return true;
    return false;
  });
}

void read_environment_providers(const Node& root, const Node* file, Reading& reading) {
  for (const llm::Vendor& v : llm::vendors()) {
    if (file != nullptr && file->find(v.name) != nullptr) continue;
    const std::string name(v.name);
    if (v.local) {
      const bool asked = wanted(root, v.name, reading.out.config);
      if (!asked && !reading.env.probe) continue;
      const std::string url = vendor_url(v, name, reading);
      const HostPort at = endpoint_of(url);
      if (own_address(reading.out.config, url)) continue;
      if (asked || reading.env.probe(at.host, at.port)) ProviderReader(name, v, nullptr, reading).read();
      continue;
    }
    const bool stored = stored_key(reading, v.name, v) != nullptr;
    const bool set = variable(reading, v.key_env) || variable(reading, v.key_env_also);
    if (!stored && (v.shared_key || !set)) continue;
    if (!v.base_url.empty() || variable(reading, v.base_url_env)) {
      ProviderReader(name, v, nullptr, reading).read();
    } else if (!v.base_url_env.empty()) {
      std::string note = set ? std::string(v.key_env) : "the key " + name;
      note.append(set ? " is set but " : " is stored but ").append(v.base_url_env);
      reading.out.notes.push_back(note.append(" is not; provider ").append(name).append(" stays off"));
    }
  }
}

}  // namespace

void read_providers(const Node& root, Reading& reading) {
  Config& config = reading.out.config;
  const Node* map = root.find("providers");
  if (map != nullptr && map->kind != Node::Kind::map) {
    if (map->kind != Node::Kind::null)
      reading.mistake(*map, "providers", "expected a map of providers by name, found " + found(*map));
    map = nullptr;
  }
  if (map != nullptr)
    for (const Entry& e : map->members) read_entry(e, reading);
  if (config.providers_from_environment) read_environment_providers(root, map, reading);
  if (config.providers.empty() && reading.out.mistakes.empty() &&
      (map == nullptr || map->find("sim") == nullptr)) {
    ProviderReader("sim", *llm::find_vendor("sim"), nullptr, reading).read();
    config.providers.back().models = {"echo", "sim-text", "sim-tools", "sim-thinking", "sim-json"};
    reading.out.notes.push_back(
        "no provider is configured and no key is in the environment: the built-in simulator answers");
  }
}

}  // namespace pb::config
