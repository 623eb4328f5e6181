#include "base/schema/discover.h"

#include <algorithm>
#include <charconv>
#include <new>

#include "base/schema/uri.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace pb::schema {
namespace {

constexpr std::string_view kRecursive = "";  // the name that `$recursiveAnchor`s go by

std::string_view before_fragment(std::string_view uri) { return uri.substr(0, uri.find('#')); }
std::string_view fragment(std::string_view uri) {
  const std::size_t hash = uri.find('#');
  return hash == std::string_view::npos ? std::string_view() : uri.substr(hash + 1);
}

std::string shortened(std::string_view text) {
  return "`" + std::string(utf8::beginning(text, 100)) + (text.size() > 100 ? "…`" : "`");
}

std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
      out += token[++i] == '0' ? '~' : '/';
    else
      out += token[i];
  }
  return out;
}

// The member or item that a token of a JSON pointer names; null = there is none.
const json::Value* step(const json::Value& from, const std::string& token) {
  if (from.is_object()) return from.find(token);
  std::size_t n = 0;
  const char* const end = token.data() + token.size();
  const auto [at, ec] = std::from_chars(token.data(), end, n);
  if (ec != std::errc() || at != end || (token.size() > 1 && token[0] == '0') || n >= from.size())
    return nullptr;
  return &from.items()[n];
}

}  // namespace

std::unexpected<Error> bad_schema(const Program& program, Index node, std::string_view keyword,
                                  const std::string& what) {
  std::string pointer = program.pointer(node);
  if (!keyword.empty()) append_token(pointer, keyword);
  return fail(Code::invalid_request, (pointer.empty() ? "schema: " : "schema at " + pointer + ": ") + what,
              pointer);
}

std::string kind_text(json::Value v) {
  switch (v.kind()) {
    case json::Kind::null:
      return "null";
    case json::Kind::boolean:
      return v.as_bool() ? "true" : "false";
    case json::Kind::number:
      return std::string(utf8::beginning(v.number_text(), 40));
    case json::Kind::string:
      return "a string";
    case json::Kind::array:
      return "an array";
    case json::Kind::object:
      return "an object";
  }
  return {};
}

Result<json::Value> Discovery::copied(json::Value v, int depth) {
  if (depth > p_.options.depth_max)
    return fail(Code::invalid_request,
                "schema: nested deeper than " + std::to_string(p_.options.depth_max) + " levels");
  if (v.is_string()) return json::Value::string(p_.arena.copy(v.as_string()));
  if (v.is_number()) return json::Value::number_text(p_.arena.copy(v.number_text()));
  if (v.is_array()) {
    std::vector<json::Value> items;
    items.reserve(v.size());
    for (const json::Value& item : v.items()) {
      TRY_ASSIGN(items.emplace_back(), copied(item, depth + 1));
    }
    return json::Value::array(p_.arena, items);
  }
  if (!v.is_object()) return v;
  std::vector<json::Member> members;
  members.reserve(v.size());
  for (const json::Member& m : v.members()) {
    TRY_ASSIGN(json::Value value, copied(m.value, depth + 1));
    members.push_back({p_.arena.copy(m.key), value});
  }
  return json::Value::object(p_.arena, members);
}

Result<void> Discovery::whole(json::Value document) {
  TRY_ASSIGN(const json::Value copy, copied(document, 0));
  p_.document = new (p_.arena.allocate(sizeof(json::Value))) json::Value(copy);
  loose_ = !copy.has("$schema");
  p_.resources.push_back({"", p_.document, 0, Draft::d2020});
  resource_of_[p_.document] = 0;
  by_uri_[""] = 0;
  TRY(walk(p_.document, {}, 0));
  return {};
}

