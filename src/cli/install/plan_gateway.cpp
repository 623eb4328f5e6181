// The addresses that clients ask models at.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/redact.h"
#include "cli/install/plan.h"
#include "cli/install/plan_check.h"
#include "cli/install/toml_edit.h"

namespace pb::cli {
namespace {

// What a client presents where no key is needed, because some want to have one.
constexpr const char* kAnyKey = "patchbay";
constexpr const char* kUrlOfClaude = "ANTHROPIC_BASE_URL";
constexpr const char* kTokenOfClaude = "ANTHROPIC_AUTH_TOKEN";
constexpr const char* kUrlOfGemini = "GOOGLE_GEMINI_BASE_URL";
constexpr const char* kKeyOfGemini = "GEMINI_API_KEY";

std::string text_json(std::string_view text) { return json::to_text(json::Value::string(text)); }
std::unexpected<Error> taken(const std::string& file, const std::string& name, const std::string& value) {
  return fail(Code::invalid_request, file + " has " + name + (value.empty() ? "" : " = " + redact(value)) +
                                         " already; --force replaces it (a copy of the file is kept)");
}

// One file under change.
struct Draft {
  FileChange change;
  static Result<Draft> of(const std::string& file, const ReadFile& read) {
    TRY_ASSIGN(auto before, read(file));
    Draft out{{file, before, before.value_or("")}};
    return out;
  }
  Result<void> take(Result<std::string> text) {
    if (!text) return std::unexpected(in_file(std::move(text.error()), change.file));
    change.after = std::move(*text);
    return {};
  }
  Result<std::string> json_text(const MemberPath& path) const {
    auto value = json_get(change.after, path, Comments::allowed);
    if (!value) return std::unexpected(in_file(std::move(value.error()), change.file));
    const std::string text = value->value_or("null");  // what is parsed points into it
    json::Arena arena;
    const auto parsed = json::parse(text, arena);
    return std::string(parsed ? parsed->as_string() : "");
  }
  Result<void> set(const MemberPath& path, const std::string& text) {
    return take(json_set(change.after, path, text_json(text), Comments::allowed));
  }
  Result<void> remove(const MemberPath& path) {
    return take(json_remove(change.after, path, Comments::allowed));
  }
  // What has become of it, once it is sure that nothing else was changed.
  Result<std::vector<FileChange>> only(FileFormat format, const std::vector<MemberPath>& paths) {
    if (auto good = check_only(format, change.before.value_or(""), change.after, paths); !good)
      return std::unexpected(in_file(std::move(good.error()), change.file));
    return std::vector{std::move(change)};
  }
  // Not changed: it leads to `url`, which is not Patchbay's; "" = nowhere.
  std::vector<FileChange> left(const std::string& url) {
    if (!url.empty())
      change.note =
          "leads to " + redact(url) + " for models, which is left; if that is Patchbay, name it with --url";
    return std::vector{std::move(change)};
  }
};

std::string key_of(const GatewayEntry& entry) { return entry.key.empty() ? kAnyKey : entry.key; }

const std::vector<MemberPath> kClaudePaths = {{"env", kUrlOfClaude}, {"env", kTokenOfClaude}};

Result<std::vector<FileChange>> set_claude(const std::string& file, const GatewayEntry& entry,
                                           const ReadFile& read) {
  TRY_ASSIGN(Draft draft, Draft::of(file, read));
  TRY_ASSIGN(const std::string url, draft.json_text(kClaudePaths[0]));
  if (!url.empty() && url != entry.url && !entry.force) return taken(file, kUrlOfClaude, url);
  TRY_ASSIGN(const std::string token, draft.json_text(kClaudePaths[1]));
  if (!token.empty() && url != entry.url && !entry.force) return taken(file, kTokenOfClaude, "");
  TRY(draft.set(kClaudePaths[0], entry.url));
  if (token.empty() || url != entry.url || !entry.key.empty()) TRY(draft.set(kClaudePaths[1], key_of(entry)));
  return draft.only(FileFormat::json_with_comments, kClaudePaths);
}

Result<std::vector<FileChange>> unset_claude(const std::string& file, const std::string& url,
                                             const ReadFile& read) {
  TRY_ASSIGN(Draft draft, Draft::of(file, read));
  TRY_ASSIGN(const std::string there, draft.json_text(kClaudePaths[0]));
  if (there.empty() || there != url) return draft.left(there);
  for (const MemberPath& path : kClaudePaths) TRY(draft.remove(path));
  return draft.only(FileFormat::json_with_comments, kClaudePaths);
}

const std::vector<TablePath> kCodexPaths = {{"model_providers", kServerName}, {"model_provider"}};

Result<std::vector<FileChange>> set_codex(const std::string& file, const GatewayEntry& entry,
                                          const ReadFile& read) {
  TRY_ASSIGN(Draft draft, Draft::of(file, read));
  const auto now = toml_text(draft.change.after, {"model_provider"});
  if (!now) return std::unexpected(in_file(now.error(), file));
  if (!now->empty() && *now != kServerName && !entry.force) return taken(file, "model_provider", *now);
  TomlFields fields = {{"name", {{"Patchbay"}, false}},
                       {"base_url", {{entry.url + "/v1"}, false}},
                       {"wire_api", {{"responses"}, false}}};
  std::vector<std::string> without;
  if (entry.key_variable.empty())
    without.emplace_back("env_key");
  else
    fields.push_back({"env_key", {{entry.key_variable}, false}});
  TRY(draft.take(toml_set_table(draft.change.after, kCodexPaths[0], fields, without)));
  TRY(draft.take(toml_set_text(draft.change.after, "model_provider", kServerName)));
  return draft.only(FileFormat::toml, kCodexPaths);
}

Result<std::vector<FileChange>> unset_codex(const std::string& file, const ReadFile& read) {
  TRY_ASSIGN(Draft draft, Draft::of(file, read));
  TRY(draft.take(toml_remove_table(draft.change.after, kCodexPaths[0])));
  const auto now = toml_text(draft.change.after, {"model_provider"});
  if (now && *now == kServerName) TRY(draft.take(toml_remove_value(draft.change.after, "model_provider")));
  return draft.only(FileFormat::toml, kCodexPaths);
}

// Lines NAME=VALUE, as dotenv files have them. The value of the last line of that name; "" = none.
std::string env_value(const std::string& text, const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.starts_with("export ")) line.remove_prefix(7);
    if (!line.starts_with(name) || line.substr(name.size()).find_first_not_of(" \t") == line.npos) continue;
    line.remove_prefix(line.find_first_not_of(" \t", name.size()));
    if (!line.starts_with('=')) continue;
    line.remove_prefix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '"' || line.front() == '\''))
      line.remove_prefix(1);
    while (!line.empty() &&
           (line.back() == ' ' || line.back() == '"' || line.back() == '\'' || line.back() == '\r'))
      line.remove_suffix(1);
    out = line;
  }
  return out;
}

