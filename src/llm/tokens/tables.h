// The token counter's tables: read-only data of the binary, made at build time by tools/token_tables.py of the rank files
// that OpenAI publishes and of Unicode's character data. Nothing is built or allocated at start.
//
// A token is found by a hash of its bytes: the upper bits name a bucket of a few entries, an entry's tag tells most
// strangers apart, and the bytes themselves, in one text that all tokens share, decide.
#pragma once
#include <cstdint>
#include <cstring>

namespace pb::llm::tokens {

// "o200k_base" (gpt-4o and all later models), "cl100k_base" (gpt-4, gpt-3.5, embeddings).
enum class Encoding : std::uint8_t { o200k, cl100k };

using Byte = unsigned char;
inline constexpr std::uint32_t kNoRank = 0xFFFFFFFF;

namespace layout {
inline constexpr std::uint64_t kSeed = 0x9E3779B97F4A7C15, kFactor = 0xA0761D6478BD642F,
                               kStep = 0xE7037ED1A0B428DB;  // as in tools/token_tables.py
inline constexpr int kTagBits = 16, kRankBits = 18, kLengthBits = 8;
inline constexpr int kClassBlockBits = 7;

inline std::uint64_t load(const Byte* p, int bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, static_cast<std::size_t>(bytes));
  return word;
}

// The last, 1 to 8 bytes of a token as a number with zeros above them.
inline std::uint64_t load_tail(const Byte* p, std::size_t n) {
  if (n == 8) return load(p, 8);
  if (n >= 4) return load(p, 4) | load(p + n - 4, 4) << 8 * (n - 4);
  return p[0] | static_cast<std::uint64_t>(p[n / 2]) << 8 * (n / 2) |
         static_cast<std::uint64_t>(p[n - 1]) << 8 * (n - 1);
}

inline std::uint64_t mix(std::uint64_t h) {
  const auto product = static_cast<unsigned __int128>(h) * kFactor;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash(const Byte* p, std::size_t n) {
  std::uint64_t h = kSeed + n * kStep;
  for (; n > 8; p += 8, n -= 8) h = mix(h ^ load(p, 8));
  return mix(h ^ load_tail(p, n));
}
}  // namespace layout

// The ranks of one encoding: the lower, the earlier two parts are merged into it.
class Ranks {
 public:
  // Of two bytes that stand together; kNoRank when they are no token.
  std::uint32_t pair(Byte a, Byte b) const { return pairs_[a | b << 8]; }

  // Of n >= 1 bytes.
  std::uint32_t find(const Byte* p, std::size_t n) const {
    if (n > bytes_max_) return kNoRank;
    const std::uint64_t h = layout::hash(p, n);
    const std::uint64_t tag = h & ((1u << layout::kTagBits) - 1);
    const std::uint64_t* entry = entries_ + buckets_[h >> bucket_shift_];
    const std::uint64_t* const last = entries_ + buckets_[(h >> bucket_shift_) + 1];
    for (; entry != last; ++entry) {
      if ((*entry & ((1u << layout::kTagBits) - 1)) != tag) continue;
      std::uint64_t rest = *entry >> layout::kTagBits;
      const auto rank = static_cast<std::uint32_t>(rest & ((1u << layout::kRankBits) - 1));
      rest >>= layout::kRankBits;
      if ((rest & ((1u << layout::kLengthBits) - 1)) != n) continue;
      if (std::memcmp(texts_ + (rest >> layout::kLengthBits), p, n) == 0) return rank;
    }
    return kNoRank;
  }

  std::size_t bytes_max() const { return bytes_max_; }  // of the longest token

 private:
  friend Ranks ranks_of(Encoding);
  const Byte* texts_ = nullptr;
  const std::uint32_t* pairs_ = nullptr;
  const std::uint32_t* buckets_ = nullptr;  // where each begins; one more than there are
  const std::uint64_t* entries_ = nullptr;
  int bucket_shift_ = 0;
  std::size_t bytes_max_ = 0;
};

Ranks ranks_of(Encoding encoding);  // cheap: a few pointers

// What a character is to the patterns that cut texts into pieces.
enum : std::uint8_t {
  kUpper = 1,    // Lu, Lt
  kLower = 2,    // Ll
  kLetter = 4,   // Lm, Lo
  kMark = 8,     // Mn, Mc, Me
  kNumber = 16,  // Nd, Nl, No
  kSpace = 32,   // property White_Space
  kNewline = 64  // CR and LF, besides kSpace
};

struct CharClass {
  std::uint8_t is;  // the above; 0 for all others and for bytes that are no UTF-8
  std::uint8_t bytes;
};

// Looks up code points beyond ASCII.
class Classes {
 public:
  Classes();
  // `p` < `end`, *p >= 0x80.
  CharClass at(const Byte* p, const Byte* end) const;

 private:
  const Byte* index_;
  const Byte* blocks_;
};

}  // namespace pb::llm::tokens
