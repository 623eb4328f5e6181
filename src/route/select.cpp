#include "route/select.h"

#include <algorithm>
#include <array>
#include <bit>

#include "route/names.h"
#include "route/sticky.h"
#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

// What a model had better be able to do, but answers without: the gateway takes the wish out of the request.
constexpr Abilities kWishes = kReasoning | kStructured | kStreaming;
// The count of a prompt is an estimate: one that is too long by less than this may fit.
constexpr double kEstimateSlack = 0.9;

enum class Bar : std::uint8_t { none, drained, unhealthy, breaker, quota, tag, ability, context };

bool tagged(const Deployment& d, std::string_view tag) {
  return std::find(d.tags.begin(), d.tags.end(), tag) != d.tags.end();
}

bool has_tags(const Route& route) {
  return std::any_of(route.deployments.begin(), route.deployments.end(),
                     [](const Deployment& d) { return !d.tags.empty(); });
}

bool too_long(const Slot& slot, const Facts& facts) {
  if (slot.context <= 0 || facts.tokens <= 0) return false;
  return static_cast<double>(facts.tokens) * kEstimateSlack + static_cast<double>(facts.tokens_max) >
         static_cast<double>(slot.context);
}

Bar bar_of(const Slot& slot, const Facts& facts, bool by_tag, std::int64_t now_ms) {
  const Live& live = *slot.live;
  if (live.drained.load(std::memory_order_relaxed)) return Bar::drained;
  if (live.unhealthy.load(std::memory_order_relaxed)) return Bar::unhealthy;
  if (live.breaker.state(now_ms) == Breaker::State::open) return Bar::breaker;
  if (slot.left <= 0) return Bar::quota;
  if (by_tag && !std::all_of(facts.tags.begin(), facts.tags.end(),
                             [&](std::string_view tag) { return tagged(*slot.deployment, tag); }))
    return Bar::tag;
  if ((facts.needs & ~kWishes & ~slot.can) != 0) return Bar::ability;
  return too_long(slot, facts) ? Bar::context : Bar::none;
}

std::string seconds(std::int64_t ms) { return std::to_string((ms + 999) / 1000) + " s"; }

std::string text_of(Bar bar, const Slot& slot, const Facts& facts, std::int64_t now_ms) {
  switch (bar) {
    case Bar::none:
      break;
    case Bar::drained:
      return "drained";
    case Bar::unhealthy:
      return "unhealthy: its health checks fail";
    case Bar::breaker: {
      const std::int64_t left = slot.live->breaker.open_until_ms() - now_ms;
      return left > 0 ? "breaker open for " + seconds(left) : "breaker open: one request is trying it";
    }
    case Bar::quota:
      return "its limits are used up for now";
    case Bar::tag:
      for (std::string_view tag : facts.tags)
        if (!tagged(*slot.deployment, tag)) return "has no tag " + std::string(tag);
      break;
    case Bar::ability:
      return "needs " + names_of(facts.needs & ~kWishes & ~slot.can);
    case Bar::context:
      return "about " + std::to_string(facts.tokens) + " tokens" +
             (facts.tokens_max > 0 ? " and " + std::to_string(facts.tokens_max) + " for the answer" : "") +
             " do not fit its context of " + std::to_string(slot.context);
  }
  return {};
}

enum Rank : std::uint8_t { kLacks = 1, kSpare = 2, kCools = 4 };

std::uint8_t rank_of(const Slot& slot, const Facts& facts, std::int64_t now_ms) {
  unsigned rank = 0;
  if ((facts.needs & kWishes & ~slot.can) != 0) rank |= kLacks;
  if (slot.deployment->weight == 0) rank |= kSpare;
  if (slot.live->cool_until_ms.load(std::memory_order_relaxed) > now_ms) rank |= kCools;
  return static_cast<std::uint8_t>(rank);
}

std::string why_usable(const StrategyRow& row, const Choosing& choosing, const Candidate& c) {
  const Slot& slot = choosing.slot(c);
  std::string out = row.why(choosing, c);
  if ((c.rank & kLacks) != 0)
    out += "; later, because it lacks " + names_of(choosing.facts.needs & kWishes & ~slot.can);
  if ((c.rank & kSpare) != 0) out += "; weight 0: when nothing else is usable";
  if ((c.rank & kCools) != 0)
    out += "; last, because it cools down for " +
           seconds(slot.live->cool_until_ms.load(std::memory_order_relaxed) - choosing.now_ms);
  if (slot.live->breaker.state(choosing.now_ms) == Breaker::State::half_open)
    out += "; breaker half open: one request tries it";
  return out;
}

// Brings the conversation's own deployment to the front of the `equal` first ones. True where it has one.
bool stick(const Route& route, const Choosing& choosing, std::span<Candidate> candidates, std::size_t equal) {
  const std::uint64_t key = sticky_key(route.sticky, choosing.facts);
  if (key == 0) return false;
  const auto own = candidates.begin() +
                   static_cast<std::ptrdiff_t>(rendezvous(key, choosing.slots, candidates.first(equal)));
  std::rotate(candidates.begin(), own, own + 1);
  return true;
}

void refuse_all(Order& out, std::span<const Slot> slots, const Facts& facts, bool by_tag,
                std::int64_t now_ms) {
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (const Bar bar = bar_of(slots[i], facts, by_tag, now_ms); bar != Bar::none)
      out.verdicts.push_back({i, false, text_of(bar, slots[i], facts, now_ms), 0});
}

}  // namespace

std::string names_of(Abilities abilities) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "streaming", "tools", "reasoning", "vision", "documents", "structured output", "audio"};
  std::string out;
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if ((abilities >> i & 1u) != 0) out.append(out.empty() ? "" : ", ").append(kNames[i]);
  return out;
}

Order order(const Route& route, std::span<const Slot> slots, const Facts& facts, std::int64_t now_ms,
            const Dice& dice, bool explain) {
  Order out;
  const bool by_tag = !facts.tags.empty() && has_tags(route);
  std::vector<Candidate> candidates;
  candidates.reserve(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (bar_of(slots[i], facts, by_tag, now_ms) == Bar::none)
      candidates.push_back({static_cast<std::uint16_t>(i), rank_of(slots[i], facts, now_ms), 0, 0});
  if (candidates.empty()) {
    refuse_all(out, slots, facts, by_tag, now_ms);
    return out;
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.slot < b.slot;
  });
  const StrategyRow& row = row_of(route.strategy);
  Choosing choosing{route, slots, facts, now_ms, dice};
  const std::span<Candidate> all(candidates);
  bool stuck = false;
  for (std::size_t at = 0; at < all.size();) {
    std::size_t end = at + 1;
    while (end < all.size() && all[end].rank == all[at].rank) ++end;
    const auto group = all.subspan(at, end - at);
    choosing.first = at == 0;
    const std::size_t equal = row.rank(choosing, group);
    if (at == 0) {
      stuck = stick(route, choosing, group, equal);
      out.reason.append(name_in(kStrategyNames, route.strategy)).append(": ");
      if (stuck) out.reason.append("sticky by ").append(name_in(kStickyNames, route.sticky)).append(", ");
      out.reason += why_usable(row, choosing, all.front());
    }
    at = end;
  }
  out.slots.reserve(all.size());
  for (const Candidate& c : all) out.slots.push_back(c.slot);
  if (!explain) return out;
  for (const Candidate& c : all)
    out.verdicts.push_back({c.slot, true, why_usable(row, choosing, c), c.score});
  if (stuck) out.verdicts.front().why += "; holds this conversation";
  refuse_all(out, slots, facts, by_tag, now_ms);
  return out;
}

}  // namespace pb::route
