#include "base/base64.h"

#include <array>
#include <cstdint>

namespace pb {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kInvalid = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> t{};
  t.fill(kInvalid);
  for (std::uint8_t i = 0; i < 64; ++i) t[static_cast<unsigned char>(kAlphabet[i])] = i;
  t['-'] = 62;
  t['_'] = 63;
  return t;
}();

// Two letters for every twelve bits: pictures of several megabytes pass through here.
constexpr std::array<std::array<char, 2>, 4096> kPairs = [] {
  std::array<std::array<char, 2>, 4096> t{};
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return t;
}();

std::uint32_t value(char c) { return kValues[static_cast<unsigned char>(c)]; }
std::uint32_t byte(char c) { return static_cast<unsigned char>(c); }

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  const std::size_t size = (bytes.size() + 2) / 3 * 4;
  out.resize_and_overwrite(size,
                           [&](char* to, std::size_t) {  // the second may be the capacity, which is more
                             const char* p = bytes.data();
                             std::size_t left = bytes.size();
                             for (; left >= 3; p += 3, left -= 3) {
                               const std::uint32_t n = byte(p[0]) << 16 | byte(p[1]) << 8 | byte(p[2]);
                               *to++ = kPairs[n >> 12][0];
                               *to++ = kPairs[n >> 12][1];
                               *to++ = kPairs[n & 4095][0];
                               *to++ = kPairs[n & 4095][1];
                             }
                             if (left == 0) return size;
                             const std::uint32_t n = byte(p[0]) << 16 | (left == 2 ? byte(p[1]) << 8 : 0);
                             *to++ = kPairs[n >> 12][0];
                             *to++ = kPairs[n >> 12][1];
                             *to++ = left == 2 ? kPairs[n & 4095][0] : '=';
                             *to++ = '=';
                             return size;
                           });
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  bool good = true;
  std::string out;
  out.resize_and_overwrite(text.size() / 4 * 3 + 3, [&](char* const to, std::size_t) {
    const char* p = text.data();
    std::size_t left = text.size(), at = 0;
    std::uint32_t seen = 0;  // a value of kInvalid leaves its high bits here
    for (; left >= 4; p += 4, left -= 4, at += 3) {
      const std::uint32_t a = value(p[0]), b = value(p[1]), c = value(p[2]), d = value(p[3]);
      seen |= a | b | c | d;
      const std::uint32_t n = a << 18 | b << 12 | c << 6 | d;
      to[at] = static_cast<char>(n >> 16);
      to[at + 1] = static_cast<char>(n >> 8);
      to[at + 2] = static_cast<char>(n);
    }
    if (left >= 2) {
      const std::uint32_t a = value(p[0]), b = value(p[1]), c = left == 3 ? value(p[2]) : 0;
      seen |= a | b | c;
      const std::uint32_t n = a << 18 | b << 12 | c << 6;
      to[at++] = static_cast<char>(n >> 16);
      if (left == 3) to[at++] = static_cast<char>(n >> 8);
    }
    good = (seen & 0xC0) == 0;
    return at;
  });
  if (!good) return std::nullopt;
  return out;
}

}  // namespace pb
