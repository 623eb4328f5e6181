#include "base/ids.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstring>

namespace pb::ids {
namespace {

// xoshiro256++ (Blackman and Vigna): 256 bits of state, a few cycles a number.
class Generator {
 public:
  Generator() {
    auto* at = reinterpret_cast<unsigned char*>(state_.data());
    std::size_t left = sizeof state_;
    while (left > 0) {
      const ssize_t n = ::getrandom(at, left, 0);
      if (n <= 0) break;
      at += n;
      left -= static_cast<std::size_t>(n);
    }
    if (left > 0) seed_from_clock();
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  // getrandom is refused in some sandboxes; ids must be distinct even there.
  void seed_from_clock() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    state_ = {static_cast<std::uint64_t>(now.tv_nsec) * 0x9E3779B97F4A7C15u,
              static_cast<std::uint64_t>(now.tv_sec), static_cast<std::uint64_t>(::getpid()),
              reinterpret_cast<std::uintptr_t>(this)};
    for (int i = 0; i < 20; ++i) next();
  }

  std::array<std::uint64_t, 4> state_{};
};

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// All pairs of digits: half as many multiplications.
constexpr auto kPairTable = [] {
  std::array<std::array<char, 2>, 62 * 62> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {kDigits[i / 62], kDigits[i % 62]};
  return table;
}();

Generator& generator() {
  thread_local Generator g;
  return g;
}

}  // namespace

double random_unit() { return static_cast<double>(generator().next() >> 11) * 0x1p-53; }

std::uint64_t random64() { return generator().next(); }

std::string make(std::string_view prefix) {
  constexpr std::size_t kChains = 3, kPairs = 4;  // pairs of characters
  Generator& g = generator();
  std::array<std::uint64_t, kChains> fraction = {g.next(), g.next(), g.next()};
  std::string id;
  const std::size_t size = prefix.size() + kChains * kPairs * 2;
  id.resize_and_overwrite(size, [&](char* at, std::size_t) {
    at += prefix.copy(at, prefix.size());
    // Each number is a fraction of 2^64; its leading base-3844 digits come off by multiplication, without division,
    // and the three chains run side by side.
    for (std::size_t i = 0; i < kPairs; ++i) {
      for (std::size_t c = 0; c < kChains; ++c) {
        const unsigned __int128 product = static_cast<unsigned __int128>(fraction[c]) * kPairTable.size();
        std::memcpy(at + (c * kPairs + i) * 2, kPairTable[static_cast<std::size_t>(product >> 64)].data(), 2);
        fraction[c] = static_cast<std::uint64_t>(product);
      }
    }
    return size;
  });
  return id;
}

}  // namespace pb::ids
