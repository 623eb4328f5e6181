#include "cli/install/json_edit.h"

#include <algorithm>

#include "base/json.h"
#include "cli/install/json_text.h"

namespace pb::cli {
namespace {

// The text and where things stand in it.
class Editor {
 public:
  Editor(std::string_view text, JsonText scan) : text_(text), scan_(std::move(scan)) {}

  std::string set(const MemberPath& path, json::Value value) {
    if (scan_.empty) {  // no value at all, maybe comments
      std::string out(text_);
      if (!out.empty() && !out.ends_with('\n')) out += newline();
      return out + pretty(nested(path, 0, value), "", kUnit) + newline();
    }
    const JsonPlace* at = &scan_.root;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const JsonMember* member = at->find(path[i]);
      if (member == nullptr) return insert(*at, path[i], nested(path, i + 1, value));
      at = &member->value;
      if (i + 1 < path.size() && !at->is_object()) return replace(*at, nested(path, i + 1, value));
    }
    return replace(*at, value);
  }

  std::string remove(const MemberPath& path) const {
    const JsonPlace* at = &scan_.root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) at = &at->find(path[i])->value;
    const JsonMember* member = at->find(path.back());
    const std::size_t index = static_cast<std::size_t>(member - at->members.data());
    std::size_t begin = member->key, end = member->value.end;
    std::string out(text_);
    const std::size_t comma = comma_after(end);
    if (at->members.size() == 1 && blank(at->begin + 1, begin) &&
        blank(comma == text_.npos ? end : comma + 1, at->end - 1))
      return out.replace(at->begin, at->end - at->begin, "{}");
    if (comma != text_.npos) end = comma + 1;
    const std::size_t line = line_start(begin);
    const bool alone = blank(line, begin) && (end == text_.size() || blank(end, line_end(end)));
    if (alone) {  // with its line
      begin = line;
      end = std::min(line_end(end) + 1, text_.size());
    } else {
      while (end < text_.size() && text_[end] == ' ') ++end;
      while (comma == text_.npos && index > 0 && text_[begin - 1] == ' ') --begin;
    }
    out.erase(begin, end - begin);
    // The last one: what was before it is the last now.
    if (comma == text_.npos && index > 0) out.erase(comma_after(at->members[index - 1].value.end), 1);
    return out;
  }

 private:
  static constexpr std::string_view kUnit = "  ";

  std::string newline() const { return text_.contains("\r\n") ? "\r\n" : "\n"; }
  std::size_t line_start(std::size_t at) const {
    const std::size_t before = at == 0 ? text_.npos : text_.rfind('\n', at - 1);
    return before == text_.npos ? 0 : before + 1;
  }
  std::size_t line_end(std::size_t at) const { return std::min(text_.find('\n', at), text_.size()); }
  bool blank(std::size_t begin, std::size_t end) const {
    return begin >= end || text_.substr(begin, end - begin).find_first_not_of(" \t\r\n") == text_.npos;
  }
  // The comma between a value and what follows it; npos when none does.
  std::size_t comma_after(std::size_t value_end) const {
    std::size_t at = value_end;
    while (at < scan_.blank.size() && (scan_.blank[at] == ' ' || scan_.blank[at] == '\t' ||
                                       scan_.blank[at] == '\n' || scan_.blank[at] == '\r')) {
      if (std::ranges::binary_search(scan_.trailing_commas, at)) return at;
      ++at;
    }
    return at < scan_.blank.size() && scan_.blank[at] == ',' ? at : text_.npos;
  }

  // The white space that a line begins with.
  std::string indent_of(std::size_t at) const {
    const std::size_t start = line_start(at);
    const std::size_t end = text_.find_first_not_of(" \t", start);
    return std::string(text_.substr(start, std::min(end, at) - start));
  }
  // By how much this file indents.
  std::string unit() const {
    if (!scan_.root.members.empty())
      if (std::string first = indent_of(scan_.root.members.front().key);
          !first.empty() && text_.substr(scan_.root.begin, scan_.root.members.front().key).contains('\n'))
        return first;
    return std::string(kUnit);
  }
  bool one_line(const JsonPlace& object) const {
    const std::string_view inside = text_.substr(object.begin, object.end - object.begin);
    if (inside.contains('\n')) return false;
    return !object.members.empty() || !text_.substr(0, text_.find_last_not_of("\r\n ") + 1).contains('\n');
  }

  static json::Value nested(const MemberPath& path, std::size_t from, json::Value value, json::Arena& arena) {
    for (std::size_t i = path.size(); i > from; --i) {
      const json::Member member[] = {{arena.copy(path[i - 1]), value}};
      value = json::Value::object(arena, member);
    }
    return value;
  }
  json::Value nested(const MemberPath& path, std::size_t from, json::Value value) {
    return nested(path, from, value, arena_);
  }

