// Keeping a conversation on one deployment without remembering it: by rendezvous hashing everyone gets the same answer, on all
// cores and replicas and after a restart.
#pragma once
#include <cstdint>
#include <span>

#include "route/strategies/strategy.h"

namespace pb::route {

// Which of the candidates (at least one) the conversation belongs to, in proportion to their weights. Without one of them, only its
// own conversations move.
std::size_t rendezvous(std::uint64_t key, std::span<const Slot> slots, std::span<const Candidate> candidates);

}  // namespace pb::route
