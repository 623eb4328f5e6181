// The effective configuration as text, secrets masked.
#include <cmath>

#include "base/json.h"
#include "base/redact.h"
#include "config/read.h"
#include "route/names.h"

namespace pb::config {
namespace {

Node text(std::string value) { return Node::scalar(std::move(value), true); }

Node number(double n) {
  constexpr double kExact = 1e15;
  if (n == std::floor(n) && std::abs(n) < kExact)  // else 100000 would be written 1e+05
    return Node::scalar(std::to_string(static_cast<long long>(n)), false);
  std::string out;
  json::Writer(out).real(n);
  return Node::scalar(out, false);
}

struct ToNode {
  const Option& option;

  Node figure(double n) const {
    if (option.kind == Kind::duration) return text(duration_text(n));
    if (option.kind == Kind::bytes) return text(bytes_text(n));
    if (option.kind == Kind::share) return text(share_text(n));
    if (option.kind == Kind::money && n < 0) return {};
    return number(n);
  }
  Node list() const {
    Node out;
    out.kind = Node::Kind::list;
    return out;
  }
  Node map() const {
    Node out;
    out.kind = Node::Kind::map;
    return out;
  }
  Node operator()(const std::string* v) const {
    // The simulator's URL, which has none of its own, or the admin API's address.
    if (v->empty() && (option.kind == Kind::url || option.kind == Kind::address)) return {};
    return text(redact(*v));
  }
  Node operator()(const std::string_view* v) const { return text(std::string(*v)); }
  Node operator()(const Secret* v) const {
    // The ends of an address are no help, and may be a part of its password.
    return text(option.path == "shared.url" ? shared_text(*v) : v->masked());
  }
  Node operator()(const bool* v) const { return Node::scalar(*v ? "true" : "false", false); }
  Node operator()(const int* v) const { return figure(*v); }
  Node operator()(const std::int64_t* v) const { return figure(static_cast<double>(*v)); }
  Node operator()(const std::size_t* v) const { return figure(static_cast<double>(*v)); }
  Node operator()(const double* v) const { return figure(*v); }
  Node operator()(const std::vector<std::string>* v) const {
    Node out = list();
    for (const std::string& s : *v) out.items.push_back(text(s));
    return out;
  }
  Node operator()(const std::vector<Secret>* v) const {
    Node out = list();
    for (const Secret& s : *v) out.items.push_back(text(s.masked()));
    return out;
  }
  Node operator()(const Pairs* v) const {
    Node out = map();
    for (const auto& [name, value] : *v)
      out[name] =
          text(option.kind == Kind::headers && secret_name(name) ? Secret(value).masked() : redact(value));
    return out;
  }
  Node operator()(const std::map<std::string, std::string>* v) const {
    Node out = map();
    for (const auto& [name, value] : *v) out[name] = text(value);
    return out;
  }
};

// Puts a value where its dotted path says.
void put(Node& root, std::string_view path, Node value) {
  Node* at = &root;
  for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
    at = &(*at)[path.substr(0, dot)];
    path.remove_prefix(dot + 1);
  }
  (*at)[path] = std::move(value);
}

void put_all(Node& root, const std::vector<Bound>& bounds) {
  for (const Bound& b : bounds)
    if (Node value = value_node(b); value.kind != Node::Kind::null)
      put(root, b.option->path, std::move(value));
}

// Without the options below `start`.
void put_all_but(Node& root, const std::vector<Bound>& bounds, std::string_view start) {
  for (const Bound& b : bounds)
    if (!b.option->path.starts_with(start))
      if (Node value = value_node(b); value.kind != Node::Kind::null)
        put(root, b.option->path, std::move(value));
}

void put_routes(Node& root, const Config& config) {
  root["routes"].kind = Node::Kind::map;
  for (const route::Route& r : config.routes) {
    RouteDraft draft;
    draft.route = r;
    draft.strategy = name_in(route::kStrategyNames, r.strategy);
    draft.sticky = name_in(route::kStickyNames, r.sticky);
    draft.mid_stream = name_in(route::kMidStreamNames, r.mid_stream);
    draft.retries = r.retries.value_or(config.retries);
    if (r.hedge.after_ms > 0) draft.hedge_after = duration_text(r.hedge.after_ms);
    Node& out = root["routes"][r.name];
    const std::vector<Bound> bounds = bind(draft);
    put_all_but(out, bounds, r.hedge.on ? "-" : "hedge.");
    Node& all = out["deployments"];
    all.kind = Node::Kind::list;
    for (const route::Deployment& d : r.deployments) {
      DeploymentDraft one{d, config.providers[d.provider].name + "/" + d.model};
      put_all(all.items.emplace_back(), bind(one));
    }
  }
}

void put_rules(Node& root, const Config& config) {
  Node& all = root["rules"];
  all.kind = Node::Kind::list;
  const auto clock = [](int minute) {
    const std::string h = std::to_string(minute / 60), m = std::to_string(minute % 60);
    return (h.size() < 2 ? "0" : "") + h + ":" + (m.size() < 2 ? "0" : "") + m;
  };
  for (const route::Rule& r : config.rules) {
    RuleDraft draft;
    draft.rule = r;
    if (r.from_minute >= 0) draft.time = clock(r.from_minute) + "-" + clock(r.to_minute);
    for (std::size_t i = 0; i < route::kDayNames.size(); ++i)
      if ((r.weekdays >> i & 1u) != 0) draft.days.emplace_back(route::kDayNames[i]);
    put_all(all.items.emplace_back(), bind(draft));
  }
}

}  // namespace

