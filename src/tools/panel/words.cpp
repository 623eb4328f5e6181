#include "tools/panel/words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/strings.h"
#include "base/utf8.h"

namespace pb::tools::panel {
namespace {

struct Point {
  char32_t c = 0;
  std::size_t bytes = 0;  // of its UTF-8
};

// Ill-formed bytes count as spaces.
Point point_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const std::size_t bytes = utf8::length(text, at);
  switch (bytes) {
    case 1:
      return {byte(0), 1};
    case 2:
      return {static_cast<char32_t>((byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu)), 2};
    case 3:
      return {static_cast<char32_t>((byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu)), 3};
    case 4:
      return {0x10000, 4};  // which one does not matter here
    default:
      return {U' ', 1};
  }
}

void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

char32_t lower(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;
  if (c >= 0x391 && c <= 0x3a9) return c + 32;
  if (c >= 0x410 && c <= 0x42f) return c + 32;
  if (c >= 0x400 && c <= 0x40f) return c + 80;
  if (c >= 0x100 && c <= 0x137 && c % 2 == 0) return c + 1;
  return c;
}

bool is_space_like(char32_t c) {
  if (c < 0x80)
    return !is_digit(static_cast<char>(c)) && !is_letter(static_cast<char>(c)) && c != U'%' && c != U'$';
  return (c >= 0x80 && c <= 0xbf && c != 0xaa && c != 0xb0 && c != 0xb5 && c != 0xba && c != 0xa3 &&
          c != 0xa5) ||
         c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x3020) ||
         (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || c == 0xfeff;
}

// Scripts whose words are not set apart by spaces.
bool is_word_alone(char32_t c) {
  return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x0e00 && c <= 0x0eff) ||
         c == U'%' || c == U'$' || (c >= 0x20a0 && c <= 0x20bf) || c == 0xa3 || c == 0xa5;
}

constexpr std::array kFillers = {"a",     "about", "also",   "an",      "and",   "answer", "approximately",
                                 "are",   "as",    "at",     "be",      "been",  "but",    "by",
                                 "can",   "do",    "does",   "final",   "for",   "from",   "has",
                                 "have",  "here",  "how",    "i",       "if",    "in",     "into",
                                 "is",    "it",    "its",    "may",     "my",    "of",     "on",
                                 "or",    "our",   "result", "roughly", "so",    "such",   "than",
                                 "that",  "the",   "their",  "then",    "there", "these",  "they",
                                 "this",  "to",    "was",    "we",      "were",  "what",   "when",
                                 "which", "who",   "will",   "with",    "would", "you",    "your"};
constexpr std::array kNegations = {"not",    "no",        "never",   "none",  "neither", "nor",
                                   "cannot", "without",   "isnt",    "arent", "dont",    "doesnt",
                                   "didnt",  "wasnt",     "werent",  "cant",  "wont",    "shouldnt",
                                   "false",  "incorrect", "invalid", "wrong"};
constexpr std::array<std::string_view, 13> kSmall = {"zero", "one",    "two",   "three", "four",
                                                     "five", "six",    "seven", "eight", "nine",
                                                     "ten",  "eleven", "twelve"};
struct Magnitude {
  std::string_view word;
  double times;
};
constexpr std::array kMagnitudes = {Magnitude{"hundred", 1e2}, Magnitude{"thousand", 1e3},
                                    Magnitude{"million", 1e6}, Magnitude{"billion", 1e9},
                                    Magnitude{"trillion", 1e12}};

// A number's characters from `at` on: digits with separators, a sign before, an exponent or a divisor behind. 0 = none.
std::size_t take_number(std::string_view text, std::size_t at, std::string& word) {
  const std::size_t begin = at;
  const auto digit_at = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
  if (text[at] == '-' || text[at] == '+') {
    const char before = at > 0 ? text[at - 1] : ' ';
    if (!digit_at(at + 1) || is_digit(before) || is_letter(before) || before == ')') return 0;
    if (text[at] == '-') word += '-';
    ++at;
  }
  if (!digit_at(at)) return 0;
  bool point = false, exponent = false, divisor = false;
  while (at < text.size()) {
    const char c = text[at];
    if (is_digit(c)) {
      word += c;
    } else if (c == ',' && digit_at(at + 1) && !point) {
      const bool thousands = digit_at(at + 2) && digit_at(at + 3) && !digit_at(at + 4);
      if (!thousands) {
        // A list of numbers has a space behind its commas; "1,5" is one and a half.
        word += '.';
        point = true;
      }
    } else if (c == '.' && digit_at(at + 1) && !point && !divisor) {
      word += '.';
      point = true;
    } else if (c == '/' && digit_at(at + 1) && !divisor && !point && !exponent) {
      word += '/';
      divisor = true;
    } else if ((c == 'e' || c == 'E') && !exponent && !divisor &&
               (digit_at(at + 1) || (at + 1 < text.size() && text[at + 1] == '-' && digit_at(at + 2)))) {
      word += 'e';
      if (text[at + 1] == '-') word += text[++at];
      exponent = true;
    } else {
      break;
    }
    ++at;
  }
  return at - begin;
}

