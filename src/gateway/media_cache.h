// What was fetched or changed, kept for a few minutes: a conversation sends its images again with every turn.
#pragma once
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "media/image.h"

namespace pb::gateway {

// An image or PDF as the model gets it.
struct ReadyMedia {
  media::Type type = media::Type::unknown;
  std::string text;     // base64; "" = as the client sent it
  bool scaled = false;  // or only encoded in another way
};

// Any thread. The least recently used go first when there are too many bytes.
class MediaCache {
 public:
  using Clock = std::chrono::steady_clock;
  MediaCache(std::size_t bytes_max, Clock::duration keep) : bytes_max_(bytes_max), keep_(keep) {}
  // Shared with the requests that use it while it may be forgotten here. Null when it is not there, or too old.
  std::shared_ptr<const ReadyMedia> get(const std::string& key, Clock::time_point now);
  void put(const std::string& key, std::shared_ptr<const ReadyMedia> media, Clock::time_point now);
  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const ReadyMedia> media;
    Clock::time_point until;
  };
  using Entries = std::list<Entry>;
  static std::size_t size_of(const Entry& e);
  void drop(Entries::iterator it);

  const std::size_t bytes_max_;
  const Clock::duration keep_;
  mutable std::mutex mutex_;
  Entries entries_;  // the most recently used first
  std::unordered_map<std::string_view, Entries::iterator> index_;
  std::size_t bytes_ = 0;
};

// Bounds what is decoded at one time. take() blocks: for the threads of the pool only.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes) : all_(bytes), free_(bytes) {}
  class Lease {
   public:
    Lease(MemoryBudget& budget, std::size_t bytes) : budget_(budget), bytes_(bytes) {}
    ~Lease() { budget_.give_back(bytes_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

   private:
    MemoryBudget& budget_;
    std::size_t bytes_;
  };
  // Waits until so much is free; what is more than all waits for all.
  Lease take(std::size_t bytes);

 private:
  void give_back(std::size_t bytes);
  const std::size_t all_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::size_t free_;
};

}  // namespace pb::gateway
