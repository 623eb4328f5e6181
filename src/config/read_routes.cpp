// The routes of the file: deployments, fallbacks, and that these do not go in circles.
#include <algorithm>
#include <map>

#include "base/strings.h"
#include "config/lead.h"
#include "config/read.h"
#include "route/names.h"

namespace pb::config {
namespace {

using Names = std::vector<std::string_view>;

// The names of a section's members, also of those with mistakes.
void add_names(const Node& root, std::string_view section, Names& names) {
  if (const Node* map = root.find(section))
    for (const Entry& e : map->members) names.push_back(e.key);
}

class RouteReader {
 public:
  RouteReader(const Entry& entry, const Node& root, const Names& providers, Reading& reading)
      : entry_(entry), path_("routes." + entry.key), root_(root), providers_(providers), reading_(reading) {}

  void read() {
    const std::size_t before = reading_.out.mistakes.size();
    draft_.route.name = entry_.key;
    draft_.retries = reading_.out.config.retries;
    if (std::string fault = name_fault(entry_.key, "route"); !fault.empty())
      return reading_.mistake(entry_, path_, std::move(fault));
    if (const Node* models = root_.find("models"); models != nullptr && models->find(entry_.key) != nullptr)
      reading_.mistake(entry_, path_, "`models` has this name too; a name leads to one of them only");
    if (entry_.value.broken) return;
    if (entry_.value.kind != Node::Kind::map)
      return reading_.mistake(
          entry_.value, path_,
          "expected a map such as {deployments: [provider/model]}, found " + found(entry_.value));
    static constexpr std::string_view kElsewhere[] = {"deployments"};
    const std::vector<Bound> bounds = bind(draft_);
    read_options(entry_.value, bounds, path_, kElsewhere, reading_);
    read_environment(bounds, path_ + ".", reading_);
    take_choices();
    take_retries();
    take_hedge();
    take_deployments();
    if (reading_.out.mistakes.size() == before) reading_.out.config.routes.push_back(std::move(draft_.route));
  }

 private:
  void take_choices() {
    route::Route& r = draft_.route;
    r.strategy =
        value_named<route::Strategy>(route::kStrategyNames, draft_.strategy).value_or(route::Strategy());
    r.sticky = value_named<route::Sticky>(route::kStickyNames, draft_.sticky).value_or(route::Sticky());
    r.keep = value_named<route::Keep>(route::kKeepNames, draft_.keep).value_or(route::Keep());
    r.mid_stream =
        value_named<route::MidStream>(route::kMidStreamNames, draft_.mid_stream).value_or(route::MidStream());
  }

  void take_retries() {
    const route::Retries& given = reading_.out.config.retries;
    const route::Retries& own = draft_.retries;
    if (own.attempts == given.attempts && own.base_ms == given.base_ms && own.max_ms == given.max_ms &&
        own.budget == given.budget)
      return;
    draft_.route.retries = own;
    if (own.base_ms > own.max_ms)
      reading_.mistake(at("retries"), path_ + ".retries.wait",
                       "the first wait, " + duration_text(own.base_ms) + ", is longer than the longest, " +
                           duration_text(own.max_ms));
  }

  void take_hedge() {
    const Node* hedge = entry_.value.find("hedge");
    draft_.route.hedge.on =
        (hedge != nullptr && hedge->kind == Node::Kind::map) || draft_.hedge_after != "p95";
    if (draft_.hedge_after == "p95") return;
    const auto ms = parse_duration(draft_.hedge_after);
    const Node* node = hedge == nullptr ? nullptr : hedge->find("after");
    if (!ms || *ms < 1 || *ms > 3'600'000)
      reading_.mistake(node == nullptr ? Node{} : *node, path_ + ".hedge.after",
                       "expected p95 or a duration from 1ms to 1h, such as 300ms, found " +
                           (node == nullptr ? "the text \"" + draft_.hedge_after + "\"" : found(*node)));
    else
      draft_.route.hedge.after_ms = static_cast<int>(*ms);
  }

