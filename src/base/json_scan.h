// The inner loops of JSON strings, 16 bytes at a time: finding, or copying up to, the next byte that needs attention (a
// quote, a backslash or a control character).
#pragma once
#include <cstddef>
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

}  // namespace pb::json
