// A fast 64-bit hash of bytes for tables in memory. Its values depend on the seed and may change with any version: they are
// not stored. With a random seed nobody can choose texts that collide; it is no signature.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pb {

namespace hash_detail {

inline std::uint64_t load(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// The two halves of the 128-bit product, folded: every bit of either factor reaches most bits of the result.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Digits of pi after the point, 64 bits each: constants with nothing up their sleeve.
inline constexpr std::uint64_t kPi[4] = {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
                                         0x082efa98ec4e6c89};

}  // namespace hash_detail

// Hashes a text given in any number of pieces: only their bytes count, not where they were cut.
class Hash64 {
 public:
  explicit Hash64(std::uint64_t seed) {
    using namespace hash_detail;
    // The keys come from the seed: with known ones, a text could bring a factor to 0 and so wipe out what stood before it.
    // A lane starts with another value than its key, or the two words of its first step could change places.
    for (int i = 0; i < 4; ++i) {
      key_[i] = fold(seed ^ kPi[i], kPi[(i + 1) % 4] ^ (seed >> 32));
      lane_[i] = fold(key_[i] ^ kPi[(i + 2) % 4], seed ^ kPi[(i + 3) % 4]);
    }
  }

  void add(std::string_view text) {
    const char* p = text.data();
    std::size_t left = text.size();
    size_ += left;
    if (held_ != 0) {
      const std::size_t n = left < kStep - held_ ? left : kStep - held_;
      copy(rest_ + held_, p, n);
      held_ += n;
      p += n;
      left -= n;
      if (held_ < kStep) return;
      mix(rest_);
      held_ = 0;
    }
    for (; left >= kStep; p += kStep, left -= kStep) mix(p);
    copy(rest_, p, left);
    held_ = left;
  }

  // The hash of all that was added; nothing can be added after it.
  std::uint64_t value() {
    using namespace hash_detail;
    std::memset(rest_ + held_, 0, kStep - held_);
    mix(rest_);
    return fold(fold(lane_[0] ^ key_[1], lane_[1] ^ size_) ^ kPi[2],
                fold(lane_[2] ^ key_[3], lane_[3] ^ kPi[0]) ^ size_);
  }

 private:
  static constexpr std::size_t kStep = 64;  // bytes, in four lanes that do not wait for each other

  static void copy(char* to, const char* from, std::size_t n) {
    if (n != 0) std::memcpy(to, from, n);
  }
  void mix(const char* p) {
    using namespace hash_detail;
    for (int i = 0; i < 4; ++i) lane_[i] = fold(load(p + 16 * i) ^ key_[i], load(p + 16 * i + 8) ^ lane_[i]);
  }

  std::uint64_t key_[4], lane_[4];
  std::uint64_t size_ = 0;
  std::size_t held_ = 0;  // bytes of rest_
  char rest_[kStep];
};

inline std::uint64_t hash64(std::string_view text, std::uint64_t seed) {
  Hash64 h(seed);
  h.add(text);
  return h.value();
}

}  // namespace pb
