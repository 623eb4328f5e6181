// Arbitrary bytes as messages of MCP: what reads them, checks them and writes about them. The first byte picks headers.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mcp/request_state.h"
#include "mcp/results.h"
#include "mcp/session_rules.h"
#include "mcp/stateless.h"
#include "net/http.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void one(const pb::mcp::Message& m, const pb::net::Headers* headers) {
  using namespace pb::mcp;
  static const StateSeal seal{StateSeal::Key{}};
  if (m.kind == Kind::broken) {
    expect(m.fault.code == kParseError || m.fault.code == kInvalidRequest);
    expect(!write_error(m.id, m.fault).contains('\n'));
    return;
  }
  if (m.kind == Kind::request) {
    // What is written about a request reads back with its id.
    const auto again = parse_messages(write_result(m.id, "{}"));
    expect(again->messages.size() == 1 && again->messages[0].kind == Kind::response &&
           again->messages[0].id == m.id);
  }
  if (is_stateless(m, headers)) (void)read_meta(m, headers);
  SessionRules rules;
  (void)rules.initialize(m.params);
  (void)rules.begin(m.id, m.method);
  (void)read_cursor(m.params, 1000);
  (void)header_arguments(m.params);
  (void)matches_template("test://{a}/{+b}", m.params["uri"].as_string());
  const std::string_view state = m.params["requestState"].as_string();
  expect(!seal.open(state, {"", m.method, request_digest(m.params)}, 0) || !state.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  pb::net::Headers headers;
  if ((data[0] & 1) != 0) headers.add("MCP-Protocol-Version", "2026-07-28");
  if ((data[0] & 2) != 0) headers.add("Mcp-Method", "tools/call");
  if ((data[0] & 4) != 0) headers.add("Mcp-Name", text.substr(0, 40));
  (void)pb::mcp::decode_header(text);
  const auto document = pb::mcp::parse_messages(text);
  expect(!document->messages.empty());
  for (const pb::mcp::Message& m : document->messages) one(m, (data[0] & 8) != 0 ? nullptr : &headers);
  return 0;
}
