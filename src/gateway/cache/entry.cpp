#include "gateway/cache/entry.h"

#include <utility>

#include "base/json.h"

namespace pb::gateway::cache {
namespace {

constexpr std::string_view kMagic = "PBC1";
constexpr std::size_t kLengthBytes = 4;

// Calls f(name, member) for the texts and numbers of the head.
template <class E, class F>
void each_text(E& e, F&& f) {
  f("format", e.format);
  f("content_type", e.content_type);
  f("dropped", e.dropped);
  f("provider", e.provider);
  f("model", e.model);
  f("asked", e.asked);
  f("route", e.route);
  f("space", e.space);
}

template <class U, class F>
void each_count(U& u, F&& f) {
  f("input", u.input);
  f("output", u.output);
  f("cache_read", u.cache_read);
  f("cache_write", u.cache_write);
  f("cache_write_1h", u.cache_write_1h);
  f("reasoning", u.reasoning);
  f("audio_input", u.audio_input);
  f("audio_output", u.audio_output);
}

}  // namespace

std::string to_hex(const Key& key) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint64_t word : key.words)
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(word >> shift) & 15];
  return out;
}

std::size_t Entry::bytes() const {
  constexpr std::size_t kAround = 160;  // control block, node of the list and of the index, its bucket
  std::size_t out = sizeof(Entry) + kAround + body.capacity();
  each_text(*this, [&](const char*, const std::string& text) { out += text.capacity(); });
  return out;
}

std::string to_bytes(const Entry& entry) {
  std::string head;
  json::Writer w(head);
  w.begin_object();
  w.field("form", static_cast<int>(entry.form));
  each_text(entry, [&](const char* name, const std::string& text) { w.field(name, std::string_view(text)); });
  w.field("made_ms", entry.made_ms);
  w.field("until_ms", entry.until_ms);
  w.field("estimated", entry.estimated);
  w.field("usage_known", entry.usage.known);
  w.key("usage");
  w.begin_object();
  each_count(entry.usage, [&](const char* name, std::int64_t n) { w.field(name, n); });
  w.end_object();
  w.end_object();
  std::string out(kMagic);
  out.reserve(kMagic.size() + kLengthBytes + head.size() + entry.body.size());
  for (std::size_t i = 0; i < kLengthBytes; ++i) out += static_cast<char>(head.size() >> (8 * i) & 255);
  return out.append(head).append(entry.body);
}

std::optional<Entry> from_bytes(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kLengthBytes) return std::nullopt;
  bytes.remove_prefix(kMagic.size());
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  bytes.remove_prefix(kLengthBytes);
  if (length > bytes.size()) return std::nullopt;
  json::Arena arena;
  const auto head = json::parse(bytes.substr(0, length), arena);
  if (!head || !head->is_object()) return std::nullopt;
  const std::int64_t form = (*head)["form"].as_int(-1);
  if (form < 0 || form > static_cast<int>(Form::array)) return std::nullopt;
  Entry e;
  e.form = static_cast<Form>(form);
  each_text(e, [&](const char* name, std::string& text) { text = (*head)[name].as_string(); });
  e.made_ms = (*head)["made_ms"].as_int();
  e.until_ms = (*head)["until_ms"].as_int();
  e.estimated = (*head)["estimated"].as_bool();
  e.usage.known = (*head)["usage_known"].as_bool();
  const json::Value usage = (*head)["usage"];
  each_count(e.usage, [&](const char* name, std::int64_t& n) { n = usage[name].as_int(); });
  e.body = bytes.substr(length);
  return e;
}

}  // namespace pb::gateway::cache
