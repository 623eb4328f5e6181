// The words of the Model Context Protocol that differ between its revisions, and its error codes. Pure.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace pb::mcp {

// Revisions with a handshake and sessions first ("legacy" in the specification), then the stateless one ("modern").
enum class Revision : std::uint8_t { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25, v2026_07_28 };

inline constexpr Revision kNewestWithSessions = Revision::v2025_11_25;
std::string_view to_string(Revision revision);
std::optional<Revision> parse_revision(std::string_view text);  // nullopt: not one of ours
std::span<const std::string_view> all_revisions();              // the newest first
inline bool stateless(Revision r) { return r >= Revision::v2026_07_28; }

// What a revision has.
inline bool has_batches(Revision r) { return r == Revision::v2025_03_26; }
inline bool has_audio(Revision r) { return r >= Revision::v2025_03_26; }
inline bool has_annotations(Revision r) {
  return r >= Revision::v2025_03_26;
}  // of tools; also progress messages
inline bool has_completions_capability(Revision r) { return r >= Revision::v2025_03_26; }
inline bool has_structured_results(Revision r) {
  return r >= Revision::v2025_06_18;
}  // and titles, and resource links
inline bool has_elicitation(Revision r) { return r >= Revision::v2025_06_18; }
inline bool has_icons(Revision r) { return r >= Revision::v2025_11_25; }
inline bool has_stream_polling(Revision r) {
  return r == Revision::v2025_11_25;
}  // empty first events, `retry:`

// JSON-RPC 2.0 §5.1, and MCP 2026-07-28 "Error Codes".
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kServerError = -32000;       // ours to use: limits, wrong headers of the older revisions
inline constexpr int kNoSuchSession = -32001;     // as the reference server has it
inline constexpr int kResourceNotFound = -32002;  // up to 2025-11-25
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedVersion = -32022;

// What goes wrong with a request, as JSON-RPC tells it.
struct Fault {
  int code = kInternalError;
  std::string message;
  std::string data;             // a JSON text; "" = none
  int status = 0;               // of HTTP; 0 = by the code and the revision
  bool input_required = false;  // not a fault: the client has to answer questions and ask again (2026-07-28)
};
template <class T>
using Outcome = std::expected<T, Fault>;

[[nodiscard]] std::unexpected<Fault> fault(int code, std::string message, std::string data = {});
// The HTTP status that goes with it (MCP 2026-07-28 "Streamable HTTP"; 200 where the older revisions say nothing).
int http_status(const Fault& fault, Revision revision);
std::unexpected<Fault> unsupported_version(std::string_view requested);

// Keys of `_meta` (MCP 2026-07-28 "_meta").
inline constexpr std::string_view kMetaVersion = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kMetaCapabilities = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kMetaClient = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kMetaLogLevel = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view kMetaServer = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kMetaSubscription = "io.modelcontextprotocol/subscriptionId";
inline constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";

// RFC 5424 §6.2.1, the least severe first.
enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, alert, emergency, off };
std::string_view to_string(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view text);

// What a client can do, as `initialize` or `_meta` tells it.
struct ClientCapabilities {
  bool sampling = false, sampling_tools = false, sampling_context = false;
  bool elicitation_form = false, elicitation_url = false;
  bool roots = false;
  bool tasks = false;  // the extension of 2026-07-28
};
// `value` must be an object. An empty `elicitation` means forms.
ClientCapabilities read_capabilities(json::Value value);

struct ClientInfo {
  std::string name, version;
};
ClientInfo read_client_info(json::Value value);

}  // namespace pb::mcp
