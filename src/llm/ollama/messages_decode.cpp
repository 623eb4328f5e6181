// The messages of a client's request. Calls may come without ids and results without the id of their call: calls are
// numbered by their place, and a result belongs to the first call without one that has the tool's name, else to the first.
#include <algorithm>

#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Value;
using Kind = Block::Kind;

struct Media {
  Kind kind = Kind::image;
  Str type;
};

// What the first bytes of base64 data say it is.
Media sniff(Str data) {
  struct Row {
    Str start;
    Media media;
  };
  static constexpr Row kRows[] = {
      {"iVBORw0KGgo", {Kind::image, "image/png"}}, {"/9j/", {Kind::image, "image/jpeg"}},
      {"R0lGOD", {Kind::image, "image/gif"}},      {"SUQz", {Kind::audio, "audio/mpeg"}},
      {"//", {Kind::audio, "audio/mpeg"}},         {"T2dnUw", {Kind::audio, "audio/ogg"}},
      {"ZkxhQ", {Kind::audio, "audio/flac"}},
  };
  if (data.starts_with("UklGR") &&
      data.size() >= 16) {  // "RIFF", a length, and what it holds in bytes 8 to 11
    if (data.substr(11, 5) == "XRUJQ") return {Kind::image, "image/webp"};
    if (data.substr(11, 5) == "XQVZF") return {Kind::audio, "audio/wav"};
  }
  for (const Row& row : kRows)
    if (data.starts_with(row.start)) return row.media;
  return {Kind::image, ""};
}

bool base64_start(Str data) {
  return std::all_of(
      data.begin(), data.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(data.size(), 64)),
      [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/' || c == '=' || c == '-' || c == '_' || c == '\n' || c == '\r';
      });
}

Result<Block> image(Value v, const Path& at) {
  if (!v.is_string()) return at.wrong_type("a string of base64", v);
  Block b;
  b.data = v.as_string();
  if (!split_data_url(v.as_string(), b.media_type, b.data) && v.as_string().starts_with("data:"))
    return at.fail("must be base64, or \"data:<media type>;base64,<data>\"");
  if (b.data.empty()) return at.fail("must not be empty");
  if (!base64_start(b.data)) return at.fail("must be base64: this format takes no URLs");
  const Media found = sniff(b.data);
  b.kind = found.kind;
  if (!found.type.empty()) b.media_type = found.type;
  return b;
}

class MessageReader {
 public:
  explicit MessageReader(Request& r) : r_(r) {}

  Result<void> message(Value m, const Path& at) {
    if (!m.is_object()) return at.wrong_type("an object", m);
    Message out;
    TRY_ASSIGN(const Str role, need_string(m, "role", at));
    TRY(read_role(role, Path(at, "role"), out.role));
    TRY_ASSIGN(const Str thinking, maybe_string(m, "thinking", at));
    TRY_ASSIGN(const Str content, maybe_string(m, "content", at));
    if (out.role == Role::tool) {
      TRY(result(m, content, at, out));
    } else {
      if (!thinking.empty()) add(out, Kind::thinking, thinking);
      if (!content.empty()) add(out, Kind::text, content);
      TRY(decode_images(m["images"], Path(at, "images"), out.content));
    }
    TRY(calls(m["tool_calls"], Path(at, "tool_calls"), out));
    if (out.content.empty() && out.role != Role::assistant) add(out, Kind::text, content);
    out.extra = rest_of(
        m, {"role", "content", "thinking", "images", "tool_calls", "tool_name", "tool_call_id"}, r_.arena);
    r_.messages.push_back(std::move(out));
    return {};
  }

 private:
  static void add(Message& m, Kind kind, Str text) {
    Block& b = m.content.emplace_back();
    b.kind = kind;
    b.text = text;
  }

