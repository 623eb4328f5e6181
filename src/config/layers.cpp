#include "config/layers.h"

#include <algorithm>
#include <charconv>

#include "config/read.h"

namespace pb::config {
namespace {

Node use_of(Node text) {
  Node out;
  out.kind = Node::Kind::map;
  out.line = text.line;
  out.column = text.column;
  out.source = text.source;
  out.members.push_back({"use", text.line, text.column, std::move(text), out.source});
  return out;
}

// Changes entries of a list that stands below.
class ListEdit {
 public:
  ListEdit(Node& list, const std::string& path, Reading& reading)
      : list_(list), path_(path), reading_(reading) {}

  void apply(Node over) {
    std::vector<std::size_t> gone;
    for (Entry& e : over.members) {
      const auto index = find(e);
      if (!index) continue;
      Node& item = list_.items[*index];
      if (e.value.kind == Node::Kind::null) {
        gone.push_back(*index);
      } else {
        if (item.kind == Node::Kind::scalar && e.value.kind == Node::Kind::map)
          item = use_of(std::move(item));
        merge(item, std::move(e.value), path_ + "[" + std::to_string(*index) + "]", reading_);
      }
    }
    std::ranges::sort(gone, std::greater<>());
    for (const std::size_t i : gone) list_.items.erase(list_.items.begin() + static_cast<std::ptrdiff_t>(i));
  }

 private:
  std::optional<std::size_t> find(const Entry& e) {
    if (const long n = index_of_key(e.key); n >= 0) {
      if (static_cast<std::size_t>(n) < list_.items.size()) return static_cast<std::size_t>(n);
      return wrong(e, "the list has " + std::to_string(list_.items.size()) +
                          " entries, counted from [0]; to add one, write the list whole");
    }
    std::vector<std::string> names;
    for (const Node& item : list_.items) names.push_back(entry_name(item));
    const auto named = std::ranges::count(names, e.key);
    if (named == 1) return static_cast<std::size_t>(std::ranges::find(names, e.key) - names.begin());
    if (named > 1) return wrong(e, "several entries have this name; say which by its place, as in [0]");
    std::vector<std::string_view> known;
    for (const std::string& n : names)
      if (!n.empty()) known.push_back(n);
    return wrong(e, "the list has no such entry; " + suggestion(e.key, known, "there are") +
                        "; to add one, write the list whole");
  }

  std::optional<std::size_t> wrong(const Entry& e, std::string what) {
    reading_.mistake(e, path_ + "." + e.key, std::move(what));
    return std::nullopt;
  }

  Node& list_;
  const std::string& path_;
  Reading& reading_;
};

// "models.NAME", whose text stands for {use: text}.
bool is_model(std::string_view path) { return path.starts_with("models."); }

void merge_member(Node& base, Entry over, const std::string& path, Reading& reading) {
  const auto at = std::ranges::find_if(base.members, [&](const Entry& e) { return e.key == over.key; });
  if (over.value.kind == Node::Kind::null) {
    if (at != base.members.end())
      base.members.erase(at);
    else
      reading.out.notes.push_back(reading.sources.place(over.value) + ": " + path +
                                  ": there is nothing that `null` could take away; an entry without options "
                                  "of its own is written {}");
    return;
  }
  if (at == base.members.end()) {
    Entry added{over.key, over.line, over.column, {}, over.source};
    merge(added.value, std::move(over.value), path, reading);
    base.members.push_back(std::move(added));
    return;
  }
  const bool merged = over.value.kind == Node::Kind::map && at->value.kind != Node::Kind::null;
  if (!merged) {
    at->line = over.line;
    at->column = over.column;
    at->source = over.source;
  }
  merge(at->value, std::move(over.value), path, reading);
}

}  // namespace

Mistake Sources::mistake(std::size_t source, int line, int column, std::string path, std::string what) const {
  if (line == 0 || source >= all.size()) return {"", line, column, std::move(path), std::move(what)};
  return {all[source].file, line, column, all[source].prefix + path, std::move(what)};
}

std::string Sources::place(const Node& at) const {
  if (at.source >= all.size()) return {};
  const Source& s = all[at.source];
  return s.file + ":" + std::to_string(at.line) + (s.label.empty() ? "" : ", " + s.label);
}

void stamp(Node& root, std::size_t source) {
  root.source = static_cast<std::uint8_t>(source);
  for (Node& item : root.items) stamp(item, source);
  for (Entry& e : root.members) {
    e.source = static_cast<std::uint8_t>(source);
    stamp(e.value, source);
  }
}

std::string entry_name(const Node& item) {
  if (item.kind == Node::Kind::scalar) return item.text;
  const Node* name = item.find("name");  // of a rule, whose `use` others may have too
  if (name == nullptr) name = item.find("use");
  return name != nullptr && name->kind == Node::Kind::scalar ? name->text : "";
}

long index_of_key(std::string_view key) {
  if (key.size() < 3 || key.size() > 8 || !key.starts_with('[') || !key.ends_with(']')) return -1;
  long n = -1;
  const char* end = key.data() + key.size() - 1;
  const auto [at, ec] = std::from_chars(key.data() + 1, end, n);
  return ec == std::errc() && at == end ? n : -1;
}

void merge(Node& base, Node over, const std::string& path, Reading& reading) {
  if (over.kind != Node::Kind::map) {
    base = std::move(over);
    return;
  }
  if (base.kind == Node::Kind::list && !over.members.empty())
    return ListEdit(base, path, reading).apply(std::move(over));
  if (base.kind == Node::Kind::scalar && is_model(path)) base = use_of(std::move(base));
  if (base.kind != Node::Kind::map) {
    Node fresh;
    fresh.kind = Node::Kind::map;
    fresh.line = over.line;
    fresh.column = over.column;
    fresh.source = over.source;
    base = std::move(fresh);
  }
  for (Entry& e : over.members) {
    const std::string at = path.empty() ? e.key : path + "." + e.key;
    merge_member(base, std::move(e), at, reading);
  }
}

}  // namespace pb::config
