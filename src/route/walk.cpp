#include "route/walk.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>

namespace pb::route {
namespace {

#if defined(__SSE2__)
// A bit for each of 16 bytes that is a quote or a bracket: { and [, and } and ], differ in one bit.
unsigned structure_mask(const char* p, unsigned& opens) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i low = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
  const __m128i open = _mm_cmpeq_epi8(low, _mm_set1_epi8('{'));
  const __m128i shut = _mm_cmpeq_epi8(low, _mm_set1_epi8('}'));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  opens = static_cast<unsigned>(_mm_movemask_epi8(open));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(open, shut), quote)));
}
#endif

}  // namespace

void Walk::skip_nested() {
  std::size_t depth = 0;
  while (at_ < end_) {
#if defined(__SSE2__)
    if (end_ - at_ >= 16) {
      unsigned opens = 0;
      const unsigned mask = structure_mask(at_, opens);
      if (mask == 0) {
        at_ += 16;
        continue;
      }
      at_ += std::countr_zero(mask);
    }
#endif
    const char c = *at_;
    if (c == '"') {
      string();
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return;
    }
  }
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
