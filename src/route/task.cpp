#include "route/task.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace pb::route {
namespace {

struct Word {
  std::string_view text;
  Kind kind = Kind::chat;
  std::int8_t speaks = 0;  // for the kind
  std::int8_t hard = 0;    // hundredths of difficulty
};

using enum Kind;

// Words of requests, in lower case. The few of other languages are those that nearly every such request has.
constexpr Word kWords[] = {
    {"code", code, 3, 0},
    {"function", code, 3, 0},
    {"bug", code, 3, 4},
    {"compile", code, 3, 0},
    {"compiler", code, 3, 4},
    {"python", code, 3, 0},
    {"javascript", code, 3, 0},
    {"typescript", code, 3, 0},
    {"rust", code, 2, 4},
    {"golang", code, 3, 0},
    {"java", code, 3, 0},
    {"sql", code, 3, 0},
    {"regex", code, 3, 0},
    {"refactor", code, 3, 8},
    {"class", code, 1, 0},
    {"method", code, 1, 0},
    {"variable", code, 2, 0},
    {"exception", code, 2, 2},
    {"traceback", code, 3, 4},
    {"stacktrace", code, 3, 4},
    {"segfault", code, 3, 12},
    {"implement", code, 2, 6},
    {"unit", code, 1, 0},
    {"debug", code, 3, 8},
    {"api", code, 1, 0},
    {"repository", code, 2, 4},
    {"docker", code, 2, 0},
    {"kubernetes", code, 2, 4},
    {"algorithm", code, 2, 8},
    {"script", code, 2, 0},
    {"html", code, 2, 0},
    {"css", code, 2, 0},
    {"deadlock", code, 3, 16},
    {"concurrency", code, 3, 14},
    {"async", code, 2, 4},
    {"commit", code, 2, 0},
    {"def", code, 3, 0},
    {"const", code, 2, 0},
    {"import", code, 2, 0},
    {"include", code, 1, 0},
    {"return", code, 1, 0},
    {"prove", maths, 4, 20},
    {"proof", maths, 3, 16},
    {"theorem", maths, 4, 16},
    {"lemma", maths, 4, 16},
    {"integral", maths, 4, 12},
    {"derivative", maths, 4, 8},
    {"equation", maths, 3, 6},
    {"solve", maths, 2, 6},
    {"probability", maths, 3, 8},
    {"matrix", maths, 2, 4},
    {"calculate", maths, 3, 0},
    {"compute", maths, 2, 2},
    {"geometry", maths, 3, 8},
    {"algebra", maths, 3, 8},
    {"polynomial", maths, 4, 8},
    {"prime", maths, 2, 4},
    {"sum", maths, 1, 0},
    {"percent", maths, 2, 0},
    {"translate", translation, 6, -8},
    {"translation", translation, 4, -4},
    {"translated", translation, 3, 0},
    {"traduire", translation, 6, -8},
    {"traduis", translation, 6, -8},
    {"traduce", translation, 6, -8},
    {"traduci", translation, 6, -8},
    {"traduzir", translation, 6, -8},
    {"extract", extraction, 4, -4},
    {"classify", extraction, 4, -6},
    {"categorize", extraction, 4, -6},
    {"categorise", extraction, 4, -6},
    {"label", extraction, 2, -4},
    {"json", extraction, 2, 0},
    {"csv", extraction, 2, 0},
    {"fields", extraction, 2, 0},
    {"entities", extraction, 3, 0},
    {"sentiment", extraction, 3, -6},
    {"invoice", extraction, 2, 0},
    {"parse", extraction, 2, 0},
    {"summarize", summary, 5, -6},
    {"summarise", summary, 5, -6},
    {"summary", summary, 4, -4},
    {"tldr", summary, 5, -8},
    {"shorten", summary, 3, -6},
    {"condense", summary, 3, -4},
    {"zusammenfassung", summary, 5, -4},
    {"resumen", summary, 4, -4},
    {"write", writing, 1, 0},
    {"poem", writing, 4, 0},
    {"story", writing, 3, 2},
    {"essay", writing, 4, 4},
    {"email", writing, 3, -4},
    {"blog", writing, 3, 0},
    {"letter", writing, 2, -2},
    {"novel", writing, 3, 6},
    {"lyrics", writing, 3, 0},
    {"rewrite", writing, 3, 0},
    {"tone", writing, 2, 0},
    {"image", vision, 1, 0},
    {"picture", vision, 1, 0},
    {"screenshot", vision, 2, 0},
    {"photo", vision, 1, 0},
    {"hi", chat, 2, -12},
    {"hello", chat, 2, -12},
    {"hey", chat, 2, -12},
    {"thanks", chat, 2, -12},
    {"hallo", chat, 2, -12},
    {"hola", chat, 2, -12},
    {"why", chat, 0, 3},
    {"analyze", chat, 0, 8},
    {"analyse", chat, 0, 8},
    {"design", chat, 0, 8},
    {"architecture", chat, 0, 12},
    {"optimize", chat, 0, 10},
    {"optimise", chat, 0, 10},
    {"complex", chat, 0, 8},
    {"tradeoffs", chat, 0, 10},
    {"compare", chat, 0, 4},
    {"strategy", chat, 0, 6},
    {"plan", chat, 0, 5},
    {"research", chat, 0, 8},
    {"rigorous", chat, 0, 12},
    {"carefully", chat, 0, 6},
    {"thorough", chat, 0, 8},
    {"distributed", chat, 0, 8},
    {"security", chat, 0, 6},
    {"simple", chat, 0, -6},
    {"simply", chat, 0, -4},
    {"short", chat, 0, -5},
    {"quick", chat, 0, -5},
    {"briefly", chat, 0, -5},
    {"typo", chat, 0, -8},
    {"rename", chat, 0, -8},
};

// A word of at most 16 letters as two numbers, so that two are compared at once.
struct Key {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Key&) const = default;
};

