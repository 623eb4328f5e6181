#include "tools/chat/free_models.h"

#include <algorithm>

#include "base/clock.h"
#include "gateway/state.h"
#include "net/blocking.h"
#include "tools/usage_reading.h"

namespace pb::tools {
namespace {

constexpr std::string_view kFreeEnd = ":free";
constexpr std::int64_t kDayMs = 86'400'000, kMinuteMs = 60'000;
constexpr std::int64_t kMeasuredAfter = 5;  // requests
constexpr double kContextFull = 200'000;    // tokens; more is no better
constexpr double kUnrated = 0.5;
constexpr double kTurn = 0.06;  // off the score for each recent request

void write_part(json::Writer& w, const char* prefix, std::int64_t used, std::int64_t limit) {
  const std::string name(prefix);
  w.field(name + "_used", used);
  if (limit <= 0) return;
  w.field(name + "_limit", limit);
  w.field(name + "_remaining", std::max<std::int64_t>(0, limit - used));
}

}  // namespace

FreeStanding standing_of(const gateway::Snapshot& snapshot, const KnownModel& model) {
  FreeStanding s;
  const auto d = gateway::find_deployment(snapshot, model.provider + "/" + model.model, gateway::present());
  if (!d) return s;
  s.usable = gateway::word_of(*d) == "ready" || gateway::word_of(*d) == "half_open";
  s.success = d->success;
  s.ended = static_cast<std::int64_t>(d->answered + d->failed);
  s.recent = d->ended_minute + d->in_flight;
  return s;
}

double free_score(const KnownModel& m, const FreeStanding& s, route::Kind kind) {
  const double context = std::min(1.0, static_cast<double>(m.context) / kContextFull);
  const double rated = route::rating(m.model, kind);
  double reputation = rated >= 0 ? rated : kUnrated;
  if (s.ended >= kMeasuredAfter && s.success >= 0) reputation = (reputation + s.success) / 2;
  const double can = (m.tools ? 1 : 0) + (m.vision ? 1 : 0) + (m.thinking ? 1 : 0);
  return 0.4 * context + 0.4 * reputation + 0.2 * can / 3 - kTurn * static_cast<double>(s.recent);
}

std::vector<KnownModel> free_order(std::vector<KnownModel> models, const StandingOf& standing,
                                   route::Kind kind, std::span<const std::string> preferred) {
  struct Scored {
    KnownModel model;
    std::size_t rank;  // among the preferred ones
    double score;
  };
  std::vector<Scored> all;
  for (KnownModel& m : models) {
    const FreeStanding s = is_free(m) ? standing(m) : FreeStanding{false};
    if (!s.usable) continue;
    std::size_t rank = 0;
    while (rank < preferred.size() && !contains_word(m.name, preferred[rank])) ++rank;
    const double score = free_score(m, s, kind);
    all.push_back({std::move(m), rank, score});
  }
  std::ranges::sort(all, [](const Scored& a, const Scored& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    return a.score != b.score ? a.score > b.score : a.model.name < b.model.name;
  });
  std::vector<KnownModel> out;
  out.reserve(all.size());
  for (Scored& s : all) out.push_back(std::move(s.model));
  return out;
}

Task<FreeUse> free_use(const Deps& deps) {
  const std::int64_t now = unix_ms();
  const auto count = [](const std::vector<store::UsageSum>& rows) {
    std::int64_t n = 0;
    for (const store::UsageSum& row : rows)
      if (row.model.ends_with(kFreeEnd)) n += row.requests - row.cached;
    return n;
  };
  FreeUse use;
  store::UsageFilter filter;
  filter.from_ms = now - now % kDayMs;
  auto day = co_await read_ledger(deps, filter, {"model"});
  filter.from_ms = now - kMinuteMs;
  auto minute = co_await read_ledger(deps, filter, {"model"});
  if (!day || !minute) co_return use;
  use.known = true;
  use.day = count(*day);
  use.minute = count(*minute);
  co_return use;
}

void write_quota(json::Writer& w, const FreeUse& use, const config::McpFree& limits) {
  w.key("quota");
  w.begin_object();
  w.field("known", use.known);
  if (use.known) {
    write_part(w, "daily", use.day, limits.per_day);
    write_part(w, "minute", use.minute, limits.per_minute);
  }
  w.end_object();
}

std::string quota_fault(const FreeUse& use, const config::McpFree& limits) {
  if (!use.known) return {};
  if (limits.per_day > 0 && use.day >= limits.per_day)
    return "today's " + std::to_string(limits.per_day) +
           " requests to free models are used up; there are more at midnight UTC (mcp.free.per_day)";
  if (limits.per_minute > 0 && use.minute >= limits.per_minute)
    return "this minute's " + std::to_string(limits.per_minute) +
           " requests to free models are used up; try again in a minute (mcp.free.per_minute)";
  return {};
}

}  // namespace pb::tools
