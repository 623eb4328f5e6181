#include "llm/tokens/tables.h"

#include <cassert>

extern "C" const unsigned char pb_token_tables[];  // tables.S

namespace pb::llm::tokens {
namespace {

// The file's beginning; places are bytes from its start.
struct Header {
  std::uint32_t magic;
  std::uint32_t bytes;
  std::uint32_t texts;
  std::uint32_t class_index, class_blocks;
  struct {
    std::uint32_t pairs, buckets, entries, bucket_bits, bytes_max;
  } encodings[2];  // as in enum Encoding
};
constexpr std::uint32_t kMagic = 0x32544250;

const Header& header() {
  const auto* h = reinterpret_cast<const Header*>(pb_token_tables);
  assert(h->magic == kMagic);
  return *h;
}

}  // namespace

Ranks ranks_of(Encoding encoding) {
  const auto& e = header().encodings[static_cast<int>(encoding)];
  Ranks r;
  r.texts_ = pb_token_tables + header().texts;
  r.pairs_ = reinterpret_cast<const std::uint32_t*>(pb_token_tables + e.pairs);
  r.buckets_ = reinterpret_cast<const std::uint32_t*>(pb_token_tables + e.buckets);
  r.entries_ = reinterpret_cast<const std::uint64_t*>(pb_token_tables + e.entries);
  r.bucket_shift_ = 64 - static_cast<int>(e.bucket_bits);
  r.bytes_max_ = e.bytes_max;
  return r;
}

Classes::Classes()
    : index_(pb_token_tables + header().class_index), blocks_(pb_token_tables + header().class_blocks) {}

CharClass Classes::at(const Byte* p, const Byte* end) const {
  const auto left = end - p;
  const auto more = [p](int i) { return (p[i] & 0xC0) == 0x80; };
  std::uint32_t code = 0;
  std::uint8_t bytes = 0;
  const std::uint32_t first = *p;
  if (first < 0xE0) {
    if (first < 0xC2 || left < 2 || !more(1)) return {0, 1};
    code = (first & 31) << 6 | (p[1] & 63u);
    bytes = 2;
  } else if (first < 0xF0) {
    if (left < 3 || !more(1) || !more(2)) return {0, 1};
    code = (first & 15) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
    bytes = 3;
    if (code < 0x800) return {0, 1};
  } else {
    if (left < 4 || !more(1) || !more(2) || !more(3)) return {0, 1};
    code = (first & 7) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
    bytes = 4;
    if (code < 0x10000 || code > 0x10FFFF || first > 0xF4) return {0, 1};
  }
  const std::size_t block = index_[code >> layout::kClassBlockBits];
  return {blocks_[(block << layout::kClassBlockBits) | (code & ((1u << layout::kClassBlockBits) - 1))],
          bytes};
}

}  // namespace pb::llm::tokens
