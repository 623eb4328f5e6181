#include "llm/custom_tools.h"

#include <algorithm>

#include "base/hash.h"

namespace pb::llm {
namespace {

using Kind = Block::Kind;

constexpr std::size_t kNameMax = 64;    // of a function: OpenAI's limit, and the tightest
constexpr std::size_t kHashBytes = 17;  // '_' and 16 digits

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Four digits; -1 when one is none.
int unit(std::string_view digits) {
  int code = 0;
  for (char c : digits.substr(0, 4)) {
    if (hex(c) < 0) return -1;
    code = code * 16 + hex(c);
  }
  return code;
}

void append_utf8(std::string& out, int code) {
  const auto byte = [&](int b) { out += static_cast<char>(b); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 63));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 63));
    byte(0x80 | (code & 63));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 63));
    byte(0x80 | (code >> 6 & 63));
    byte(0x80 | (code & 63));
  }
}

}  // namespace

std::string bounded(Str text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t keep = bytes_max - kHashBytes;
  while (keep > 0 && continues(text[keep])) --keep;
  std::string out(text.substr(0, keep));
  const std::uint64_t hash = hash64(text, 0);
  out += '_';
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15];
  return out;
}

Str joined_name(Str space, Str name, json::Arena& arena) {
  if (space.empty()) return name;
  std::string joined(space);
  joined.append("__").append(name);
  return arena.keep(bounded(joined, kNameMax));
}

Grammar grammar_of(const Tool& t) {
  json::Value format = t.raw.has("custom") ? t.raw["custom"]["format"] : t.raw["format"];
  if (format["grammar"].is_object()) format = format["grammar"];
  return {format["syntax"].as_string(), format["definition"].as_string()};
}

std::string custom_description(const Tool& t) {
  std::string out(t.description);
  const Grammar g = grammar_of(t);
  if (g.definition.empty()) return out;
  if (!out.empty()) out += "\n\n";
  out.append("`input` must match this ").append(g.syntax).append(" grammar:\n").append(g.definition);
  return out;
}

const Tool* find_tool(const Request* request, Str name) {
  if (request == nullptr) return nullptr;
  for (const Tool& t : request->tools)
    if (t.name == name && t.kind != Tool::Kind::opaque) return &t;
  return nullptr;
}

bool may_be_called(const Request& request, const Tool& tool) {
  const std::vector<Str>& allowed = request.tool_choice.allowed;
  if (allowed.empty()) return true;
  // A provider's own tool has no name to be listed by; it may be in the list as it came.
  if (tool.kind == Tool::Kind::opaque) return request.extra.has(kAllowedTools);
  return std::find(allowed.begin(), allowed.end(), tool.name) != allowed.end();
}

Str custom_input(Str arguments, json::Arena& arena) {
  const auto parsed = json::parse(arguments, arena);
  if (!parsed || !parsed->is_object()) return arguments;
  if (const json::Value input = (*parsed)["input"]; input.is_string()) return input.as_string();
  if (parsed->size() == 0) return {};
  if (parsed->size() == 1 && parsed->members()[0].value.is_string())
    return parsed->members()[0].value.as_string();
  return arguments;
}

// Where the input's text begins in `{"input": "…`; npos when this is something else, the text's size + 1 when it cannot be told
// yet.
std::size_t InputUnwrapper::opening(std::string_view text) const {
  constexpr std::string_view kTokens[] = {"{", "\"input\"", ":", "\""};
  std::size_t at = 0;
  for (std::string_view token : kTokens) {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    const std::string_view here = text.substr(at, token.size());
    if (!token.starts_with(here)) return std::string_view::npos;
    if (here.size() < token.size()) return text.size() + 1;
    at += token.size();
  }
  return at;
}

void InputUnwrapper::feed(std::string_view piece, std::string& out) {
  switch (at_) {
    case At::inside:
      return inside(piece, out);
    case At::after:
      return;
    case At::other:
      held_ += piece;
      return;
    case At::before:
      break;
  }
  held_ += piece;
  const std::size_t begin = opening(held_);
  if (begin == std::string_view::npos) {
    at_ = At::other;
  } else if (begin <= held_.size()) {
    at_ = At::inside;
    const std::string text = std::move(held_);
    held_.clear();
    inside(std::string_view(text).substr(begin), out);
  }
}

