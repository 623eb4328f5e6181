#include "llm/gemini/partial_args.h"

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

constexpr std::size_t kNodesMax = 10'000;
constexpr std::size_t kDepthMax = 64;

struct Step {
  std::string key;
  std::size_t index = SIZE_MAX;  // SIZE_MAX = a member
};

// "$.a['b c'][0]" -> a, b c, 0. False when it is none.
bool parse_path(std::string_view path, std::vector<Step>& out) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    if (out.size() >= kDepthMax) return false;
    if (path.starts_with('.')) {
      path.remove_prefix(1);
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      if (end == 0) return false;
      out.push_back({std::string(path.substr(0, end))});
      path.remove_prefix(end);
      continue;
    }
    if (!path.starts_with('[') || path.size() < 3) return false;
    const char quote = path[1];
    const bool quoted = quote == '\'' || quote == '"';
    const std::size_t from = quoted ? 2 : 1;
    const std::size_t end = path.find(quoted ? std::string{quote, ']'} : std::string("]"), from);
    if (end == path.npos) return false;
    const std::string_view inside = path.substr(from, end - from);
    Step step;
    if (quoted) {
      step.key = inside;
    } else {
      step.index = 0;
      for (const char c : inside) {
        if (c < '0' || c > '9' || step.index > kNodesMax) return false;
        step.index = step.index * 10 + static_cast<std::size_t>(c - '0');
      }
      if (step.index > kNodesMax) return false;
    }
    out.push_back(std::move(step));
    path.remove_prefix(end + (quoted ? 2 : 1));
  }
  return !out.empty();
}

}  // namespace

PartialArgs::Node* PartialArgs::walk(std::string_view path) {
  std::vector<Step> steps;
  if (!parse_path(path, steps)) return nullptr;
  Node* at = &root_;
  for (const Step& s : steps) {
    const bool member = s.index == SIZE_MAX;
    const Node::Kind wanted = member ? Node::Kind::object : Node::Kind::array;
    if (at->kind != wanted && at->kind != Node::Kind::none) return nullptr;
    at->kind = wanted;
    std::size_t i = 0;
    if (member)
      while (i < at->members.size() && at->members[i]->key != s.key) ++i;
    else
      i = s.index;
    while (at->members.size() <= i) {
      if (++nodes_ > kNodesMax) return nullptr;
      at->members.push_back(std::make_unique<Node>());
      at->members.back()->key = s.key;
    }
    at = at->members[i].get();
  }
  return at;
}

bool PartialArgs::add(json::Value piece) {
  Node* node = walk(get(piece, "jsonPath").as_string());
  if (!node) return false;
  if (const json::Value text = get(piece, "stringValue"); text.is_string()) {
    if (node->kind != Node::Kind::string && node->kind != Node::Kind::none) return false;
    node->kind = Node::Kind::string;
    node->text += text.as_string();
    return true;
  }
  node->kind = Node::Kind::raw;
  const json::Value number = get(piece, "numberValue"), flag = get(piece, "boolValue");
  node->text = number.is_number() ? json::to_text(number) : flag.is_bool() ? json::to_text(flag) : "null";
  return true;
}

void PartialArgs::write(json::Writer& w, const Node& node) {
  switch (node.kind) {
    case Node::Kind::object:
      w.begin_object();
      for (const auto& m : node.members) {
        w.key(m->key);
        write(w, *m);
      }
      return w.end_object();
    case Node::Kind::array:
      w.begin_array();
      for (const auto& m : node.members) write(w, *m);
      return w.end_array();
    case Node::Kind::string:
      return w.string(node.text);
    case Node::Kind::raw:
      return w.raw(node.text);
    case Node::Kind::none:
      return w.null();
  }
}

std::string PartialArgs::text() const {
  std::string out;
  json::Writer w(out);
  write(w, root_);
  return out;
}

}  // namespace pb::llm::gemini
