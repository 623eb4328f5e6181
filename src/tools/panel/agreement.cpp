#include "tools/panel/agreement.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/names.h"
#include "route/strategies/strategy.h"

namespace pb::tools::panel {
namespace {

using Group = std::vector<std::size_t>;
constexpr double kEqual = 1e-9;

double mean_between(const Matrix& alike, const Group& a, const Group& b) {
  double sum = 0;
  for (const std::size_t i : a)
    for (const std::size_t j : b) sum += alike.at(i, j).value;
  return sum / static_cast<double>(a.size() * b.size());
}

double mean_within(const Matrix& alike, const Group& g) {
  double sum = 0;
  for (const std::size_t i : g) sum += alike.mean_of(i, g);
  return sum / static_cast<double>(g.size());
}

std::string percent(double share) { return route::number(100 * share, 0) + " %"; }

struct Strength {
  double share = 0;  // of all that counts
  bool tie = false;
};

// The strongest group by the sum of what its members count; those that count nothing are as if they were not there.
template <class Counts>
std::size_t strongest(const std::vector<Group>& groups, Counts counts, Strength& strength) {
  double all = 0, best = -1;
  std::size_t at = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    double sum = 0;
    for (const std::size_t i : groups[g]) sum += counts(i);
    all += sum;
    if (sum > best + kEqual) {
      best = sum;
      at = g;
      strength.tie = false;
    } else if (sum > best - kEqual) {
      strength.tie = true;
    }
  }
  strength.share = all > 0 ? best / all : 0;
  return at;
}

// The member that says best what a group says: most like the others, then of greater weight, then the one asked first.
std::size_t speaker_of(const Group& g, std::span<const Vote> votes, const Matrix& alike) {
  std::size_t best = g.front();
  const auto value = [&](std::size_t i) { return alike.mean_of(i, g); };
  for (const std::size_t i : g) {
    const double mine = value(i), its = value(best);
    if (mine > its + kEqual || (mine > its - kEqual && votes[i].weight > votes[best].weight + kEqual))
      best = i;
  }
  return best;
}

double confidence_said(const Vote& vote, double otherwise) {
  return vote.said.confidence.value_or(otherwise);
}

// Of those who named one; 1 where nobody did.
double mean_confidence(std::span<const Vote> votes) {
  double sum = 0;
  int n = 0;
  for (const Vote& v : votes)
    if (v.said.confidence) sum += *v.said.confidence, ++n;
  return n == 0 ? 1 : sum / n;
}

void tell_group(Consensus& c, std::span<const Vote> votes, const Matrix& alike, std::size_t g,
                const Strength& strength, std::string_view counted) {
  const Group& group = c.groups[g];
  const double within = mean_within(alike, group);
  c.speaker = speaker_of(group, votes, alike);
  c.tie = strength.tie;
  c.confidence = strength.share * within;
  c.why = std::to_string(group.size()) + " of " + std::to_string(votes.size()) + " answers agree (" +
          percent(strength.share) + " of " + std::string(counted) + "), alike by " + percent(within) +
          "; the confidence is the product of both";
  if (c.tie) c.why += "; another group is as strong, and the one asked first was taken";
}

void by_majority(Consensus& c, std::span<const Vote> votes, const Matrix& alike) {
  Strength strength;
  const std::size_t g = strongest(c.groups, [](std::size_t) { return 1.0; }, strength);
  tell_group(c, votes, alike, g, strength, "the votes");
  c.reached = 2 * c.groups[g].size() > votes.size();
  if (!c.reached) c.why += "; that is no majority";
}

std::optional<Quantity> number_of(const Vote& vote) {
  return quantity_of(words_of(vote.said.brief.empty() ? vote.said.text : vote.said.brief));
}

// The mean of numbers of one unit; nullopt where some are none.
std::optional<double> weighted_mean(std::span<const Vote> votes, double otherwise, double& spread) {
  double sum = 0, weights = 0, squares = 0;
  std::string unit;
  for (const Vote& v : votes) {
    const auto q = number_of(v);
    if (!q || (!unit.empty() && !q->unit.empty() && q->unit != unit)) return std::nullopt;
    if (unit.empty()) unit = q->unit;
    const double w = v.weight * confidence_said(v, otherwise);
    sum += w * q->value;
    squares += w * q->value * q->value;
    weights += w;
  }
  if (weights <= 0) return std::nullopt;
  const double mean = sum / weights;
  spread = std::sqrt(std::max(0.0, squares / weights - mean * mean));
  return mean;
}

void by_weight(Consensus& c, std::span<const Vote> votes, const Matrix& alike) {
  const double otherwise = mean_confidence(votes);
  const auto counts = [&](std::size_t i) { return votes[i].weight * confidence_said(votes[i], otherwise); };
  Strength strength;
  const std::size_t g = strongest(c.groups, counts, strength);
  tell_group(c, votes, alike, g, strength, "the weight, which is the model's times its own confidence");
  double spread = 0;
  if (const auto mean = weighted_mean(votes, otherwise, spread); mean && votes.size() > 1) {
    c.mean = mean;
    c.tie = false;
    const double scale = std::max(std::abs(*mean), kEqual);
    c.confidence = std::clamp(1 - spread / scale, 0.0, 1.0);
    c.why =
        "all answers are numbers: their weighted mean (a model's weight times its own confidence), with a "
        "standard deviation of " +
        route::number(spread, 4) + "; the confidence is 1 less the deviation's share of the mean";
  }
}

void by_confidence(Consensus& c, std::span<const Vote> votes, const Matrix& alike, double confident) {
  const auto counts = [&](std::size_t i) {
    return votes[i].said.confidence.value_or(-1) >= confident ? 1.0 : 0.0;
  };
  std::size_t sure = 0;
  for (std::size_t i = 0; i < votes.size(); ++i) sure += counts(i) > 0 ? 1 : 0;
  const std::string among = std::to_string(sure) + " of " + std::to_string(votes.size()) +
                            " answers name a confidence of " + route::number(confident, 2) + " or more";
  if (sure == 0) {
    by_majority(c, votes, alike);
    c.reached = false;
    c.why = among + "; so this is the majority's answer. " + c.why;
    return;
  }
  Strength strength;
  const std::size_t g = strongest(c.groups, counts, strength);
  tell_group(c, votes, alike, g, strength, "those that are sure");
  if (counts(c.speaker) == 0)
    c.speaker = *std::ranges::max_element(c.groups[g], {},
                                          [&](std::size_t i) { return confidence_said(votes[i], -1); });
  c.reached = strength.share > 0.5;
  c.why = among + "; " + c.why;
}

void by_likeness(Consensus& c, std::span<const Vote> votes, const Matrix& alike, double at) {
  Group all(votes.size());
  std::iota(all.begin(), all.end(), 0);
  c.speaker = speaker_of(all, votes, alike);
  c.confidence = votes.size() == 1 ? 1 : alike.mean_of(c.speaker, all);
  c.reached = c.confidence >= at;
  c.why = "the answer that is most like all others: by " + percent(c.confidence) +
          " on average, which is the confidence";
}

void by_expert(Consensus& c, std::span<const Vote> votes) {
  for (std::size_t i = 1; i < votes.size(); ++i)
    if (votes[i].weight > votes[c.speaker].weight + kEqual) c.speaker = i;
  for (std::size_t i = 0; i < votes.size(); ++i)
    c.tie = c.tie || (i != c.speaker && std::abs(votes[i].weight - votes[c.speaker].weight) < kEqual);
  const auto own = std::ranges::find_if(
      c.groups, [&](const Group& g) { return std::ranges::find(g, c.speaker) != g.end(); });
  const double share = static_cast<double>(own->size()) / static_cast<double>(votes.size());
  c.confidence = confidence_said(votes[c.speaker], 1) * (0.5 + 0.5 * share);
  c.why = "the answer of the model with the greatest weight (" + route::number(votes[c.speaker].weight, 2) +
          "); " + std::to_string(own->size() - 1) + " of " + std::to_string(votes.size() - 1) +
          " others agree. The confidence is its own, halved where nobody else agrees";
  if (c.tie) c.why += "; others weigh as much, and the one asked first was taken";
}

}  // namespace

