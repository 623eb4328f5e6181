#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace pb::log {
namespace {

constexpr std::size_t kModuleCount = static_cast<std::size_t>(Module::count_);
constexpr int kFullPipeWaitMs = 100;

// The one process-wide state of the program: stderr is process-wide too, and every layer logs.
struct State {
  std::array<std::atomic<Level>, kModuleCount> levels{};
  std::atomic<bool> json{false};
  std::atomic<int> fd{2};
  std::mutex mutex;  // held while a line is written
  State() {
    for (auto& level : levels) level.store(Level::info, std::memory_order_relaxed);
  }
};

State& state() {
  static State* s = new State;  // never destroyed: other threads may log while the process exits
  return *s;
}

// Usually one write(2); more only when the kernel takes a part, or nothing while a non-blocking pipe is full.
void write_all(int fd, std::string_view line) {
  int naps = 0;
  while (!line.empty()) {
    const ssize_t n = ::write(fd, line.data(), line.size());
    if (n > 0) {
      line.remove_prefix(static_cast<std::size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      if (++naps > kFullPipeWaitMs) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else if (n == 0 || errno != EINTR) {
      return;  // nobody is left to be told
    }
  }
}

}  // namespace

void configure(const Options& options) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  for (auto& level : s.levels) level.store(options.level, std::memory_order_relaxed);
  for (const auto& [name, level] : options.modules) {
    Module module{};
    if (parse_module(name, module))
      s.levels[static_cast<std::size_t>(module)].store(level, std::memory_order_relaxed);
  }
  s.json.store(options.json, std::memory_order_relaxed);
  s.fd.store(options.fd, std::memory_order_relaxed);
}

bool enabled(Module module, Level level) {
  return level >= state().levels[static_cast<std::size_t>(module)].load(std::memory_order_relaxed);
}

void write(Module module, Level level, std::string_view message, std::initializer_list<Field> fields) {
  State& s = state();
  thread_local std::string line;
  line.clear();
  format_line(line, s.json.load(std::memory_order_relaxed), unix_ms(), module, level, message, fields);
  const std::lock_guard lock(s.mutex);
  write_all(s.fd.load(std::memory_order_relaxed), line);
}

void flush() { const std::lock_guard lock(state().mutex); }

}  // namespace pb::log
