#include "base/json_strings.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace pb::json {
namespace {

// What the loops are to do, byte by byte.
struct Plain {
  std::string out;
  std::size_t at = 0;
};

constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";

std::size_t plain_find_quote(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return i;
    if (text[i] == '\\') ++i;
  }
  return text.size();
}

Plain plain_unescape(std::string_view text) {
  Plain p;
  while (p.at < text.size()) {
    const char c = text[p.at];
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) break;
    if (c == '\\') {
      const auto letter = p.at + 1 < text.size() ? kLetters.find(text[p.at + 1]) : std::string_view::npos;
      if (letter == std::string_view::npos) break;
      p.out += kMeant[letter];
      p.at += 2;
    } else {
      p.out += c;
      ++p.at;
    }
  }
  return p;
}

Plain plain_escape(std::string_view text) {
  Plain p;
  for (; p.at < text.size(); ++p.at) {
    const char c = text[p.at];
    const auto letter = c == '/' ? std::string_view::npos : kMeant.find(c);
    if (letter != std::string_view::npos)
      p.out += {'\\', kLetters[letter]};
    else if (static_cast<unsigned char>(c) < 0x20)
      break;
    else
      p.out += c;
  }
  return p;
}

void check(const StringLoops& loops, std::string_view text) {
  const std::vector<char> exact(text.begin(), text.end());  // so that a sanitizer sees a read behind its end
  const char* const begin = exact.data();
  const char* const end = begin + exact.size();
  const auto index = [&](const char* p) { return static_cast<std::size_t>(p - begin); };
  CHECK(index(loops.find_quote(begin, end)) == plain_find_quote(text));

  const Plain unescaped = plain_unescape(text), escaped = plain_escape(text);
  std::vector<char> room(text.size() + kStringRoom);
  Copied got = loops.unescape(begin, end, room.data());
  CHECK(index(got.at) == unescaped.at);
  CHECK(std::string_view(room.data(), got.to) == unescaped.out);

  room.resize(2 * text.size() + kStringRoom);
  got = loops.escape(begin, end, room.data(), room.data() + 2 * text.size());
  CHECK(index(got.at) == escaped.at);
  CHECK(std::string_view(room.data(), got.to) == escaped.out);
}

}  // namespace

TEST_CASE("json strings: the loops of every processor do the same") {
  std::mt19937 random(7);
  constexpr std::string_view kRare = "\"\\\\\\nturbf/x\n\t\x01 \xc3\xa9\xff";
  const auto text = [&](std::size_t bytes, unsigned rareness) {
    std::string s;
    while (s.size() < bytes)
      s += random() % rareness != 0 ? static_cast<char>('a' + random() % 26) : kRare[random() % kRare.size()];
    return s;
  };
  for (const StringLoops* loops : {&portable_string_loops(), &string_loops()}) {
    for (std::size_t bytes = 0; bytes < 300; ++bytes)
      for (const unsigned rareness : {1u, 2u, 8u, 64u, 1000u}) check(*loops, text(bytes, rareness));
    // Runs of backslashes across the ends of blocks, of every length at every place.
    for (std::size_t before = 50; before < 70; ++before)
      for (std::size_t run = 0; run < 140; ++run)
        check(*loops, std::string(before, 'a') + std::string(run, '\\') + "\"n" + std::string(80, 'b'));
  }
}

TEST_CASE("json strings: escaping stops where the room ends, and goes on from there") {
  const std::string text(1000, '\n');
  for (const StringLoops* loops : {&portable_string_loops(), &string_loops()}) {
    std::string out;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
      std::vector<char> room(100 + kStringRoom);
      const Copied got = loops->escape(at, end, room.data(), room.data() + 100);
      REQUIRE(got.at > at);
      REQUIRE(got.to <= room.data() + room.size());
      out.append(room.data(), got.to);
      at = got.at;
    }
    CHECK(out == plain_escape(text).out);
  }
}

}  // namespace pb::json