constexpr std::size_t kLongest = 16, kTableBits = 9;

constexpr Key key_of(std::string_view word) {
  Key k;
  for (std::size_t i = 0; i < word.size(); ++i)
    (i < 8 ? k.low : k.high) |= std::uint64_t{static_cast<unsigned char>(word[i])} << 8 * (i % 8);
  return k;
}

constexpr std::uint64_t slot_of(const Key& k) {
  return ((k.low ^ k.high * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu) >> (64 - kTableBits);
}

struct Entry {
  Key key;
  const Word* word = nullptr;
};

// Open addressing.
constexpr auto kTable = [] {
  std::array<Entry, 1u << kTableBits> table{};
  for (const Word& word : kWords) {
    const Key key = key_of(word.text);
    std::uint64_t at = slot_of(key);
    while (table[at].word != nullptr) at = (at + 1) % table.size();
    table[at] = {key, &word};
  }
  return table;
}();
static_assert(std::size(kWords) < kTable.size() / 2);

const Word* find(const Key& key) {
  for (std::uint64_t at = slot_of(key); kTable[at].word != nullptr; at = (at + 1) % kTable.size())
    if (kTable[at].key == key) return kTable[at].word;
  return nullptr;
}

struct Votes {
  std::array<int, 9> of{};
  int hard = 0;

  void add(const Word& w) {
    of[static_cast<std::size_t>(w.kind)] += w.speaks;
    hard += w.hard;
  }
};

// A bit for each of 64 bytes.
struct Marks {
  std::uint64_t letters = 0, backslashes = 0, ticks = 0;
};

Marks marks_of(const char* p) {
  Marks m;
#if defined(__SSE2__)
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * part));
    const __m128i from_a = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const auto bits = [&](__m128i equal) {
      return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(equal))) << 16 * part;
    };
    m.letters |= bits(_mm_cmpeq_epi8(_mm_min_epu8(from_a, _mm_set1_epi8(25)), from_a));
    m.backslashes |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    m.ticks |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('`')));
  }
#else
  for (int i = 0; i < 64; ++i) {
    const char low = static_cast<char>(p[i] | 0x20);
    m.letters |= std::uint64_t{low >= 'a' && low <= 'z'} << i;
    m.backslashes |= std::uint64_t{p[i] == '\\'} << i;
    m.ticks |= std::uint64_t{p[i] == '`'} << i;
  }
#endif
  return m;
}