Result<Index> Discovery::walk(const json::Value* at, Spot spot, int depth) {
  if (const auto known = nodes_.find(at); known != nodes_.end()) return known->second;
  const auto id = static_cast<Index>(p_.nodes.size());
  Node n;
  n.resource = spot.resource;
  n.parent = spot.parent;
  n.keyword = spot.keyword;
  n.token = spot.token;
  n.source = at;
  p_.nodes.push_back(n);
  nodes_[at] = id;
  if (p_.nodes.size() > limits::kSchemaNodesMax)
    return fail(Code::invalid_request,
                "schema: it has more than " + std::to_string(limits::kSchemaNodesMax) + " schemas in it");
  if (at->is_bool()) return id;
  if (!at->is_object())
    return bad_schema(p_, id, "", "must be a schema (an object, true or false), is " + kind_text(*at));
  TRY_ASSIGN(const Index resource, identify(id, *at));
  p_.nodes[id].resource = resource;
  TRY(anchors(id, *at));
  for (const json::Member& word : at->members())
    if (const Shape shape = shape_of(word.key, draft(id), loose_); shape != Shape::none)
      TRY(below(id, word, shape, depth + 1));
  return id;
}

Result<void> Discovery::below(Index id, const json::Member& word, Shape shape, int depth) {
  const json::Value& v = word.value;
  const Index resource = p_.nodes[id].resource;
  if (shape == Shape::one || (shape == Shape::one_or_list && !v.is_array())) {
    if (v.is_array())
      return bad_schema(p_, id, word.key,
                        word.key == "items"
                            ? "must be a schema; a list of schemas is called `prefixItems` since 2020-12"
                            : "must be a schema, is an array");
    TRY(walk(&v, {resource, id, word.key, std::nullopt}, depth));
    return {};
  }
  if (shape == Shape::list || shape == Shape::one_or_list) {
    if (!v.is_array()) return bad_schema(p_, id, word.key, "must be an array of schemas, is " + kind_text(v));
    for (std::size_t i = 0; i < v.size(); ++i)
      TRY(walk(&v.items()[i], {resource, id, word.key, p_.arena.copy(std::to_string(i))}, depth));
    return {};
  }
  if (!v.is_object()) return bad_schema(p_, id, word.key, "must be an object of schemas, is " + kind_text(v));
  for (const json::Member& m : v.members())
    if (shape != Shape::mixed_map || !m.value.is_array())
      TRY(walk(&m.value, {resource, id, word.key, m.key}, depth));
  return {};
}

// `$schema` and `$id`: the resource that the node belongs to, a new one where it has an address of its own.
Result<Index> Discovery::identify(Index id, json::Value schema) {
  const Index outer = p_.nodes[id].resource;
  Draft draft = p_.resources[outer].draft;
  if (const json::Value* uri = schema.find("$schema");
      uri != nullptr && (id == 0 || schema.has("$id") || schema.has("id"))) {
    const auto named = draft_of(uri->as_string());
    if (!named)
      return bad_schema(
          p_, id, "$schema",
          shortened(uri->as_string()) + " is not known; there are 2020-12, 2019-09 and drafts 07, 06 and 04");
    draft = *named;
    if (id == 0) p_.resources[0].draft = draft;
  }
  const std::string_view keyword = draft == Draft::d4 ? "id" : "$id";
  const json::Value* address = schema.find(keyword);
  if (address == nullptr || (draft <= Draft::d7 && schema.has("$ref"))) return outer;
  if (!address->is_string()) return bad_schema(p_, id, keyword, "must be a string");
  const std::string_view text = address->as_string();
  if (draft >= Draft::d2019 && !fragment(text).empty())
    return bad_schema(p_, id, keyword,
                      "must not have a fragment; a name within the document is an `$anchor`");
  const std::string_view plain = before_fragment(text);
  if (plain.empty()) return outer;
  const std::string uri = resolve_uri(p_.resources[outer].uri, plain);
  Index resource = 0;
  if (id != 0) {
    resource = static_cast<Index>(p_.resources.size());
    p_.resources.push_back({});
  }
  p_.resources[resource] = {uri, p_.nodes[id].source, id, draft};
  resource_of_[p_.nodes[id].source] = resource;
  if (!by_uri_.emplace(uri, resource).second)
    return bad_schema(p_, id, keyword, shortened(text) + " is used twice");
  return resource;
}

