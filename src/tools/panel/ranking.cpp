#include "tools/panel/ranking.h"

#include <algorithm>
#include <array>
#include <set>

#include "route/strategies/strategy.h"

namespace pb::tools::panel {
namespace {

struct Named {
  std::string_view name;
  route::Kind kind;
};
// The router has no kind of its own for some: the nearest of what it has ratings for.
constexpr std::array kNamed = {
    Named{"reasoning", route::Kind::tools},          Named{"analysis", route::Kind::extraction},
    Named{"creative", route::Kind::writing},         Named{"factual", route::Kind::chat},
    Named{"code_generation", route::Kind::code},     Named{"summarization", route::Kind::summary},
    Named{"translation", route::Kind::translation},  Named{"math", route::Kind::maths},
    Named{"classification", route::Kind::extraction}};

bool cools(const route::Slot& slot, std::int64_t now_ms) {
  return slot.live->cool_until_ms.load(std::memory_order_relaxed) > now_ms;
}

}  // namespace

const std::string_view kTaskTypes =
    R"("reasoning","analysis","creative","factual","code_generation","summarization","translation","math","classification")";

std::optional<route::Kind> kind_named(std::string_view task_type) {
  for (const Named& n : kNamed)
    if (n.name == task_type) return n.kind;
  return std::nullopt;
}

route::Facts facts_of(const Job& job) {
  constexpr std::int64_t kBytesPerToken = 4;
  route::Facts facts;
  facts.words = job.words;
  facts.tokens = static_cast<std::int64_t>(job.words.size()) / kBytesPerToken + 1;
  facts.tokens_max = job.tokens_max;
  facts.needs = job.needs;
  return facts;
}

route::Task task_of(const Job& job) {
  route::Task task = route::guess(facts_of(job));
  if (job.kind) task.kind = *job.kind;
  return task;
}

Ranking rank(std::span<const route::Slot> slots, const Job& job, std::int64_t now_ms) {
  Ranking out;
  out.task = task_of(job);
  if (slots.empty()) return out;
  route::Route route;
  route.strategy = route::Strategy::priority;  // only who is usable is asked for
  const route::Facts facts = facts_of(job);
  const route::Order order = route::order(route, slots, facts, now_ms, [] { return 0.5; }, true);
  const std::vector<route::Weighed> weighed = route::weigh(slots, facts, out.task, now_ms);
  for (const route::Verdict& v : order.verdicts)
    if (v.usable)
      out.usable.push_back({v.slot, weighed[v.slot]});
    else
      out.barred.push_back({v.slot, v.why});
  std::ranges::sort(out.usable, [&](const Ranked& a, const Ranked& b) {
    if (const bool x = cools(slots[a.slot], now_ms), y = cools(slots[b.slot], now_ms); x != y) return y;
    return a.of.score != b.of.score ? a.of.score > b.of.score : a.slot < b.slot;
  });
  return out;
}

Identity identity(std::string_view provider, std::string_view model) {
  Identity out;
  out.of = provider;
  const auto slash = model.rfind('/');
  out.base = model.substr(slash == model.npos ? 0 : slash + 1);
  if (slash != model.npos) out.of.append("/").append(model.substr(0, slash));
  return out;
}

std::vector<std::size_t> pick(std::span<const Identity> ranked, std::size_t most) {
  std::vector<std::size_t> out;
  std::set<std::string_view> of, base;
  const auto take = [&](auto wanted) {
    for (std::size_t i = 0; i < ranked.size() && out.size() < most; ++i) {
      if (!wanted(ranked[i]) || std::ranges::find(out, i) != out.end()) continue;
      out.push_back(i);
      of.insert(ranked[i].of);
      base.insert(ranked[i].base);
    }
  };
  take([&](const Identity& x) { return !of.contains(x.of) && !base.contains(x.base); });
  take([&](const Identity& x) { return !base.contains(x.base); });
  take([](const Identity&) { return true; });
  return out;
}

std::string told(const route::Weighed& of) {
  std::string out =
      "quality " + route::number(of.quality, 2) + (of.rated ? " (rated)" : " (guessed from its price)");
  out += of.dollars >= 0 ? ", about $" + route::number(of.dollars, 5) : ", price not known";
  out += of.time_ms >= 0 ? ", " + route::number(of.time_ms, 0) + " ms" : ", speed not measured yet";
  if (of.measured) out += ", " + route::number(100 * of.success, 0) + " % answered";
  return out;
}

}  // namespace pb::tools::panel
