#include "route/walk.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/json_scan.h"

namespace pb::route {
namespace {

// A bit for each of 64 bytes.
struct Marks {
  std::uint64_t quotes = 0, backslashes = 0, opens = 0, shuts = 0;
};

Marks marks_of(const char* p) {
  Marks m;
#if defined(__SSE2__)
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * part));
    const __m128i low = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // { and [, and } and ], differ in that bit
    const auto bits = [&](__m128i of, char c) {
      return static_cast<std::uint64_t>(
                 static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(of, _mm_set1_epi8(c)))))
             << 16 * part;
    };
    m.quotes |= bits(bytes, '"');
    m.backslashes |= bits(bytes, '\\');
    m.opens |= bits(low, '{');
    m.shuts |= bits(low, '}');
  }
#else
  for (int i = 0; i < 64; ++i) {
    m.quotes |= std::uint64_t{p[i] == '"'} << i;
    m.backslashes |= std::uint64_t{p[i] == '\\'} << i;
    m.opens |= std::uint64_t{p[i] == '{' || p[i] == '['} << i;
    m.shuts |= std::uint64_t{p[i] == '}' || p[i] == ']'} << i;
  }
#endif
  return m;
}

// The bytes from each odd quote up to the next one.
std::uint64_t between(std::uint64_t quotes) {
  for (int step = 1; step < 64; step *= 2) quotes ^= quotes << step;
  return quotes;
}

// Brackets outside of strings, block by block.
class Brackets {
 public:
  // Where among 64 bytes the bracket stands that shuts the first one; -1 = not there.
  int shut(const char* p) {
    Marks m = marks_of(p);
    const std::uint64_t strings = between(m.quotes & ~json::escaped_bytes(m.backslashes, cut_)) ^ inside_;
    inside_ = std::uint64_t{0} - (strings >> 63);
    m.opens &= ~strings;
    m.shuts &= ~strings;
    const auto shuts = static_cast<std::size_t>(std::popcount(m.shuts));
    if (shuts < depth_) {
      depth_ += static_cast<std::size_t>(std::popcount(m.opens)) - shuts;
      return -1;
    }
    for (std::uint64_t left = m.opens | m.shuts; left != 0; left &= left - 1) {
      const int at = std::countr_zero(left);
      if ((m.opens >> at & 1) != 0)
        ++depth_;
      else if (--depth_ == 0)
        return at;
    }
    return -1;
  }

 private:
  std::size_t depth_ = 0;
  std::uint64_t cut_ = 0, inside_ = 0;
};

}  // namespace

bool Walk::skip_nested() {
  Brackets brackets;
  for (; end_ - at_ >= 64; at_ += 64)
    if (const int shut = brackets.shut(at_); shut >= 0) {
      at_ += shut + 1;
      return true;
    }
  char rest[64] = {};
  if (at_ < end_) std::memcpy(rest, at_, static_cast<std::size_t>(end_ - at_));
  const int shut = brackets.shut(rest);
  at_ = shut >= 0 ? at_ + shut + 1 : end_;
  return shut >= 0;
}

std::size_t count_high(std::string_view text) {
  std::size_t n = 0, i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= text.size(); i += 16)
    n += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(
        _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i))))));
#endif
  for (; i < text.size(); ++i) n += static_cast<unsigned char>(text[i]) >> 7;
  return n;
}

}  // namespace pb::route