  // In any letter case, as the server takes them.
  static Result<void> read_role(Str text, const Path& at, Role& to) {
    struct Row {
      Str name;
      Role role;
    };
    static constexpr Row kRoles[] = {{"user", Role::user},
                                     {"assistant", Role::assistant},
                                     {"tool", Role::tool},
                                     {"system", Role::system},
                                     {"developer", Role::developer}};
    for (const Row& row : kRoles) {
      if (row.name.size() != text.size()) continue;
      if (std::equal(text.begin(), text.end(), row.name.begin(),
                     [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; })) {
        to = row.role;
        return {};
      }
    }
    return at.fail("must be one of system, user, assistant and tool");
  }

  Result<void> calls(Value list, const Path& at, Message& out) {
    if (out.role == Role::assistant) open_.clear();  // results belong to the latest calls
    if (list.is_null()) return {};
    if (!list.is_array()) return at.wrong_type("an array", list);
    if (out.role != Role::assistant && list.size() > 0)
      return at.fail("may stand in assistant messages only");
    for (std::size_t i = 0; i < list.size(); ++i) TRY(call(list.at(i), Path(at, i), i, out));
    return {};
  }

  Result<void> call(Value c, const Path& at, std::size_t i, Message& out) {
    if (!c.is_object()) return at.wrong_type("an object", c);
    const Path inner(at, "function");
    const Value f = c["function"];
    if (!f.is_object()) return inner.wrong_type("an object", f);
    Block b;
    b.kind = Kind::tool_call;
    TRY_ASSIGN(b.id, maybe_string(c, "id", at));
    if (b.id.empty())
      b.id = r_.arena.keep("call_" + std::to_string(r_.messages.size()) + "_" + std::to_string(i));
    TRY_ASSIGN(b.name, need_string(f, "name", inner));
    const Value arguments = f["arguments"];
    if (!arguments.is_null() && !arguments.is_object() && !arguments.is_string())
      return Path(inner, "arguments").wrong_type("an object", arguments);
    b.arguments = read_arguments(arguments, r_.arena);
    b.extra = join(rest_of(c, {"id", "type", "function"}, r_.arena),
                   prefixed(kFunctionPrefix, rest_of(f, {"index", "name", "arguments"}, r_.arena), r_.arena),
                   r_.arena);
    if (b.extra.is_object()) b.format = kName;
    open_.push_back({b.id, b.name});
    out.content.push_back(std::move(b));
    return {};
  }

  Result<void> result(Value m, Str content, const Path& at, Message& out) {
    TRY_ASSIGN(Str id, maybe_string(m, "tool_call_id", at));
    TRY_ASSIGN(const Str name, maybe_string(m, "tool_name", at));
    auto open = std::find_if(open_.begin(), open_.end(), [&](const Open& o) { return o.id == id; });
    if (id.empty()) {
      open = std::find_if(open_.begin(), open_.end(), [&](const Open& o) { return o.name == name; });
      if (open == open_.end()) open = open_.begin();
      if (open == open_.end())
        return at.fail("is a tool's result, but no call before it is without one; give its tool_call_id");
      id = open->id;
    }
    if (open != open_.end()) open_.erase(open);
    Block b;
    b.kind = Kind::tool_result;
    b.id = id;
    b.content.emplace_back().text = content;
    TRY(decode_images(m["images"], Path(at, "images"), b.content));
    out.content.push_back(std::move(b));
    return {};
  }

  struct Open {  // a call that has no result yet
    Str id, name;
  };
  Request& r_;
  std::vector<Open> open_;
};

}  // namespace

Result<void> decode_images(Value list, const Path& at, std::vector<Block>& out) {
  if (list.is_null()) return {};
  if (!list.is_array()) return at.wrong_type("an array", list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY_ASSIGN(Block b, image(list.at(i), Path(at, i)));
    out.push_back(std::move(b));
  }
  return {};
}

Result<void> decode_messages(Value list, const Path& at, Request& r) {
  if (!list.is_array()) return at.wrong_type("an array of messages", list);
  if (list.size() == 0) return at.fail("must not be empty");
  r.messages.reserve(list.size());
  MessageReader reader(r);
  for (std::size_t i = 0; i < list.size(); ++i) TRY(reader.message(list.at(i), Path(at, i)));
  return {};
}

}  // namespace pb::llm::ollama
