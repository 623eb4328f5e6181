// What keys and limits cost: nanoseconds for a reservation under a key's, a team's and a provider's limits and its settlement, on
// one thread and on several that share all three; for the look-up of a secret among few and many keys; and the time to read those.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "gateway/key_ring.h"
#include "route/limiter.h"
#include "store/sqlite.h"

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

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// A database with `count` keys, one of which is `secret`'s.
std::string make_keys(const std::filesystem::path& folder, int count, std::string& secret) {
  const std::string path = (folder / ("keys-" + std::to_string(count) + ".db")).string();
  pb::store::VirtualKey key;
  key.name = "known";
  secret = *pb::store::give_secret(key);
  auto store = pb::store::create_key_store(path);
  if (!store->add(key)) std::exit(1);
  auto db = pb::store::Database::open(path, pb::store::Database::Mode::write);
  const std::string sql = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                          std::to_string(count) +
                          ") INSERT INTO keys SELECT 'key_' || i, 'name-' || i, 'pb-', "
                          "lower(hex(randomblob(32))), '', 0, '', '[\"fast\"]', '', "
                          "60, 0, 0, 0, 0, 5.0, 1, 0, 0, 0, 0, '' FROM n";
  if (!db || !db->exec(sql.c_str())) std::exit(1);
  return path;
}

void measure_keys(int count, int rounds) {
  const auto folder = std::filesystem::temp_directory_path() / ("patchbay-bench-" + std::to_string(::rand()));
  std::filesystem::create_directories(folder);
  std::string secret;
  auto store = pb::store::create_key_store(make_keys(folder, count, secret));
  pb::gateway::KeyRing ring(*store, nullptr);
  auto begin = Clock::now();
  ring.configure({});
  const double load = ms_since(begin);
  begin = Clock::now();
  ring.reload();
  const double again = ms_since(begin);
  const auto table = ring.table();
  int found = 0;
  begin = Clock::now();
  for (int i = 0; i < rounds; ++i) found += table->find(secret, 0) != nullptr;
  const double hit = ms_since(begin) * 1e6 / rounds;
  std::string wrong = secret;
  begin = Clock::now();
  for (int i = 0; i < rounds; ++i) {
    wrong[10] = static_cast<char>('a' + i % 26);
    wrong[11] = static_cast<char>('a' + i / 26 % 26);
    found += table->find(wrong, 0) != nullptr;
  }
  const double miss = ms_since(begin) * 1e6 / rounds;
  std::printf(
      "%6d keys: read in %7.1f ms, again in %7.1f ms; look-up %4.0f ns, of an unknown one %4.0f ns%s\n",
      count, load, again, hit, miss, found >= rounds ? "" : " (NOT FOUND)");
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  for (int threads : {1, 2, 4})
    std::printf("reserve and settle, 3 limiters, %d thread(s): %6.0f ns; refused: %6.0f ns\n", threads,
                measure(threads, 1'000'000'000, rounds), measure(threads, 10, rounds));
  for (int keys : {10, 1'000, 100'000}) measure_keys(keys, rounds);
}
