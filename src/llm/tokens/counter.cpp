#include "llm/tokens/counter.h"

#include <numeric>

namespace pb::llm::tokens {
namespace {

constexpr std::ptrdiff_t kSliceBytes = 64 * 1024;  // between two looks at the stop token

const Byte* bytes_of(std::string_view text) { return reinterpret_cast<const Byte*>(text.data()); }

}  // namespace

std::int64_t Counts::total() const { return std::accumulate(tokens.begin(), tokens.end(), std::int64_t{0}); }

void Counts::add(const Counts& more) {
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] += more.tokens[i];
  digits += more.digits;
}

Counter::Counter(Encoding encoding, std::stop_token stop)
    : ranks_(ranks_of(encoding)), splitter_(encoding), stop_(std::move(stop)) {}

void Counter::count(const Byte* p, Piece piece) {
  if (piece.kind == Kind::number)
    for (const Byte* q = p; q != piece.end; ++q) counts_.digits += (*q & 0xC0) != 0x80;
  while (static_cast<std::size_t>(piece.end - p) > kPieceBytesMax) {
    if (stopped()) return;
    std::size_t cut = kPieceBytesMax;
    while (cut > kPieceBytesMax - 4 && (p[cut] & 0xC0) == 0x80) --cut;  // between characters
    counts_[piece.kind] += static_cast<std::int64_t>(count_piece(ranks_, p, cut, scratch_));
    p += cut;
  }
  const auto bytes = static_cast<std::size_t>(piece.end - p);
  counts_[piece.kind] += static_cast<std::int64_t>(count_piece(ranks_, p, bytes, scratch_));
}

// Counts the pieces from `p` that begin before `until`; returns where the next one begins.
const Byte* Counter::run(const Byte* p, const Byte* end, const Byte* until) {
  while (p < until) {
    const Piece piece = splitter_.next(p, end);
    count(p, piece);
    p = piece.end;
  }
  return p;
}

void Counter::add(std::string_view text) {
  const Byte* p = bytes_of(text);
  const Byte* const end = p + text.size();
  while (p < end && !stopped()) p = run(p, end, end - p > kSliceBytes ? p + kSliceBytes : end);
}

std::size_t Counter::add_beginning(std::string_view text) {
  const Byte* const begin = bytes_of(text);
  const Byte* const end = begin + text.size();
  // A piece is final when the two that follow it are there: what ends it is less than that.
  Piece first{begin, Kind::space}, second = first;
  const Byte* at = begin;  // of the first of three
  if (at == end) return 0;
  first = splitter_.next(at, end);
  if (first.end == end) return 0;
  second = splitter_.next(first.end, end);
  while (second.end != end) {
    count(at, first);
    at = first.end;
    first = second;
    second = splitter_.next(first.end, end);
  }
  return static_cast<std::size_t>(at - begin);
}

void RunningCount::count_some() {
  Counter counter(encoding_);
  std::size_t done = counter.add_beginning(text_);
  if (done == 0 && text_.size() > kPieceBytesMax) {  // a single piece: it is counted in parts anyway
    counter.add(text_);
    done = text_.size();
  }
  done_.add(counter.counts());
  text_.erase(0, done);
}

void RunningCount::count_rest() {
  done_ = counts();
  text_.clear();
}

Counts RunningCount::counts() const {
  Counter counter(encoding_);
  counter.add(text_);
  Counts all = done_;
  all.add(counter.counts());
  return all;
}

}  // namespace pb::llm::tokens
