// Which deployments of a route a request may go to, in which order. Pure: the same facts, state, time and dice give the same order.
// Rules are in match.cpp, what bars a deployment in select.cpp, each strategy in a file of strategies/.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/prices.h"
#include "route/live.h"
#include "route/route.h"

namespace pb::route {

// What a request needs of a model, or what a model can do.
enum Ability : std::uint32_t {
  kStreaming = 1u << 0,
  kTools = 1u << 1,
  kReasoning = 1u << 2,
  kVision = 1u << 3,
  kDocuments = 1u << 4,
  kStructured = 1u << 5,
  kAudio = 1u << 6,
};
using Abilities = std::uint32_t;

// What is known of a request before it is sent anywhere. The texts live as long as the request.
struct Facts {
  std::string_view model, path, key, team;
  std::function<std::string_view(std::string_view name)> header;  // "" = not there
  std::vector<std::string_view> tags;                             // asked for: x-patchbay-tags
  Abilities needs = 0;
  std::int64_t tokens = 0;             // of the prompt, estimated
  std::int64_t tokens_max = 0;         // that the answer may have; 0 = not said
  std::string_view body;               // as it came
  std::string_view tools;              // the list of them, as it stands in the body; "" = none
  std::string_view words;              // the newest text that a person wrote, as it stands in the body
  std::string_view user;               // the request's own `user` or `metadata.user_id`, "" = none
  std::uint64_t prefix = 0;            // hash of the conversation's beginning; 0 = not computed
  int minute_of_day = 0, weekday = 0;  // local; 0 = Monday
};

// A deployment as the snapshot knows it.
struct Slot {
  const Deployment* deployment = nullptr;
  Live* live = nullptr;
  Abilities can = ~0u;       // what is not known counts as can
  std::int64_t context = 0;  // tokens; 0 = not known
  std::optional<llm::ModelPrice> price;
  double left = 1;      // of its own limits (Deployment::limits), as a share: 0 = used up for now
  double quality = -1;  // measured here or given (0…1), over the ratings of route/ratings.h; -1 = not known
};

// One deployment's place in a decision, told to people.
struct Verdict {
  std::size_t slot = 0;
  bool usable = false;
  std::string why;   // "breaker open for 8 s", "needs vision", "priority 1", …
  double score = 0;  // the strategy's own; what it means stands in `why`
};

// Random numbers in [0, 1).
using Dice = std::function<double()>;

struct Order {
  std::vector<std::uint16_t> slots;  // first choice first; those that cool down after a rate limit come last
  std::string
      reason;  // of the first choice, for the log and x-patchbay-route: "smart: code, hard; quality 0.81"
  std::vector<Verdict> verdicts;  // only where asked for
};

// The first rule that holds; null when none does.
const Rule* match(std::span<const Rule> rules, const Facts& facts);
// Why a rule does not hold, for people: "the path is /v1/messages, not /v1/chat*"; "" when it holds.
std::string why_not(const Rule& rule, const Facts& facts);

// "tools, vision": for people.
std::string names_of(Abilities abilities);
// Of x-patchbay-tags: "eu, fast". No more than the first 16.
std::vector<std::string_view> tags_of(std::string_view header);

// What tells the conversations of a sticky route apart; 0 = this request cannot be told.
std::uint64_t sticky_key(Sticky sticky, const Facts& facts);

// Left out: deployments that are drained, unhealthy, behind an open breaker or without quota, that lack a tag that was asked for (in
// a route that has tags), that cannot take the request's pictures, documents, sound or tools, or whose context it does not fit.
// Last come those that cannot reason or write structured output where that is wanted, then those of weight 0, then those that cool down.
// `explain`: fill in verdicts. An empty order means that no deployment is usable: `verdicts` then say why even unasked.
Order order(const Route& route, std::span<const Slot> slots, const Facts& facts, std::int64_t now_ms,
            const Dice& dice, bool explain = false);

}  // namespace pb::route
