#include "route/sticky.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace pb::route {
namespace {

// Fixed, so that replicas agree.
constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15;

std::uint64_t not_zero(std::uint64_t hash) { return hash == 0 ? 1 : hash; }

}  // namespace

std::uint64_t sticky_key(Sticky sticky, const Facts& facts) {
  switch (sticky) {
    case Sticky::off:
      break;
    case Sticky::prefix:
      return facts.prefix;
    case Sticky::header:
      if (!facts.header) break;
      for (std::string_view name : {"x-patchbay-session", "x-session-id", "session_id"})
        if (const std::string_view value = facts.header(name); !value.empty())
          return not_zero(hash64(value, kSeed));
      break;
    case Sticky::user: {
      if (facts.key.empty() && facts.user.empty()) break;
      Hash64 hash(kSeed);
      hash.add(facts.key);
      hash.add(std::string_view("\0", 1));
      hash.add(facts.user);
      return not_zero(hash.value());
    }
  }
  return 0;
}

std::size_t rendezvous(std::uint64_t key, std::span<const Slot> slots,
                       std::span<const Candidate> candidates) {
  std::size_t best = 0;
  double least = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Slot& slot = slots[candidates[i].slot];
    const std::uint64_t hash = hash64(slot.live->name, key);
    const double u = (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53;
    // The configured weight, not what is left of a quota: that would move conversations with every request.
    const double drawn = -std::log(u) / std::max(1, slot.deployment->weight);
    if (i == 0 || drawn < least) best = i, least = drawn;
  }
  return best;
}

}  // namespace pb::route
