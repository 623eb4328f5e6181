// What the server has to know again when a client answers its questions (MCP 2026-07-28 "Multi Round-Trip Requests"): sealed, and
// kept by the client.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mcp/offer.h"
#include "mcp/protocol.h"

namespace pb::mcp {

// Seals with AES-256-GCM. Any thread.
class StateSeal {
 public:
  using Key = std::array<unsigned char, 32>;
  explicit StateSeal(Key key) : key_(key) {}
  static StateSeal random();  // good for this process' life

  // What a state is bound to: who asked what.
  struct Scope {
    std::string_view principal;
    std::string_view method;
    std::string request;  // what must be the same in the next round: request_digest()
  };
  // Base64 text. `answers`: those of all rounds so far.
  std::string seal(const Scope& scope, const Answers& answers, std::int64_t now_ms) const;
  // Faults: -32602 where it has been changed, is of another request or caller, or too old.
  Outcome<Answers> open(std::string_view state, const Scope& scope, std::int64_t now_ms) const;

 private:
  Key key_;
};

// Of the parameters but for `_meta`, `requestState` and `inputResponses`; the order of members does not matter.
std::string request_digest(json::Value params);

}  // namespace pb::mcp
