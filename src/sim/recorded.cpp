#include "sim/recorded.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "llm/sse.h"

namespace pb::sim {
namespace {

// Folders by the format their files are in; other folders hold formats that are not spoken here.
struct Folder {
  std::string_view name, dialect;
};
constexpr Folder kFolders[] = {
    {"anthropic", "anthropic"},  {"openai-chat", "openai_chat"}, {"groq", "openai_chat"},
    {"mistral", "mistral"},      {"deepseek", "openai_chat"},    {"perplexity", "openai_chat"},
    {"xai-chat", "openai_chat"}, {"cohere", "cohere"},           {"openai-responses", "openai_responses"},
    {"gemini", "gemini"},
};

bool plain_name(std::string_view name) {
  for (const char c : name)
    if (!(c == '-' || c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
          (c >= 'A' && c <= 'Z')))
      return false;
  return !name.empty() && name.front() != '.';
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream body;
  body << file.rdbuf();
  return body.str();
}

std::unexpected<Error> missing(std::string what) { return fail(Code::not_found, std::move(what), "model"); }

}  // namespace

std::string find_recorded(const std::string& configured) {
  if (!configured.empty()) return configured;
  if (const char* folder = std::getenv("PATCHBAY_RECORDED"); folder != nullptr && *folder != '\0')
    return folder;
  std::error_code ignored;
  const std::filesystem::path beside = "../shared/recorded";
  return std::filesystem::is_directory(beside, ignored) ? beside.string() : "";
}

std::vector<Step> replay_steps(std::string_view lines, const llm::Dialect& dialect) {
  std::vector<Step> steps;
  bool done = false;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    done = line == "[DONE]";
    std::string_view name;
    json::Arena arena;
    if (!dialect.done_marker)
      if (auto value = json::parse(line, arena)) name = (*value)["type"].as_string();
    llm::write_sse(steps.emplace_back().bytes, name, line);
  }
  if (dialect.done_marker && !done) llm::write_sse(steps.emplace_back().bytes, "", "[DONE]");
  return steps;
}

Result<Rendered> replay(const std::string& root, std::string_view model, const llm::Dialect& dialect,
                        bool stream) {
  const std::string asked(model);
  if (root.empty()) return missing("the folder of recorded answers is not here; PATCHBAY_RECORDED names it");
  const std::size_t first = model.find('/'), second = model.find('/', first + 1);
  if (second == std::string_view::npos) return missing("expected recorded/<folder>/<name>, not " + asked);
  const std::string_view folder = model.substr(first + 1, second - first - 1);
  const std::string name(model.substr(second + 1));
  const Folder* known = nullptr;
  for (const Folder& f : kFolders)
    if (f.name == folder) known = &f;
  if (known == nullptr || !plain_name(name)) return missing("no such recording: " + asked);
  if (known->dialect != dialect.name)
    return missing(asked + " is recorded in the format " + std::string(known->dialect) + ", not " +
                   std::string(dialect.name));
  const std::string suffix = stream ? ".chunks.txt" : ".json";
  const auto text = read_file(std::filesystem::path(root) / folder / (name + suffix));
  if (!text) return missing("no such recording: " + asked + suffix);
  Rendered r;
  if (stream) {
    r.whole = false;
    r.content_type = dialect.content_type;
    r.steps = replay_steps(*text, dialect);
    return r;
  }
  json::Arena arena;
  if (auto value = json::parse(*text, arena);
      value && (*value).has("error") && !(*value)["error"].is_null()) {
    const std::int64_t code = (*value)["error"]["code"].as_int();
    r.status = code >= 400 && code < 600 ? static_cast<int>(code) : 400;
  }
  r.steps.push_back({0, *text});
  return r;
}

}  // namespace pb::sim
