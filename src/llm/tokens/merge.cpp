#include "llm/tokens/merge.h"

#include <algorithm>
#include <functional>

namespace pb::llm::tokens {
namespace {

constexpr std::size_t kShortBytes =
    100;  // up to here going through all pairs for each merge is faster than a heap

// Part i is bytes start[i] to start[i + 1]; rank[i] is that of parts i and i + 1 together.
std::size_t merge_short(const Ranks& ranks, const Byte* p, std::size_t n) {
  std::uint32_t rank[kShortBytes];
  std::uint8_t start[kShortBytes + 1];
  for (std::size_t i = 0; i <= n; ++i) start[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i + 1 < n; ++i) rank[i] = ranks.pair(p[i], p[i + 1]);
  const auto joined = [&](std::size_t i) {
    return ranks.find(p + start[i], static_cast<std::size_t>(start[i + 2] - start[i]));
  };
  std::size_t parts = n;
  while (parts > 1) {
    std::uint32_t best = kNoRank;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < parts; ++i)
      if (rank[i] < best) {
        best = rank[i];
        at = i;
      }
    if (best == kNoRank) break;
    std::copy(start + at + 2, start + parts + 1, start + at + 1);
    std::copy(rank + at + 1, rank + parts - 1, rank + at);
    --parts;
    if (at + 1 < parts) rank[at] = joined(at);
    if (at > 0) rank[at - 1] = joined(at - 1);
  }
  return parts;
}

// The same with a linked list, and a heap of the pairs by rank, then place. A pair that has changed since it was put
// into the heap is known by its rank.
std::size_t merge_long(const Ranks& ranks, const Byte* p, std::uint32_t n, MergeScratch& scratch) {
  auto& part = scratch.parts;
  auto& heap = scratch.heap;
  part.resize(n);
  heap.clear();
  for (std::uint32_t i = 0; i < n; ++i) {
    part[i] = {i + 1, i - 1, i + 1 < n ? ranks.pair(p[i], p[i + 1]) : kNoRank};
    if (part[i].rank != kNoRank) heap.push_back(static_cast<std::uint64_t>(part[i].rank) << 32 | i);
  }
  constexpr std::greater<> kLowestFirst;
  std::make_heap(heap.begin(), heap.end(), kLowestFirst);
  const auto look_up = [&](std::uint32_t i) {
    const std::uint32_t right = part[i].next;
    part[i].rank = right == n ? kNoRank : ranks.find(p + i, part[right].next - i);
    if (part[i].rank == kNoRank) return;
    heap.push_back(static_cast<std::uint64_t>(part[i].rank) << 32 | i);
    std::push_heap(heap.begin(), heap.end(), kLowestFirst);
  };
  std::size_t parts = n;
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), kLowestFirst);
    const auto at = static_cast<std::uint32_t>(heap.back());
    const auto rank = static_cast<std::uint32_t>(heap.back() >> 32);
    heap.pop_back();
    if (part[at].rank != rank) continue;
    const std::uint32_t gone = part[at].next;
    part[gone].rank = kNoRank;
    part[at].next = part[gone].next;
    if (part[at].next != n) part[part[at].next].previous = at;
    --parts;
    look_up(at);
    if (at != 0) look_up(part[at].previous);
  }
  return parts;
}

}  // namespace

std::size_t count_piece(const Ranks& ranks, const Byte* p, std::size_t n, MergeScratch& scratch) {
  if (n == 1 || ranks.find(p, n) != kNoRank) return 1;
  if (n <= kShortBytes) return merge_short(ranks, p, n);
  return merge_long(ranks, p, static_cast<std::uint32_t>(n), scratch);
}

}  // namespace pb::llm::tokens
