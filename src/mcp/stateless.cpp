#include "mcp/stateless.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/base64.h"

namespace pb::mcp {
namespace {

constexpr std::string_view kOpen = "=?base64?", kClose = "?=";
constexpr std::string_view kMark = "x-mcp-header";

std::unexpected<Fault> bad_meta(std::string_view key, std::string_view what) {
  auto f = fault(kInvalidParams, "Invalid params: params._meta" +
                                     (key.empty() ? std::string() : "[\"" + std::string(key) + "\"]") + " " +
                                     std::string(what));
  f.error().status = 400;
  return f;
}

std::unexpected<Fault> mismatch(std::string_view header, std::string_view what) {
  return fault(kHeaderMismatch, "Header mismatch: " + std::string(header) + " " + std::string(what));
}

// What Mcp-Name mirrors.
std::string_view name_source(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel") return "taskId";
  return {};
}

Outcome<void> check_headers(const Message& m, std::string_view version, const net::Headers& headers) {
  if (!headers.has(kVersionHeader)) return mismatch("MCP-Protocol-Version", "is missing");
  if (headers.get(kVersionHeader) != version)
    return mismatch("MCP-Protocol-Version", "is not the version of the request's _meta");
  if (!headers.has("mcp-method")) return mismatch("Mcp-Method", "is missing");
  if (headers.get("mcp-method") != m.method) return mismatch("Mcp-Method", "is not the request's method");
  const std::string_view source = name_source(m.method);
  if (source.empty()) return {};
  const json::Value name = m.params[source];
  if (!name.is_string()) return {};  // what the method itself refuses
  if (!headers.has("mcp-name")) return mismatch("Mcp-Name", "is missing");
  const auto sent = decode_header(headers.get("mcp-name"));
  if (!sent) return mismatch("Mcp-Name", "is not valid");
  if (*sent != name.as_string()) return mismatch("Mcp-Name", "is not params." + std::string(source));
  return {};
}

bool is_token(std::string_view text) {  // RFC 9110 §5.6.2
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

// Marks below `schema` that are not reached through `properties` alone.
bool stray_marks(json::Value schema) {
  if (schema.is_array()) return std::ranges::any_of(schema.items(), stray_marks);
  if (!schema.is_object()) return false;
  if (schema.has(kMark)) return true;
  return std::ranges::any_of(schema.members(), [](const json::Member& m) { return stray_marks(m.value); });
}

bool collect(json::Value schema, std::vector<std::string>& path, std::vector<HeaderArgument>& out) {
  for (const json::Member& m : schema.members()) {
    if (m.key == "properties" || m.key == kMark) continue;
    if (m.key == "default" || m.key == "examples" || m.key == "enum" || m.key == "const") continue;
    if (stray_marks(m.value)) return false;
  }
  for (const json::Member& property : schema["properties"].members()) {
    path.emplace_back(property.key);
    if (const json::Value* mark = property.value.find(kMark); mark != nullptr) {
      const std::string_view type = property.value["type"].as_string();
      if (type != "string" && type != "integer" && type != "boolean") return false;
      if (!is_token(mark->as_string())) return false;
      std::string header = "Mcp-Param-" + std::string(mark->as_string());
      for (const HeaderArgument& other : out)
        if (net::iequals(other.header, header)) return false;
      out.push_back({std::move(header), path});
    }
    if (property.value.is_object() && !collect(property.value, path, out)) return false;
    path.pop_back();
  }
  return true;
}

std::optional<double> number(std::string_view text) {
  double d = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), d);
  if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(d)) return std::nullopt;
  return d;
}

bool same(json::Value value, std::string_view sent) {
  if (value.is_string()) return value.as_string() == sent;
  if (value.is_bool()) return sent == (value.as_bool() ? "true" : "false");
  if (!value.is_number()) return false;
  if (value.number_text() == sent) return true;
  const auto n = number(sent);
  return n && *n == value.as_double();
}

}  // namespace

bool is_stateless(const Message& message, const net::Headers* headers) {
  if (message.params["_meta"][kMetaVersion].is_string()) return true;
  if (headers == nullptr) return message.method == "server/discover";
  const auto named = parse_revision(headers->get(kVersionHeader));
  return named && stateless(*named);
}

Outcome<Meta> read_meta(const Message& message, const net::Headers* headers) {
  const json::Value meta = message.params["_meta"];
  if (!meta.is_object()) return bad_meta({}, "is missing");
  const json::Value version = meta[kMetaVersion];
  if (!version.is_string()) return bad_meta(kMetaVersion, "must be a string");
  if (headers != nullptr) TRY(check_headers(message, version.as_string(), *headers));
  const auto revision = parse_revision(version.as_string());
  if (!revision || !stateless(*revision)) return unsupported_version(version.as_string());
  const json::Value capabilities = meta[kMetaCapabilities];
  if (!capabilities.is_object()) return bad_meta(kMetaCapabilities, "must be an object");
  Meta out;
  out.revision = *revision;
  out.can = read_capabilities(capabilities);
  if (const json::Value* info = meta.find(kMetaClient); info != nullptr && !info->is_object())
    return bad_meta(kMetaClient, "must be an object");
  if (const json::Value* level = meta.find(kMetaLogLevel); level != nullptr) {
    const auto known = parse_log_level(level->as_string());
    if (!known) return bad_meta(kMetaLogLevel, "is not a level of logging");
    out.log_level = *known;
  }
  return out;
}

Outcome<void> check_argument_headers(const Tool& tool, json::Value arguments, const net::Headers& headers) {
  for (const HeaderArgument& a : tool.headers) {
    json::Value value = arguments;
    for (const std::string& member : a.path) value = value[member];
    const bool sent = headers.has(a.header);
    if (value.is_null()) {
      if (sent) return mismatch(a.header, "has no counterpart in the arguments");
      continue;
    }
    if (!sent) return mismatch(a.header, "is missing");
    const auto text = decode_header(headers.get(a.header));
    if (!text) return mismatch(a.header, "is not valid");
    if (!same(value, *text)) return mismatch(a.header, "is not what stands in the arguments");
  }
  return {};
}

std::optional<std::vector<HeaderArgument>> header_arguments(json::Value schema) {
  std::vector<HeaderArgument> out;
  std::vector<std::string> path;
  if (schema.has(kMark) || !collect(schema, path, out)) return std::nullopt;
  return out;
}

std::optional<std::string> decode_header(std::string_view value) {
  if (std::ranges::any_of(value, [](char c) { return (c < 0x20 && c != '\t') || c >= 0x7f; }))
    return std::nullopt;
  if (value.size() < kOpen.size() + kClose.size() || !value.starts_with(kOpen) || !value.ends_with(kClose))
    return std::string(value);
  const std::string_view text = value.substr(kOpen.size(), value.size() - kOpen.size() - kClose.size());
  if (text.size() % 4 != 0 || text.find_first_of("-_") != text.npos)
    return std::nullopt;  // RFC 4648 §4, as it stands
  return base64_decode(text);
}

}  // namespace pb::mcp
