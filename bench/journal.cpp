// What a usage row costs a request: CPU nanoseconds of the requests' threads for a row in the journal, alone and with a place among
// the requests under way; for comparison the same row by a write(2) of its own; and rows a second into the database.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "store/journal.h"

namespace {

using namespace pb::store;

UsageRow row() {
  UsageRow r;
  r.time_ms = 1'795'176'000'000;
  r.request_id = "req_0123456789abcdefghijklmn";
  r.client_format = "openai_chat";
  r.provider = "openai";
  r.model = "gpt-5.4-mini-2026-03-17";
  r.asked_model = "main";
  r.key = "team-search-production";
  r.team = "search";
  r.route = "main";
  r.status = 200;
  r.stream = true;
  r.input = 1234;
  r.output = 567;
  r.cache_read = 1024;
  r.usage_known = r.cost_known = true;
  r.cost = 0.0123;
  r.latency_us = 1'234'567;
  r.first_token_us = 345'678;
  return r;
}

double cpu_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// CPU nanoseconds a call of `once`, on `threads` threads.
template <class F>
double measure(int threads, int times, F once) {
  std::vector<double> spent(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      const double begin = cpu_ns();
      for (int i = 0; i < times; ++i) once();
      spent[static_cast<std::size_t>(t)] = cpu_ns() - begin;
    });
  for (std::thread& t : running) t.join();
  double sum = 0;
  for (const double ns : spent) sum += ns;
  return sum / (static_cast<double>(times) * threads);
}

struct Folder {
  std::string path =
      (std::filesystem::temp_directory_path() / ("patchbay-bench-" + std::to_string(::getpid()))).string();
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

// A journal whose rows are taken by a thread, as the settler does, but go nowhere.
class Drained {
 public:
  explicit Drained(const std::string& folder) : journal({.folder = folder}, [] {}) {
    thread_ = std::thread([this] {
      std::vector<NumberedRow> rows;
      while (!stop_) {
        journal.prepare();
        while (journal.read(rows, 5000)) {
          journal.settled();
          journal.prepare();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
  }
  ~Drained() {
    stop_ = true;
    thread_.join();
  }
  Journal journal;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

void request(Journal& journal, const UsageRow& r) {
  OpenRows& open = *journal.open_rows();
  const std::int64_t id = journal.next_id();
  const int place = open.take();
  open.write(place, id, r, 1e-6);
  for (std::uint64_t i = 0; i < 20; ++i) open.pieces(place)->store(i, std::memory_order_relaxed);
  if (!journal.append(id, r)) std::exit(1);
  open.release(place);
}

}  // namespace

int main() {
  const Folder folder;
  const UsageRow r = row();
  constexpr int kRows = 400'000;
  char bytes[kRowBytesMax];
  const std::size_t size = encode(bytes, 1, r);
  std::printf("a row: %zu bytes\n", size);
  std::printf("encoded: %.0f ns\n", measure(1, kRows, [&] { encode(bytes, 1, r); }));
  std::printf("its checksum: %.0f ns\n",
              measure(1, kRows, [&, sum = 0u]() mutable { sum += checksum(sum, {bytes, size}); }));
  for (const int threads : {1, 2, 4}) {
    {
      Drained d(folder.path + "/journal");
      const double ns = measure(threads, kRows / threads, [&] {
        if (!d.journal.append(d.journal.next_id(), r)) std::exit(1);
      });
      std::printf("in the journal, %d threads: %.0f ns\n", threads, ns);
    }
    {
      Drained d(folder.path + "/journal");
      std::printf("with a place while it is under way, %d threads: %.0f ns\n", threads,
                  measure(threads, kRows / threads, [&] { request(d.journal, r); }));
    }
    const int fd = ::open((folder.path + "/plain").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const double ns = measure(threads, kRows / threads, [&] {
      char out[kRowBytesMax];
      const std::size_t n = encode(out, 1, r);
      if (::write(fd, out, n) != static_cast<ssize_t>(n)) std::exit(1);
    });
    ::close(fd);
    std::printf("by a write(2) of its own, %d threads: %.0f ns\n", threads, ns);
  }
  const auto begin = std::chrono::steady_clock::now();
  {
    auto ledger = create_ledger({.path = folder.path + "/patchbay.db"});
    for (int i = 0; i < kRows; ++i) ledger->add(r);
    while (ledger->stats().waiting > 0) ledger->flush();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("into the database: %.0f rows/s\n", kRows / took.count());
}
