#include "mcp/protocol.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace pb::mcp {
namespace {

constexpr std::size_t kNameBytesMax = 100;
constexpr std::array<std::string_view, 5> kRevisions = {"2026-07-28", "2025-11-25", "2025-06-18",
                                                        "2025-03-26", "2024-11-05"};
constexpr std::array<std::string_view, 9> kLevels = {"debug",    "info",  "notice",    "warning", "error",
                                                     "critical", "alert", "emergency", "off"};

}  // namespace

std::string_view to_string(Revision revision) {
  return kRevisions[kRevisions.size() - 1 - static_cast<std::size_t>(revision)];
}

std::optional<Revision> parse_revision(std::string_view text) {
  const auto* at = std::ranges::find(kRevisions, text);
  if (at == kRevisions.end()) return std::nullopt;
  return static_cast<Revision>(kRevisions.end() - at - 1);
}

std::span<const std::string_view> all_revisions() { return kRevisions; }

std::unexpected<Fault> fault(int code, std::string message, std::string data) {
  Fault f;
  f.code = code;
  f.message = std::move(message);
  f.data = std::move(data);
  return std::unexpected(std::move(f));
}

int http_status(const Fault& fault, Revision revision) {
  if (fault.status != 0) return fault.status;
  if (!stateless(revision)) return 200;
  switch (fault.code) {
    case kMethodNotFound:
      return 404;
    case kParseError:
    case kInvalidRequest:
    case kHeaderMismatch:
    case kMissingCapability:
    case kUnsupportedVersion:
      return 400;
    default:
      return 200;
  }
}

std::unexpected<Fault> unsupported_version(std::string_view requested) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.strings("supported", kRevisions);
  w.field("requested", utf8::beginning(requested, kNameBytesMax));
  w.end_object();
  return fault(kUnsupportedVersion, "Unsupported protocol version", std::move(data));
}

std::string_view to_string(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i + 1 < kLevels.size(); ++i)
    if (kLevels[i] == text) return static_cast<LogLevel>(i);
  return std::nullopt;
}

ClientCapabilities read_capabilities(json::Value value) {
  ClientCapabilities c;
  const json::Value sampling = value["sampling"], elicitation = value["elicitation"];
  c.sampling = sampling.is_object();
  c.sampling_tools = sampling["tools"].is_object();
  c.sampling_context = sampling["context"].is_object();
  c.elicitation_url = elicitation["url"].is_object();
  c.elicitation_form = elicitation["form"].is_object() || (elicitation.is_object() && !c.elicitation_url);
  c.roots = value["roots"].is_object();
  c.tasks = value["extensions"][kTasksExtension].is_object();
  return c;
}

ClientInfo read_client_info(json::Value value) {
  return {std::string(utf8::beginning(value["name"].as_string(), kNameBytesMax)),
          std::string(utf8::beginning(value["version"].as_string(), kNameBytesMax))};
}

}  // namespace pb::mcp
