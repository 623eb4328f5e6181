// Texts as words that can be compared: without case, punctuation and markup; numbers as one word each. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pb::tools::panel {

// Lower case for Latin, Greek and Cyrillic letters; numbers without thousands separators, with a point; "%" and "$" are words;
// "percent" is "%". Characters of scripts that are written without spaces are a word each. No more than the first kWordsMax.
std::vector<std::string> words_of(std::string_view text);
inline constexpr std::size_t kWordsMax = 20'000;

// The words with one space between them.
std::string normalised(std::string_view text);
std::string joined(const std::vector<std::string>& words);

// Words that say little by themselves: "the", "is", "answer".
bool is_filler(std::string_view word);
bool is_negation(std::string_view word);
bool is_number(std::string_view word);
// Plural and the commonest endings off: "models" -> "model".
std::string stem(std::string_view word);

struct Quantity {
  double value = 0;
  int decimals = 0;  // after the point, as written
  int digits = 0;    // significant ones, as written
  std::string unit;  // words beside the number; "" = none
};
// A text that is one number, perhaps with words of magnitude ("3 million") and at most three of unit ("42 km"), else nothing.
std::optional<Quantity> quantity_of(const std::vector<std::string>& words);
// Equal values; a rounded one equals the exact one, where three digits or more are left. A unit that only one of them names is no
// difference.
bool same(const Quantity& a, const Quantity& b);

}  // namespace pb::tools::panel
