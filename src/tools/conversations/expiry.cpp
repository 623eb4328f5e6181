#include "tools/conversations/expiry.h"

#include <boost/asio/co_spawn.hpp>

#include "base/clock.h"
#include "base/limits_conversations.h"
#include "base/log.h"

namespace pb::tools {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

Task<void> expire(Conversations& conversations, std::int64_t days) {
  const auto gone = co_await conversations.expire(unix_ms() - days * kDayMs);
  if (!gone)
    log::warn(log::Module::store, "old conversations could not be removed", {{"what", gone.error().message}});
  else if (*gone > 0)
    log::info(log::Module::store, "old conversations were removed",
              {{"conversations", *gone}, {"days", days}});
}

}  // namespace

ConversationExpiry::ConversationExpiry(net::Sweeper& sweeper, boost::asio::any_io_executor executor,
                                       gateway::Gateway& gateway, Conversations& conversations)
    : executor_(std::move(executor)), gateway_(gateway), conversations_(conversations), next_(sweeper) {
  look(this);
}

void ConversationExpiry::look(void* context) {
  auto& self = *static_cast<ConversationExpiry*>(context);
  if (const std::int64_t days = self.gateway_.snapshot().config().mcp.conversations.keep_days; days > 0)
    boost::asio::co_spawn(self.executor_, expire(self.conversations_, days),
                          [](const std::exception_ptr&) {});
  self.next_.arm(limits::kConversationExpiryMs, look, context);
}

}  // namespace pb::tools