std::string_view name_of(Level level) {
  static constexpr std::array<std::string_view, 5> kNames = {"unanimous", "high", "moderate", "low", "none"};
  return name_in(kNames, level);
}

Level level_of(std::size_t largest, std::size_t all) {
  if (all == 0 || (largest < 2 && all > 1)) return Level::none;
  if (largest == all) return Level::unanimous;
  if (5 * largest >= 4 * all) return Level::high;
  if (5 * largest >= 3 * all) return Level::moderate;
  return 5 * largest >= 2 * all ? Level::low : Level::none;
}

std::vector<Group> group(const Matrix& alike, double at) {
  std::vector<Group> groups;
  groups.reserve(alike.size());
  for (std::size_t i = 0; i < alike.size(); ++i) groups.push_back({i});
  for (;;) {
    double best = at;
    std::size_t one = 0, two = 0;
    for (std::size_t a = 0; a < groups.size(); ++a)
      for (std::size_t b = a + 1; b < groups.size(); ++b)
        if (const double between = mean_between(alike, groups[a], groups[b]);
            between >= best && (two == 0 || between > best)) {
          best = between;
          one = a;
          two = b;
        }
    if (two == 0) break;
    groups[one].insert(groups[one].end(), groups[two].begin(), groups[two].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(two));
  }
  for (Group& g : groups) std::ranges::sort(g);
  std::ranges::sort(groups, [](const Group& a, const Group& b) {
    return a.size() != b.size() ? a.size() > b.size() : a.front() < b.front();
  });
  return groups;
}

Consensus decide(std::span<const Vote> votes, const Matrix& alike, std::vector<Group> groups,
                 const Rules& rules) {
  Consensus c;
  c.groups = std::move(groups);
  switch (rules.strategy) {
    case Strategy::majority_vote:
      by_majority(c, votes, alike);
      break;
    case Strategy::weighted_average:
      by_weight(c, votes, alike);
      break;
    case Strategy::confidence_threshold:
      by_confidence(c, votes, alike, rules.confident);
      break;
    case Strategy::semantic_similarity:
      by_likeness(c, votes, alike, rules.alike);
      break;
    case Strategy::expert_selection:
      by_expert(c, votes);
      break;
  }
  c.level = level_of(c.groups.front().size(), votes.size());
  return c;
}

Consensus decide(std::span<const Vote> votes, const Matrix& alike, const Rules& rules) {
  return decide(votes, alike, group(alike, rules.alike), rules);
}

}  // namespace pb::tools::panel
