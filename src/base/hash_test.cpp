#include "base/hash.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace pb;

TEST_CASE("hash: every length, position and bit counts") {
  std::set<std::uint64_t> seen;
  std::size_t made = 0;
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text(size, 'a');
    seen.insert(hash64(text, 1));
    ++made;
    for (std::size_t i = 0; i < size; ++i)
      for (int bit = 0; bit < 8; bit += 3) {
        std::string other = text;
        other[i] = static_cast<char>(other[i] ^ (1 << bit));
        seen.insert(hash64(other, 1));
        ++made;
      }
  }
  CHECK(seen.size() == made);
  CHECK(hash64("abc", 1) != hash64("abc", 2));
  CHECK(hash64("abc", 7) == hash64(std::string("xabc").substr(1), 7));  // wherever it stands in memory
}

TEST_CASE("hash: where a text is cut does not count") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>('a' + i % 23);
  const auto whole = hash64(text, 5);
  for (std::size_t a = 0; a <= text.size(); a += 7)
    for (std::size_t b = a; b <= text.size(); b += 11) {
      Hash64 h(5);
      h.add(std::string_view(text).substr(0, a));
      h.add(std::string_view(text).substr(a, b - a));
      h.add(std::string_view(text).substr(b));
      CHECK(h.value() == whole);
    }
  CHECK(hash64(std::string_view("a\0", 2), 5) != hash64("a", 5));
}

TEST_CASE("hash: low bits choose a place in a table evenly") {
  int places[64] = {};
  for (int i = 0; i < 6400; ++i) ++places[hash64("conversation " + std::to_string(i), 99) % 64];
  for (int n : places) {
    CHECK(n > 50);
    CHECK(n < 160);
  }
}