// The first `size` of the bytes at `p` in lower case. 16 bytes are read.
Key key_at(const char* p, std::size_t size) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kLower = 0x2020202020202020u;
  Key k;
  std::memcpy(&k.low, p, 8);
  std::memcpy(&k.high, p + 8, 8);
  k.low |= kLower;
  k.high |= kLower;
  if (size < 8) k.low &= (std::uint64_t{1} << 8 * size) - 1;
  if (size <= 8) k.high = 0;
  if (size > 8 && size < 16) k.high &= (std::uint64_t{1} << 8 * (size - 8)) - 1;
  return k;
}

// Votes for the words among the 64 bytes at `p`, behind which 16 more can be read. Returns how many bytes are done with: a word
// that the last byte belongs to is left to the next call, unless it is longer than any that is known.
std::size_t read_block(const char* p, Votes& votes) {
  Marks m = marks_of(p);
  std::size_t done = 64;
  for (std::uint64_t left = m.backslashes;
       left != 0;) {  // the letter of an escape, as in \n, is part of no word
    const int at = std::countr_zero(left);
    if (at == 63) {
      done = 63;
      break;
    }
    m.letters &= ~(std::uint64_t{2} << at);
    left &= ~(std::uint64_t{3} << at);
  }
  votes.of[static_cast<std::size_t>(code)] += 2 * std::popcount(m.ticks & m.ticks << 1);  // fences
  while (m.letters != 0) {
    const auto begin = static_cast<std::size_t>(std::countr_zero(m.letters));
    const auto size = static_cast<std::size_t>(std::countr_one(m.letters >> begin));
    if (begin + size == 64 && begin != 0) return begin;
    if (size >= 2 && size <= kLongest)
      if (const Word* known = find(key_at(p + begin, size))) votes.add(*known);
    if (size == 64) break;
    m.letters &= ~(((std::uint64_t{1} << size) - 1) << begin);
  }
  return done;
}

void read(std::string_view text, Votes& votes) {
  constexpr std::size_t kRoom = 64 + 16;
  std::size_t at = 0;
  for (; text.size() - at >= kRoom;) at += read_block(text.data() + at, votes);
  char rest[2 * kRoom];
  std::memset(rest, ' ', sizeof rest);
  const std::size_t left = text.size() - at;
  if (left != 0) std::memcpy(rest, text.data() + at, left);
  for (at = 0; at < left;) at += read_block(rest + at, votes);
}

Kind kind_of(const Votes& votes, Abilities needs) {
  std::array<int, 9> of = votes.of;
  if ((needs & kVision) != 0) of[static_cast<std::size_t>(vision)] += 4;
  if ((needs & kTools) != 0) of[static_cast<std::size_t>(tools)] += 3;
  if ((needs & kStructured) != 0) of[static_cast<std::size_t>(extraction)] += 3;
  const auto most = std::max_element(of.begin(), of.end());
  return *most < 2 ? chat : static_cast<Kind>(most - of.begin());
}

}  // namespace

Task guess(const Facts& facts) {
  Votes votes;
  constexpr std::size_t kHalf = kTaskBytes / 2;
  const std::string_view words = facts.words;
  read(words.substr(0, kTaskBytes < words.size() ? kHalf : kTaskBytes), votes);
  if (words.size() > kTaskBytes) read(words.substr(words.size() - kHalf), votes);
  static constexpr std::array<double, 9> kBase = {0.25, 0.45, 0.5, 0.25, 0.2, 0.25, 0.35, 0.5, 0.4};
  Task task{kind_of(votes, facts.needs), 0};
  double d = kBase[static_cast<std::size_t>(task.kind)];
  d += std::clamp(votes.hard, -20, 35) / 100.0;
  if ((facts.needs & kReasoning) != 0) d += 0.2;
  if (facts.tokens > 2'000) d += std::min(0.2, 0.05 * std::log2(static_cast<double>(facts.tokens) / 2'000));
  if (facts.tokens_max > 0 && facts.tokens_max <= 64) d -= 0.1;
  task.difficulty = std::clamp(d, 0.0, 1.0);
  return task;
}

std::string_view name_of(Kind kind) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "chat", "code", "maths", "translation", "extraction", "summary", "writing", "tool use", "vision"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of_difficulty(double difficulty) {
  return difficulty < 0.33 ? "easy" : difficulty < 0.6 ? "medium" : "hard";
}

}  // namespace pb::route