  void take_deployments() {
    const Node* list = entry_.value.find("deployments");
    const std::string path = path_ + ".deployments";
    if (list != nullptr && list->broken) return;
    if (list == nullptr || list->kind == Node::Kind::null ||
        (list->kind == Node::Kind::list && list->items.empty()))
      return nothing_there(list, path);
    if (list->kind != Node::Kind::list)
      return reading_.mistake(*list, path, "expected a list of deployments, found " + found(*list));
    for (std::size_t i = 0; i < list->items.size(); ++i)
      take_deployment(list->items[i], path + "[" + std::to_string(i) + "]");
  }

  void nothing_there(const Node* list, const std::string& path) {
    constexpr const char* kWhat = "a route needs at least one deployment: `deployments: [provider/model]`";
    if (list != nullptr) return reading_.mistake(*list, path, kWhat);
    reading_.mistake(entry_, path, kWhat);
  }

  void take_deployment(const Node& item, const std::string& path) {
    if (item.broken) return;
    DeploymentDraft draft;
    const Node* use = &item;
    if (item.kind == Node::Kind::map) {
      read_options(item, bind(draft), path, {}, reading_);
      check_rates(draft.deployment.limits, item, path + ".", reading_);
      use = item.find("use");
      if (use == nullptr) return reading_.mistake(item, path, "`use: provider/model` is missing");
      if (use->kind != Node::Kind::scalar || use->broken) return;  // told
    } else if (item.kind != Node::Kind::scalar) {
      return reading_.mistake(item, path, "expected provider/model or a map, found " + found(item));
    }
    auto target = read_target(*use, entry_.key, path, providers_, reading_);
    if (!target) return;
    if (use == &item) reading_.origin(path, item);
    draft.deployment.provider = target->provider;
    draft.deployment.model = std::move(target->model);
    for (const route::Deployment& d : draft_.route.deployments)
      if (d.provider == draft.deployment.provider && d.model == draft.deployment.model)
        return reading_.mistake(*use, path, "`" + use->text + "` is listed twice; give it a higher weight");
    draft_.route.deployments.push_back(std::move(draft.deployment));
  }

  Node at(std::string_view key) const {
    const Node* node = entry_.value.find(key);
    return node == nullptr ? Node{} : *node;
  }

  const Entry& entry_;
  std::string path_;
  const Node& root_;
  const Names& providers_;
  Reading& reading_;
  RouteDraft draft_;
};

// The nodes of a route's fallbacks, as the file has them.
std::vector<const Node*> fallbacks_of(const Entry& entry) {
  std::vector<const Node*> out;
  const Node* list = entry.value.find("fallbacks");
  if (list == nullptr || list->broken) return out;
  if (list->kind == Node::Kind::scalar) out.push_back(list);
  for (const Node& item : list->items)
    if (item.kind == Node::Kind::scalar && !item.broken) out.push_back(&item);
  return out;
}

// Finds fallbacks that lead back: each route is walked through once.
class Circles {
 public:
  Circles(const Node& routes, Reading& reading) : routes_(routes), reading_(reading) {
    states_.resize(routes.members.size());
  }
  void look() {
    for (std::size_t i = 0; i < states_.size(); ++i) walk(i);
  }

 private:
  enum class State : std::uint8_t { fresh, open, done };

  std::size_t index_of(std::string_view name) const {
    std::size_t best = states_.size();
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (routes_.members[i].key == name) return i;
      if (covers(routes_.members[i].key, name) &&
          (best == states_.size() || routes_.members[i].key.size() > routes_.members[best].key.size()))
        best = i;
    }
    return best;
  }

  void walk(std::size_t i) {
    if (states_[i] != State::fresh) return;
    states_[i] = State::open;
    way_.push_back(i);
    for (const Node* to : fallbacks_of(routes_.members[i])) {
      const std::size_t next = index_of(to->text);
      if (next == states_.size()) continue;
      if (states_[next] == State::open)
        tell(*to, i, next);
      else
        walk(next);
    }
    way_.pop_back();
    states_[i] = State::done;
  }

  void tell(const Node& at, std::size_t from, std::size_t to) {
    std::string circle;
    for (auto step = std::find(way_.begin(), way_.end(), to); step != way_.end(); ++step)
      circle += routes_.members[*step].key + " → ";
    reading_.mistake(at, "routes." + routes_.members[from].key + ".fallbacks",
                     "fallbacks go in a circle: " + circle + routes_.members[to].key);
  }