bool secret_name(std::string_view header) {
  std::string low(header);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const char* part : {"authorization", "key", "token", "secret", "cookie", "password"})
    if (low.contains(part)) return true;
  return false;
}

Node value_node(const Bound& bound) {
  return std::visit([&](auto* value) { return ToNode{*bound.option}(value); }, bound.ref);
}

namespace {

Node tree_of(const Config& config) {
  Config copy = config;  // binding wants to write
  Node root;
  put_all(root, bind(copy));
  root["providers"].kind = Node::Kind::map;
  for (const Provider& p : copy.providers) {
    ProviderDraft draft{
        p, std::string(p.vendor->name), {}, std::string(auth_names()[static_cast<std::size_t>(p.auth)])};
    for (const ProviderFormat& f : p.formats)
      if (f.dialect->door_of.empty()) draft.formats.emplace_back(f.name);
    put_all(root["providers"][p.name], bind(draft));
  }
  root["models"].kind = Node::Kind::map;
  const auto target = [&](std::size_t provider, const std::string& model) {
    return text(copy.providers[provider].name + "/" + model);
  };
  for (const Model& m : copy.models) {
    Node& out = root["models"][m.name];
    if (!m.thinking) {
      out = target(m.provider, m.model);
      continue;
    }
    out["use"] = target(m.provider, m.model);
    out["thinking"] = target(m.thinking->provider, m.thinking->model);
  }
  put_routes(root, copy);
  put_rules(root, copy);
  root["prices"].kind = Node::Kind::map;
  for (auto& [model, price] : copy.prices) put_all(root["prices"][model], bind(price));
  root["teams"].kind = Node::Kind::map;
  for (auto& [name, team] : copy.teams) put_all(root["teams"][name], bind(team));
  return root;
}

// Writes behind each value where it comes from. `from`: of what is around it, when that was given whole.
void annotate(Node& node, const std::string& path, std::string from,
              const std::map<std::string, std::string>& origins) {
  const auto own = origins.find(path);
  if (own != origins.end()) from = own->second;
  const bool leaf = node.items.empty() && node.members.empty();
  const bool texts = !node.items.empty() && node.items.front().kind == Node::Kind::scalar;
  if (leaf || texts) {
    node.comment = from.empty() ? "default" : from;
    return;
  }
  // A deployment that was written as a text says only what its `use` is.
  const bool use_only = own != origins.end() && path.ends_with(']');
  for (std::size_t i = 0; i < node.items.size(); ++i)
    annotate(node.items[i], path + "[" + std::to_string(i) + "]", from, origins);
  for (Entry& e : node.members)
    annotate(e.value, path.empty() ? e.key : path + "." + e.key, use_only && e.key != "use" ? "" : from,
             origins);
}

}  // namespace

std::string show(const Config& config, bool json) {
  const Node root = tree_of(config);
  return json ? to_json(root) : to_yaml(root);
}

std::string show_with_origins(const Loaded& loaded) {
  Node root = tree_of(loaded.config);
  annotate(root, "", "", loaded.origins);
  return to_yaml(root);
}

}  // namespace pb::config