void InputUnwrapper::inside(std::string_view piece, std::string& out) {
  for (std::size_t i = 0; i < piece.size();) {
    if (!held_.empty()) {
      held_ += piece[i++];
      if (escape(out)) held_.clear();
      if (at_ == At::after) return;
      continue;
    }
    const std::size_t end = std::min(piece.find_first_of("\"\\", i), piece.size());
    out.append(piece.substr(i, end - i));
    if (end == piece.size()) return;
    i = end + 1;
    if (piece[end] == '"') {
      at_ = At::after;
      return;
    }
    held_ = '\\';
  }
}

// Whether the escape in `held_` is whole: its character has been appended then.
bool InputUnwrapper::escape(std::string& out) {
  constexpr std::string_view kFrom = "nrtbf\"\\/", kTo = "\n\r\t\b\f\"\\/";
  constexpr int kReplacement = 0xfffd;
  const char kind = held_[1];
  if (kind != 'u') {
    const std::size_t known = kFrom.find(kind);
    if (known == kFrom.npos)
      out += held_;
    else
      out += kTo[known];
    return true;
  }
  if (held_.size() < 6) return false;
  const int first = unit(std::string_view(held_).substr(2));
  const bool high = first >= 0xd800 && first < 0xdc00;
  if (!high) {
    append_utf8(out, first < 0 || (first >= 0xdc00 && first < 0xe000) ? kReplacement : first);
    return true;
  }
  const std::string_view next = std::string_view(held_).substr(6);
  const bool pair = std::string_view("\\u").starts_with(next.substr(0, 2));
  if (pair && next.size() < 6) return false;
  const int second = pair ? unit(next.substr(2)) : -1;
  if (second >= 0xdc00 && second < 0xe000) {
    append_utf8(out, 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
    return true;
  }
  append_utf8(out, kReplacement);  // half of a pair; what follows it is read on its own
  const std::string rest(next);
  held_.clear();
  inside(rest, out);
  return held_.empty();
}

void InputUnwrapper::finish(std::string& out) {
  if (at_ == At::before || at_ == At::other) {
    json::Arena arena;
    out += custom_input(held_, arena);
  }
  at_ = At::after;
  held_.clear();
}

CallRestorer::CallRestorer(const Request& request) : request_(request) {
  for (const Tool& t : request.tools) any_ = any_ || t.kind == Tool::Kind::custom;
}

bool CallRestorer::is_custom(const Block& call) const {
  if (call.kind != Kind::tool_call || call.custom) return false;
  const Tool* tool = find_tool(&request_, call.name);
  return tool != nullptr && tool->kind == Tool::Kind::custom;
}

void CallRestorer::restore(Response& response) const {
  if (!any_) return;
  for (Choice& c : response.choices)
    for (Block& b : c.content) {
      if (!is_custom(b)) continue;
      b.custom = true;
      b.text = custom_input(b.arguments, response.arena);
      b.arguments = {};
    }
}

void CallRestorer::restore(std::vector<Event>& events) {
  if (!any_) return;
  const bool touched = !open_.empty() || std::any_of(events.begin(), events.end(), [&](const Event& e) {
    return e.kind == Event::Kind::block_start && is_custom(e.block);
  });
  if (!touched) return;
  texts_.clear();
  changed_.clear();
  for (Event& e : events) change(e, changed_);
  events.swap(changed_);
}

void CallRestorer::change(Event& e, std::vector<Event>& out) {
  if (e.kind == Event::Kind::block_start && is_custom(e.block)) {
    Open& fresh = open_.emplace_back(Open{e.choice, e.index, {}});
    std::string& text = texts_.emplace_back();
    fresh.unwrapper.feed(e.block.arguments, text);
    e.block.custom = true;
    e.block.text = text;
    e.block.arguments = {};
    out.push_back(std::move(e));
    return;
  }
  const bool delta = e.kind == Event::Kind::arguments_delta;
  const auto open =
      delta || e.kind == Event::Kind::block_stop
          ? std::find_if(open_.begin(), open_.end(),
                         [&](const Open& o) { return o.choice == e.choice && o.index == e.index; })
          : open_.end();
  if (open == open_.end()) {
    out.push_back(std::move(e));
    return;
  }
  std::string& text = texts_.emplace_back();
  if (delta)
    open->unwrapper.feed(e.text, text);
  else
    open->unwrapper.finish(text);
  if (!text.empty()) {
    Event piece;
    piece.kind = Event::Kind::arguments_delta;
    piece.choice = e.choice;
    piece.index = e.index;
    piece.text = text;
    out.push_back(std::move(piece));
  }
  if (delta) return;
  open_.erase(open);
  out.push_back(std::move(e));
}

}  // namespace pb::llm
