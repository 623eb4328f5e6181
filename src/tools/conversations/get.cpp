// get_conversation: a conversation with its messages, a long one in pieces.
#include "base/limits_conversations.h"
#include "tools/conversations/conversations.h"
#include "tools/conversations/tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "id":{"type":"string"},
    "offset":{"type":"integer","minimum":0,"default":0,"description":"The number of the first message wanted"},
    "limit":{"type":"integer","minimum":1,"maximum":1000,"default":200,"description":"How many messages at most; about 1 MB of them in one answer"}
  },
  "required":["id"],
  "additionalProperties":false
})";
constexpr std::string_view kMore = R"(
    "messages":{"type":"array","items":{"type":"object","properties":{"role":{"type":"string"}},"required":["role"]}},
    "next_offset":{"type":"integer","description":"Where the rest begins; missing where there is none"})";
constexpr std::int64_t kMessages = 200;

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  store::ConversationRange range;
  range.from = arguments["offset"].as_int();
  range.messages_max = arguments["limit"].as_int(kMessages);
  range.bytes_max = limits::kConversationShownBytes;
  const auto page = co_await deps.conversations->read(context.principal().name,
                                                      std::string(arguments["id"].as_string()), range);
  if (!page) co_return mcp::error_result(page.error().message);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_conversation(w, page->conversation);
  w.key("messages");
  write_messages(w, page->messages);
  const std::int64_t next = range.from + static_cast<std::int64_t>(page->messages.size());
  if (!page->messages.empty() && next < page->conversation.messages) w.field("next_offset", next);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool get_conversation(const Deps& deps) {
  return make_tool<run>(deps,
                        {.name = "get_conversation",
                         .title = "Get a conversation",
                         .description = "Reads a saved conversation with its messages, a long one in pieces.",
                         .input = kInput,
                         .output = conversation_schema(kMore, "messages"),
                         .hints = kReads});
}

}  // namespace pb::tools
