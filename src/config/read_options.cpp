// Maps of options: unknown keys, nesting by dots, environment overrides.
#include <algorithm>

#include "base/strings.h"
#include "config/read.h"

namespace pb::config {
namespace {

// The names that may stand at `prefix` ("timeouts."), each once.
std::vector<std::string_view> names_at(const std::vector<Bound>& bounds, std::string_view prefix) {
  std::vector<std::string_view> out;
  for (const Bound& b : bounds) {
    if (!b.option->path.starts_with(prefix)) continue;
    const std::string_view rest = b.option->path.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

struct Level {
  const std::vector<Bound>& bounds;
  const std::string& at;
  Reading& reading;

  void read(const Node& map, const std::string& prefix, std::span<const std::string_view> elsewhere) {
    for (const Entry& e : map.members) {
      if (std::find(elsewhere.begin(), elsewhere.end(), e.key) != elsewhere.end()) continue;
      const std::string own = prefix + e.key;
      const std::string path = at.empty() ? own : at + "." + own;
      const auto option =
          std::find_if(bounds.begin(), bounds.end(), [&](const Bound& b) { return b.option->path == own; });
      if (option != bounds.end()) {
        read_value(e.value, *option, path, reading);
        reading.origin(path, e.value);
      } else if (std::any_of(bounds.begin(), bounds.end(),
                             [&](const Bound& b) { return b.option->path.starts_with(own + "."); })) {
        if (e.value.kind == Node::Kind::map)
          read(e.value, own + ".", {});
        else if (e.value.kind != Node::Kind::null && !e.value.broken)
          reading.mistake(e.value, path, "expected a map, found " + found(e.value));
      } else {
        std::vector<std::string_view> names = names_at(bounds, prefix);
        names.insert(names.end(), elsewhere.begin(), elsewhere.end());
        reading.mistake(e, path, "unknown key; " + suggestion(e.key, names));
      }
    }
  }
};

}  // namespace

void Reading::mistake(const Node& at, std::string path, std::string what) {
  out.mistakes.push_back(sources.mistake(at.source, at.line, at.column, std::move(path), std::move(what)));
}

void Reading::mistake(const Entry& at, std::string path, std::string what) {
  out.mistakes.push_back(sources.mistake(at.source, at.line, at.column, std::move(path), std::move(what)));
}

void Reading::origin(const std::string& path, const Node& at) {
  if (at.line > 0) origin(path, sources.place(at));
}

void Reading::origin(const std::string& path, std::string from) { out.origins[path] = std::move(from); }

void read_options(const Node& map, const std::vector<Bound>& bounds, const std::string& at,
                  std::span<const std::string_view> elsewhere, Reading& reading) {
  Level{bounds, at, reading}.read(map, "", elsewhere);
}

Node node_of_text(const std::string& text, Kind kind) {
  const bool list = kind == Kind::texts || kind == Kind::formats || kind == Kind::secrets;
  const bool map = kind == Kind::headers || kind == Kind::levels || kind == Kind::pairs;
  if (!list && !map) return Node::scalar(text, false);
  Node out;
  out.kind = list ? Node::Kind::list : Node::Kind::map;
  for (const std::string& part : items_of(text)) {
    if (list) {
      out.items.push_back(Node::scalar(part, false));
    } else {
      const std::size_t split = std::min(part.find('='), part.size());
      out[part.substr(0, split)] = Node::scalar(split < part.size() ? part.substr(split + 1) : "", false);
    }
  }
  return out;
}

void read_environment(const std::vector<Bound>& bounds, const std::string& place, Reading& reading) {
  if (!reading.env.get) return;
  for (const Bound& b : bounds) {
    const std::string name = environment_name(place + std::string(b.option->path));
    const auto text = reading.env.get(name);
    if (!text || text->empty()) continue;
    Node node = node_of_text(*text, b.option->kind);
    node.expanded = b.option->kind == Kind::secret;  // its text stays out of messages
    read_value(node, b, name, reading);
    reading.origin(place + std::string(b.option->path), "environment: " + name);
  }
}

}  // namespace pb::config
