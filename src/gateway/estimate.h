// Token counts of our own: those that clients ask for, and the usage that providers leave out of their answers.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/metrics.h"
#include "base/task.h"
#include "gateway/hold.h"
#include "llm/count.h"
#include "llm/dialect.h"
#include "llm/prices.h"
#include "net/blocking.h"
#include "store/ledger.h"

namespace pb::gateway {

// Tokens of a prompt, as the provider of `model` counts them; off the event loop where it is long. Errors: those of
// decode_request, and overloaded.
Task<Result<std::int64_t>> count_prompt(net::BlockingPool& pool, std::shared_ptr<const llm::Request> prompt,
                                        std::string model);
Task<Result<std::int64_t>> count_prompt(net::BlockingPool& pool, const llm::Dialect& dialect,
                                        std::string body, std::string model);

// What the usage of a request can be counted from when its provider says nothing about it.
struct Uncounted {
  const llm::Dialect* dialect = nullptr;       // null: nothing to count from
  std::string model;                           // as the provider was asked
  std::string body;                            // a relayed request, in `dialect`; or
  std::shared_ptr<const llm::Request> prompt;  // a translated one
  std::string answer;                          // a whole relayed answer, in `dialect`; or
  std::optional<llm::AnswerCount> streamed;
  std::int64_t pieces = 0;  // of a stream whose text was not kept: most providers send a token in each
};
// Takes its time; `known` is false when request or answer cannot be read.
llm::Usage count_usage(Uncounted from);

// Series of one provider and model that count what it cost.
struct TokenSeries {
  metrics::Number *input = nullptr, *output = nullptr, *cache_read = nullptr, *cache_write = nullptr,
                  *reasoning = nullptr, *cost = nullptr;
  static TokenSeries make(metrics::Shard& shard, std::string_view provider, std::string_view model);
  void add(const llm::Usage& usage) const;
};
// Puts usage and what it cost into the row, the usage only when it is known.
void fill(store::UsageRow& row, const llm::Usage& usage, const std::optional<llm::ModelPrice>& price);

// Counts what no provider did, after the answer has gone out, and books it. Shared by all cores; any thread.
class Estimator {
 public:
  // `shard` is its own. `ledger` may be null.
  Estimator(net::BlockingPool& pool, metrics::Shard& shard, store::Ledger* ledger)
      : pool_(pool), shard_(shard), ledger_(ledger) {}
  // Books the row, with usage if it can be counted. `provider` and `model` label the metrics; `open` is what the ledger knows of it.
  void book(store::UsageRow row, Uncounted from, std::string provider, std::string model,
            std::optional<llm::ModelPrice> price, Hold hold = {}, const store::OpenRow& open = {});

 private:
  struct Job;
  void count(Job& job);
  net::BlockingPool& pool_;
  metrics::Shard& shard_;
  store::Ledger* ledger_;
  std::mutex mutex_;
  std::unordered_map<std::string, TokenSeries> series_;  // the callers bound the names
};

}  // namespace pb::gateway
