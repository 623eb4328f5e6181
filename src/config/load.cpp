#include "config/load.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/utf8.h"
#include "config/read.h"
#include "net/probe.h"

namespace pb::config {
namespace {

constexpr std::size_t kFileBytesMax = 4u << 20;
constexpr int kProbeMs = 200;

std::string variable(const Environment& env, const std::string& name) {
  return env.get ? env.get(name).value_or("") : "";
}

void apply_overrides(const std::vector<Override>& overrides, Reading& reading) {
  const auto bounds = bind(reading.out.config);
  for (const Override& o : overrides)
    for (const Bound& b : bounds)
      if (b.option->path == o.path) read_value(node_of_text(o.value, b.option->kind), b, o.from, reading);
}

Loaded read_tree(Node root, const std::string& path, const Environment& env,
                 const std::vector<Override>& overrides, std::vector<Mistake> mistakes) {
  Loaded out;
  out.mistakes = std::move(mistakes);
  out.config.source = path;
  Reading reading{path, env, out};
  if (root.kind != Node::Kind::map && root.kind != Node::Kind::null) {
    reading.mistake(root, "", "expected a map of options, found " + found(root));
    root = Node{};
  }
  interpolate(root, path, env, out.mistakes);
  static constexpr std::string_view kSections[] = {"providers", "models", "routes",
                                                   "rules",     "prices", "teams"};
  const auto bounds = bind(out.config);
  read_options(root, bounds, "", kSections, reading);
  read_environment(bounds, "", reading);
  apply_overrides(overrides, reading);
  read_providers(root, reading);
  read_models(root, reading);
  read_routes(root, reading);
  read_rules(root, reading);
  read_prices(root, reading);
  read_teams(root, reading);
  check_limits(root, reading);
  check_cache(root, reading);
  check_whole(root, reading);
  std::sort(out.mistakes.begin(), out.mistakes.end());
  out.mistakes.erase(std::unique(out.mistakes.begin(), out.mistakes.end()), out.mistakes.end());
  return out;
}

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

Loaded load(const std::string& path, const Environment& env, const std::vector<Override>& overrides) {
  if (path.empty()) return read_tree({}, "", env, overrides, {});
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return unreadable(path, "is a folder, not a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable(path, "cannot be read; is the name right?");
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return load_text(text, path, env, overrides);
}

Loaded load_text(const std::string& text, const std::string& path, const Environment& env,
                 const std::vector<Override>& overrides) {
  if (text.size() > kFileBytesMax) return unreadable(path, "is larger than " + bytes_text(kFileBytesMax));
  std::size_t line = 1;
  for (std::size_t at = 0, length = 0; at < text.size(); at += length) {
    length = utf8::length(text, at);
    if (length == 0)
      return unreadable(path, "is not UTF-8: line " + std::to_string(line) + " has a byte that is none");
    if (text[at] == '\n') ++line;
  }
  std::vector<Mistake> mistakes;
  Node root = read_yaml(text, path, mistakes);
  return read_tree(std::move(root), path, env, overrides, std::move(mistakes));
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

}  // namespace pb::config