  std::string pretty(json::Value v, const std::string& indent, std::string_view unit) const {
    const bool object = v.is_object();
    if ((!object && !v.is_array()) || v.size() == 0) return json::to_text(v);
    const std::string deeper = indent + std::string(unit);
    std::string out = object ? "{" : "[";
    bool first = true;
    const auto begin = [&] {
      out += (first ? "" : ",") + newline() + deeper;
      first = false;
    };
    for (const json::Member& m : v.members()) {
      begin();
      out += json::to_text(json::Value::string(m.key)) + ": " + pretty(m.value, deeper, unit);
    }
    for (const json::Value& item : v.items()) {
      begin();
      out += pretty(item, deeper, unit);
    }
    return out + newline() + indent + (object ? "}" : "]");
  }
  std::string replace(const JsonPlace& at, json::Value value) const {
    std::string out(text_);
    const bool flat = !text_.substr(at.begin, at.end - at.begin).contains('\n') &&
                      !text_.substr(0, text_.find_last_not_of("\r\n ") + 1).contains('\n');
    out.replace(at.begin, at.end - at.begin,
                flat ? json::to_text(value) : pretty(value, indent_of(at.begin), unit()));
    return out;
  }

  std::string insert(const JsonPlace& object, std::string_view key, json::Value value) const {
    std::string out(text_);
    const std::string name = json::to_text(json::Value::string(key)) + ": ";
    if (one_line(object)) {
      const std::size_t at = object.members.empty() ? object.begin + 1 : object.members.back().value.end;
      out.insert(at, (object.members.empty() ? "" : ", ") + name + json::to_text(value));
      return out;
    }
    const std::string base = indent_of(object.begin), step = unit();
    if (object.members.empty()) {
      const std::string indent = base + step;
      const std::string member = newline() + indent + name + pretty(value, indent, step) + newline() + base;
      const std::size_t last = text_.find_last_not_of(" \t\r\n", object.end - 2);  // `{`, or a comment's end
      out.replace(last + 1, object.end - 2 - last, member);
      return out;
    }
    const JsonMember& last = object.members.back();
    const std::size_t comma = comma_after(last.value.end);
    const std::size_t begin = comma == text_.npos ? last.value.end : comma + 1;
    std::size_t at = begin;  // behind a comment on the same line
    while (at < scan_.blank.size() && (scan_.blank[at] == ' ' || scan_.blank[at] == '\t')) ++at;
    if (at < text_.size() && text_[at] != '\n' && text_[at] != '\r') at = begin;
    const std::string indent = indent_of(object.members.front().key);
    out.insert(at,
               newline() + indent + name + pretty(value, indent, step) + (comma == text_.npos ? "" : ","));
    if (comma == text_.npos) out.insert(last.value.end, ",");
    return out;
  }

  std::string_view text_;
  JsonText scan_;
  json::Arena arena_;
};

// The member of a path in the meaning of a text; null when it is not there.
const json::Value* find(const json::Value& root, const MemberPath& path) {
  const json::Value* at = &root;
  for (const std::string& step : path) {
    if (!at->is_object()) return nullptr;
    at = at->find(step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

Result<json::Value> value_of(const JsonText& scan, json::Arena& arena) {
  if (scan.empty) return json::Value::object(arena, {});
  return json::parse(scan.plain, arena);
}

}  // namespace

Result<std::string> json_set(std::string_view text, const MemberPath& path, std::string_view value,
                             Comments comments) {
  json::Arena arena;
  TRY_ASSIGN(const JsonText scan, scan_json(text, comments));
  TRY_ASSIGN(const json::Value root, value_of(scan, arena));
  TRY_ASSIGN(const json::Value wanted, json::parse(value, arena));
  const json::Value* there = find(root, path);
  if (there != nullptr && json::canonical_text(*there) == json::canonical_text(wanted))
    return std::string(text);
  for (std::size_t i = 1; i < path.size(); ++i)
    if (const json::Value* around = find(root, {path.begin(), path.begin() + static_cast<long>(i)});
        around != nullptr && !around->is_object() && !around->is_null())
      return fail(Code::invalid_request,
                  "`" + path[i - 1] + "` is there, and no object: nothing can be put into it");
  return Editor(text, scan).set(path, wanted);
}

Result<std::string> json_remove(std::string_view text, const MemberPath& path, Comments comments) {
  json::Arena arena;
  TRY_ASSIGN(const JsonText scan, scan_json(text, comments));
  TRY_ASSIGN(const json::Value root, value_of(scan, arena));
  if (find(root, path) == nullptr) return std::string(text);
  return Editor(text, scan).remove(path);
}

Result<std::optional<std::string>> json_get(std::string_view text, const MemberPath& path,
                                            Comments comments) {
  json::Arena arena;
  TRY_ASSIGN(const JsonText scan, scan_json(text, comments));
  TRY_ASSIGN(const json::Value root, value_of(scan, arena));
  const json::Value* there = find(root, path);
  if (there == nullptr) return std::nullopt;
  return json::to_text(*there);
}

Result<std::string> json_meaning(std::string_view text, Comments comments) {
  json::Arena arena;
  TRY_ASSIGN(const JsonText scan, scan_json(text, comments));
  TRY_ASSIGN(const json::Value root, value_of(scan, arena));
  return json::canonical_text(root);
}

}  // namespace pb::cli
