// Same-format relays: usage and reason of bytes that pass by. Nearly every chunk holds both names, so each chunk's end is parsed:
// the candidates' own texts are skipped by the search.
#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

constexpr auto kNone = std::string_view::npos;

// Where the value of the member `key` ("\"usageMetadata\"") begins, from the end of the text; kNone when there is none. Inside a
// string quotes are escaped, so a key's bytes with both quotes and a colon are a key.
std::size_t value_of(std::string_view text, std::string_view key) {
  for (std::size_t at = text.rfind(key); at != kNone; at = at == 0 ? kNone : text.rfind(key, at - 1)) {
    std::size_t v = text.find_first_not_of(" \t\r\n", at + key.size());
    if (v == kNone || text[v] != ':') continue;
    v = text.find_first_not_of(" \t\r\n", v + 1);
    if (v != kNone) return v;
  }
  return kNone;
}

std::string_view word_of(std::string_view text, std::string_view key) {
  const std::size_t at = value_of(text, key);
  if (at == kNone || text[at] != '"') return {};
  const std::size_t end = text.find('"', at + 1);
  return end == kNone ? std::string_view() : text.substr(at + 1, end - at - 1);
}

void look(std::string_view text, Peek& peek) {
  if (const std::size_t at = value_of(text, "\"usageMetadata\""); at != kNone && text[at] == '{') {
    thread_local json::Arena arena;
    arena.reset();
    if (auto usage = json::parse_prefix(text.substr(at), arena)) peek.usage.merge(read_usage(*usage));
  }
  if (const std::string_view reason = word_of(text, "\"finishReason\""); !reason.empty()) {
    peek.stop = read_finish(reason);
    peek.done = true;
  } else if (!word_of(text, "\"blockReason\"").empty()) {
    peek.stop = Stop::content_filter;
    peek.done = true;
  }
}

// An object with `error` and without candidates.
bool has_error(std::string_view text) {
  const std::size_t at = value_of(text, "\"error\"");
  if (at == kNone || text[at] != '{') return false;
  json::Arena arena;
  auto root = json::parse(text, arena);
  return root && (*root)["error"].is_object();
}

}  // namespace

void peek_response(std::string_view body, Peek& peek) {
  look(body, peek);
  if (!peek.done && has_error(body)) peek.error = true;
}

void peek_event(std::string_view, std::string_view data, Peek& peek) {
  const bool done = peek.done;
  look(data, peek);
  if (!done && !peek.done && has_error(data)) peek.error = true;
}

}  // namespace pb::llm::gemini
