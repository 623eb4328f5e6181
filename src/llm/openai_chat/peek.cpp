// Same-format relays: usage and stop reason of bytes that pass by. Called for every event of every stream, so an
// ordinary chunk costs three searches for a few bytes and nothing is parsed.
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

constexpr auto kNone = std::string_view::npos;

// Where `what`, a quoted key, stands. Compares the letters after the first quote and before the last one, 16 places at
// a time: quotes are everywhere, that pair is nearly nowhere.
std::size_t find(std::string_view text, std::string_view what, std::size_t from = 0) {
  if (from >= text.size()) return kNone;
  const char* base = text.data();
  std::size_t at = from;
#if defined(__SSE2__)
  const std::size_t last = what.size() - 2;
  const __m128i head = _mm_set1_epi8(what[1]);
  const __m128i tail = _mm_set1_epi8(what[last]);
  for (; at + last + 18 <= text.size(); at += 16) {
    __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(base + at + 1));
    __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(base + at + last));
    auto mask = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(first, head), _mm_cmpeq_epi8(second, tail))));
    for (; mask != 0; mask &= mask - 1) {
      std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(mask));
      if (std::memcmp(base + place, what.data(), what.size()) == 0) return place;
    }
  }
#endif
  if (at >= text.size()) return kNone;
  const void* found = memmem(base + at, text.size() - at, what.data(), what.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - base) : kNone;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
    ++at;
  return at;
}

// The position of the value after `"key":` at `at`, or kNone when this is not a member (the key's text in a string).
std::size_t value_after(std::string_view text, std::size_t at, std::size_t key_bytes) {
  at = skip_space(text, at + key_bytes);
  if (at >= text.size() || text[at] != ':') return kNone;
  at = skip_space(text, at + 1);
  return at < text.size() ? at : kNone;
}

// Inside a string value quotes are escaped, so `"usage"` as raw bytes is a key or a whole string; the colon decides.
void usage(std::string_view text, Peek& peek) {
  constexpr std::string_view kKey = "\"usage\"";
  for (std::size_t at = find(text, kKey); at != kNone; at = find(text, kKey, at + kKey.size())) {
    std::size_t value = value_after(text, at, kKey.size());
    if (value == kNone || text[value] != '{') continue;
    json::Arena arena;
    auto parsed = json::parse_prefix(text.substr(value), arena);  // numbers only: UTF-8 does not matter
    if (parsed) peek.usage.merge(read_usage(*parsed));
  }
}

// Whether the member is there; a reason that is not null goes into `peek`.
bool stop(std::string_view text, Peek& peek, bool& ended) {
  constexpr std::string_view kKey = "\"finish_reason\"";
  bool found = false;
  for (std::size_t at = find(text, kKey); at != kNone; at = find(text, kKey, at + kKey.size())) {
    std::size_t value = value_after(text, at, kKey.size());
    found = true;
    if (value == kNone || text[value] != '"') continue;
    std::size_t end = text.find('"', value + 1);
    if (end == kNone) break;
    peek.stop = read_finish(text.substr(value + 1, end - value - 1));
    ended = true;
  }
  return found;
}

bool empty_choices(std::string_view text) {
  constexpr std::string_view kKey = "\"choices\"";
  std::size_t at = find(text, kKey);
  if (at == kNone) return true;
  std::size_t value = value_after(text, at, kKey.size());
  if (value == kNone || text[value] != '[') return false;
  value = skip_space(text, value + 1);
  return value < text.size() && text[value] == ']';
}

// A top-level `error` that is not null, in what may also be a model's words about errors.
bool has_error(std::string_view text) {
  constexpr std::string_view kKey = "\"error\"";
  if (find(text, kKey) == kNone) return false;
  json::Arena arena;
  auto root = json::parse(text, arena);
  return root && !(*root)["error"].is_null();
}

}  // namespace

void peek_response(std::string_view body, Peek& peek) {
  // The choices may be long; usage stands at either end, so both keys are looked for in all of it, once.
  usage(body, peek);
  bool ended = false;
  stop(body, peek, ended);
  if (!peek.usage.known) peek.error = has_error(body);
  peek.done = true;
}

void peek_event(std::string_view name, std::string_view data, Peek& peek) {
  peek.usage_only = false;
  if (data.size() == 6 && data == "[DONE]") {
    peek.done = true;
    return;
  }
  if (name == "error") {
    peek.error = true;
    return;
  }
  bool ended = false;
  bool has_finish = stop(data, peek, ended);
  if (ended && has_error(data)) peek.error = true;  // OpenRouter ends a failed answer so
  constexpr std::string_view kUsage = "\"usage\"";
  std::size_t u = find(data, kUsage);
  if (u != kNone) {
    std::size_t value = value_after(data, u, kUsage.size());
    if (value == kNone || data[value] != 'n') {
      usage(data, peek);
      peek.usage_only = peek.usage.known && empty_choices(data);
    }
  }
  if (!has_finish && u == kNone && has_error(data)) peek.error = true;
}

}  // namespace pb::llm::openai_chat
