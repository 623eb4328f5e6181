#include "cli/install/plan.h"

#include <algorithm>

#include "base/json.h"
#include "cli/install/json_edit.h"
#include "cli/install/plan_check.h"
#include "cli/install/toml_edit.h"

namespace pb::cli {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;  // name and JSON

std::string text_json(std::string_view text) { return json::to_text(json::Value::string(text)); }

std::string key_reference(const Client& client, const std::string& variable) {
  std::string out(client.key_header);
  return out.replace(out.find('*'), 1, variable);
}

Fields server_fields(const Client& client, const ServerEntry& entry) {
  Fields out;
  const bool http = !entry.url.empty();
  if (const std::string_view type = http ? client.http_type : client.stdio_type; !type.empty())
    out.emplace_back("type", text_json(type));
  if (!http) {
    out.emplace_back("command", text_json(entry.command));
    out.emplace_back("args", json::strings_to_text(entry.args));
    return out;
  }
  out.emplace_back("url", text_json(entry.url));
  if (!entry.key_variable.empty())
    out.emplace_back("headers", "{\"Authorization\":" +
                                    text_json("Bearer " + key_reference(client, entry.key_variable)) + "}");
  return out;
}

Result<std::string> set_json_server(const Client& client, const std::string& text, const ServerEntry& entry) {
  const Comments comments = comments_of(client.format);
  const MemberPath path = {std::string(client.servers), kServerName};
  const Fields fields = server_fields(client, entry);
  TRY_ASSIGN(const auto there, json_get(text, path, comments));
  if (!there || *there == "null") {
    std::string value;
    json::Writer w(value);
    w.begin_object();
    for (const auto& [name, field] : fields) {
      w.key(name);
      w.raw(field);
    }
    w.end_object();
    return json_set(text, path, value, comments);
  }
  // Members of the user's own stay; those of the other kind of server go.
  std::string out = text;
  for (const char* name : {"type", "command", "args", "url", "httpUrl", "headers"}) {
    const MemberPath at = {path[0], path[1], name};
    const auto wanted = std::ranges::find(fields, name, &Fields::value_type::first);
    if (wanted == fields.end()) {
      TRY_ASSIGN(out, json_remove(out, at, comments));
    } else {
      TRY_ASSIGN(out, json_set(out, at, wanted->second, comments));
    }
  }
  return out;
}

Result<std::string> set_toml_server(const Client& client, const std::string& text, const ServerEntry& entry) {
  TomlFields fields;
  std::vector<std::string> without;
  if (entry.url.empty()) {
    fields = {{"command", {{entry.command}, false}}, {"args", {entry.args, true}}};
    without = {"url", "bearer_token_env_var", "http_headers", "env_http_headers"};
  } else {
    fields = {{"url", {{entry.url}, false}}};
    without = {"command", "args"};
    if (entry.key_variable.empty())
      without.emplace_back("bearer_token_env_var");
    else
      fields.push_back({"bearer_token_env_var", {{entry.key_variable}, false}});
  }
  return toml_set_table(text, {std::string(client.servers), kServerName}, fields, without);
}

Result<std::string> server_text(const Client& client, const std::string& text, const ServerEntry& entry) {
  TRY_ASSIGN(std::string out, client.format == FileFormat::toml ? set_toml_server(client, text, entry)
                                                                : set_json_server(client, text, entry));
  TRY(check_only(client.format, text, out, {{std::string(client.servers), kServerName}}));
  return out;
}

Result<std::string> no_server_text(const Client& client, const std::string& text) {
  const MemberPath path = {std::string(client.servers), kServerName};
  TRY_ASSIGN(std::string out, client.format == FileFormat::toml
                                  ? toml_remove_table(text, path)
                                  : json_remove(text, path, comments_of(client.format)));
  TRY(check_only(client.format, text, out, {path}));
  return out;
}

}  // namespace

Error in_file(Error error, const std::string& file) {
  const bool placed = !error.message.empty() && error.message.front() >= '0' && error.message.front() <= '9';
  error.message = file + (placed ? ":" : ": ") + error.message;
  return error;
}

Result<FileChange> plan_server(const Client& client, const std::string& file, const ServerEntry& entry,
                               const ReadFile& read) {
  if (!entry.url.empty() && !client.http)
    return fail(Code::invalid_request,
                std::string(client.title) + " takes commands only in its file; leave --http out");
  TRY_ASSIGN(auto before, read(file));
  auto after = server_text(client, before.value_or(""), entry);
  if (!after) return std::unexpected(in_file(std::move(after.error()), file));
  return FileChange{file, std::move(before), std::move(*after)};
}

Result<FileChange> plan_no_server(const Client& client, const std::string& file, const ReadFile& read) {
  TRY_ASSIGN(auto before, read(file));
  auto after = no_server_text(client, before.value_or(""));
  if (!after) return std::unexpected(in_file(std::move(after.error()), file));
  return FileChange{file, std::move(before), std::move(*after)};
}

Result<FoundServer> find_server(const Client& client, const std::string& text) {
  FoundServer out;
  const std::string servers(client.servers);
  if (client.format == FileFormat::toml) {
    TRY_ASSIGN(out.there, toml_has(text, {servers, kServerName}));
    TRY_ASSIGN(out.command, toml_text(text, {servers, kServerName, "command"}));
    TRY_ASSIGN(out.url, toml_text(text, {servers, kServerName, "url"}));
    TRY_ASSIGN(out.args, toml_texts(text, {servers, kServerName, "args"}));
    return out;
  }
  TRY_ASSIGN(const auto entry, json_get(text, {servers, kServerName}, comments_of(client.format)));
  if (!entry) return out;
  json::Arena arena;
  TRY_ASSIGN(const json::Value v, json::parse(*entry, arena));
  out.there = true;
  out.command = v["command"].as_string();
  out.url = v["url"].as_string(v["httpUrl"].as_string());
  for (const json::Value& a : v["args"].items()) out.args.emplace_back(a.as_string());
  return out;
}

}  // namespace pb::cli