double number_value(std::string_view word) {
  double value = 0, by = 1;
  const auto slash = word.find('/');
  const auto upper = word.substr(0, slash);
  std::from_chars(upper.data(), upper.data() + upper.size(), value);
  if (slash != word.npos) std::from_chars(word.data() + slash + 1, word.data() + word.size(), by);
  return by == 0 ? 0 : value / by;
}

// Digits that say something, and those behind the point.
void count_digits(std::string_view word, Quantity& q) {
  bool point = false, leading = true;
  for (const char c : word.substr(0, word.find('e'))) {
    if (c == '.') point = true;
    if (!is_digit(c)) continue;
    if (c != '0') leading = false;
    if (!leading) ++q.digits;
    if (point) ++q.decimals;
  }
}

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (word == "percent") word = "%";
    out.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size() && out.size() < kWordsMax;) {
    if (word.empty()) {
      if (const std::size_t taken = take_number(text, at, word); taken != 0) {
        at += taken;
        end_word();
        continue;
      }
    }
    Point p = point_at(text, at);
    if (p.c == 0x2212 && at + p.bytes < text.size() && is_digit(text[at + p.bytes]) && word.empty()) {
      std::string digits;  // a typographic minus
      at += p.bytes;
      at += take_number(text, at, digits);
      word = "-" + digits;
      end_word();
      continue;
    }
    const bool apostrophe = p.c == U'\'' || p.c == 0x2019;
    if (apostrophe && !word.empty()) {  // "don't" is one word
      at += p.bytes;
      continue;
    }
    if (is_space_like(p.c)) {
      end_word();
    } else if (is_word_alone(p.c)) {
      end_word();
      append(word, lower(p.c));
      end_word();
    } else if (p.bytes == 4) {
      word.append(text.substr(at, 4));
    } else {
      append(word, lower(p.c));
    }
    at += p.bytes;
  }
  end_word();
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : " ").append(word);
  return out;
}

std::string normalised(std::string_view text) { return joined(words_of(text)); }

bool is_filler(std::string_view word) { return among(kFillers, word); }
bool is_negation(std::string_view word) { return among(kNegations, word); }
bool is_number(std::string_view word) {
  return !word.empty() && (is_digit(word[0]) || (word[0] == '-' && word.size() > 1 && is_digit(word[1])));
}

std::string stem(std::string_view word) {
  if (word.size() < 4 || is_number(word)) return std::string(word);
  if (word.ends_with("ies") && word.size() > 4) return std::string(word.substr(0, word.size() - 3)) + "y";
  for (const std::string_view ending : {"sses", "xes", "ches", "shes"})
    if (word.ends_with(ending)) return std::string(word.substr(0, word.size() - 2));
  if (word.ends_with("ing") && word.size() > 6) return std::string(word.substr(0, word.size() - 3));
  if (word.ends_with("ed") && word.size() > 5) return std::string(word.substr(0, word.size() - 2));
  if (word.ends_with("s") && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is"))
    return std::string(word.substr(0, word.size() - 1));
  return std::string(word);
}

std::optional<Quantity> quantity_of(const std::vector<std::string>& words) {
  constexpr std::size_t kWordsLooked = 12, kUnitWords = 3;
  if (words.empty() || words.size() > kWordsLooked) return std::nullopt;
  Quantity q;
  bool found = false;
  std::size_t units = 0;
  for (const std::string& word : words) {
    const auto small = std::find(kSmall.begin(), kSmall.end(), word);
    if (is_number(word) || small != kSmall.end()) {
      if (found) return std::nullopt;
      found = true;
      if (small != kSmall.end()) {
        q.value = static_cast<double>(small - kSmall.begin());
        q.digits = 1;
      } else {
        q.value = number_value(word);
        count_digits(word, q);
      }
      continue;
    }
    const auto magnitude = std::find_if(kMagnitudes.begin(), kMagnitudes.end(),
                                        [&](const Magnitude& m) { return m.word == word; });
    if (magnitude != kMagnitudes.end() && found) {
      q.value *= magnitude->times;
      q.decimals = 0;
      continue;
    }
    if (is_negation(word)) return std::nullopt;
    if (is_filler(word)) continue;
    if (++units > kUnitWords) return std::nullopt;
    q.unit.append(q.unit.empty() ? "" : " ").append(stem(word));
  }
  if (!found) return std::nullopt;
  return q;
}

bool same(const Quantity& a, const Quantity& b) {
  if (!a.unit.empty() && !b.unit.empty() && a.unit != b.unit) return false;
  const double most = std::max(std::abs(a.value), std::abs(b.value));
  if (std::abs(a.value - b.value) <= 1e-9 * most) return true;
  constexpr int kDigitsLeast = 3;
  const Quantity& coarse = a.decimals < b.decimals ? a : b;
  const Quantity& fine = a.decimals < b.decimals ? b : a;
  if (a.decimals == b.decimals || coarse.digits < kDigitsLeast) return false;
  const double step = std::pow(10, coarse.decimals);
  return std::abs(std::round(fine.value * step) / step - coarse.value) <= 1e-9 * most;
}

}  // namespace pb::tools::panel
