#include "gateway/cache/flight.h"

#include <algorithm>
#include <utility>

namespace pb::gateway::cache {

Ticket Flights::join(const Key& key, std::size_t waiters_max) {
  Ticket ticket;
  Shard& s = shard(key);
  const std::lock_guard lock(s.mutex);
  const auto [flight, first] = s.flights.try_emplace(key);
  if (!first && flight->second.size() >= waiters_max) return ticket;
  ticket.flights_ = this;
  ticket.key_ = key;
  ticket.role_ = first ? Ticket::Role::leader : Ticket::Role::waiter;
  if (!first) flight->second.push_back(ticket.self_ = std::make_shared<Ticket::Waiter>());
  return ticket;
}

std::size_t Flights::waiting(const Key& key) {
  Shard& s = shard(key);
  const std::lock_guard lock(s.mutex);
  const auto found = s.flights.find(key);
  return found == s.flights.end() ? 0 : found->second.size();
}

void Flights::end(const Key& key, const Landing& landing) {
  std::vector<std::function<void()>> wakes;
  Shard& s = shard(key);
  {
    const std::lock_guard lock(s.mutex);
    const auto found = s.flights.find(key);
    if (found == s.flights.end()) return;
    for (const auto& waiter : found->second) {
      waiter->landing = landing;
      if (waiter->wake) wakes.push_back(std::exchange(waiter->wake, nullptr));
    }
    s.flights.erase(found);
  }
  for (const auto& wake : wakes) wake();
}

void Flights::hand_over(const Key& key) {
  std::function<void()> wake;
  Shard& s = shard(key);
  {
    const std::lock_guard lock(s.mutex);
    const auto found = s.flights.find(key);
    if (found == s.flights.end()) return;
    if (found->second.empty()) {
      s.flights.erase(found);
      return;
    }
    const auto next = found->second.front();
    found->second.erase(found->second.begin());
    next->landing = Landing{Landing::How::leads, nullptr};
    wake = std::exchange(next->wake, nullptr);
  }
  if (wake) wake();
}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  if (this == &other) return *this;
  give_up();
  flights_ = other.flights_;
  key_ = other.key_;
  self_ = std::move(other.self_);
  role_ = std::exchange(other.role_, Role::none);
  return *this;
}

void Ticket::on_landing(std::function<void()> wake) {
  {
    const std::lock_guard lock(flights_->shard(key_).mutex);
    if (!self_->landing) {
      self_->wake = std::move(wake);
      return;
    }
  }
  wake();
}

std::optional<Landing> Ticket::landing() {
  if (role_ != Role::waiter) return std::nullopt;
  const std::lock_guard lock(flights_->shard(key_).mutex);
  if (!self_->landing) return std::nullopt;
  role_ = self_->landing->how == Landing::How::leads ? Role::leader : Role::none;
  return std::move(self_->landing);
}

void Ticket::land(EntryPtr entry) {
  if (std::exchange(role_, Role::none) == Role::leader)
    flights_->end(key_, {Landing::How::answered, std::move(entry)});
}

void Ticket::fail() {
  if (std::exchange(role_, Role::none) == Role::leader) flights_->end(key_, {});
}

void Ticket::give_up() {
  const Role role = std::exchange(role_, Role::none);
  if (role == Role::leader) flights_->hand_over(key_);
  if (role != Role::waiter) return;
  bool led = false;
  {
    auto& s = flights_->shard(key_);
    const std::lock_guard lock(s.mutex);
    led = self_->landing && self_->landing->how == Landing::How::leads;  // and never knew it
    if (const auto found = s.flights.find(key_); !self_->landing && found != s.flights.end())
      std::erase(found->second, self_);
    self_->wake = nullptr;
  }
  if (led) flights_->hand_over(key_);
}

}  // namespace pb::gateway::cache