// Without that name's lines, and with a new one at the end unless `value` is empty.
std::string env_with(const std::string& text, const std::string& name, const std::string& value) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    at = end;
    if (env_value(line, name).empty()) out += line;
  }
  if (value.empty()) return out;
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out + name + "=" + value + "\n";
}

const MemberPath kSignInOfGemini = {"security", "auth", "selectedType"};
constexpr const char* kByKey = "gemini-api-key";

Result<std::vector<FileChange>> set_gemini(const std::string& folder, const GatewayEntry& entry,
                                           const ReadFile& read) {
  TRY_ASSIGN(Draft env, Draft::of(folder + "/.env", read));
  TRY_ASSIGN(Draft settings, Draft::of(folder + "/settings.json", read));
  const std::string url = env_value(env.change.after, kUrlOfGemini),
                    key = env_value(env.change.after, kKeyOfGemini);
  TRY_ASSIGN(const std::string sign_in, settings.json_text(kSignInOfGemini));
  if (!entry.force && url != entry.url) {
    if (!url.empty()) return taken(env.change.file, kUrlOfGemini, url);
    if (!key.empty()) return taken(env.change.file, kKeyOfGemini, "");
  }
  // It asks another address only when it signs in with a key.
  if (!entry.force && !sign_in.empty() && sign_in != kByKey)
    return taken(settings.change.file, "security.auth.selectedType", sign_in);
  if (url != entry.url) env.change.after = env_with(env.change.after, kUrlOfGemini, entry.url);
  if (key.empty() || url != entry.url || (!entry.key.empty() && key != entry.key))
    env.change.after = env_with(env.change.after, kKeyOfGemini, key_of(entry));
  TRY(settings.set(kSignInOfGemini, kByKey));
  TRY_ASSIGN(auto out, settings.only(FileFormat::json_with_comments, {kSignInOfGemini}));
  out.insert(out.begin(), std::move(env.change));
  return out;
}

