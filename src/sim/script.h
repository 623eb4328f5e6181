// From a request to what the simulator will do about it. Pure: state and time come in as Facts.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "llm/chat.h"
#include "sim/conversation.h"
#include "sim/names.h"

namespace pb::sim {

// What the service knows and the request does not say.
struct Facts {
  std::string_view dialect;  // "openai_chat": ids and rate-limit headers follow the vendor's style
  std::string_view id;       // of the answer
  int attempt = 0;           // how often this request was answered before (for "sim-fail-N")
  bool cache_hit = false;    // the prefix up to the last cache mark was seen before
};

// A scripted answer; what is not set comes from the behaviour.
struct Reply {
  struct Call {
    std::string name;
    std::string arguments;  // JSON text, or a custom tool's input
    bool custom = false;
  };
  std::optional<std::string> text, thinking, refusal;
  std::vector<Call> calls;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string message;     // of an error
  std::string error_type;  // the vendor's own type
  std::optional<llm::Stop> stop;
  std::optional<llm::Usage> usage;
};

struct Plan {
  std::optional<Error> error;  // answered instead of the response
  std::vector<std::pair<std::string, std::string>> headers;
  llm::Response response;
  Behaviour behaviour;  // its pace and fault are carried out by render() and the service
};

// The views of the plan's response point into its own arena, except `model`, which the request owns.
Plan make_plan(const llm::Request& request, const Behaviour& behaviour, const Reply& reply,
               const Facts& facts);

inline constexpr std::size_t kPiecesMax = 2000;
// Words with their following space, so that a stream has as many deltas as the text has words. Longer words are cut at 16
// bytes, and texts that could have more than `pieces_max` pieces into about that many equal ones. Joined, the pieces are
// the text; each is whole UTF-8.
std::vector<std::string_view> text_pieces(std::string_view text, std::size_t pieces_max = kPiecesMax);
// `bytes` of ASCII words, the same for the same number.
std::string filler(std::size_t bytes);
// `count` words: a text of exactly that many pieces.
std::string words(int count);

}  // namespace pb::sim
