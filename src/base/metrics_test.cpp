#include "base/metrics.h"

#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <thread>

using namespace pb::metrics;

TEST_SUITE_BEGIN("metrics");

namespace {
constexpr Family kRequests{"t_requests_total", "Requests \\ by\nprovider.", Type::counter};
constexpr Family kOpen{"t_open", "Open requests.", Type::gauge};
constexpr Family kSeconds{"t_seconds", "Seconds.", Type::histogram};
}  // namespace

TEST_CASE("counters and gauges: one HELP and TYPE a family, summed over shards, sorted") {
  Registry registry;
  Shard& a = registry.add_shard();
  Shard& b = registry.add_shard();
  a.number(kRequests, R"(provider="x")").add(1);
  b.number(kRequests, R"(provider="x")").add(2);
  b.number(kRequests, R"(provider="a")").add(0.25);
  a.number(kOpen, "").set(3);
  b.number(kOpen, "").set(4);
  CHECK(registry.text() ==
        "# HELP t_open Open requests.\n# TYPE t_open gauge\nt_open 7\n"
        "# HELP t_requests_total Requests \\\\ by\\nprovider.\n# TYPE t_requests_total counter\n"
        "t_requests_total{provider=\"a\"} 0.25\nt_requests_total{provider=\"x\"} 3\n");
}

TEST_CASE("the same series is the same handle") {
  Registry registry;
  Shard& shard = registry.add_shard();
  Number& first = shard.number(kRequests, R"(a="1")");
  for (int i = 0; i < 1000; ++i) shard.number(kRequests, "i=\"" + std::to_string(i) + "\"");
  CHECK(&first == &shard.number(kRequests, R"(a="1")"));
  CHECK(&first != &shard.number(kOpen, R"(a="1")"));
}

TEST_CASE("histograms are cumulative, bounds are inclusive") {
  Registry registry;
  Histogram& h = registry.add_shard().histogram(kSeconds, R"(m="x")");
  registry.add_shard().histogram(kSeconds, R"(m="x")").observe(0.02);
  h.observe(0.0005);
  h.observe(0.00051);
  h.observe(299);
  h.observe(301);
  h.observe(-1);  // counts as 0
  h.observe(std::numeric_limits<double>::quiet_NaN());
  const std::string text = registry.text();
  CHECK(
      text.starts_with("# HELP t_seconds Seconds.\n# TYPE t_seconds histogram\n"
                       "t_seconds_bucket{m=\"x\",le=\"0.0005\"} 3\nt_seconds_bucket{m=\"x\",le=\"0.001\"} 4\n"
                       "t_seconds_bucket{m=\"x\",le=\"0.0025\"} 4\n"));
  CHECK(text.find("{m=\"x\",le=\"0.025\"} 5\n") != std::string::npos);
  CHECK(text.find("{m=\"x\",le=\"300\"} 6\n") != std::string::npos);
  CHECK(text.find("{m=\"x\",le=\"+Inf\"} 7\nt_seconds_sum{m=\"x\"} 600.021") !=
        std::string::npos);  // a sum of decimals has an odd tail
  CHECK(text.ends_with("\nt_seconds_count{m=\"x\"} 7\n"));
  std::size_t buckets = 0;
  for (std::size_t at = 0; (at = text.find("_bucket", at)) != std::string::npos; ++at) ++buckets;
  CHECK(buckets == kBounds.size() + 1);
}

TEST_CASE("histogram without labels") {
  Registry registry;
  registry.add_shard().histogram(kSeconds, "").observe(1000);
  const std::string text = registry.text();
  CHECK(text.find("t_seconds_bucket{le=\"300\"} 0\nt_seconds_bucket{le=\"+Inf\"} 1\nt_seconds_sum "
                  "1000\nt_seconds_count 1\n") != std::string::npos);
}

TEST_CASE("labels are escaped and joined") {
  std::string labels;
  label(labels, "a", "x\"y\\z\nw");
  label(labels, "b", "");
  CHECK(labels == R"(a="x\"y\\z\nw",b="")");
}

TEST_CASE("values") {
  Registry registry;
  Shard& shard = registry.add_shard();
  shard.number(kOpen, R"(v="a")").set(1e15);
  shard.number(kOpen, R"(v="b")").set(0.1);
  shard.number(kOpen, R"(v="c")").set(std::numeric_limits<double>::infinity());
  shard.number(kOpen, R"(v="d")").set(-2);
  const std::string text = registry.text();
  CHECK(text.find("{v=\"a\"} 1000000000000000\n") != std::string::npos);
  CHECK(text.find("{v=\"b\"} 0.1\n") != std::string::npos);
  CHECK(text.find("{v=\"c\"} +Inf\n") != std::string::npos);
  CHECK(text.find("{v=\"d\"} -2\n") != std::string::npos);
  CHECK(Registry().text().empty());
}

TEST_CASE("scraping while cores count and make series") {
  Registry registry;
  constexpr int kThreads = 3, kRounds = 3000;
  Shard* shards[kThreads];
  for (auto& shard : shards) shard = &registry.add_shard();
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        shards[t]->number(kRequests, "i=\"" + std::to_string(i % 100) + "\"").add(1);
        shards[t]->histogram(kSeconds, "i=\"" + std::to_string(i % 7) + "\"").observe(0.01);
      }
      --running;
    });
  do {
    const std::string text = registry.text();
    CHECK((text.empty() || text.starts_with("# HELP t_")));
  } while (running > 0);
  for (auto& thread : threads) thread.join();
  const std::string text = registry.text();
  CHECK(text.find("t_requests_total{i=\"0\"} 90\n") != std::string::npos);
  CHECK(text.find("t_requests_total{i=\"99\"} 90\n") != std::string::npos);
  CHECK(text.find("t_seconds_count{i=\"0\"} 1287\n") != std::string::npos);
}

TEST_SUITE_END();
