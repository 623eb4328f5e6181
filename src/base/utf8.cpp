#include "base/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

namespace pb::utf8 {

// Table 3-7: the second byte's range depends on the first, which rules out overlong forms and surrogates.
std::size_t length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned a = byte(at), b = byte(at + 1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(at + 1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    const unsigned low = a == 0xE0 ? 0xA0 : 0x80, high = a == 0xED ? 0x9F : 0xBF;
    return b >= low && b <= high && tail(at + 2) ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    const unsigned low = a == 0xF0 ? 0x90 : 0x80, high = a == 0xF4 ? 0x8F : 0xBF;
    return b >= low && b <= high && tail(at + 2) && tail(at + 3) ? 4 : 0;
  }
  return 0;
}

bool valid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = length(text, at);
    if (n == 0) return false;
    at += n;
  }
  return true;
}

std::int64_t characters(std::string_view text) {
  constexpr signed char kLastTail = -65;  // 0xBF; tails are 0x80 to there
  std::int64_t n = 0;
  std::size_t i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    n += std::popcount(
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(kLastTail)))));
  }
#endif
  for (; i < text.size(); ++i) n += static_cast<signed char>(text[i]) > kLastTail;
  return n;
}

std::string_view beginning(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  std::string out(beginning(text, bytes_max));
  return text.size() <= bytes_max ? out : out + "…";
}

std::string repair(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = length(text, at);
    if (n == 0)
      out += "\xEF\xBF\xBD";
    else
      out.append(text, at, n);
    at += n == 0 ? 1 : n;
  }
  return out;
}

}  // namespace pb::utf8
