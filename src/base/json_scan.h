// What the inner loops over JSON text share: finding, or copying up to, the next byte of a string that needs attention (a quote, a
// backslash or a control character), and telling which bytes are escaped.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace pb::json {

#if defined(__SSE2__)
// A bit for each of 16 bytes that needs attention.
inline unsigned special_mask(__m128i bytes) {
  const __m128i control =
      _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);  // bytes <= 0x1f, unsigned
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control)));
}
#endif

inline bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

inline const char* find_special(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= 16) {
    unsigned mask = special_mask(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    if (mask != 0) return at + __builtin_ctz(mask);
    at += 16;
  }
#endif
  while (at < end && !is_special(*at)) ++at;
  return at;
}

// Copies bytes from `at` to `to` until one is special, `end` is reached or `to` is at `limit`, moving both pointers.
// Up to 15 bytes behind the new `to` may be overwritten: there must be 16 bytes of room behind `limit`.
inline void copy_clean(const char*& at, const char* end, char*& to, const char* limit) {
#if defined(__SSE2__)
  while (end - at >= 16 && to < limit) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    const unsigned mask = special_mask(bytes);
    if (mask != 0) {
      at += __builtin_ctz(mask);
      to += __builtin_ctz(mask);
      return;
    }
    at += 16;
    to += 16;
  }
#endif
  while (at < end && to < limit && !is_special(*at)) *to++ = *at++;
}

#if defined(__SSE2__)
// `n` bytes, one to two words.
template <class Word>
bool copy_ends(const char* from, std::size_t n, char* to) {
  Word first, last;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + n - sizeof last, sizeof last);
  const auto wide = [](Word w) {  // without zeros, which are special
    return static_cast<long long>(sizeof w == 8 ? w : w | static_cast<std::uint64_t>(w) << 32);
  };
  if (special_mask(_mm_set_epi64x(wide(last), wide(first))) != 0) return false;
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + n - sizeof last, &last, sizeof last);
  return true;
}
#endif

// Copies all of a short text (names, ids), unless one of its bytes is special; false then. Loads overlap, so that no byte is
// looked at by itself.
inline bool copy_whole(std::string_view text, char* to) {
#if defined(__SSE2__)
  const char* const from = text.data();
  const std::size_t n = text.size();
  if (n >= 16) {
    for (std::size_t i = 0;;) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      if (special_mask(bytes) != 0) return false;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), bytes);
      if (i + 16 == n) return true;
      i = i + 32 <= n ? i + 16 : n - 16;
    }
  }
  if (n >= 8) return copy_ends<std::uint64_t>(from, n, to);
  if (n >= 4) return copy_ends<std::uint32_t>(from, n, to);
#endif
  for (const char c : text) {
    if (is_special(c)) return false;
    *to++ = c;
  }
  return true;
}

inline constexpr std::uint64_t kOddBits = 0xaaaaaaaaaaaaaaaa;

// The bytes that stand behind an escaping backslash. In a run of backslashes every second one escapes: where a run that
// begins at an even place ends at an odd one, and the other way round, the byte behind it is escaped; the carry of one
// subtraction finds all ends at once. `cut` says whether the block before ended in an escaping backslash.
inline std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t& cut) {
  if (backslashes == 0) {
    const std::uint64_t escaped = cut;
    cut = 0;
    return escaped;
  }
  const std::uint64_t open = backslashes & ~cut;
  const std::uint64_t codes = (((open << 1) | kOddBits) - open) ^ kOddBits;
  const std::uint64_t escaped = codes ^ (backslashes | cut);
  cut = (codes & backslashes) >> 63;
  return escaped;
}

}  // namespace pb::json
