// JSON Schema 2020-12 of the configuration file, for editors.
#include "base/json.h"
#include "config/read.h"

namespace pb::config {
namespace {

Node text(std::string_view value) { return Node::scalar(std::string(value), true); }

Node number(double n) {
  std::string out;
  json::Writer(out).real(n);
  return Node::scalar(out.ends_with(".0") ? out.substr(0, out.size() - 2) : out, false);
}

Node list(std::span<const std::string_view> values) {
  Node out;
  out.kind = Node::Kind::list;
  for (std::string_view v : values) out.items.push_back(text(v));
  return out;
}

Node of_type(std::string_view type) {
  Node out;
  out["type"] = text(type);
  return out;
}

Node any_of(std::initializer_list<Node> choices) {
  Node out;
  Node& all = out["anyOf"];
  all.kind = Node::Kind::list;
  all.items = choices;
  return out;
}

Node variable() {
  Node out;
  out["$ref"] = text("#/$defs/variable");
  return out;
}

// Bounds in the unit of a bare number (`unit` of the option's own).
Node bounded(std::string_view type, const Option& option, double unit) {
  Node out = of_type(type);
  if (option.min == option.max) return out;
  out["minimum"] = number(option.min / unit);
  out["maximum"] = number(option.max / unit);
  return out;
}

Node texts(Node item) {
  Node out = of_type("array");
  out["items"] = std::move(item);
  out["uniqueItems"] = Node::scalar("true", false);
  return out;
}

Node enumeration(std::span<const std::string_view> values) {
  Node out;
  out["enum"] = list(values);
  return out;
}

Node with_pattern(std::string_view pattern) {
  Node out = of_type("string");
  out["pattern"] = text(pattern);
  return out;
}

Node formats() {
  std::vector<std::string_view> names;
  for (const llm::VendorFormat& f : llm::find_vendor("custom")->formats) names.push_back(f.dialect);
  return texts(any_of({enumeration(names), variable()}));
}

Node types() {
  std::vector<std::string_view> names;
  for (const llm::Vendor& v : llm::vendors()) names.push_back(v.name);
  return any_of({enumeration(names), variable()});
}

Node schema_of(const Option& option) {
  static constexpr std::string_view kScalars[] = {"string", "number", "boolean"};
  switch (option.kind) {
    case Kind::flag:
      return any_of({of_type("boolean"), variable()});
    case Kind::count:
      return any_of({bounded("integer", option, 1), variable()});
    case Kind::money: {
      Node n = of_type("number");
      n["minimum"] = number(0);
      return any_of({n, variable()});
    }
    case Kind::share: {
      Node n = of_type("number");
      n["minimum"] = number(0);
      n["maximum"] = number(1);
      return any_of({n, with_pattern("^[0-9.]+ *%?$"), variable()});
    }
    case Kind::duration:
      return any_of(
          {bounded("number", option, 1000), with_pattern("^[0-9.]+ *(ms|s|m|min|h|d)?$"), variable()});
    case Kind::bytes:
      return any_of({bounded("integer", option, 1),
                     with_pattern("^[0-9.]+ *(B|k|kB|KB|KiB|M|MB|MiB|G|GB|GiB)?$"), variable()});
    case Kind::choice:
      return any_of({enumeration(option.choices), variable()});
    case Kind::url:
      return any_of({with_pattern("^https?://"), variable()});
    case Kind::address:
      return any_of({with_pattern(":[0-9]+$"), variable()});
    case Kind::name:
      return types();
    case Kind::formats:
      return formats();
    case Kind::texts:
    case Kind::secrets:
      return any_of({texts(of_type("string")), of_type("string")});
    case Kind::headers:
    case Kind::pairs: {
      Node out = of_type("object");
      out["additionalProperties"]["type"] = list(kScalars);
      return out;
    }
    case Kind::levels: {
      Node out = of_type("object");
      for (std::string_view key : option.keys) out["properties"][key] = enumeration(option.choices);
      out["additionalProperties"] = Node::scalar("false", false);
      return out;
    }
    case Kind::text:
    case Kind::secret:
    case Kind::file:
      break;
  }
  Node out;
  out["type"] = list(kScalars);
  return out;
}

Node object() {
  Node out = of_type("object");
  out["additionalProperties"] = Node::scalar("false", false);
  out["properties"].kind = Node::Kind::map;
  return out;
}

Node object_of(const std::vector<Bound>& bounds) {
  Node root = object();
  for (const Bound& b : bounds) {
    Node* at = &root;
    std::string_view path = b.option->path;
    for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
      Node& next = (*at)["properties"][path.substr(0, dot)];
      if (next.kind == Node::Kind::null) next = object();
      at = &next;
      path.remove_prefix(dot + 1);
    }
    Node leaf;
    leaf["description"] = text(b.option->doc);
    for (Entry& e : schema_of(*b.option).members) leaf[e.key] = std::move(e.value);
    if (b.option->default_text.empty()) leaf["default"] = value_node(b);
    (*at)["properties"][path] = std::move(leaf);
  }
  return root;
}

Node map_of(Node values) {
  static constexpr std::string_view kTypes[] = {"object", "null"};
  Node out;
  out["type"] = list(kTypes);
  out["additionalProperties"] = std::move(values);
  return out;
}

Node array_of(Node item) {
  Node out = of_type("array");
  out["items"] = std::move(item);
  return out;
}

Node route_schema() {
  RouteDraft route;
  DeploymentDraft deployment;
  static constexpr std::string_view kUse[] = {"use"}, kDeployments[] = {"deployments"};
  Node one = object_of(bind(deployment));
  one["required"] = list(kUse);
  Node out = object_of(bind(route));
  out["required"] = list(kDeployments);
  Node& all = out["properties"]["deployments"];
  all = array_of(any_of({of_type("string"), std::move(one)}));
  all["description"] = text("What the route may lead to.");
  all["minItems"] = number(1);
  return out;
}

Node rule_schema() {
  RuleDraft rule;
  static constexpr std::string_view kUse[] = {"use"};
  Node out = object_of(bind(rule));
  out["required"] = list(kUse);
  return out;
}

}  // namespace

