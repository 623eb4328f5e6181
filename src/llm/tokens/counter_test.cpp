// tests/golden/tokens/samples.json holds texts with their counts; tests/e2e/tokens.test.mjs checks those counts against the
// encodings' reference implementation, this file the counter against them.
#include "llm/tokens/counter.h"

#include <doctest/doctest.h>

#include <random>

#include "base/json.h"
#include "llm/llm_test_support.h"

using namespace pb;
using namespace pb::llm;
using namespace pb::llm::tokens;

namespace {

std::int64_t count(std::string_view text, Encoding encoding = Encoding::o200k) {
  Counter counter(encoding);
  counter.add(text);
  return counter.counts().total();
}

std::string repeat(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

// The algorithm's definition, for comparison: O(n^2) and more.
std::size_t merge_plainly(const Ranks& ranks, std::string_view piece) {
  std::vector<std::string> parts;
  for (const char c : piece) parts.emplace_back(1, c);
  const auto rank = [&](std::size_t i) {
    const std::string both = parts[i] + parts[i + 1];
    return ranks.find(reinterpret_cast<const Byte*>(both.data()), both.size());
  };
  for (;;) {
    std::uint32_t best = kNoRank;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
      if (rank(i) < best) {
        best = rank(i);
        at = i;
      }
    if (best == kNoRank) return parts.size();
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

// Text of characters that the patterns treat differently.
std::string random_text(std::mt19937& random, std::size_t characters) {
  static const std::string_view kParts[] = {
      " ", "  ", "\n", "\r\n", "\t", "a",  "b",      "S",      "T",  "'",   "'s",     "'LL",  "1", "2", "/",
      ".", "_",  "é",  "É",    "ǅ",  "ʰ",  "ª",      "\u0301", "中", "か",  "カ",     "한",   "ب", "न", "ि",
      "д", "Д",  "½",  "٣",    "Ⅷ",  "😀", "\u200d", " ",      "　", "the", "return", "\x80", "ß", "ı", "İ"};
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) text += kParts[random() % std::size(kParts)];
  return text;
}

}  // namespace

TEST_SUITE_BEGIN("tokens");

TEST_CASE("texts in many languages, code and oddities: exactly OpenAI's counts") {
  const std::string file = testing::read_file(testing::source_dir() / "tests/golden/tokens/samples.json");
  json::Arena arena;
  const auto samples = json::parse(file, arena);
  REQUIRE(samples.has_value());
  CHECK(samples->size() > 40);
  for (const json::Value& sample : samples->items()) {
    CAPTURE(sample["name"].as_string());
    const std::string_view text = sample["text"].as_string();
    CHECK(count(text, Encoding::o200k) == sample["o200k"].as_int(-1));
    CHECK(count(text, Encoding::cl100k) == sample["cl100k"].as_int(-1));
  }
}

TEST_CASE("pieces of every length are merged as defined") {
  std::mt19937 random(7);
  for (const Encoding encoding : {Encoding::o200k, Encoding::cl100k}) {
    const Ranks ranks = ranks_of(encoding);
    MergeScratch scratch;
    for (int i = 0; i < 400; ++i) {
      const std::size_t length = 1 + random() % (i % 4 == 0 ? 300 : 40);
      const int letters = i % 3 == 0 ? 3 : i % 3 == 1 ? 26 : 256;
      std::string piece;
      for (std::size_t k = 0; k < length; ++k)
        piece += static_cast<char>((letters == 256 ? 0 : 'a') +
                                   static_cast<int>(random() % static_cast<unsigned>(letters)));
      CAPTURE(piece);
      CHECK(count_piece(ranks, reinterpret_cast<const Byte*>(piece.data()), length, scratch) ==
            merge_plainly(ranks, piece));
    }
  }
}

TEST_CASE("all bytes are tokens, and so is every rank") {
  for (const Encoding encoding : {Encoding::o200k, Encoding::cl100k}) {
    const Ranks ranks = ranks_of(encoding);
    std::uint32_t highest = 0;
    for (int b = 0; b < 256; ++b) {
      const Byte byte = static_cast<Byte>(b);
      highest = std::max(highest, ranks.find(&byte, 1));
    }
    CHECK(highest == 255);
  }
}

TEST_CASE("long runs take no longer than other texts, give or take") {
  CHECK(count(std::string(20000, 'a')) == 2500);
  CHECK(count(std::string(400'000, 'a')) == 50'000);
  CHECK(count(std::string(400'000, ' ')) == 3125);
  CHECK(count(repeat("中", 60'000)) > 20'000);
  CHECK(count(repeat("ab", 60'000), Encoding::cl100k) > 20'000);
}

TEST_CASE("bytes that are no UTF-8 are counted too") {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::size_t k = random() % 200; k > 0; --k) text += static_cast<char>(random());
    const std::int64_t n = count(text);
    CHECK(n <= static_cast<std::int64_t>(text.size()));
    CHECK((n > 0) == !text.empty());
  }
  for (const std::string_view cut : {"\xF0\x9F", "\xE4", "\xC0\xF9/", "\xF5\x80\x80\x80", "a\xED\xA0\x80z"})
    CHECK(count(cut) >= 1);
}

TEST_CASE("a text that arrives in pieces has the same count") {
  std::mt19937 random(11);
  for (int i = 0; i < 8; ++i) {
    const std::string text = random_text(random, 25'000);
    RunningCount running(Encoding::o200k);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t n = std::min<std::size_t>(1 + random() % (i % 2 == 0 ? 7 : 40'000), text.size() - at);
      running.append(std::string_view(text).substr(at, n));
      at += n;
    }
    CHECK(running.counts().total() == count(text));
  }
  RunningCount one_piece(Encoding::o200k);
  for (int i = 0; i < 200; ++i) one_piece.append(std::string(1000, 'a'));
  CHECK(std::abs(one_piece.counts().total() - 200'000 / 8) < 10);
}

TEST_CASE("the beginning of a text is counted up to where more text could matter") {
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    const std::string text = random_text(random, 60);
    const std::size_t cut = random() % (text.size() + 1);
    Counter counter(Encoding::o200k);
    const std::size_t done = counter.add_beginning(std::string_view(text).substr(0, cut));
    CHECK(done <= cut);
    counter.add(std::string_view(text).substr(done));
    CHECK(counter.counts().total() == count(text));
  }
}

TEST_CASE("a counter that is asked to stop does") {
  std::stop_source stop;
  Counter counter(Encoding::o200k, stop.get_token());
  counter.add("one two");
  CHECK(counter.counts().total() == 2);
  stop.request_stop();
  counter.add(std::string(1'000'000, 'x'));
  CHECK(counter.stopped());
  CHECK(counter.counts().total() == 2);
}

TEST_CASE("kinds of text") {
  const auto kinds = [](std::string_view text) {
    Counter counter(Encoding::o200k);
    counter.add(text);
    return counter.counts();
  };
  CHECK(kinds("hello world")[Kind::word] == 2);
  CHECK(kinds(" être")[Kind::latin] > 0);
  CHECK(kinds("được")[Kind::latin] > 0);
  CHECK(kinds("мир")[Kind::cyrillic] > 0);
  CHECK(kinds("κόσμος")[Kind::cyrillic] > 0);
  CHECK(kinds("灯塔")[Kind::han] > 0);
  CHECK(kinds("カタカナ")[Kind::kana] > 0);
  CHECK(kinds("한국어")[Kind::hangul] > 0);
  CHECK(kinds("สวัสดี")[Kind::script] > 0);
  CHECK(kinds("12345")[Kind::number] == 2);
  CHECK(kinds("12345٣").digits == 6);
  CHECK(kinds("=>{}")[Kind::symbol] > 0);
  CHECK(kinds("\n\n")[Kind::space] == 1);
}

TEST_SUITE_END();
