#include "cli/install/toml_edit.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace pb::cli {
namespace {

using Position = toml::source_position;

std::string place(const Position& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
}

Result<toml::table> parse(std::string_view text) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed)
    return fail(Code::invalid_request,
                place(parsed.error().source().begin) + std::string(parsed.error().description()));
  return std::move(parsed).table();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04X", static_cast<unsigned>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool same(const toml::node& node, const TomlValue& value) {
  if (!value.list) {
    const auto* text = node.as_string();
    return text != nullptr && text->get() == value.texts.front();
  }
  const toml::array* array = node.as_array();
  if (array == nullptr || array->size() != value.texts.size()) return false;
  for (std::size_t i = 0; i < array->size(); ++i)
    if (const auto* text = array->get(i)->as_string(); text == nullptr || text->get() != value.texts[i])
      return false;
  return true;
}

const toml::node* find(const toml::table& root, const TablePath& path) {
  const toml::node* at = &root;
  for (const std::string& step : path) {
    const toml::table* table = at->as_table();
    at = table == nullptr ? nullptr : table->get(step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

// A text by its lines, and changes to it that are made all at once.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);  // a byte order mark stays first
    for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos;) starts_.push_back(++at);
  }

  std::size_t count() const { return starts_.size(); }
  std::size_t start(std::size_t line) const {  // from 1 on; the one behind the last is the text's end
    return line > starts_.size() ? text_.size() : starts_[line - 1];
  }
  std::string_view line(std::size_t number) const {
    return text_.substr(start(number), start(number + 1) - start(number));
  }
  std::size_t offset(const Position& at) const {  // columns are code points
    std::size_t i = start(at.line);
    for (unsigned column = 1; column < at.column && i < text_.size(); ++column) {
      ++i;
      while (i < text_.size() && (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80) ++i;
    }
    return i;
  }
  bool begins_header(std::size_t number) const {
    const std::string_view l = line(number);
    const auto first = l.find_first_not_of(" \t");
    return first != l.npos && l[first] == '[';
  }
  bool blank_or_comment(std::size_t number) const {
    const std::string_view l = line(number);
    const auto first = l.find_first_not_of(" \t\r\n");
    return first == l.npos || l[first] == '#';
  }
  bool blank(std::size_t number) const {
    return line(number).find_first_not_of(" \t\r\n") == std::string_view::npos;
  }
  std::string newline() const { return text_.contains("\r\n") ? "\r\n" : "\n"; }

  void replace(std::size_t begin, std::size_t end, std::string with) {
    changes_.push_back({begin, end, std::move(with)});
  }
  std::string result() {
    // From the end on; of two at one place, what takes lines away goes before what adds some.
    std::ranges::stable_sort(changes_, std::greater<>(),
                             [](const Change& c) { return std::pair(c.begin, c.end); });
    std::string out(text_);
    for (const Change& c : changes_) out.replace(c.begin, c.end - c.begin, c.with);
    return out;
  }

 private:
  struct Change {
    std::size_t begin, end;
    std::string with;
  };
  std::string_view text_;
  std::vector<std::size_t> starts_;
  std::vector<Change> changes_;
};

// The lines that begin a table with its header.
void headers_of(const toml::table& table, const Lines& lines, std::vector<std::size_t>& out) {
  for (const auto& [key, node] : table) {
    if (const toml::table* below = node.as_table(); below != nullptr && !below->is_inline()) {
      if (lines.begins_header(below->source().begin.line)) out.push_back(below->source().begin.line);
      headers_of(*below, lines, out);
    } else if (const toml::array* array = node.as_array(); array != nullptr) {
      for (const toml::node& item : *array)
        if (const toml::table* each = item.as_table(); each != nullptr && !each->is_inline()) {
          out.push_back(each->source().begin.line);
          headers_of(*each, lines, out);
        }
    }
  }
}

// Whether that line is the header [path] itself, and not of a table below.
bool is_header(const Lines& lines, std::size_t line, const TablePath& path) {
  if (!lines.begins_header(line)) return false;
  const auto alone = parse(lines.line(line));
  if (!alone) return false;
  const toml::node* node = find(*alone, path);
  return node != nullptr && node->is_table() && node->as_table()->empty();
}

std::string header(const TablePath& path) {
  std::string out = "[";
  for (const std::string& step : path) out.append(out.size() > 1 ? "." : "").append(step);
  return out + "]";
}

std::unexpected<Error> cannot_change(const Position& at, const TablePath& path) {
  return fail(Code::invalid_request, place(at) + "`" + header(path) +
                                         "` is written as an inline table or with dotted keys; write it as a "
                                         "table with a header of its own, and try again");
}

// The lines of a key and its value.
void remove_lines(Lines& lines, const toml::key& key, const toml::node& value) {
  lines.replace(lines.start(key.source().begin.line), lines.start(value.source().end.line + 1), "");
}

std::string add_table(std::string_view text, const Lines& lines, const TablePath& path,
                      const TomlFields& fields) {
  std::string out(text);
  const std::string newline = lines.newline();
  if (!out.empty() && !out.ends_with('\n')) out += newline;
  if (!out.empty()) out += newline;
  out += header(path) + newline;
  for (const auto& [name, value] : fields)
    out.append(name).append(" = ").append(value.text()).append(newline);
  return out;
}

}  // namespace

std::string TomlValue::text() const {
  if (!list) return quoted(texts.front());
  std::string out = "[";
  for (const std::string& t : texts) out += (out.size() > 1 ? ", " : "") + quoted(t);
  return out + "]";
}

