// Prometheus metrics. Each core writes its own shard (plain relaxed stores, no locked instructions); a scrape
// sums the shards. Series are resolved to a handle once and then cost a few nanoseconds.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pb::metrics {

// A counter or gauge with one writing thread and any readers.
class Number {
 public:
  void add(double d) { v_.store(v_.load(std::memory_order_relaxed) + d, std::memory_order_relaxed); }
  void set(double d) { v_.store(d, std::memory_order_relaxed); }
  double get() const { return v_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> v_{0};
};

// Upper bounds in seconds of all latency histograms; +Inf is implied.
inline constexpr std::array<double, 18> kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                   0.5,    1,     2.5,    5,     10,   30,    60,   120, 300};

class Histogram {
 public:
  void observe(double seconds);
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
  Number sum;
};

enum class Type : unsigned char { counter, gauge, histogram };
struct Family {
  std::string_view name;  // "patchbay_requests_total"
  std::string_view help;
  Type type;
};

// One core's series. Only its own thread calls counter()/histogram(); references stay valid for ever.
class Shard {
 public:
  // `labels` as Prometheus writes them: provider="openai",model="gpt-x" — use label() to build them.
  Number& number(const Family& family, std::string_view labels);
  Histogram& histogram(const Family& family, std::string_view labels);

 private:
  friend class Registry;
  struct Series;
  std::mutex mutex_;  // taken when a series is made and while scraping, never to count
  std::unordered_map<std::string, std::unique_ptr<Series>> series_;
  Series& series(const Family& family, std::string_view labels);

 public:
  Shard();
  ~Shard();
};

class Registry {
 public:
  Shard& add_shard();        // at start-up, one per core
  std::string text() const;  // Prometheus text format 0.0.4: sums over shards (gauges too)

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

// Appends name="value" with the value escaped; a comma first unless `out` is empty.
void label(std::string& out, std::string_view name, std::string_view value);

}  // namespace pb::metrics
