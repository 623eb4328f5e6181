// Same-format relays: usage and ending of bytes that pass by. Only the events that end an answer are looked into.
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

constexpr auto kNone = std::string_view::npos;

// The value after a key's bytes at `at`; npos when they are no key. Quotes are escaped inside strings, so the raw bytes of a
// quoted name followed by a colon are a key.
std::size_t value_after(std::string_view text, std::size_t at, std::size_t key_bytes) {
  at = text.find_first_not_of(" \t\r\n", at + key_bytes);
  if (at == kNone || text[at] != ':') return kNone;
  return text.find_first_not_of(" \t\r\n", at + 1);
}

// The answer's own usage stands near its end; items may hold others.
void usage(std::string_view text, Peek& peek) {
  constexpr std::string_view kKey = "\"usage\"";
  for (std::size_t at = text.rfind(kKey); at != kNone; at = at == 0 ? kNone : text.rfind(kKey, at - 1)) {
    const std::size_t value = value_after(text, at, kKey.size());
    if (value == kNone || text[value] != '{') continue;
    json::Arena arena;
    const auto parsed = json::parse_prefix(text.substr(value), arena);  // numbers only: UTF-8 does not matter
    if (!parsed) continue;
    const Usage found = read_usage(*parsed);
    if (!found.known) continue;
    peek.usage.merge(found);
    return;
  }
}

// The event's type: its name, or the member that nearly every vendor writes first or last.
std::string_view type_of(std::string_view name, std::string_view data) {
  if (!name.empty()) return name;
  constexpr std::string_view kKey = "\"type\"";
  const std::size_t at = data.find(kKey);
  if (at == kNone) return {};
  const std::size_t value = value_after(data, at, kKey.size());
  if (value == kNone || data[value] != '"') return {};
  const std::size_t end = data.find('"', value + 1);
  return end == kNone ? std::string_view() : data.substr(value + 1, end - value - 1);
}

// For events whose first `type` is that of something inside them.
std::string_view ending_in(std::string_view data) {
  for (const std::string_view type : {"response.completed", "response.incomplete", "response.failed"})
    if (data.contains(std::string("\"").append(type).append("\""))) return type;
  return {};
}

}  // namespace

void peek_response(std::string_view body, Peek& peek) {
  usage(body, peek);
  if (!peek.usage.known) {
    json::Arena arena;
    const auto root = json::parse(body, arena);
    peek.error = root && !(*root)["error"].is_null();
  }
  peek.done = true;
}

void peek_event(std::string_view name, std::string_view data, Peek& peek) {
  std::string_view type = type_of(name, data);
  if (type == "error") {
    peek.error = true;
    return;
  }
  if (!type.starts_with("response.") && !type.empty()) type = ending_in(data);
  const bool completed = type == "response.completed", incomplete = type == "response.incomplete";
  const bool failed = type == "response.failed";
  if (!completed && !incomplete && !failed) return;
  usage(data, peek);
  peek.error = peek.error || failed;
  peek.stop = incomplete ? Stop::max_tokens : Stop::end;
  peek.done = true;
}

}  // namespace pb::llm::openai_responses
