// save_conversation: keeps a new conversation, or adds to one.

#include "base/clock.h"
#include "base/limits_conversations.h"
#include "tools/conversations/conversations.h"
#include "tools/conversations/tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "messages":{"type":"array","maxItems":1000,"description":"What was said. A new conversation begins with them; with `id` they are put behind those that are there.",
      "items":{"type":"object","properties":{
        "role":{"type":"string","enum":["system","developer","user","assistant","tool"]},
        "content":{"description":"A text, or a list of parts as chat APIs have them","type":["string","array","null"]}},
        "required":["role"]}},
    "id":{"type":"string","description":"The conversation that goes on; leave it out for a new one"},
    "version":{"type":"integer","minimum":1,"description":"The version that you have read: where it is another by now, nothing is saved"},
    "title":{"type":"string","minLength":1,"maxLength":200,"description":"What it is called; where a new one has none, its first question"},
    "model":{"type":"string","maxLength":200,"description":"The model that answered"},
    "provider":{"type":"string","maxLength":200,"description":"Its provider"},
    "metadata":{"type":"object","description":"Anything else to be kept with it, 16 KB at most"}
  },
  "additionalProperties":false
})";

Result<store::ConversationChange> read_change(const mcp::Context& context, json::Value a) {
  store::ConversationChange change;
  change.owner = context.principal().name;
  change.id = a["id"].as_string();
  change.version = a["version"].as_int();
  change.now_ms = unix_ms();
  for (const auto& [name, member] : {std::pair{"title", &store::ConversationChange::title},
                                     {"model", &store::ConversationChange::model},
                                     {"provider", &store::ConversationChange::provider}})
    if (const json::Value v = a[name]; v.is_string()) change.*member = std::string(v.as_string());
  if (const json::Value v = a["metadata"]; v.is_object()) {
    change.metadata = json::to_text(v);
    if (change.metadata->size() > limits::kConversationMetadataBytesMax)
      return fail(
          Code::too_large,
          "metadata may have " + std::to_string(limits::kConversationMetadataBytesMax) + " bytes at most",
          "metadata");
  }
  TRY_ASSIGN(change.messages, read_messages(a["messages"]));
  if (!change.id.empty()) return change;
  if (change.messages.empty())
    return fail(Code::invalid_request, "a new conversation needs messages; to go on with one, give its id",
                "messages");
  if (change.version != 0)
    return fail(Code::invalid_request,
                "version belongs to a conversation that is there already: give its id too", "version");
  if (!change.title) change.title = title_from(change.messages);
  if (change.title->empty()) change.title = "Conversation";
  return change;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  auto change = read_change(context, arguments);
  if (!change) co_return mcp::error_result(change.error().message);
  const bool created = change->id.empty();
  const auto saved = co_await deps.conversations->save(std::move(*change));
  if (!saved) co_return mcp::error_result(saved.error().message);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_conversation(w, *saved);
  w.field("created", created);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool save_conversation(const Deps& deps) {
  return make_tool<run>(
      deps,
      {.name = "save_conversation",
       .title = "Save a conversation",
       .description = "Keeps a conversation so that it can be found and read again: a new one, or, with an "
                      "id, more of one that is kept already. Only the key that saved it can read it.",
       .input = kInput,
       .output = conversation_schema(R"("created":{"type":"boolean"})", "created"),
       .hints = {mcp::Hint::no, mcp::Hint::no, mcp::Hint::no, mcp::Hint::no}});
}

}  // namespace pb::tools