Result<void> Discovery::anchors(Index id, json::Value schema) {
  const Draft d = draft(id);
  if (d <= Draft::d7) {  // names are fragments of ids
    if (schema.has("$ref")) return {};
    const std::string_view keyword = d == Draft::d4 ? "id" : "$id";
    const std::string_view name = fragment(schema[keyword].as_string());
    return name.empty() || name[0] == '/' ? Result<void>() : anchor(id, keyword, name);
  }
  if (const json::Value* name = schema.find("$anchor")) {
    if (!name->is_string()) return bad_schema(p_, id, "$anchor", "must be a string");
    TRY(anchor(id, "$anchor", name->as_string()));
  }
  if (const json::Value* name = schema.find("$dynamicAnchor"); name != nullptr && d == Draft::d2020) {
    if (!name->is_string()) return bad_schema(p_, id, "$dynamicAnchor", "must be a string");
    TRY(anchor(id, "$dynamicAnchor", name->as_string()));
    dynamic_anchor(id, std::string(name->as_string()));
  }
  if (d == Draft::d2019 && schema["$recursiveAnchor"].as_bool() &&
      p_.resources[p_.nodes[id].resource].node == id)
    dynamic_anchor(id, std::string(kRecursive));
  return {};
}

Result<void> Discovery::anchor(Index id, std::string_view keyword, std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), good))
    return bad_schema(p_, id, keyword,
                      shortened(name) + " is no name; letters, digits, `-`, `_`, `.` and `:` make one");
  const auto [at, fresh] = anchors_.try_emplace({p_.nodes[id].resource, std::string(name)}, id);
  if (!fresh && at->second != id) return bad_schema(p_, id, keyword, shortened(name) + " is used twice");
  return {};
}

void Discovery::dynamic_anchor(Index id, const std::string& name) {
  const auto [at, fresh] = dynamic_.try_emplace(name, static_cast<Index>(p_.dynamic_names.size()));
  if (fresh) p_.dynamic_names.emplace_back();
  p_.dynamic_names[at->second].nodes.emplace_back(p_.nodes[id].resource, id);
}

Index Discovery::dynamic_name(std::string_view reference, Index node) const {
  const std::string_view name = fragment(reference);
  const auto at = name.empty() ? dynamic_.end() : dynamic_.find(name);
  if (at == dynamic_.end()) return kNone;
  for (const auto& [resource, anchored] : p_.dynamic_names[at->second].nodes)
    if (anchored == node) return at->second;
  return kNone;
}

Index Discovery::recursive_name(Index node) const {
  const auto at = dynamic_.find(kRecursive);
  if (at == dynamic_.end()) return kNone;
  for (const auto& [resource, anchored] : p_.dynamic_names[at->second].nodes)
    if (anchored == node) return at->second;
  return kNone;
}

Result<Index> Discovery::target(Index from, std::string_view keyword, std::string_view reference) {
  Index resource = p_.nodes[from].resource;
  if (const std::string_view address = before_fragment(reference); !address.empty()) {
    const auto at = by_uri_.find(resolve_uri(p_.resources[resource].uri, address));
    if (at == by_uri_.end())
      return bad_schema(
          p_, from, keyword,
          shortened(reference) + " is not in this document; references to others are not followed");
    resource = at->second;
  }
  const std::string name = percent_decode(fragment(reference));
  if (name.empty()) return p_.resources[resource].node;
  if (name[0] == '/') return pointed(from, keyword, resource, name, reference);
  const auto at = anchors_.find({resource, name});
  if (at == anchors_.end())
    return bad_schema(p_, from, keyword, shortened(reference) + " names nothing in this document");
  return at->second;
}

Result<Index> Discovery::pointed(Index from, std::string_view keyword, Index resource,
                                 std::string_view pointer, std::string_view reference) {
  const Index start = p_.resources[resource].node;
  const json::Value* at = p_.resources[resource].root;
  for (std::string_view rest = pointer; !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    at = step(*at, unescaped(rest.substr(0, end)));
    if (at == nullptr)
      return bad_schema(p_, from, keyword, shortened(reference) + " names nothing in this document");
    if (const auto inner = resource_of_.find(at); inner != resource_of_.end()) resource = inner->second;
    rest.remove_prefix(end);
  }
  if (const auto known = nodes_.find(at); known != nodes_.end()) return known->second;
  if (!at->is_object() && !at->is_bool())
    return bad_schema(p_, from, keyword, shortened(reference) + " is not a schema but " + kind_text(*at));
  return walk(at, {resource, start, "", p_.arena.copy(pointer)}, 0);
}

}  // namespace pb::schema
