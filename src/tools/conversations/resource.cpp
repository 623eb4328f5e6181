// conversation://{id}: the caller's conversations as resources.
#include <charconv>

#include "base/limits_conversations.h"
#include "base/strings.h"
#include "tools/conversations/conversations.h"
#include "tools/conversations/tools.h"

namespace pb::tools {
namespace {

constexpr std::string_view kJson = "application/json";

Task<mcp::Outcome<std::string>> read(Deps deps, const mcp::Context& context, std::string_view uri) {
  store::ConversationRange range{.last = true,
                                 .messages_max = limits::kConversationShownMessages,
                                 .bytes_max = limits::kConversationShownBytes};
  std::string id = percent_decode(mcp::template_value(kConversationUri, uri, "id"));
  const auto page = co_await deps.conversations->read(context.principal().name, std::move(id), range);
  if (!page && page.error().code == Code::not_found) co_return mcp::resource_not_found(uri);
  if (!page) co_return mcp::fault(mcp::kInternalError, page.error().message);
  co_return "[" + mcp::text_contents(uri, kJson, conversation_json(*page)) + "]";
}

mcp::Resource entry(const store::Conversation& c) {
  std::string about = std::to_string(c.messages) + (c.messages == 1 ? " message" : " messages");
  if (!c.model.empty()) about += ", " + c.model;
  return {conversation_uri(c.id), c.id, c.title, std::move(about), std::string(kJson), {}};
}

Task<mcp::Outcome<mcp::ResourcePage>> list(Deps deps, const mcp::Context& context, std::string from,
                                           std::size_t most) {
  store::ConversationFilter filter;
  filter.owner = context.principal().name;
  filter.limit = static_cast<std::int64_t>(most);
  const char* end = from.data() + from.size();
  if (const auto [at, ec] = std::from_chars(from.data(), end, filter.offset);
      !from.empty() && (ec != std::errc() || at != end || filter.offset < 1))
    co_return mcp::fault(mcp::kInvalidParams, "Invalid params: cursor is not one of this list's");
  const auto found = co_await deps.conversations->list(filter);
  if (!found) co_return mcp::fault(mcp::kInternalError, found.error().message);
  mcp::ResourcePage page;
  for (const store::Conversation& c : found->found) page.resources.push_back(entry(c));
  const std::int64_t next = filter.offset + static_cast<std::int64_t>(found->found.size());
  if (!found->found.empty() && next < found->total) page.next = std::to_string(next);
  co_return page;
}

}  // namespace

void add_conversation_resources(const Deps& deps, mcp::Offer& offer) {
  mcp::ResourceTemplate t{std::string(kConversationUri),
                          "conversation",
                          "Conversation",
                          "A saved conversation with its messages, or the last ones of a long one",
                          std::string(kJson),
                          [deps](mcp::Context& c, std::string_view uri) { return read(deps, c, uri); }};
  t.lively = true;
  offer.templates.push_back(std::move(t));
  offer.more_resources = [deps](mcp::Context& c, std::string from, std::size_t most) {
    return list(deps, c, std::move(from), most);
  };
}

}  // namespace pb::tools
