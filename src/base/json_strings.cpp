#include "base/json_strings.h"

#include <array>
#include <cstdint>

#include "base/json_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pb::json {
namespace {

// The character that stands behind the backslash, and the other way round; 0 where there is none.
constexpr std::array<char, 128> kEscaped = [] {
  std::array<char, 128> t{};
  t['"'] = '"', t['\\'] = '\\', t['\n'] = 'n', t['\t'] = 't', t['\r'] = 'r', t['\b'] = 'b', t['\f'] = 'f';
  return t;
}();
constexpr std::array<char, 128> kUnescaped = [] {
  std::array<char, 128> t{};
  t['/'] = '/';
  for (std::size_t c = 0; c < t.size(); ++c)
    if (kEscaped[c] != 0) t[static_cast<unsigned char>(kEscaped[c])] = static_cast<char>(c);
  return t;
}();

char short_form(const std::array<char, 128>& table, char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < table.size() ? table[byte] : '\0';
}

const char* portable_find_quote(const char* at, const char* end) {
  for (;;) {
    at = find_special(at, end);
    if (at == end || *at == '"') return at;
    at += *at == '\\' && end - at > 1 ? 2 : 1;
  }
}

Copied portable_unescape(const char* at, const char* end, char* to) {
  for (;;) {
    copy_clean(at, end, to, to + (end - at));
    if (at == end || *at != '\\' || end - at < 2) return {at, to};
    const char c = short_form(kUnescaped, at[1]);
    if (c == 0) return {at, to};
    *to++ = c;
    at += 2;
  }
}

Copied portable_escape(const char* at, const char* end, char* to, const char* limit) {
  while (at < end && to <= limit) {
    copy_clean(at, end, to, limit + 1);
    if (at == end || to > limit) break;
    const char c = short_form(kEscaped, *at);
    if (c == 0) break;
    *to++ = '\\';
    *to++ = c;
    ++at;
  }
  return {at, to};
}

constexpr StringLoops kPortable{portable_find_quote, portable_unescape, portable_escape};

#if defined(__x86_64__)

#define PB_WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

constexpr std::uint64_t kEvenBits = ~kOddBits;

PB_WIDE inline std::uint64_t first_bits(std::ptrdiff_t n) {
  return n >= 64 ? ~std::uint64_t{0} : _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(n));
}

PB_WIDE inline std::uint64_t bytes_equal(__m512i bytes, char c) {
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

// table[byte] for bytes below 128; others give what they are modulo 128.
PB_WIDE inline __m512i look_up(const std::array<char, 128>& table, __m512i bytes) {
  return _mm512_permutex2var_epi8(_mm512_loadu_si512(table.data()), bytes,
                                  _mm512_loadu_si512(table.data() + 64));
}

// Writes 64 bytes, of which those in `keep` are wanted, and returns the end of these.
PB_WIDE inline char* put(char* to, std::uint64_t keep, __m512i bytes) {
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(keep, bytes));
  return to + __builtin_popcountll(keep);
}

PB_WIDE const char* wide_find_quote(const char* at, const char* end) {
  std::uint64_t cut = 0;
  for (; at < end; at += 64) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(first_bits(end - at), at);
    const std::uint64_t escaped = escaped_bytes(bytes_equal(bytes, '\\'), cut);
    const std::uint64_t quotes = bytes_equal(bytes, '"') & ~escaped;
    if (quotes != 0) return at + __builtin_ctzll(quotes);
  }
  return end;
}

PB_WIDE Copied wide_unescape(const char* at, const char* end, char* to) {
  std::uint64_t cut = 0;
  while (at < end) {
    const std::uint64_t inside = first_bits(end - at);
    __m512i bytes = _mm512_maskz_loadu_epi8(inside, at);
    const std::uint64_t backslashes = bytes_equal(bytes, '\\');
    const std::uint64_t ends =
        bytes_equal(bytes, '"') | _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));  // zeros outside too
    if ((backslashes | ends | cut) == 0) {
      _mm512_storeu_si512(to, bytes);
      at += 64;
      to += 64;
      continue;
    }
    const std::uint64_t escaped = escaped_bytes(backslashes, cut);
    const __m512i resolved = look_up(kUnescaped, bytes);
    const std::uint64_t unknown =
        escaped & (_mm512_testn_epi8_mask(resolved, resolved) | _mm512_movepi8_mask(bytes));
    const std::uint64_t stops = (ends & ~escaped) | unknown | ~inside;
    bytes = _mm512_mask_mov_epi8(bytes, escaped, resolved);
    const std::uint64_t keep = ~(backslashes & ~escaped);
    if (stops != 0) {
      const auto stop = static_cast<unsigned>(__builtin_ctzll(stops));
      const bool within_escape = (escaped >> stop & 1) != 0;
      return {at + stop - (within_escape ? 1 : 0), put(to, keep & first_bits(stop), bytes)};
    }
    to = put(to, keep, bytes);
    at += 64;
  }
  return {cut != 0 ? at - 1 : at, to};
}

// 32 bytes, each with room for a backslash before it.
PB_WIDE inline char* put_escaped(char* to, std::uint32_t special, unsigned count, __m256i bytes) {
  const __m512i pairs =
      _mm512_or_si512(_mm512_slli_epi16(_mm512_cvtepu8_epi16(bytes), 8), _mm512_set1_epi16('\\'));
  return put(to,
             (kOddBits | _pdep_u64(special, kEvenBits)) & first_bits(2 * static_cast<std::ptrdiff_t>(count)),
             pairs);
}

PB_WIDE Copied wide_escape(const char* at, const char* end, char* to, const char* limit) {
  while (at < end && to <= limit) {
    const std::uint64_t inside = first_bits(end - at);
    __m512i bytes = _mm512_maskz_loadu_epi8(inside, at);
    const std::uint64_t special = _mm512_mask_cmplt_epu8_mask(inside, bytes, _mm512_set1_epi8(0x20)) |
                                  bytes_equal(bytes, '\\') | bytes_equal(bytes, '"');
    auto count = static_cast<unsigned>(__builtin_popcountll(inside));
    if (special == 0) {
      _mm512_storeu_si512(to, bytes);
      at += count;
      to += count;
      continue;
    }
    const __m512i short_forms = look_up(kEscaped, bytes);
    const std::uint64_t long_forms = special & _mm512_testn_epi8_mask(short_forms, short_forms);
    if (long_forms != 0) count = static_cast<unsigned>(__builtin_ctzll(long_forms));
    bytes = _mm512_mask_mov_epi8(bytes, special, short_forms);
    to = put_escaped(to, static_cast<std::uint32_t>(special), count < 32 ? count : 32,
                     _mm512_castsi512_si256(bytes));
    if (count > 32)
      to = put_escaped(to, static_cast<std::uint32_t>(special >> 32), count - 32,
                       _mm512_extracti64x4_epi64(bytes, 1));
    at += count;
    if (long_forms != 0) break;
  }
  return {at, to};
}

constexpr StringLoops kWide{wide_find_quote, wide_unescape, wide_escape};

const StringLoops& best() {
  __builtin_cpu_init();
  const bool wide = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
                    __builtin_cpu_supports("bmi2");
  return wide ? kWide : kPortable;
}

#else

const StringLoops& best() { return kPortable; }

#endif

}  // namespace

const StringLoops& portable_string_loops() { return kPortable; }

const StringLoops& string_loops() {
  static const StringLoops& loops = best();
  return loops;
}

}  // namespace pb::json
