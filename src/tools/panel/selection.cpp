#include "tools/panel/selection.h"

#include <algorithm>
#include <cmath>

#include "base/names.h"
#include "route/strategies/strategy.h"

namespace pb::tools::panel {
namespace {

constexpr double kUnknownCost = 0.4, kUnknownSpeed = 0.5;  // as the smart strategy has it
constexpr double kCostSpan = 100, kTimeSpan = 10;          // so many times the least is 0
constexpr double kFree = 1e-6;                             // dollars
constexpr double kClear = 0.1;                             // a lead by so much leaves no doubt

double share(double value, double least, double span) {
  return std::clamp(1 - std::log(value / least) / std::log(span), 0.0, 1.0);
}

struct Least {
  double dollars = -1, time_ms = -1;
};

Least least_of(std::span<const Ranked> usable) {
  Least least;
  const auto lower = [](double& to, double value) {
    if (value >= 0 && (to < 0 || value < to)) to = value;
  };
  for (const Ranked& r : usable) {
    lower(least.dollars, r.of.dollars < 0 ? -1 : std::max(kFree, r.of.dollars));
    lower(least.time_ms, r.of.time_ms);
  }
  return least;
}

Metrics metrics_of(const Ranked& r, const route::Slot& slot, const Least& least) {
  Metrics m;
  m.quality = r.of.quality;
  m.quality_known = r.of.rated;
  m.cost_known = r.of.dollars >= 0;
  m.cost = m.cost_known ? share(std::max(kFree, r.of.dollars), least.dollars, kCostSpan) : kUnknownCost;
  m.speed_known = r.of.time_ms >= 0;
  m.speed = m.speed_known ? share(std::max(1.0, r.of.time_ms), std::max(1.0, least.time_ms), kTimeSpan)
                          : kUnknownSpeed;
  m.reliability = r.of.success;
  m.reliability_known = r.of.measured;
  m.idle = 1.0 / (1 + std::max(0, slot.live->in_flight.load(std::memory_order_relaxed)));
  return m;
}

double score_by(Aim aim, const Metrics& m, double smart) {
  switch (aim) {
    case Aim::adaptive:
      return smart;
    case Aim::performance_based:
      return 0.5 * m.reliability + 0.3 * m.speed + 0.2 * m.quality;
    case Aim::cost_optimized:
      return m.reliability * (0.8 * m.cost + 0.2 * m.quality);
    case Aim::speed_optimized:
      return m.reliability * (0.8 * m.speed + 0.2 * m.quality);
    case Aim::quality_optimized:
      return m.reliability * (0.9 * m.quality + 0.1 * m.cost);
    case Aim::load_balanced:
      return m.reliability * (0.7 * m.idle + 0.3 * smart);
  }
  return smart;
}

bool meets(const Metrics& m, const Wishes& w) {
  return m.quality >= w.quality && m.cost >= w.cost && m.speed >= w.speed && m.reliability >= w.reliability;
}

std::string too_much(const Ranked& r, const route::Slot& slot, const Wishes& w) {
  if (w.dollars_max && r.of.dollars < 0)
    return "its price is not known, so `constraints.max_cost` cannot be kept";
  if (w.dollars_max && r.of.dollars > *w.dollars_max)
    return "about $" + route::number(r.of.dollars, 5) + " is above `constraints.max_cost`";
  if (w.latency_ms_max && r.of.time_ms < 0)
    return "its speed was not measured yet, so `constraints.max_latency_ms` cannot be kept";
  if (w.latency_ms_max && r.of.time_ms > *w.latency_ms_max)
    return "about " + route::number(r.of.time_ms, 0) + " ms is above `constraints.max_latency_ms`";
  if (w.context_least > 0 && slot.context > 0 && slot.context < w.context_least)
    return "its context of " + std::to_string(slot.context) + " tokens is below `constraints.min_context`";
  return {};
}

void explain(Selection& s, const Wishes& wishes, std::span<const std::string> provider_of) {
  const Choice& first = s.choices.front();
  s.why = std::string(name_in(kAimNames, wishes.aim)) + ": the task looks like " +
          std::string(route::name_of(s.task.kind)) + ", " +
          std::string(route::name_of_difficulty(s.task.difficulty)) + "; " + told(first.of);
  if (!wishes.preferred_provider.empty()) {
    const bool own = provider_of[first.slot] == wishes.preferred_provider;
    s.why += own ? "; it is of the preferred provider" : "; no model of the preferred provider passes";
    const auto best = std::ranges::max_element(s.choices, {}, &Choice::score);
    if (own && best->slot != first.slot) s.why += ", else another would have been first";
  }
  if (!first.meets) s.why += "; nobody has all scores of `performance_requirements`, so this is the nearest";
  const double lead = s.choices.size() < 2 ? kClear : first.score - s.choices[1].score;
  const double clear = std::clamp(lead / kClear, 0.0, 1.0);
  s.confidence = 0.6 * first.metrics.known() + 0.4 * clear;
  s.why_confident = "three fifths for how much is known of it (" +
                    route::number(100 * first.metrics.known(), 0) +
                    " % of quality, price, speed and success), two fifths for its lead of " +
                    route::number(std::max(0.0, lead), 3) + " over the next (all from 0.1 on)";
}

}  // namespace

double Metrics::known() const {
  return 0.25 * (static_cast<int>(quality_known) + static_cast<int>(cost_known) +
                 static_cast<int>(speed_known) + static_cast<int>(reliability_known));
}

Selection select(std::span<const route::Slot> slots, std::span<const std::string> provider_of, const Job& job,
                 const Wishes& wishes, std::int64_t now_ms) {
  Selection s;
  const Ranking ranking = rank(slots, job, now_ms);
  s.task = ranking.task;
  for (const Barred& b : ranking.barred) s.left_out.push_back({b.slot, b.why});
  const Least least = least_of(ranking.usable);
  for (const Ranked& r : ranking.usable) {
    if (std::string why = too_much(r, slots[r.slot], wishes); !why.empty()) {
      s.left_out.push_back({r.slot, std::move(why)});
      continue;
    }
    Choice c{.slot = r.slot, .of = r.of, .metrics = metrics_of(r, slots[r.slot], least)};
    c.score = score_by(wishes.aim, c.metrics, r.of.score);
    c.meets = meets(c.metrics, wishes);
    s.choices.push_back(c);
  }
  const auto preferred = [&](const Choice& c) {
    return !wishes.preferred_provider.empty() && provider_of[c.slot] == wishes.preferred_provider;
  };
  std::ranges::sort(s.choices, [&](const Choice& a, const Choice& b) {
    if (a.meets != b.meets) return a.meets;
    if (preferred(a) != preferred(b)) return preferred(a);
    return a.score != b.score ? a.score > b.score : a.slot < b.slot;
  });
  if (!s.choices.empty()) explain(s, wishes, provider_of);
  return s;
}

}  // namespace pb::tools::panel
