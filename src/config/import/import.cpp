#include "config/import/import.h"

#include <filesystem>

#include "base/utf8.h"
#include "config/import/cproxy.h"
#include "config/import/writing.h"

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

// Our file: what is known of how it was made, as comments, and then the configuration.
std::string with_comments(const std::string& from, const std::vector<ImportNote>& notes,
                          const std::vector<ImportVariable>& variables, const Node& root) {
  return "# Written by `patchbay config import` from " + from + ".\n" + notes_text(notes, "# ") +
         variables_text(variables, "# ") + to_yaml(root);
}

using Convert = void (*)(importing::Source&, importing::Notes&, Node&);

Imported import_with(const ImportSource& source, Convert convert) {
  Imported out;
  const Node root = read_source(source, out);
  if (out.mistakes.empty() && root.kind != Node::Kind::map)
    out.mistakes.push_back({source.file, root.line, root.column, "", "expected a map"});
  if (!out.mistakes.empty()) return out;
  importing::Notes notes;
  importing::Source reading(root, notes);
  Node made;
  convert(reading, notes, made);
  out.notes = std::move(notes.all);
  out.variables = std::move(notes.variables);
  out.yaml = with_comments(one_line(source.file), out.notes, out.variables, made);
  return out;
}

struct Format {
  std::string_view name;
  std::initializer_list<std::string_view> sections;  // one of them tells it
};
constexpr std::string_view kFormats[] = {"litellm", "claude-code-router", "cproxy"};

}  // namespace

std::span<const std::string_view> import_formats() { return kFormats; }

std::string_view import_format_of(const std::string& text) {
  static const Format kTold[] = {
      {kFormats[0], {"model_list", "router_settings", "litellm_settings", "general_settings"}},
      {kFormats[1], {"Providers", "Router"}},
      {kFormats[2], {"server", "providers", "routing", "cache", "logging", "security", "monitoring"}}};
  if (!utf8::valid(text)) return {};
  std::vector<Mistake> ignored;
  const Node root = read_yaml(text, "", ignored);
  for (const Format& f : kTold)
    for (std::string_view section : f.sections)
      if (root.find(section) != nullptr) return f.name;
  return {};
}

Imported import_config(const ImportSource& source, std::string_view format, const Environment& env) {
  if (source.file.empty() || source.use_environment) return import_cproxy(source, env);
  if (format.empty()) format = import_format_of(source.text);
  if (format == kFormats[0]) return import_litellm(source);
  if (format == kFormats[1]) return import_claude_code_router(source);
  return import_cproxy(source, env);  // which also tells what is wrong with a text that is none of them
}

Imported import_litellm(const ImportSource& source) { return import_with(source, convert_litellm); }
Imported import_claude_code_router(const ImportSource& source) {
  return import_with(source, convert_claude_code_router);
}

std::string variables_text(const std::vector<ImportVariable>& variables, std::string_view indent) {
  std::string out;
  for (const ImportVariable& v : variables) {
    if (out.empty()) out.append(indent).append("Variables to set, as in a .env file:\n");
    out.append(indent).append(v.name).append("=");
    if (!v.from.empty()) out.append("    (the value of ").append(one_line(v.from)).append(")");
    out.append("\n");
  }
  return out;
}

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