Result<std::string> toml_set_table(std::string_view text, const TablePath& path, const TomlFields& fields,
                                   const std::vector<std::string>& without) {
  TRY_ASSIGN(const toml::table root, parse(text));
  Lines lines(text);
  for (std::size_t i = 1; i < path.size(); ++i)
    if (const toml::node* around = find(root, {path.begin(), path.begin() + static_cast<long>(i)});
        around != nullptr && (!around->is_table() || around->as_table()->is_inline()))
      return cannot_change(around->source().begin, {path.begin(), path.begin() + static_cast<long>(i)});
  const toml::node* node = find(root, path);
  if (node == nullptr) return add_table(text, lines, path, fields);
  const std::size_t line = node->source().begin.line;
  const toml::table* table = node->as_table();
  if (table == nullptr || table->is_inline() || !lines.begins_header(line))
    return cannot_change(node->source().begin, path);
  if (!is_header(lines, line, path)) return add_table(text, lines, path, fields);  // [path.below] makes it
  std::string added;
  for (const auto& [name, value] : fields) {
    const toml::node* there = table->get(name);
    if (there == nullptr)
      added += name + " = " + value.text() + lines.newline();
    else if (!same(*there, value))
      lines.replace(lines.offset(there->source().begin), lines.offset(there->source().end), value.text());
  }
  if (!added.empty()) {
    if (!lines.line(line).ends_with('\n')) added = lines.newline() + added;
    lines.replace(lines.start(line + 1), lines.start(line + 1), added);
  }
  for (const auto& [key, value] : *table)
    if (std::ranges::find(without, key.str()) != without.end() && !value.is_table())
      remove_lines(lines, key, value);
  return lines.result();
}

Result<std::string> toml_remove_table(std::string_view text, const TablePath& path) {
  TRY_ASSIGN(const toml::table root, parse(text));
  const toml::node* node = find(root, path);
  if (node == nullptr) return std::string(text);
  Lines lines(text);
  const toml::table* table = node->as_table();
  if (table == nullptr || table->is_inline() || !lines.begins_header(node->source().begin.line))
    return cannot_change(node->source().begin, path);
  std::vector<std::size_t> all, mine = {node->source().begin.line};
  headers_of(root, lines, all);
  headers_of(*table, lines, mine);
  std::ranges::sort(all);
  std::ranges::sort(mine);
  mine.erase(std::ranges::unique(mine).begin(), mine.end());
  for (const std::size_t first : mine) {
    const auto next = std::ranges::upper_bound(all, first);
    std::size_t end = next == all.end() ? lines.count() + 1 : *next;
    // What stands right before the next header is most likely about that.
    while (next != all.end() && end > first + 1 && lines.blank_or_comment(end - 1)) --end;
    std::size_t begin = first;
    if (begin > 1 && lines.blank(begin - 1) && (end > lines.count() || lines.blank(end))) --begin;
    lines.replace(lines.start(begin), lines.start(end), "");
  }
  return lines.result();
}

Result<std::string> toml_set_text(std::string_view text, const std::string& key, const std::string& value) {
  TRY_ASSIGN(const toml::table root, parse(text));
  Lines lines(text);
  const TomlValue wanted{{value}, false};
  if (const toml::node* there = root.get(key)) {
    if (there->is_table()) return cannot_change(there->source().begin, {key});
    if (same(*there, wanted)) return std::string(text);
    lines.replace(lines.offset(there->source().begin), lines.offset(there->source().end), wanted.text());
    return lines.result();
  }
  std::size_t last = 0;  // line of the last value before the first table
  for (const auto& [name, node] : root)
    if (!lines.begins_header(node.source().begin.line) || !(node.is_table() || node.is_array_of_tables()))
      last = std::max<std::size_t>(last, node.source().end.line);
  std::string added = key + " = " + wanted.text() + lines.newline();
  if (last > 0 && !lines.line(last).ends_with('\n')) added = lines.newline() + added;
  lines.replace(lines.start(last + 1), lines.start(last + 1), added);
  return lines.result();
}

Result<std::string> toml_remove_value(std::string_view text, const std::string& key) {
  TRY_ASSIGN(const toml::table root, parse(text));
  Lines lines(text);
  for (const auto& [name, node] : root)
    if (name.str() == key && !node.is_table()) remove_lines(lines, name, node);
  return lines.result();
}

Result<std::string> toml_text(std::string_view text, const TablePath& path) {
  TRY_ASSIGN(const toml::table root, parse(text));
  const toml::node* node = find(root, path);
  return node != nullptr && node->is_string() ? node->as_string()->get() : std::string();
}

Result<std::vector<std::string>> toml_texts(std::string_view text, const TablePath& path) {
  TRY_ASSIGN(const toml::table root, parse(text));
  std::vector<std::string> out;
  const toml::node* node = find(root, path);
  if (node == nullptr || !node->is_array()) return out;
  for (const toml::node& item : *node->as_array())
    if (const auto* one = item.as_string()) out.push_back(one->get());
  return out;
}

Result<bool> toml_has(std::string_view text, const TablePath& path) {
  TRY_ASSIGN(const toml::table root, parse(text));
  return find(root, path) != nullptr;
}

Result<std::string> toml_meaning(std::string_view text, const std::vector<TablePath>& but) {
  TRY_ASSIGN(toml::table root, parse(text));
  for (const TablePath& path : but) {
    // The tables around are there in both, so that one that was made for this does not count.
    toml::table* at = &root;
    for (std::size_t i = 0; at != nullptr && i + 1 < path.size(); ++i) {
      if (at->get(path[i]) == nullptr) at->insert(path[i], toml::table{});
      at = at->get(path[i])->as_table();
    }
    if (at != nullptr) at->erase(path.back());
  }
  std::ostringstream out;
  out << toml::json_formatter(root);
  return std::move(out).str();
}

}  // namespace pb::cli
