// Groups of deployments, as our models and routes.
#include <algorithm>
#include <numeric>

#include "config/import/litellm.h"

namespace pb::config::litellm {
namespace {

using importing::list;
using importing::text;
using importing::word;

constexpr double kWeightMax = 1000;

std::string whole_number(double n) { return std::to_string(static_cast<long long>(n)); }

// Weights as LiteLLM's shuffle takes them: those given, else the limits' sizes.
std::vector<double> weights_of(const Group& g, importing::Notes& notes) {
  const auto all = [&](auto member) {
    return std::ranges::all_of(g.deployments, [&](const Deployment& d) { return (d.*member).has_value(); });
  };
  const auto any = [&](auto member) {
    return std::ranges::any_of(g.deployments, [&](const Deployment& d) { return (d.*member).has_value(); });
  };
  auto from = &Deployment::weight;
  if (!any(from)) {
    if (g.deployments.size() < 2) return {};
    from = all(&Deployment::requests_per_minute) ? &Deployment::requests_per_minute
           : all(&Deployment::tokens_per_minute) ? &Deployment::tokens_per_minute
                                                 : from;
    if (!any(from)) return {};
    notes.changed("model_list `" + g.name + "`",
                  "the deployments' limits are their weights, as they were there");
  }
  std::vector<double> out;
  for (const Deployment& d : g.deployments) out.push_back((d.*from).value_or(0));
  // Whole numbers up to a thousand here.
  const double most = *std::ranges::max_element(out);
  const bool whole =
      std::ranges::all_of(out, [](double n) { return n == static_cast<double>(static_cast<long long>(n)); });
  if (whole) {
    long long divisor = 0;
    for (double n : out) divisor = std::gcd(divisor, static_cast<long long>(n));
    if (divisor > 1)
      for (double& n : out) n /= static_cast<double>(divisor);
  }
  const double scaled = *std::ranges::max_element(out);
  if (most > 0 && (!whole || scaled > kWeightMax))
    for (double& n : out)
      n = n == 0 ? 0
                 : std::max(1.0, static_cast<double>(static_cast<long long>(n / scaled * kWeightMax + 0.5)));
  return out;
}

class Writer {
 public:
  explicit Writer(Whole& whole) : whole_(whole), strategy_(strategy()) {}

  void run() {
    for (const Group& g : whole_.groups) {
      if (g.deployments.empty()) continue;
      if (g.deployments.size() == 1 && g.deployments[0].plain() && g.fallbacks.empty())
        whole_.out["models"][g.name] = text(importing::literal(g.deployments[0].use));
      else
        whole_.out["routes"][g.name] = route(g);
    }
    aliases();
  }

 private:
  std::string strategy() {
    const Node* settings = whole_.source.enter(whole_.source.root(), "router_settings");
    if (settings == nullptr) return "weighted";
    const std::string path = "router_settings.routing_strategy";
    const std::string given = whole_.source.take_text(*settings, "routing_strategy", path);
    static constexpr std::pair<std::string_view, std::string_view> kStrategies[] = {
        {"", "weighted"},
        {"simple-shuffle", "weighted"},
        {"least-busy", "least-connections"},
        {"latency-based-routing", "response-time"},
        {"cost-based-routing", "cheapest"},
        {"usage-based-routing", "weighted"},
        {"usage-based-routing-v2", "weighted"}};
    for (const auto& [theirs, ours] : kStrategies) {
      if (theirs != given) continue;
      if (theirs.starts_with("usage"))
        whole_.notes.changed(path,
                             "is `weighted` here: deployments whose own limits are nearly used up get less");
      return std::string(ours);
    }
    whole_.notes.lost(path, "no strategy here is like `" + given + "`; `weighted` is taken");
    return "weighted";
  }

  Node route(const Group& g) {
    const bool ordered =
        std::ranges::any_of(g.deployments, [](const Deployment& d) { return d.order.has_value(); });
    Node out;
    out["strategy"] = text(ordered ? "priority" : strategy_);
    Node& all = out["deployments"];
    all.kind = Node::Kind::list;
    const std::vector<double> weights = weights_of(g, whole_.notes);
    for (std::size_t i = 0; i < g.deployments.size(); ++i) {
      const Deployment& d = g.deployments[i];
      Node& one = all.items.emplace_back();
      one["use"] = text(importing::literal(d.use));
      if (ordered) one["priority"] = word(whole_number(std::min(1000.0, d.order.value_or(1))));
      if (!weights.empty()) one["weight"] = word(whole_number(weights[i]));
      if (!d.tags.empty()) one["tags"] = list(d.tags);
      if (d.requests_per_minute)
        one["limits"]["requests_per_minute"] = word(whole_number(*d.requests_per_minute));
      if (d.tokens_per_minute) one["limits"]["tokens_per_minute"] = word(whole_number(*d.tokens_per_minute));
      if (d.concurrency) one["limits"]["concurrency"] = word(whole_number(*d.concurrency));
    }
    const std::vector<std::string> fallbacks = fallbacks_of(g);
    if (!fallbacks.empty()) out["fallbacks"] = list(fallbacks);
    return out;
  }

  // Fallbacks of fallbacks are followed here and were not there: where that would lead back, the deployments themselves are named.
  std::vector<std::string> fallbacks_of(const Group& g) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& name) {
      if (std::ranges::find(out, name) == out.end()) out.push_back(name);
    };
    for (const std::string& name : g.fallbacks) {
      const Group* to = whole_.group(name);
      if (to == nullptr) continue;
      if (!leads_to(*to, g.name, 0)) {
        add(importing::literal(name));
        continue;
      }
      for (const Deployment& d : to->deployments) add(importing::literal(d.use));
      whole_.notes.changed("fallbacks of `" + g.name + "`",
                           "`" + name +
                               "` falls back on it in turn, so that its deployments stand "
                               "there instead of its name");
    }
    return out;
  }

  bool leads_to(const Group& from, std::string_view name, int depth) const {
    if (from.name == name || depth > 16) return true;
    return std::ranges::any_of(from.fallbacks, [&](const std::string& next) {
      const Group* to = whole_.group(next);
      return to != nullptr && leads_to(*to, name, depth + 1);
    });
  }

  // {alias: group} or {alias: {model: group, hidden: true}}
  void aliases() {
    const Node* settings = whole_.source.enter(whole_.source.root(), "router_settings");
    const Node* all = settings == nullptr ? nullptr : whole_.source.take(*settings, "model_group_alias");
    if (all == nullptr) return;
    for (const Entry& e : all->members) {
      const std::string path = "router_settings.model_group_alias." + e.key;
      const Node* model = e.value.kind == Node::Kind::map ? e.value.find("model") : &e.value;
      const std::string name = model != nullptr ? model->text : "";
      if (whole_.group(e.key) != nullptr) {
        whole_.notes.lost(path, "is the name of a model too");
        continue;
      }
      Node copy;
      for (const char* section : {"models", "routes"})
        if (const Node* map = whole_.out.find(section))
          if (const Node* entry = map->find(name); entry != nullptr) {
            copy = *entry;
            whole_.out[section][e.key] = std::move(copy);
          }
      if (whole_.group(name) == nullptr) whole_.notes.lost(path, "no model is named `" + name + "`");
    }
  }

  Whole& whole_;
  std::string strategy_;
};

}  // namespace

void write_routes(Whole& whole) { Writer(whole).run(); }

}  // namespace pb::config::litellm
