// delete_conversation: forgets a conversation for good.
#include "tools/conversations/conversations.h"
#include "tools/conversations/tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "id":{"type":"string"},
    "version":{"type":"integer","minimum":1,"description":"The version that you have read: where it is another by now, nothing is deleted"}
  },
  "required":["id"],
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{"id":{"type":"string"},"title":{"type":"string"},"deleted":{"type":"boolean"},"message_count":{"type":"integer"}},
  "required":["id","title","deleted","message_count"]
})";

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  const auto gone = co_await deps.conversations->remove(
      context.principal().name, std::string(arguments["id"].as_string()), arguments["version"].as_int());
  if (!gone) co_return mcp::error_result(gone.error().message);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("id", gone->id);
  w.field("title", gone->title);
  w.field("deleted", true);
  w.field("message_count", gone->messages);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool delete_conversation(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "delete_conversation",
             .title = "Delete a conversation",
             .description = "Deletes a saved conversation with all its messages. It cannot be brought back.",
             .input = kInput,
             .output = kOutput,
             .hints = {mcp::Hint::no, mcp::Hint::yes, mcp::Hint::yes, mcp::Hint::no}});
}

}  // namespace pb::tools
