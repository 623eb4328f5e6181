// Reasoning that a provider signed, kept for clients whose format has no field to send it back: when the conversation comes
// again with the calls that it led to, it is put back, so that the provider can verify its own reasoning in a loop of tool calls.
#pragma once
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llm/dialect.h"

namespace pb::gateway {

// Texts by number: the least recently used go first when there are too many bytes. Any thread.
class Recall {
 public:
  explicit Recall(std::size_t bytes_max = limits::kRecallBytesMax) : bytes_max_(bytes_max) {}
  void put(std::uint64_t key, std::string text);
  std::string get(std::uint64_t key);  // "" when it is not there
  bool empty() const { return empty_.load(std::memory_order_relaxed); }
  std::size_t bytes() const;

 private:
  struct Entry {
    std::uint64_t key;
    std::string text;
  };
  static std::size_t size_of(const Entry& e);

  std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> index_;
  std::size_t bytes_ = 0;
  std::atomic<bool> empty_ = true;
};

// Puts what was kept into the assistant's messages that hold calls but no signed reasoning. `caller`: whose conversation it
// is; nobody gets what belongs to another.
void restore_reasoning(Recall& recall, std::string_view caller, llm::Request& request);

// Watches one answer and keeps its signed reasoning if it called tools, also for clients whose format carries that of other formats'
// providers in blocks of its own, for some send back no more than the blocks they know. Reasoning that the client's
// format says itself is not kept.
class ReasoningKeeper {
 public:
  // `request` is the conversation that is answered; all must outlive the keeper. `recall` may be null.
  ReasoningKeeper(Recall* recall, std::string_view caller, const llm::Dialect& client,
                  const llm::Request& request);
  void take(const llm::Event& event);
  void take(const llm::Response& response);
  void done();  // the answer is whole: keep it

 private:
  struct Part {  // a block, with its own copy of what the events showed
    llm::Block block;
    std::string text, signature, arguments, data, id, name, format, item_id;
    int index = 0;
  };
  Part* live(int index);
  static void own(Part& part);

  Recall* recall_;
  std::string_view caller_;
  std::string_view own_;  // the client's format, if signatures have a place there
  const llm::Request& request_;
  std::list<Part> parts_;  // stays where it is: blocks hold views
  std::size_t bytes_ = 0;
  bool signed_ = false;
};

}  // namespace pb::gateway
