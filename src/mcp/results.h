// How what a server offers is told in each revision. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/offer.h"
#include "mcp/protocol.h"

namespace pb::mcp {

// A result object under construction: the stateless revisions' common members stand in it already.
class ResultText {
 public:
  ResultText(const Offer& offer, Revision revision, std::string_view type = "complete");
  json::Writer& w() { return w_; }
  void cache(const CacheHint& hint);  // where the revision has it
  std::string done();

 private:
  const Offer& offer_;
  const Revision revision_;
  std::string out_;
  json::Writer w_;
};

void write_server_info(json::Writer& w, const Offer& offer, Revision revision);
void write_server_capabilities(json::Writer& w, const Offer& offer, Revision revision);
void write_tool(json::Writer& w, const Tool& tool, Revision revision);
void write_prompt(json::Writer& w, const Prompt& prompt, Revision revision);
void write_resource(json::Writer& w, const Resource& resource, Revision revision);
void write_template(json::Writer& w, const ResourceTemplate& resource, Revision revision);
// The members of a tool's result; what the revision lacks becomes text.
void write_tool_result(json::Writer& w, const ToolResult& result, Revision revision);

// A member for each question: its key, with the request that it is.
void write_ask(json::Writer& w, const Ask& ask);

// A place in a list as a cursor, and back. Faults: -32602, not one of ours.
std::string cursor_to(std::string_view more);                   // in what goes on behind the list
std::optional<std::string> read_cursor_to(json::Value params);  // nullopt: it is a place in the list, or none
std::string cursor_at(std::size_t index);
Outcome<std::size_t> read_cursor(json::Value params, std::size_t size);

}  // namespace pb::mcp