// With the way to sign in, which else would ask for a key that is gone.
Result<std::vector<FileChange>> unset_gemini(const std::string& folder, const std::string& url,
                                             const ReadFile& read) {
  TRY_ASSIGN(Draft env, Draft::of(folder + "/.env", read));
  const std::string there = env_value(env.change.after, kUrlOfGemini);
  if (there.empty() || there != url) return env.left(there);
  for (const char* name : {kUrlOfGemini, kKeyOfGemini})
    env.change.after = env_with(env.change.after, name, "");
  TRY_ASSIGN(Draft settings, Draft::of(folder + "/settings.json", read));
  TRY_ASSIGN(const std::string sign_in, settings.json_text(kSignInOfGemini));
  if (sign_in == kByKey) TRY(settings.remove(kSignInOfGemini));
  for (const MemberPath& around : {MemberPath{"security", "auth"}, MemberPath{"security"}}) {
    TRY_ASSIGN(const auto left, json_get(settings.change.after, around, Comments::allowed));
    if (sign_in == kByKey && left == "{}") TRY(settings.remove(around));
  }
  TRY_ASSIGN(auto out, settings.only(FileFormat::json_with_comments, {kSignInOfGemini}));
  out.insert(out.begin(), std::move(env.change));
  return out;
}

// Claude Code's settings are in another file than its servers.
std::string claude_settings(const Client& client, const Places& places) {
  const std::string set = places.variable ? places.variable("CLAUDE_CONFIG_DIR") : "";
  return (set.empty() ? client_folder(client, places) + "/.claude" : set) + "/settings.json";
}

}  // namespace

Result<std::vector<FileChange>> plan_gateway(const Client& client, const Places& places,
                                             const GatewayEntry& entry, const ReadFile& read) {
  if (client.gateway == GatewayIn::claude_settings)
    return set_claude(claude_settings(client, places), entry, read);
  if (client.gateway == GatewayIn::codex_provider)
    return set_codex(client_folder(client, places) + "/config.toml", entry, read);
  if (client.gateway == GatewayIn::gemini_environment)
    return set_gemini(client_folder(client, places) + "/.gemini", entry, read);
  return fail(
      Code::invalid_request,
      std::string(client.title) + "'s file has no place for an address of models; leave --gateway out");
}

Result<std::vector<FileChange>> plan_no_gateway(const Client& client, const Places& places,
                                                const std::string& url, const ReadFile& read) {
  if (client.gateway == GatewayIn::claude_settings)
    return unset_claude(claude_settings(client, places), url, read);
  if (client.gateway == GatewayIn::codex_provider)
    return unset_codex(client_folder(client, places) + "/config.toml", read);
  if (client.gateway == GatewayIn::gemini_environment)
    return unset_gemini(client_folder(client, places) + "/.gemini", url, read);
  return std::vector<FileChange>{};
}

}  // namespace pb::cli
