#include "config/import/import.h"

#include <filesystem>

#include "base/utf8.h"
#include "config/import/cproxy.h"

namespace pb::config {
namespace {

// Text from the source in a comment: on one line, whatever it holds.
std::string one_line(std::string_view text) {
  std::string out = utf8::valid(text) ? std::string(text) : utf8::repair(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

Node read_source(const ImportSource& source, Imported& out) {
  if (!utf8::valid(source.text)) {
    out.mistakes.push_back({source.file, 0, 0, "", "is not UTF-8"});
    return {};
  }
  return read_yaml(source.text, source.file, out.mistakes);
}

}  // namespace

std::string notes_text(const std::vector<ImportNote>& notes, std::string_view indent) {
  using Kind = ImportNote::Kind;
  static constexpr std::pair<Kind, std::string_view> kGroups[] = {{Kind::lost, "Not carried over"},
                                                                  {Kind::changed, "Carried over otherwise"},
                                                                  {Kind::idle, "Needs nothing"}};
  std::string out;
  for (const auto& [kind, title] : kGroups) {
    bool first = true;
    for (const ImportNote& n : notes) {
      if (n.kind != kind) continue;
      if (first) out.append(indent).append(title).append(":\n");
      first = false;
      out.append(indent)
          .append("- ")
          .append(one_line(n.path))
          .append(": ")
          .append(one_line(n.what))
          .append("\n");
    }
  }
  return out;
}

std::string find_cproxy_file(const Environment& env) {
  const auto variable = [&](const char* name) { return env.get ? env.get(name).value_or("") : ""; };
  if (std::string path = variable("MCP_CONFIG_PATH"); !path.empty()) return path;
  std::vector<std::string> places = {"mcp-config.json", "config/mcp.json"};
  if (const std::string home = variable("HOME"); !home.empty())
    places.push_back(home + "/.config/cproxy/mcp.json");
  std::error_code ignored;
  for (const std::string& place : places)
    if (std::filesystem::is_regular_file(place, ignored)) return place;
  return {};
}

Imported import_cproxy(const ImportSource& source, const Environment& env) {
  Imported out;
  cproxy::Importer importer{env, {}, {}};
  if (!source.file.empty()) {
    const Node root = read_source(source, out);
    if (!out.mistakes.empty()) return out;
    if (root.kind != Node::Kind::map || !cproxy::read_file(root, importer)) {
      out.mistakes.push_back(
          {source.file, 0, 0, "",
           "is no configuration of cproxy: it has none of its sections (server, providers, "
           "routing, cache, logging, security, monitoring)"});
      return out;
    }
  }
  if (source.use_environment) cproxy::read_environment(importer);
  const Node root = cproxy::write(importer);
  out.notes = std::move(importer.notes);
  out.yaml = "# Written by `patchbay config import` from " +
             (source.file.empty() ? "the environment" : one_line(source.file)) +
             (source.use_environment && !source.file.empty() ? " and the environment" : "") + ".\n";
  out.yaml += notes_text(out.notes, "# ");
  out.yaml += to_yaml(root);
  return out;
}

}  // namespace pb::config
