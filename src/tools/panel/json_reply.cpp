#include "tools/panel/json_reply.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace pb::tools::panel {
namespace {

constexpr std::size_t kTriesMax = 16;  // places where an object may begin

schema::Schema compiled(const std::string& name, std::string_view text) {
  auto schema = schema::Schema::compile(text);
  if (!schema) {
    std::fprintf(stderr, "patchbay: bug: the shape %s: %s\n", name.c_str(), schema.error().message.c_str());
    std::abort();
  }
  return std::move(*schema);
}

// From an opening brace to its closing one, by strings and braces; "" = it is never closed.
std::string_view object_at(std::string_view text, std::size_t at) {
  int depth = 0;
  bool string = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (string) {
      if (c == '\\') ++i;
      string = c != '"';
      continue;
    }
    if (c == '"') string = true;
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) return text.substr(at, i - at + 1);
  }
  return {};
}

struct Tried {
  std::string json;  // "" = it is none, or does not fit
  std::string fault;
  bool parsed = false;
};

Tried try_one(std::string_view text, const Shape& shape) {
  Tried tried;
  json::Arena arena;
  std::string mended;
  auto value = json::parse(text, arena);
  if (!value) {
    mended = repaired(text);
    value = json::parse(mended, arena);
  }
  if (!value) {
    tried.fault = "is no JSON: " + value.error().message;
    return tried;
  }
  tried.parsed = true;
  if (shape.schema.fits(*value)) {
    if (shape.also) tried.fault = shape.also(*value);
    if (tried.fault.empty()) tried.json = json::to_text(*value);
    return tried;
  }
  for (const schema::Fault& f : shape.schema.faults(*value))
    tried.fault.append(tried.fault.empty() ? "" : "; ").append(f.text());
  return tried;
}

bool takes(std::string_view text, std::size_t at, std::string_view word) {
  if (!text.substr(at).starts_with(word)) return false;
  const char next = at + word.size() < text.size() ? text[at + word.size()] : ' ';
  return !is_letter(next) && !is_digit(next);
}

}  // namespace

Shape::Shape(std::string n, std::string_view s, Also a)
    : name(std::move(n)), schema(compiled(name, s)), also(std::move(a)) {
  text = json::to_text(schema.document());
}

std::string Shape::more() const {
  return R"({"response_format":{"type":"json_schema","json_schema":{"name":")" + name +
         R"(","strict":true,"schema":)" + text + "}}}";
}

std::string Shape::instructions() const {
  return "Reply with one JSON object and nothing else. It must fit this JSON Schema:\n" + text;
}

std::string repaired(std::string_view json) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kWords = {
      {{"True", "true"}, {"False", "false"}, {"None", "null"}}};
  std::string out;
  out.reserve(json.size());
  bool string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (string) {
      if (c == '\\' && i + 1 < json.size()) {
        out += c;
        out += json[++i];
      } else if (c == '\n') {
        out += "\\n";
      } else if (c == '\t') {
        out += "\\t";
      } else if (c != '\r') {
        out += c;
        string = c != '"';
      }
      continue;
    }
    if (c == '"') string = true;
    if (c == ',') {
      const auto next = json.find_first_not_of(" \t\r\n", i + 1);
      if (next != json.npos && (json[next] == '}' || json[next] == ']')) continue;
    }
    bool replaced = false;
    for (const auto& [word, by] : kWords)
      if (!replaced && takes(json, i, word)) {
        out += by;
        i += word.size() - 1;
        replaced = true;
      }
    if (!replaced) out += c;
  }
  return out;
}

Result<std::string> read_reply(std::string_view text, const Shape& shape) {
  std::string fault;
  bool parsed = false;
  std::size_t tries = 0;
  for (std::size_t at = text.find('{'); at != text.npos && tries < kTriesMax; ++tries) {
    const std::string_view object = object_at(text, at);
    Tried tried = try_one(object.empty() ? text.substr(at) : object, shape);
    if (!tried.json.empty()) return std::move(tried.json);
    if (fault.empty() || (tried.parsed && !parsed)) fault = std::move(tried.fault);
    parsed = parsed || tried.parsed;
    // Inside of what was JSON there is nothing to be looked for.
    at = text.find('{', tried.parsed ? at + object.size() : at + 1);
  }
  if (tries == 0) fault = "has no JSON object in it";
  return fail(Code::bad_upstream, parsed ? "the reply does not fit: " + fault : "the reply " + fault);
}

}  // namespace pb::tools::panel
