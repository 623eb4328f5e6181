#include "gateway/key_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/strings.h"

namespace pb::gateway {
namespace {

bool any(const std::vector<std::string>& patterns, std::string_view name) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob(pattern, name); });
}

}  // namespace

bool KeyEntry::allows_model(std::span<const std::string> names) const {
  const auto allows = [&](const std::vector<std::string>& patterns) {
    return patterns.empty() ||
           std::ranges::any_of(names, [&](const std::string& name) { return any(patterns, name); });
  };
  return allows(key.models) && allows(team_models);
}
bool KeyEntry::allows_tool(std::string_view name) const { return any(key.tools, name); }

KeyTable::KeyTable(std::vector<KeyEntry> entries) : entries_(std::move(entries)) {
  slots_.resize(std::bit_ceil(entries_.size() * 4 + 1));  // a key may have two digests
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const store::VirtualKey& key = entries_[i].key;
    put(key.digest, i + 1, false);
    if (key.old_until_ms != 0) put(key.old_digest, i + 1, true);
    by_name_.push_back(i);
  }
  std::ranges::sort(by_name_, {},
                    [&](std::uint32_t i) -> const std::string& { return entries_[i].key.name; });
}

const KeyEntry* KeyTable::named(std::string_view name) const {
  const auto of = [&](std::uint32_t i) { return std::string_view(entries_[i].key.name); };
  const auto at = std::ranges::lower_bound(by_name_, name, {}, of);
  return at == by_name_.end() || of(*at) != name ? nullptr : &entries_[*at];
}

// Digests are spread evenly by themselves.
std::size_t KeyTable::place(const Digest& digest) const {
  std::uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return static_cast<std::size_t>(hash) & (slots_.size() - 1);
}

void KeyTable::put(const Digest& digest, std::uint32_t entry, bool old) {
  std::size_t at = place(digest);
  while (slots_[at].entry != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {entry, old};
}

const KeyEntry* KeyTable::find(std::string_view secret, std::int64_t now_ms) const {
  if (entries_.empty() || !secret.starts_with(store::kSecretPrefix)) return nullptr;
  const Digest digest = sha256(secret);
  for (std::size_t at = place(digest); slots_[at].entry != 0; at = (at + 1) & (slots_.size() - 1)) {
    const KeyEntry& e = entries_[slots_[at].entry - 1];
    if (!same_digest(slots_[at].old ? e.key.old_digest : e.key.digest, digest)) continue;
    if (!slots_[at].old || now_ms < e.key.old_until_ms) return &e;
  }
  return nullptr;
}

}  // namespace pb::gateway
