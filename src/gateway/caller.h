// Who a request comes from, and what they may do.
#pragma once
#include <memory>
#include <string>

#include "gateway/key_table.h"
#include "net/http.h"

namespace pb::gateway {

// Lives as long as its request. Everybody without a virtual key may do everything.
struct Caller {
  std::string
      name;  // what the ledger calls it: a virtual key's name, the masked form of one of server.keys, "" = nobody
  std::shared_ptr<const KeyTable> table;  // keeps `key`; null without one
  const KeyEntry* key = nullptr;          // null = none of the virtual ones
  net::Headers reply;                     // to be sent with the answer: what is left of the key's limits
  std::string_view team() const {
    return key != nullptr ? std::string_view(key->key.team) : std::string_view();
  }
};

}  // namespace pb::gateway
