// Teams, and what is wrong with limits and alerts.
#include <algorithm>
#include <charconv>

#include "config/read.h"
#include "route/names.h"

namespace pb::config {
namespace {

// "80%" or "0.8"; nullopt when it is no share of a whole.
std::optional<double> share_of(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  double n = 0;
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (percent) n /= 100;
  if (ec != std::errc() || at != text.data() + text.size() || !(n > 0 && n <= 1)) return std::nullopt;
  return n;
}

const Node& below(const Node& root, std::string_view section, const std::string& name) {
  const Node* map = root.find(section);
  const Node* entry = map == nullptr ? nullptr : map->find(name);
  return entry != nullptr ? *entry : root;
}

}  // namespace

void check_rates(const route::RateLimits& r, const Node& at, const std::string& path, Reading& reading) {
  const auto place = [&](std::string_view section, std::string_view key) {
    const Node* n = at.find(section);
    const Node* m = n == nullptr ? nullptr : n->find(key);
    return m != nullptr ? *m : at;
  };
  const auto fault = [&](std::string_view key, std::string what) {
    reading.mistake(place("limits", key), path + "limits." + std::string(key), std::move(what));
  };
  if (r.requests_per_day > 0 && r.requests_per_minute > r.requests_per_day)
    fault("requests_per_minute",
          "is more than the " + std::to_string(r.requests_per_day) + " of a whole day");
  if (r.tokens_per_day > 0 && r.tokens_per_minute > r.tokens_per_day)
    fault("tokens_per_minute", "is more than the " + std::to_string(r.tokens_per_day) + " of a whole day");
  constexpr std::int64_t kSmallest = 10;  // no prompt with its answer is shorter
  for (const auto& [key, tokens] :
       {std::pair("tokens_per_minute", r.tokens_per_minute), std::pair("tokens_per_day", r.tokens_per_day)})
    if (tokens > 0 && tokens < kSmallest)
      fault(key, "no request fits into " + std::to_string(tokens) + " token" + (tokens == 1 ? "" : "s") +
                     "; 0 means any number");
}

route::Limits LimitOptions::limits() const {
  const auto period = value_named<route::Period>(route::kPeriodNames, per).value_or(route::Period::month);
  return {rates, {budget, period}};
}

std::vector<double> Alerts::shares() const {
  std::vector<double> out;
  for (const std::string& text : budget)
    if (const auto share = share_of(text)) out.push_back(*share);
  std::ranges::sort(out);
  return out;
}

void read_teams(const Node& root, Reading& reading) {
  const Node* map = root.find("teams");
  if (map == nullptr || map->kind == Node::Kind::null) return;
  if (map->kind != Node::Kind::map)
    return reading.mistake(*map, "teams", "expected a map of teams by name, found " + found(*map));
  for (const Entry& e : map->members) {
    const std::string path = "teams." + e.key;
    if (e.value.broken) continue;
    if (e.value.kind != Node::Kind::map && e.value.kind != Node::Kind::null) {
      reading.mistake(e.value, path,
                      "expected a map such as {budget: {amount: 50}}, found " + found(e.value));
      continue;
    }
    Team team;
    read_options(e.value, bind(team), path, {}, reading);
    check_rates(team.limits.rates, e.value, path + ".", reading);
    reading.out.config.teams[e.key] = std::move(team);
  }
}

void check_limits(const Node& root, Reading& reading) {
  const Config& config = reading.out.config;
  check_rates(config.limits.rates, root, "", reading);
  for (const Provider& p : config.providers)
    check_rates(p.limits.rates, below(root, "providers", p.name), "providers." + p.name + ".", reading);
  const Node* alerts = root.find("alerts");
  const Node* shares = alerts == nullptr ? nullptr : alerts->find("budget");
  for (const std::string& text : config.alerts.budget)
    if (!share_of(text))
      reading.mistake(shares != nullptr ? *shares : Node{}, "alerts.budget",
                      "`" + text + "` is no share of a budget; write 80% or 0.8");
}

}  // namespace pb::config
