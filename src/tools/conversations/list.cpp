// list_conversations: the caller's conversations, the one changed last first.
#include "base/clock.h"
#include "base/limits_conversations.h"
#include "base/when.h"
#include "tools/conversations/conversations.h"
#include "tools/conversations/tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "search":{"type":"string","maxLength":200,"description":"Only those with this text in their title or in a message"},
    "model":{"type":"string","description":"Only those of this model"},
    "provider":{"type":"string","description":"Only those of this provider"},
    "since":{"type":"string","description":"Only those changed since then: a date as 2026-11-20, or a time before now as 12h, 7d, 2w"},
    "until":{"type":"string","description":"Only those changed until then, a date's own day included"},
    "limit":{"type":"integer","minimum":1,"maximum":200,"default":50},
    "offset":{"type":"integer","minimum":0,"default":0,"description":"How many to leave out at the front"}
  },
  "additionalProperties":false
})";

std::string output() {
  return R"({"type":"object","properties":{"conversations":{"type":"array","items":)" +
         conversation_schema() + R"(},
    "total":{"type":"integer","description":"How many match"},
    "next_offset":{"type":"integer","description":"Where the next ones begin; missing where there are none"}},
    "required":["conversations","total"]})";
}

Result<store::ConversationFilter> read_filter(const mcp::Context& context, json::Value a) {
  store::ConversationFilter f;
  f.owner = context.principal().name;
  f.text = a["search"].as_string();
  f.model = a["model"].as_string();
  f.provider = a["provider"].as_string();
  f.limit = a["limit"].as_int(f.limit);
  f.offset = a["offset"].as_int();
  const std::int64_t now = unix_ms();
  for (const auto& [name, to, end] : {std::tuple{"since", &store::ConversationFilter::from_ms, false},
                                      {"until", &store::ConversationFilter::to_ms, true}}) {
    TRY_ASSIGN(f.*to, parse_when(name, a[name].as_string(), now, end));
  }
  return f;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  const auto filter = read_filter(context, arguments);
  if (!filter) co_return mcp::error_result(filter.error().message);
  const auto list = co_await deps.conversations->list(*filter);
  if (!list) co_return mcp::error_result(list.error().message);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("conversations");
  w.begin_array();
  for (const store::Conversation& c : list->found) {
    w.begin_object();
    write_conversation(w, c);
    w.end_object();
  }
  w.end_array();
  w.field("total", list->total);
  const std::int64_t next = filter->offset + static_cast<std::int64_t>(list->found.size());
  if (!list->found.empty() && next < list->total) w.field("next_offset", next);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool list_conversations(const Deps& deps) {
  return make_tool<run>(deps, {.name = "list_conversations",
                               .title = "List conversations",
                               .description = "Lists the saved conversations, the one changed last first, "
                                              "without their messages. They can be searched.",
                               .input = kInput,
                               .output = output(),
                               .hints = kReads});
}

}  // namespace pb::tools
