// By the request's kind and difficulty: an easy request goes where it is cheap and fast, a hard one where models are good. Every
// figure is known before the request is sent: ratings, prices, and what was measured on earlier ones.
#include <algorithm>
#include <cmath>

#include "route/ratings.h"
#include "route/strategies/smart.h"
#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

// What a score is made of; `difficulty` moves weight from price to quality.
constexpr double kQuality = 0.5, kQualityHard = 0.4, kPrice = 0.35, kPriceHard = -0.25, kSpeed = 0.2;
// The quality that a task wants, from the easiest to the hardest. What is better than that counts a little.
constexpr double kWantedLeast = 0.35, kWantedMost = 0.95, kBetter = 0.25;
constexpr double kUnknownQuality = 0.5, kUnknownSuccess = 0.95;
// A price a hundred times the lowest counts as worst, a time ten times the shortest too.
constexpr double kPriceSpan = 100, kTimeSpan = 10;
constexpr double kFree = 1e-6;         // dollars: below it nobody counts
constexpr double kAnswerTokens = 300;  // for times
constexpr double kExplore = 0.05;      // of requests go to a deployment of which little is known
constexpr std::uint64_t kLittle = 20;  // answers
constexpr double kAboutEqual = 0.03;   // of the score: a sticky conversation may stay
constexpr double kShake = 0.01;        // so that equals share the work

// Dearer models are better more often than not: the price stands in for a rating.
double quality_by_price(const Slot& slot) {
  if (!slot.price) return kUnknownQuality;
  return std::clamp(0.45 + 0.15 * std::log10(std::max(0.05, slot.price->output)), 0.25, 0.7);
}

// -1 = not measured and not rated.
double known_quality(const Slot& slot, Kind kind) {
  return slot.quality >= 0 ? std::min(slot.quality, 1.0) : rating(slot.deployment->model, kind);
}

double quality_of(const Slot& slot, Kind kind) {
  const double known = known_quality(slot, kind);
  return known >= 0 ? known : quality_by_price(slot);
}

double success_of(const Live& live) { return live.success.known() ? live.success.value() : kUnknownSuccess; }

// Milliseconds to an ordinary answer; -1 = not known.
double time_of(const Live& live, std::int64_t now_ms) {
  if (!live.first_token_ms.known()) return -1;
  const double first = live.first_token_ms.faded(now_ms) + 1;
  const double rate = live.tokens_per_second.value();
  return first + (rate > 0 ? 1'000 * kAnswerTokens / rate : 0);
}

// 1 for the least of all, 0 for `span` times that.
double share(double value, double least, double span) {
  return std::clamp(1 - std::log(value / least) / std::log(span), 0.0, 1.0);
}

struct Least {
  double cost = -1, time = -1;
};

void lower(double& least, double value) {
  if (value >= 0 && (least < 0 || value < least)) least = value;
}

double dollars(const Slot& slot, const Facts& facts) {
  const double cost = expected_cost(slot, facts);
  return cost < 0 ? cost : std::max(cost, kFree);
}

double score_of(const Slot& slot, const Facts& facts, const Task& task, std::int64_t now_ms,
                const Least& least) {
  const double wanted = kWantedLeast + (kWantedMost - kWantedLeast) * task.difficulty;
  const double quality = quality_of(slot, task.kind);
  const double enough = 1 - std::max(0.0, wanted - quality) / wanted;
  const double good = (1 - kBetter) * enough + kBetter * quality;
  const double cost = dollars(slot, facts), time = time_of(*slot.live, now_ms);
  const double cheap = cost < 0 ? 0.4 : share(cost, least.cost, kPriceSpan);
  const double fast = time < 0 ? 0.5 : share(time, least.time, kTimeSpan);
  const double of_quality = kQuality + kQualityHard * task.difficulty;
  const double of_price = kPrice + kPriceHard * task.difficulty;
  const double success = success_of(*slot.live);
  const int under_way = slot.live->in_flight.load(std::memory_order_relaxed);
  const double busy = 1 / (1 + 0.01 * under_way / std::max(1, slot.deployment->weight));
  return success * success * busy * (of_quality * good * good + of_price * cheap + kSpeed * fast) /
         (of_quality + of_price + kSpeed);
}

bool little_known(const Live& live) {
  return live.answered.load(std::memory_order_relaxed) + live.failed.load(std::memory_order_relaxed) <
             kLittle &&
         live.in_flight.load(std::memory_order_relaxed) == 0;
}

// Now and then a deployment of which little is known comes first. Not in conversations that have their place.
bool explore(Choosing& choosing, std::span<Candidate> candidates) {
  if (!choosing.first || candidates.size() < 2 || choosing.dice() >= kExplore) return false;
  if (sticky_key(choosing.route.sticky, choosing.facts) != 0) return false;
  const auto unknown = std::find_if(candidates.begin() + 1, candidates.end(),
                                    [&](const Candidate& c) { return little_known(*choosing.slot(c).live); });
  if (unknown == candidates.end()) return false;
  std::rotate(candidates.begin(), unknown, unknown + 1);
  return true;
}

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  choosing.task = guess(choosing.facts);
  Least least;
  for (const Candidate& c : candidates) {
    lower(least.cost, dollars(choosing.slot(c), choosing.facts));
    lower(least.time, time_of(*choosing.slot(c).live, choosing.now_ms));
  }
  for (Candidate& c : candidates) {
    c.score = score_of(choosing.slot(c), choosing.facts, choosing.task, choosing.now_ms, least);
    c.key = -c.score * (1 + kShake * choosing.dice());
  }
  sort(candidates);
  const std::size_t equal = equals(candidates, kAboutEqual);
  choosing.explored = explore(choosing, candidates);
  return choosing.explored ? 1 : equal;
}

std::string why(const Choosing& choosing, const Candidate& c) {
  const Slot& slot = choosing.slot(c);
  std::string out(name_of(choosing.task.kind));
  out.append(", ").append(name_of_difficulty(choosing.task.difficulty));
  out.append("; quality ").append(number(quality_of(slot, choosing.task.kind), 2));
  if (const double cost = expected_cost(slot, choosing.facts); cost >= 0)
    out.append(", about $").append(number(cost, 5));
  if (const double time = time_of(*slot.live, choosing.now_ms); time >= 0)
    out.append(", ").append(number(time, 0)).append(" ms");
  if (slot.live->success.known())
    out.append(", ").append(number(100 * slot.live->success.value(), 0)).append(" % answered");
  if (choosing.explored && choosing.first) out += "; tried to learn more about it";
  return out;
}

}  // namespace

std::vector<Weighed> weigh(std::span<const Slot> slots, const Facts& facts, const Task& task,
                           std::int64_t now_ms) {
  Least least;
  for (const Slot& slot : slots) {
    lower(least.cost, dollars(slot, facts));
    lower(least.time, time_of(*slot.live, now_ms));
  }
  std::vector<Weighed> out;
  out.reserve(slots.size());
  for (const Slot& slot : slots)
    out.push_back({.score = score_of(slot, facts, task, now_ms, least),
                   .quality = quality_of(slot, task.kind),
                   .rated = known_quality(slot, task.kind) >= 0,
                   .dollars = expected_cost(slot, facts),
                   .time_ms = time_of(*slot.live, now_ms),
                   .success = success_of(*slot.live),
                   .measured = slot.live->success.known()});
  return out;
}

const StrategyRow kSmart = {Strategy::smart, rank, why};

}  // namespace pb::route
