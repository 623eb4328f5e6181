// Requests of MCP 2026-07-28, which carry everything in `_meta` and, over HTTP, some of it in headers too. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/json_rpc.h"
#include "mcp/offer.h"
#include "net/http.h"

namespace pb::mcp {

inline constexpr std::string_view kVersionHeader = "mcp-protocol-version";
inline constexpr std::string_view kSessionHeader = "mcp-session-id";

// Whether a message is one of these: it names a version in `_meta`, or the header names one without sessions.
bool is_stateless(const Message& message, const net::Headers* headers);

struct Meta {
  Revision revision = Revision::v2026_07_28;
  ClientCapabilities can;
  LogLevel log_level = LogLevel::off;
};
// `headers`: null over stdio. Faults: -32602 a member is missing or of the wrong kind; -32022; -32020 a header is missing or says
// something else than the body.
Outcome<Meta> read_meta(const Message& message, const net::Headers* headers);

// Arguments that a tool's schema marks with `x-mcp-header` have to stand in headers too. Faults: -32020.
Outcome<void> check_argument_headers(const Tool& tool, json::Value arguments, const net::Headers& headers);
// nullopt: the schema's marks break the rules ("Schema Extension"), and the tool must not be offered.
std::optional<std::vector<HeaderArgument>> header_arguments(json::Value schema);

// A header's value as it was meant: "=?base64?…?=" is decoded. nullopt: invalid base64, or characters that no header may have.
std::optional<std::string> decode_header(std::string_view value);

}  // namespace pb::mcp
