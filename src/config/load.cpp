#include "config/load.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/utf8.h"
#include "config/read.h"
#include "config/stored_keys.h"
#include "net/probe.h"

namespace pb::config {
namespace {

constexpr std::size_t kFileBytesMax = 4u << 20;
constexpr int kProbeMs = 200;

std::string variable(const Environment& env, const std::string& name) {
  return env.get ? env.get(name).value_or("") : "";
}

constexpr const char* kExtensions[] = {".yaml", ".yml", ".json"};
// They decide where the overlay or the keys are, which parts go below it, or which files others may reach.
constexpr std::pair<std::string_view, std::string_view> kNotInOverlay[] = {
    {"server", "data_dir"}, {"ledger", "path"},        {"mcp", "files"},
    {"key_store", "path"},  {"key_store", "key_file"}, {"profiles", ""}};

struct FileText {
  std::string text;
  std::string fault;  // "" = read
};

FileText read_file(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return {"", "is a folder, not a file"};
  std::ifstream in(path, std::ios::binary);
  if (!in) return {"", "cannot be read; is the name right?"};
  FileText out;
  out.text.resize(kFileBytesMax + 1);
  in.read(out.text.data(), static_cast<std::streamsize>(out.text.size()));
  out.text.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

// Why a text is no configuration at all; "" when it may be one.
std::string text_fault(const std::string& text) {
  if (text.size() > kFileBytesMax) return "is larger than " + bytes_text(kFileBytesMax);
  std::size_t line = 1;
  for (std::size_t at = 0, length = 0; at < text.size(); at += length) {
    length = utf8::length(text, at);
    if (length == 0) return "is not UTF-8: line " + std::to_string(line) + " has a byte that is none";
    if (text[at] == '\n') ++line;
  }
  return {};
}

// "conf/patchbay" of "conf/patchbay.yaml".
std::string stem_of(const std::string& file) {
  const std::filesystem::path path(file);
  return (path.parent_path() / path.stem()).string();
}

// The profiles that have files beside this one: names and files ("prod", "conf/patchbay.prod.yaml").
std::vector<std::pair<std::string, std::string>> profile_files(const std::string& file) {
  std::vector<std::pair<std::string, std::string>> out;
  const std::filesystem::path path(file);
  const std::string start = path.stem().string() + ".";
  std::error_code failed;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    const std::string extension = entry.path().extension().string();
    if (!name.starts_with(start) || name.size() <= start.size() + extension.size()) continue;
    if (std::ranges::find(kExtensions, extension) == std::end(kExtensions)) continue;
    const std::string profile = name.substr(start.size(), name.size() - start.size() - extension.size());
    if (!profile.contains('.')) out.emplace_back(profile, (path.parent_path() / name).string());
  }
  std::ranges::sort(out);
  return out;
}

void apply_overrides(const std::vector<Override>& overrides, Reading& reading) {
  const auto bounds = bind(reading.out.config);
  for (const Override& o : overrides)
    for (const Bound& b : bounds)
      if (b.option->path == o.path) {
        read_value(node_of_text(o.value, b.option->kind), b, o.from, reading);
        reading.origin(o.path, o.from);
      }
}

// The whole of a configuration from its parts, each put on the one before.
class Assembly {
 public:
  Assembly(const LoadOptions& options, const Environment& env)
      : options_(options), env_(env), reading_{sources_, env, out_, &keys_} {
    out_.config.source = options.file;
    out_.profile = options.profile.empty() ? variable(env, "PATCHBAY_PROFILE") : options.profile;
    sources_.all.push_back({options.file, "", ""});
  }

  // `text`: of the file; nullopt = there is none. `alone`: no other file is looked at.
  Loaded run(const std::optional<std::string>& text, bool alone) {
    Node root = text ? parse(*text, 0) : Node{};
    if (!options_.file.empty() && !alone) out_.files.push_back(options_.file);
    out_.profiles = take_profile(root, out_.profile, sources_, reading_);
    if (!alone) add_profile_file(root);
    check_profile();
    if (!alone && options_.with_overlay) add_overlay(root);
    find_stored_keys(root, alone);
    interpolate(root, reading_);
    lift_shared(root);  // of a profile
    read(root);
    return std::move(out_);
  }

 private:
  void mistake(const std::string& file, std::string what) {
    out_.mistakes.push_back({file, 0, 0, "", std::move(what)});
  }

