// Byte pair encoding of one piece: neighbours are merged, the pair of the lowest rank first, until no pair is a token.
#pragma once
#include <cstddef>
#include <vector>

#include "llm/tokens/tables.h"

namespace pb::llm::tokens {

// Memory for long pieces, kept from one to the next.
struct MergeScratch {
  struct Part {
    std::uint32_t next, previous, rank;  // rank of this part and the next one together
  };
  std::vector<Part> parts;
  std::vector<std::uint64_t> heap;
};

// Longer pieces are cut before they come here, which may cost a token more at each cut.
inline constexpr std::size_t kPieceBytesMax = 64 * 1024;

// Tokens of a piece of 1 to kPieceBytesMax bytes, in O(n log n).
std::size_t count_piece(const Ranks& ranks, const Byte* p, std::size_t n, MergeScratch& scratch);

}  // namespace pb::llm::tokens