std::string schema_json() {
  Config config;
  ProviderDraft provider;
  Price price;
  Node root;
  root["$schema"] = text("https://json-schema.org/draft/2020-12/schema");
  root["title"] = text("Patchbay configuration");
  for (Entry& e : object_of(bind(config)).members) root[e.key] = std::move(e.value);
  static constexpr std::string_view kTextOrMap[] = {"object", "string"};  // of its URL
  root["properties"]["shared"]["type"] = list(kTextOrMap);
  Node entry = object_of(bind(provider));
  Node nothing = of_type("null");
  root["properties"]["providers"] = map_of(any_of({std::move(entry), std::move(nothing)}));
  Node use = object();
  use["properties"]["use"] = of_type("string");
  use["properties"]["thinking"] = of_type("string");
  static constexpr std::string_view kUse[] = {"use"};
  use["required"] = list(kUse);
  root["properties"]["models"] = map_of(any_of({of_type("string"), std::move(use)}));
  root["properties"]["routes"] = map_of(route_schema());
  root["properties"]["rules"] = array_of(rule_schema());
  Node prices = object_of(bind(price));
  static constexpr std::string_view kRequired[] = {"input", "output"};
  prices["required"] = list(kRequired);
  root["properties"]["prices"] = map_of(std::move(prices));
  Team team;
  root["properties"]["teams"] = map_of(any_of({object_of(bind(team)), of_type("null")}));
  Node& profiles = root["properties"]["profiles"];
  profiles = map_of(any_of({of_type("object"), of_type("null")}));
  profiles["description"] = text(
      "Parts of the configuration that count with --profile only; null takes away what is there without.");
  Node& defs = root["$defs"]["variable"];
  defs = with_pattern("\\$\\{");
  defs["description"] =
      text("${NAME} or ${NAME:-default}, from the environment; ${keyring:NAME}, a stored key");
  return to_json(root);
}

}  // namespace pb::config
