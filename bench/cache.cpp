// What the cache costs a request: its key, by the size of its body; a look at what is kept, found and not found, on one thread and on
// several; and how long a scan for similar questions takes.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "gateway/cache/key.h"
#include "gateway/cache/memory.h"
#include "gateway/cache/similar.h"

namespace {

using namespace pb::gateway::cache;
using Clock = std::chrono::steady_clock;

template <class F>
double ns_each(int rounds, F&& f) {
  const auto begin = Clock::now();
  for (int i = 0; i < rounds; ++i) f(i);
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / rounds;
}

// A conversation about source text: lines of 40 bytes, an escape each.
std::string body_of(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes)
    text += R"({"role":"user","content":")" + [] {
      std::string lines;
      for (int i = 0; i < 50; ++i) lines += "    int value = compute(first, 42);    \\n";
      return lines;
    }() + "\"},";
  text.pop_back();
  return R"({"model":"a/b","stream":true,"max_tokens":100,"messages":[)" + text + "]}";
}

void keys(std::size_t bytes) {
  const std::string body = body_of(bytes);
  std::uint64_t sum = 0;
  const int rounds = static_cast<int>(200'000'000 / body.size());
  const double fast = ns_each(rounds, [&](int) { sum += read_asked(body, 42)->hash.words[0]; });
  const double portable = ns_each(rounds / 20 + 1, [&](int) { sum += portable_hash(body)->words[0]; });
  std::printf("key of %7zu bytes: %8.2f us, portable %8.2f us%s\n", body.size(), fast / 1000, portable / 1000,
              sum == 0 ? "!" : "");
}

void looks(int threads) {
  Memory memory(256u << 20);
  const auto key = [](std::uint64_t n) { return Key{{n * 0x9e3779b97f4a7c15u, n * 0xc2b2ae3d27d4eb4fu}}; };
  Entry e;
  e.body = std::string(2000, 'x');
  e.until_ms = 1;
  const auto entry = std::make_shared<const Entry>(e);
  constexpr int kEntries = 50'000, kRounds = 2'000'000;
  for (int i = 0; i < kEntries; ++i) memory.put_now(key(static_cast<std::uint64_t>(i)), entry);
  double hit = 0, miss = 0;
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      const double a = ns_each(kRounds, [&](int i) {
        (void)memory.get_now(key(static_cast<std::uint64_t>(i * 7 % kEntries)), 0);
      });
      const double b = ns_each(
          kRounds, [&](int i) { (void)memory.get_now(key(static_cast<std::uint64_t>(i + kEntries)), 0); });
      if (t == 0) hit = a, miss = b;
    });
  for (std::thread& t : running) t.join();
  std::printf("look, %d thread(s): found %4.0f ns, not found %4.0f ns\n", threads, hit, miss);
}

void similar(int count) {
  Similar index;
  const Key group{{1, 1}};
  for (int i = 0; i < count; ++i) {
    Vector v(1536);
    for (std::size_t k = 0; k < v.size(); ++k)
      v[k] = static_cast<float>((i * 31 + static_cast<int>(k) * 17) % 101) - 50;
    normalise(v);
    index.add(group, {{static_cast<std::uint64_t>(i), 2}}, v, static_cast<std::size_t>(count));
  }
  Vector v(1536, 1.0F);
  normalise(v);
  const double ns = ns_each(20, [&](int) { (void)index.find(group, v, 0.99F); });
  std::printf("scan of %6d vectors of 1536 numbers: %8.1f us\n", count, ns / 1000);
}

}  // namespace

int main() {
  for (const std::size_t bytes : {500u, 5'000u, 50'000u, 500'000u}) keys(bytes);
  for (const int threads : {1, 2}) looks(threads);
  for (const int count : {100, 10'000}) similar(count);
}
