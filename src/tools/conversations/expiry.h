// Conversations that nobody has changed for longer than `mcp.conversations.keep_days` go.
#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "gateway/gateway.h"
#include "net/sweeper.h"
#include "tools/conversations/conversations.h"

namespace pb::tools {

// Looks at the start and every hour, by the configuration in force. On one core.
class ConversationExpiry {
 public:
  ConversationExpiry(net::Sweeper& sweeper, boost::asio::any_io_executor executor, gateway::Gateway& gateway,
                     Conversations& conversations);
  ConversationExpiry(const ConversationExpiry&) = delete;
  ConversationExpiry& operator=(const ConversationExpiry&) = delete;

 private:
  static void look(void* self);

  boost::asio::any_io_executor executor_;
  gateway::Gateway& gateway_;
  Conversations& conversations_;
  net::Deadline next_;
};

}  // namespace pb::tools
