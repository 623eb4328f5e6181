#include "api/admin/admin.h"

namespace pb::api::admin {

std::int64_t FailedAttempts::wait_ms(std::string_view address, std::int64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(address);
  if (found == entries_.end()) return 0;
  const std::int64_t left = found->second.since_ms + kMinuteMs - now_ms;
  if (left > 0) return found->second.count >= kMost ? left : 0;
  entries_.erase(found);
  return 0;
}

void FailedAttempts::add(std::string_view address, std::int64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= kAddressesMax)
    std::erase_if(entries_, [&](const auto& e) { return e.second.since_ms + kMinuteMs <= now_ms; });
  if (entries_.size() >= kAddressesMax) entries_.erase(entries_.begin());
  Entry& entry = entries_.try_emplace(std::string(address), now_ms, 0).first->second;
  if (entry.since_ms + kMinuteMs <= now_ms) entry = {now_ms, 0};
  ++entry.count;
}

}  // namespace pb::api::admin
