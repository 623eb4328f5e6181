// What a decision about limits costs: nanoseconds for a reservation under a key's, a team's and a provider's limits and its
// settlement, on one thread and on several that share all three.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "route/limiter.h"

namespace {

using namespace pb::route;
using Clock = std::chrono::steady_clock;

Moment now() {
  const auto ms = [](auto t) { return std::chrono::duration_cast<std::chrono::milliseconds>(t).count(); };
  return {ms(Clock::now().time_since_epoch()), ms(std::chrono::system_clock::now().time_since_epoch())};
}

// Nanoseconds a decision; `most` requests a minute.
double measure(int threads, std::int64_t most, int rounds) {
  const Limits limits{{.requests_per_minute = most,
                       .tokens_per_minute = most * 1000,
                       .requests_per_day = most * 1000,
                       .concurrency = 1000},
                      {1e9, Period::month}};
  const std::shared_ptr<Limiter> all[] = {std::make_shared<Limiter>(Subject::key, "k", limits),
                                          std::make_shared<Limiter>(Subject::team, "t", limits),
                                          std::make_shared<Limiter>(Subject::provider, "p", limits)};
  std::vector<std::thread> running;
  const auto begin = Clock::now();
  for (int t = 0; t < threads; ++t)
    running.emplace_back([&] {
      for (int i = 0; i < rounds; ++i)
        if (auto r = reserve(all, {500, 0.001}, now())) r->settle(400, 0.0008);
    });
  for (std::thread& t : running) t.join();
  const auto spent = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
  return spent * threads / (static_cast<double>(rounds) * threads);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  for (int threads : {1, 2, 4})
    std::printf("reserve and settle, 3 limiters, %d thread(s): %6.0f ns; refused: %6.0f ns\n", threads,
                measure(threads, 1'000'000'000, rounds), measure(threads, 10, rounds));
}