  // Before the rest is read, because the rest may refer to them.
  void find_stored_keys(const Node& root, bool alone) {
    if (!env_.stored_keys) return;
    Config config;
    config.server.data_dir = early(root, "server", "data_dir");
    config.ledger.path = early(root, "ledger", "path");
    config.key_store = {early(root, "key_store", "path"), early(root, "key_store", "key_file")};
    const store::KeyPlace place = key_store_place(config, env_);
    if (!alone) out_.files.push_back(place.path);
    keys_ = StoredKeys(env_.stored_keys(place), place.path);
    if (!keys_.fault().empty()) reading_.mistake(Node{}, "key_store", keys_.fault());
  }

  Node parse(const std::string& text, std::size_t source) {
    const std::string& file = sources_.all[source].file;
    if (std::string fault = text_fault(text); !fault.empty()) {
      mistake(file, std::move(fault));
      return {};
    }
    Node root = read_yaml(text, file, out_.mistakes);
    stamp(root, source);
    lift_shared(root);
    if (root.kind == Node::Kind::map || root.kind == Node::Kind::null) return root;
    reading_.mistake(root, "", "expected a map of options, found " + found(root));
    return {};
  }

  Node parse_file(const std::string& file, const std::string& label) {
    sources_.all.push_back({file, label, ""});
    const FileText read = read_file(file);
    if (!read.fault.empty()) {
      mistake(file, read.fault);
      return {};
    }
    return parse(read.text, sources_.all.size() - 1);
  }

  void add_profile_file(Node& root) {
    if (options_.file.empty()) return;
    const auto named = profile_files(options_.file);
    for (const auto& [name, file] : named)
      if (std::ranges::find(out_.profiles, name) == out_.profiles.end()) out_.profiles.push_back(name);
    if (out_.profile.empty()) return;
    for (const char* extension : kExtensions)
      out_.files.push_back(stem_of(options_.file) + "." + out_.profile + extension);
    bool first = true;
    for (const auto& [name, file] : named) {
      if (name != out_.profile) continue;
      if (!std::exchange(first, false)) {
        mistake(file, "profile " + name + " has another file too; only one of them may be there");
        continue;
      }
      Node over = parse_file(file, "profile " + name);
      if (over.kind == Node::Kind::map) merge(root, std::move(over), "", reading_);
    }
  }

  void check_profile() {
    if (out_.profile.empty() || std::ranges::find(out_.profiles, out_.profile) != out_.profiles.end()) return;
    std::vector<std::string_view> names(out_.profiles.begin(), out_.profiles.end());
    const std::string from = "--profile (PATCHBAY_PROFILE)";
    std::string what = "no profile is named `" + out_.profile + "`; ";
    if (names.empty())
      what += options_.file.empty() ? "there is no configuration file that could have one"
                                    : "write `profiles: {" + out_.profile + ": {…}}` in " + options_.file;
    else
      what += suggestion(out_.profile, names, "there are");
    reading_.mistake(Node{}, from, std::move(what));
  }

  // The text of an option that decides where the overlay is.
  std::string early(const Node& root, std::string_view section, std::string_view key) {
    const std::string path = std::string(section) + "." + std::string(key);
    std::string text;
    if (const Node* map = root.find(section))
      if (const Node* node = map->find(key); node != nullptr && node->kind == Node::Kind::scalar) {
        Loaded ignored;
        Reading scratch{sources_, env_, ignored};
        Node copy = *node;
        interpolate(copy, scratch);
        text = copy.text;
      }
    if (std::string set = variable(env_, environment_name(path)); !set.empty()) text = set;
    for (const Override& o : options_.overrides)
      if (o.path == path) text = o.value;
    return text;
  }

  void add_overlay(Node& root) {
    Config early_config;
    early_config.server.data_dir = early(root, "server", "data_dir");
    early_config.ledger.path = early(root, "ledger", "path");
    out_.overlay = options_.overlay.empty() ? overlay_path(early_config, env_) : options_.overlay;
    out_.files.push_back(out_.overlay);
    Node over;
    std::error_code ignored;
    if (options_.overlay_text) {
      sources_.all.push_back({out_.overlay, "overlay", ""});
      over = parse(*options_.overlay_text, sources_.all.size() - 1);
    } else if (std::filesystem::exists(out_.overlay, ignored)) {
      over = parse_file(out_.overlay, "overlay");
    }
    if (over.kind != Node::Kind::map) return;
    for (const auto& [section, key] : kNotInOverlay)
      if (const Node* map = over.find(section); map != nullptr)
        if (const Node* node = key.empty() ? map : map->find(key))
          reading_.mistake(*node, std::string(section) + (key.empty() ? "" : ".") + std::string(key),
                           "cannot stand in the overlay: set it in the configuration file");
    out_.notes.push_back("settings of " + out_.overlay + " go over the file's (`patchbay config overlay`)");
    merge(root, std::move(over), "", reading_);
  }

