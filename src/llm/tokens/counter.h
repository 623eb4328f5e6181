// Tokens of texts in OpenAI's encodings, as `tiktoken` counts them when all text is ordinary text (special tokens as
// "<|endoftext|>" are no more than their letters).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "llm/tokens/merge.h"
#include "llm/tokens/split.h"

namespace pb::llm::tokens {

// Tokens by the kind of text they stand for.
struct Counts {
  std::array<std::int64_t, kKinds> tokens{};  // by Kind
  std::int64_t digits = 0;                    // what the number pieces have

  std::int64_t total() const;
  std::int64_t& operator[](Kind kind) { return tokens[static_cast<std::size_t>(kind)]; }
  std::int64_t operator[](Kind kind) const { return tokens[static_cast<std::size_t>(kind)]; }
  void add(const Counts& more);
};

// Counts one text after the other. Owns the memory that long pieces need (3 MB at most, none for ordinary texts).
class Counter {
 public:
  // Once `stop` is asked for, add() returns within a millisecond or so, with a count that means nothing.
  explicit Counter(Encoding encoding, std::stop_token stop = {});
  // Any bytes; those that are no UTF-8 count as symbols.
  void add(std::string_view text);
  // As add(), but of the beginning of a text whose rest is still to come: leaves what later text could change, at most
  // two pieces. Returns how many bytes were counted.
  std::size_t add_beginning(std::string_view text);
  const Counts& counts() const { return counts_; }
  bool stopped() const { return stop_.stop_requested(); }

 private:
  const Byte* run(const Byte* p, const Byte* end, const Byte* until);
  void count(const Byte* p, Piece piece);

  Ranks ranks_;
  Splitter splitter_;
  std::stop_token stop_;
  MergeScratch scratch_;
  Counts counts_;
};

// Tokens of a text that arrives in pieces, in bounded memory: short texts are kept and counted at the end, of long ones
// only what is not counted yet.
class RunningCount {
 public:
  explicit RunningCount(Encoding encoding) : encoding_(encoding) {}
  void append(std::string_view text) {
    text_ += text;
    if (text_.size() >= kKeepBytes) count_some();
  }
  // The text so far is one by itself; what follows begins another.
  void cut() {
    if (!text_.empty()) count_rest();
  }
  Counts counts() const;
  bool empty() const { return text_.empty() && done_.total() == 0; }

 private:
  static constexpr std::size_t kKeepBytes = 32 * 1024;
  void count_some();
  void count_rest();
  Encoding encoding_;
  std::string text_;  // not counted yet
  Counts done_;
};

}  // namespace pb::llm::tokens