  const Node& routes_;
  Reading& reading_;
  std::vector<State> states_;
  std::vector<std::size_t> way_;
};

// A deployment has one set of limits, wherever it is named: what one place gives holds for the others too, and two places that give
// different ones are a mistake.
class SharedLimits {
 public:
  SharedLimits(const Node& map, Reading& reading) : map_(map), reading_(reading) {}

  void share() {
    std::vector<route::Route>& routes = reading_.out.config.routes;
    for (const route::Route& r : routes)
      for (std::size_t i = 0; i < r.deployments.size(); ++i) take(r, i);
    for (route::Route& r : routes)
      for (route::Deployment& d : r.deployments)
        if (const auto found = given_.find({d.provider, d.model}); found != given_.end())
          d.limits = found->second.limits;
  }

 private:
  struct Given {
    route::RateLimits limits;
    std::string path;
    int line = 0;
  };

  void take(const route::Route& r, std::size_t i) {
    const route::Deployment& d = r.deployments[i];
    if (d.limits.empty()) return;
    const Node& item =
        map_.find(r.name)->find("deployments")->items[i];  // routes without mistakes have all theirs
    const std::string path = "routes." + r.name + ".deployments[" + std::to_string(i) + "].limits";
    const auto [first, fresh] = given_.try_emplace({d.provider, d.model}, Given{d.limits, path, item.line});
    if (fresh || first->second.limits == d.limits) return;
    const Node* limits = item.find("limits");
    reading_.mistake(limits == nullptr ? item : *limits, path,
                     "differ from " + first->second.path + " in line " + std::to_string(first->second.line) +
                         ": " + reading_.out.config.providers[d.provider].name + "/" + d.model +
                         " has one set of limits, for all routes; give them in one place");
  }

  const Node& map_;
  Reading& reading_;
  std::map<std::pair<std::size_t, std::string>, Given> given_;
};

void check_resilience(const Node& root, Reading& reading) {
  const Config& config = reading.out.config;
  const auto at = [&](std::string_view section, std::string_view key) {
    const Node* node = root.find(section);
    node = node == nullptr ? nullptr : node->find(key);
    return node == nullptr ? Node{} : *node;
  };
  if (config.retries.base_ms > config.retries.max_ms)
    reading.mistake(at("retries", "wait"), "retries.wait",
                    "the first wait, " + duration_text(config.retries.base_ms) +
                        ", is longer than the longest, " + duration_text(config.retries.max_ms));
  if (config.breaker.open_ms > config.breaker.open_max_ms)
    reading.mistake(at("breaker", "open"), "breaker.open",
                    duration_text(config.breaker.open_ms) + " is longer than `open_max`, " +
                        duration_text(config.breaker.open_max_ms));
}

}  // namespace

std::string lead_fault(const std::string& name, const Node& root, const Config& config) {
  Names names;
  add_names(root, "routes", names);
  add_names(root, "models", names);
  for (const Provider& p : config.providers) names.insert(names.end(), p.models.begin(), p.models.end());
  if (std::any_of(names.begin(), names.end(), [&](std::string_view n) { return covers(n, name); })) return {};
  const auto slash = name.find('/');
  const Names providers = provider_names(root, config);
  if (slash != name.npos && slash > 0 && slash + 1 < name.size()) {
    const std::string provider = name.substr(0, slash);
    if (std::find(providers.begin(), providers.end(), provider) != providers.end()) return {};
    return unknown_provider(provider, providers);
  }
  if (name.empty()) return "must not be empty";
  const std::string near = nearest(name, names);
  return "no route or model is named `" + name + "`; " +
         (near.empty() ? "write a route's name, one of `models` or provider/model"
                       : "did you mean `" + near + "`?");
}

void read_routes(const Node& root, Reading& reading) {
  check_resilience(root, reading);
  const Node* map = map_of(root, "routes", "routes by name", reading);
  if (map == nullptr) return;
  const Names providers = provider_names(root, reading.out.config);
  for (const Entry& e : map->members) RouteReader(e, root, providers, reading).read();
  for (const Entry& e : map->members)
    for (const Node* to : fallbacks_of(e))
      if (std::string fault = lead_fault(to->text, root, reading.out.config); !fault.empty())
        reading.mistake(*to, "routes." + e.key + ".fallbacks", std::move(fault));
  Circles(*map, reading).look();
  SharedLimits(*map, reading).share();
}

}  // namespace pb::config
