// `patchbay config import`.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "config/import/import.h"

namespace pb::cli {
namespace {

constexpr std::size_t kFileBytesMax = 4u << 20;

int refuse(const std::string& what) {
  std::fprintf(stderr, "patchbay: %s\n", what.c_str());
  return kUsage;
}

bool read_file(const std::string& path, std::string& text) {
  std::error_code failed;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, failed)) return false;
  text.resize(kFileBytesMax + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return true;
}

// What the new file still lacks: mostly variables that hold keys.
void tell_missing(const std::string& yaml, const std::string& name, const config::Environment& env) {
  const config::Loaded loaded = config::load_text(yaml, name, env);
  if (loaded.mistakes.empty()) return;
  std::fputs("Before it can run:\n", stderr);
  for (const config::Mistake& m : loaded.mistakes)
    std::fprintf(stderr, "- %s: %s\n", m.path.empty() ? name.c_str() : m.path.c_str(), m.what.c_str());
}

}  // namespace

int config_import(const ConfigImportArgs& args) {
  const config::Environment env = config::Environment::process();
  config::ImportSource source{args.file, {}, args.environment};
  if (source.file.empty() && args.environment) {
    source.file = env.get("MCP_CONFIG_PATH").value_or("");
  } else if (source.file.empty()) {
    source.file = config::find_cproxy_file(env);
    if (source.file.empty())
      return refuse(
          "no configuration of cproxy was found ($MCP_CONFIG_PATH, mcp-config.json, config/mcp.json, "
          "~/.config/cproxy/mcp.json); name the file, or use --env for its environment variables");
  }
  if (!source.file.empty() && !read_file(source.file, source.text))
    return refuse(source.file + " cannot be read");
  if (source.text.size() > kFileBytesMax) return refuse(source.file + " is larger than 4 MiB");
  const config::Imported made = config::import_config(source, args.format, env);
  for (const config::Mistake& m : made.mistakes) std::fprintf(stderr, "%s\n", m.text().c_str());
  if (!made.mistakes.empty()) return kUsage;

  std::error_code failed;
  if (args.output.empty()) {
    std::fputs(made.yaml.c_str(), stdout);
  } else {
    if (!args.force && std::filesystem::exists(args.output, failed))
      return refuse(args.output + " exists; --force writes over it");
    std::ofstream out(args.output, std::ios::binary);
    out << made.yaml;
    out.close();
    if (!out) {
      std::fprintf(stderr, "patchbay: %s cannot be written\n", args.output.c_str());
      return kFailed;
    }
    std::fprintf(stderr, "written: %s\n", args.output.c_str());
  }
  std::fputs(config::notes_text(made.notes, "").c_str(), stderr);
  std::fputs(config::variables_text(made.variables, "").c_str(), stderr);
  tell_missing(made.yaml, args.output.empty() ? "the new file" : args.output, env);
  return kOk;
}

}  // namespace pb::cli