  void read(const Node& root) {
    static constexpr std::string_view kSections[] = {"providers", "models", "routes",  "rules",
                                                     "prices",    "teams",  "profiles"};
    const auto bounds = bind(out_.config);
    read_options(root, bounds, "", kSections, reading_);
    read_environment(bounds, "", reading_);
    apply_overrides(options_.overrides, reading_);
    read_providers(root, reading_);
    read_models(root, reading_);
    read_routes(root, reading_);
    read_rules(root, reading_);
    read_prices(root, reading_);
    read_teams(root, reading_);
    check_limits(root, reading_);
    check_cache(root, reading_);
    check_shared(root, reading_);
    check_mcp(root, reading_);
    check_mcp_oauth(root, reading_);
    check_whole(root, reading_);
    std::sort(out_.mistakes.begin(), out_.mistakes.end());
    out_.mistakes.erase(std::unique(out_.mistakes.begin(), out_.mistakes.end()), out_.mistakes.end());
  }

  const LoadOptions& options_;
  const Environment& env_;
  Sources sources_;
  Loaded out_;
  StoredKeys keys_;
  Reading reading_;
};

Loaded unreadable(const std::string& path, std::string what) {
  Loaded out;
  out.config.source = path;
  out.mistakes.push_back({path, 0, 0, "", std::move(what)});
  return out;
}

}  // namespace

std::string Mistake::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!out.empty()) out += ": ";
  if (!path.empty()) out += path + ": ";
  return out + what;
}

Environment Environment::process() {
  Environment env;
  env.get = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  env.probe = [](const std::string& host, int port) {
    return net::accepts_connections(host, port, kProbeMs);
  };
  env.stored_keys = store::read_provider_keys;
  return env;
}

std::string find_file(const std::string& explicit_path, const Environment& env) {
  if (!explicit_path.empty()) return explicit_path;
  if (std::string path = variable(env, "PATCHBAY_CONFIG"); !path.empty()) return path;
  std::vector<std::string> stems = {"./patchbay"};
  const std::string xdg = variable(env, "XDG_CONFIG_HOME"), home = variable(env, "HOME");
  if (!xdg.empty()) stems.push_back(xdg + "/patchbay/patchbay");
  if (!home.empty()) stems.push_back(home + "/.config/patchbay/patchbay");
  std::error_code ignored;
  for (const std::string& stem : stems)
    for (const char* extension : {".yaml", ".yml", ".json"})
      if (std::filesystem::is_regular_file(stem + extension, ignored))
        return stem.starts_with("./") ? stem.substr(2) + extension : stem + extension;
  return {};
}

Loaded load(const LoadOptions& options, const Environment& env) {
  if (options.file.empty()) return Assembly(options, env).run(std::nullopt, false);
  const FileText read = read_file(options.file);
  if (!read.fault.empty()) return unreadable(options.file, read.fault);
  if (std::string fault = text_fault(read.text); !fault.empty())
    return unreadable(options.file, std::move(fault));
  return Assembly(options, env).run(read.text, false);
}

Loaded load(const std::string& path, const Environment& env, const std::vector<Override>& overrides) {
  return load(LoadOptions{.file = path, .profile = {}, .overrides = overrides, .with_overlay = false}, env);
}

Loaded load_text(const std::string& text, const std::string& path, const Environment& env,
                 const std::vector<Override>& overrides) {
  if (std::string fault = text_fault(text); !fault.empty()) return unreadable(path, std::move(fault));
  const LoadOptions options{.file = path, .profile = {}, .overrides = overrides, .with_overlay = false};
  return Assembly(options, env).run(text, true);
}

std::string data_dir(const Config& config, const Environment& env) {
  if (!config.server.data_dir.empty()) return config.server.data_dir;
  if (const std::string xdg = variable(env, "XDG_DATA_HOME"); !xdg.empty()) return xdg + "/patchbay";
  const std::string home = variable(env, "HOME");
  return home.empty() ? "data" : home + "/.local/share/patchbay";
}

std::string ledger_path(const Config& config, const Environment& env) {
  return config.ledger.path.empty() ? data_dir(config, env) + "/patchbay.db" : config.ledger.path;
}

std::string keys_path(const Config& config, const Environment& env) {
  return (std::filesystem::path(ledger_path(config, env)).parent_path() / "keys.db").string();
}

std::string export_dir(const Config& config, const Environment& env) {
  if (!config.mcp.files.export_dir.empty()) return config.mcp.files.export_dir;
  return (std::filesystem::path(ledger_path(config, env)).parent_path() / "reports").string();
}

std::string overlay_path(const Config& config, const Environment& env) {
  return (std::filesystem::path(ledger_path(config, env)).parent_path() / "overlay.yaml").string();
}

}  // namespace pb::config
