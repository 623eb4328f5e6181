#include "cli/install/json_text.h"

#include <algorithm>
#include <cstdio>

#include "base/json.h"

namespace pb::cli {
namespace {

bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::unexpected<Error> fault_at(std::string_view text, std::size_t at, const std::string& what) {
  const auto before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  return fail(Code::invalid_request,
              std::to_string(line) + ":" + std::to_string(at - start + 1) + ": " + what);
}

// Behind the string that begins at `at`, or at the text's end.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.size();
}

// Puts spaces over comments, and over commas that nothing follows.
Result<void> take_comments_out(std::string_view text, JsonText& out) {
  const auto cover = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      out.blank[i] = ' ';
      if (text[i] != '\n' && text[i] != '\r') out.plain[i] = ' ';
    }
  };
  std::size_t comma = text.npos;  // the last one that nothing has followed yet
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '/' && at + 1 < text.size() && (text[at + 1] == '/' || text[at + 1] == '*')) {
      const bool line = text[at + 1] == '/';
      const std::size_t found = text.find(line ? "\n" : "*/", at + 2);
      if (!line && found == text.npos) return fault_at(text, at, "the comment has no end");
      std::size_t end = found == text.npos ? text.size() : line ? found : found + 2;
      if (line && end > at && text[end - 1] == '\r') --end;
      cover(at, end);
      at = end;
      continue;
    }
    if ((c == '}' || c == ']') && comma != text.npos) {
      out.plain[comma] = out.blank[comma] = ' ';
      out.trailing_commas.push_back(comma);
    }
    if (c == ',')
      comma = at;
    else if (!space(c))
      comma = text.npos;
    at = c == '"' ? string_end(text, at) : at + 1;
  }
  std::ranges::sort(out.trailing_commas);
  return {};
}

// Of a text that is known to be JSON.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  JsonPlace value() {
    skip();
    JsonPlace out{at_, at_, text_[at_] == '{', {}};
    if (text_[at_] == '{') {
      object(out);
    } else if (text_[at_] == '[') {
      for (++at_, skip(); text_[at_] != ']'; skip()) {
        if (text_[at_] == ',') ++at_;
        (void)value();
      }
      ++at_;
    } else if (text_[at_] == '"') {
      at_ = string_end(text_, at_);
    } else {
      while (at_ < text_.size() && !space(text_[at_]) && text_[at_] != ',' && text_[at_] != '}' &&
             text_[at_] != ']')
        ++at_;
    }
    out.end = at_;
    return out;
  }

 private:
  void object(JsonPlace& out) {
    for (++at_, skip(); text_[at_] != '}'; skip()) {
      if (text_[at_] == ',') ++at_;
      skip();
      const std::size_t key = at_;
      at_ = string_end(text_, at_);
      json::Arena arena;
      const auto name = json::parse(text_.substr(key, at_ - key), arena);
      skip();
      ++at_;  // the colon
      out.members.push_back({std::string(name ? name->as_string() : ""), key, value()});
    }
    ++at_;
  }
  void skip() {
    while (at_ < text_.size() && space(text_[at_])) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const JsonMember* JsonPlace::find(std::string_view key) const {
  for (std::size_t i = members.size(); i > 0; --i)
    if (members[i - 1].name == key) return &members[i - 1];
  return nullptr;
}

Result<JsonText> scan_json(std::string_view text, Comments comments) {
  JsonText out;
  out.plain = text;
  if (text.starts_with("\xEF\xBB\xBF")) out.plain.replace(0, 3, "   ");
  out.blank = out.plain;
  if (comments == Comments::allowed) TRY(take_comments_out(text, out));
  out.empty = out.plain.find_first_not_of(" \t\r\n") == out.plain.npos;
  if (out.empty) return out;
  json::Arena arena;
  const auto root = json::parse(out.plain, arena);
  if (!root) {
    // "… line 3, column 5: what" becomes "3:5: what", as other programs write places.
    std::string what = root.error().message;
    unsigned line = 0, column = 0;
    int length = 0;
    if (std::sscanf(what.c_str(), "invalid JSON at line %u, column %u: %n", &line, &column, &length) == 2 &&
        length > 0)
      what = std::to_string(line) + ":" + std::to_string(column) + ": " +
             what.substr(static_cast<std::size_t>(length));
    return fail(Code::invalid_request, what);
  }
  if (!root->is_object())
    return fault_at(text, out.plain.find_first_not_of(" \t\r\n"),
                    "expected an object, found " + std::string(json::to_string(root->kind())));
  out.root = Scanner(out.blank).value();
  return out;
}

}  // namespace pb::cli
