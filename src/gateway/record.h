// What is known of one request while it runs; when it ends, the ledger, the metrics and the log get it.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "gateway/estimate.h"
#include "gateway/hold.h"
#include "gateway/route.h"
#include "llm/prices.h"
#include "store/ledger.h"

namespace pb::gateway {

// Handles to the series of one provider, model and client format, and the model's price: resolved once per core.
struct ModelSeries {
  std::string provider, model;
  std::map<int, metrics::Number*> requests;  // by status
  TokenSeries tokens;
  metrics::Histogram *latency = nullptr, *first_token = nullptr;
  std::optional<llm::ModelPrice> price;
  route::Live* live = nullptr;
  // Whether the provider's streams tell their usage, as far as one has been seen to its end.
  enum class StreamUsage : unsigned char { not_seen, told, left_out } stream_usage = StreamUsage::not_seen;
};

// One core's book-keeping. Not thread-safe; the ledger is shared by all cores.
class Books {
 public:
  // `estimator`: counts what providers leave out; null = nobody does.
  Books(metrics::Shard& shard, store::Ledger* ledger, Estimator* estimator = nullptr)
      : shard_(shard), ledger_(ledger), estimator_(estimator) {}
  // Series of a route, made at first use. Models beyond a bound share the name "other": their number is the users' choice.
  ModelSeries& series(const Snapshot& snapshot, const Route& route, std::string_view client_format);
  void reprice(const Snapshot& snapshot);  // the configuration has changed
  metrics::Number& requests(ModelSeries& series, std::string_view client_format, int status);
  void upstream_error(std::string_view provider, std::string_view code);
  void loop_refused(std::string_view client_format);
  metrics::Shard& shard() { return shard_; }
  store::Ledger* ledger() { return ledger_; }
  Estimator* estimator() { return estimator_; }

 private:
  metrics::Shard& shard_;
  store::Ledger* ledger_;
  Estimator* estimator_;
  StringMap<std::unique_ptr<ModelSeries>> series_;
  std::string key_;  // of the series being looked for; kept for its capacity
};

class Record {
 public:
  // `client_format`: the name of the dialect that the client speaks; outlives the record.
  Record(Books& books, std::string_view client_format, std::string request_id, std::string_view key);
  ~Record();  // books it, as cancelled (499) when no status was set
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  // Looks up what is known of a deployment, too, where the route does not say.
  void routed(const Snapshot& snapshot, Route& route);
  void led_by(std::string_view route) {
    row_.route = route;
  }  // the name of the route that the request was led to
  void first_token();                       // the first time counts
  void failed(const Error& error);          // and the client is told
  void attempt_failed(const Error& error);  // and another attempt follows
  void begin_attempt();                     // forgets what the one before has left
  // When the first piece of the answer came, in steady milliseconds; -1 = none did.
  std::int64_t first_token_ms() const;
  // Takes over what another attempt of the same request has left in its own record, which is booked nowhere.
  void adopt(Record& other);
  // This one is of an attempt beside another of the same request: what it books is booked as `request`, which adopts it.
  void stand_for(Record& request);
  // The request is about to be sent: the ledger knows of it from now on, even if this process is killed.
  void under_way();
  // One more piece of a stream has come.
  void piece();
  // The answer's last event is about to be sent: should this process be killed, the row stands as it would be booked now.
  void secure();
  // Puts the request into the ledger, once: before the answer's last byte is sent (booked.h), or else when the record goes. What
  // the provider did not tell is counted afterwards and takes the place of a guess.
  void book();
  Books& books() { return books_; }
  // Gets the row when the request is booked: what this program's own parts learn of a request that they have made. Usage that is
  // still to be counted is a guess in it. Outlives the record; null = nobody wants it.
  void tell(store::UsageRow* receipt) { receipt_ = receipt; }
  // What was reserved for the request, to be settled when it is booked; the team of its key.
  void admitted(std::string_view team, Hold hold);
  Hold& hold() { return hold_; }
  // The answer was kept from an earlier request, which that deployment had answered: it costs nothing. `how`: UsageRow::cache.
  void from_cache(const Snapshot& snapshot, std::string_view how, std::string_view provider,
                  std::string_view model);
  // The deployment that answers; "" = none so far.
  const std::string& provider() const { return row_.provider; }
  const std::string& model() const { return row_.model; }
  bool ok() const { return row_.error.empty(); }  // nothing has failed so far
  const std::string& id() const { return row_.request_id; }

  int status = 0;
  bool stream = false;
  std::string asked_model;
  llm::Usage usage;
  bool estimated = false;       // the usage is our own count
  Uncounted uncounted;          // for when the provider says nothing
  std::string* body = nullptr;  // of the relayed request, which `uncounted` takes when it is needed
  // Of the provider's streams of this model, in this format.
  ModelSeries::StreamUsage& stream_usage() { return series_ != nullptr ? series_->stream_usage : unseen_; }

 private:
  bool to_be_counted() const;
  void close_row();
  void guess(store::UsageRow& row) const;
  void charge_what_was_sent();
  Books& books_;
  std::string_view client_format_;
  std::chrono::steady_clock::time_point start_;
  store::UsageRow row_;
  store::OpenRow open_;
  store::UsageRow* receipt_ = nullptr;
  Record* principal_ = nullptr;  // what this one stands for; null: itself
  bool booked_ = false, counted_later_ = false;
  std::uint64_t pieces_ = 0;
  Hold hold_;
  ModelSeries* series_ = nullptr;
  ModelSeries::StreamUsage unseen_{};
};

}  // namespace pb::gateway
