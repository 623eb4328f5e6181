#include "tools/panel/similarity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "base/names.h"
#include "base/strings.h"

namespace pb::tools::panel {
namespace {

constexpr std::size_t kShortWords = 12;  // longer ones are texts
constexpr std::size_t kGuardWords = 60;  // up to here one "not" or another number turns a text's meaning
constexpr double kContained = 0.9;       // "Paris" in "Paris, France"
constexpr double kTurned = 0.5;      // what is left of a text's likeness where a "not" or a number differs
constexpr std::size_t kShingle = 4;  // bytes
constexpr std::size_t kShinglesMax = 40'000;
constexpr double kOfWords = 0.6;  // the share of whole words in the likeness of texts, the rest are shingles

using Set = std::set<std::string, std::less<>>;

Set content(const std::vector<std::string>& words) {
  Set out;
  for (const std::string& w : words)
    if (!is_filler(w)) out.insert(stem(w));
  if (out.empty()) out.insert(words.begin(), words.end());  // "who", "the it"
  return out;
}

std::size_t common(const Set& a, const Set& b) {
  return static_cast<std::size_t>(
      std::ranges::count_if(a, [&](const std::string& w) { return b.contains(w); }));
}

double dice(const Set& a, const Set& b) {
  return a.empty() && b.empty()
             ? 1
             : 2.0 * static_cast<double>(common(a, b)) / static_cast<double>(a.size() + b.size());
}

Set numbers(const std::vector<std::string>& words) {
  Set out;
  for (const std::string& w : words)
    if (is_number(w)) out.insert(w);
  return out;
}

// Whether one says "not" where the other does not, or other numbers.
bool turned(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto negations = [](const auto& words) {
    return std::ranges::count_if(words, [](const auto& w) { return is_negation(w); });
  };
  if ((negations(a) - negations(b)) % 2 != 0) return true;
  const Set x = numbers(a), y = numbers(b);
  return !x.empty() && !y.empty() && common(x, y) < std::min(x.size(), y.size());
}

// 1 = yes, -1 = no, 0 = neither.
int side(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 6> kYes = {"yes", "yeah", "true", "correct", "valid", "right"};
  constexpr std::array<std::string_view, 5> kNo = {"no", "false", "incorrect", "invalid", "wrong"};
  for (const std::string& w : words) {
    if (is_filler(w)) continue;
    if (std::ranges::find(kYes, w) != kYes.end()) return 1;
    return std::ranges::find(kNo, w) != kNo.end() ? -1 : 0;
  }
  return 0;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

Alike compare_short(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a == b) return {1, Measure::same_words};
  const auto x = quantity_of(a), y = quantity_of(b);
  if (x && y) return {same(*x, *y) ? 1.0 : 0.0, Measure::number};
  if (const int left = side(a), right = side(b); left != 0 && right != 0)
    return {left == right ? 1.0 : 0.0, Measure::yes_no};
  if (turned(a, b)) return {0, Measure::words, true};
  const Set one = content(a), two = content(b);
  const double shared = dice(one, two);
  if (has(a, "or") != has(b, "or"))
    return {kTurned * shared, Measure::words};  // "Paris or London" is not "Paris"
  const bool contained = common(one, two) == std::min(one.size(), two.size());
  return {contained ? std::max(shared, kContained) : shared, Measure::words};
}

std::map<std::string, double> counts(const std::vector<std::string>& words) {
  std::map<std::string, double> out;
  for (const std::string& w : words)
    if (!is_filler(w)) ++out[stem(w)];
  return out;
}

double cosine(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  double product = 0, x = 0, y = 0;
  for (const auto& [word, n] : a) {
    x += n * n;
    if (const auto other = b.find(word); other != b.end()) product += n * other->second;
  }
  for (const auto& [word, n] : b) y += n * n;
  return x == 0 || y == 0 ? 0 : product / std::sqrt(x * y);
}

Set shingles(const std::vector<std::string>& words) {
  const std::string text = joined(words);
  Set out;
  for (std::size_t i = 0; i + kShingle <= text.size() && out.size() < kShinglesMax; ++i)
    out.insert(text.substr(i, kShingle));
  return out;
}

Alike compare_texts(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a == b) return {1, Measure::same_words};
  double value = kOfWords * cosine(counts(a), counts(b)) + (1 - kOfWords) * dice(shingles(a), shingles(b));
  const bool differs = std::max(a.size(), b.size()) <= kGuardWords && turned(a, b);
  if (differs) value *= kTurned;
  return {std::clamp(value, 0.0, 1.0), Measure::text, differs};
}

// "**Answer:** 42" -> "42"; false where the line does not begin so.
bool labelled(std::string_view line, std::string_view label, std::string_view& value) {
  constexpr std::string_view kMarks = " \t*_#>-`";
  line = trim(line);
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(kMarks)));
  if (line.size() < label.size()) return false;
  for (std::size_t i = 0; i < label.size(); ++i)
    if ((line[i] | 0x20) != (label[i] | 0x20)) return false;
  line.remove_prefix(label.size());
  const auto colon = line.find_first_not_of(" \t*_`");
  if (colon == line.npos || line[colon] != ':') return false;
  line.remove_prefix(colon + 1);
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t*_`")));
  while (!line.empty() && kMarks.contains(line.back()) && line.back() != '-') line.remove_suffix(1);
  value = line;
  return true;
}

// "85", "85 %", "0.85", "85/100"
std::optional<double> confidence_of(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || value < 0 || value > 100) return std::nullopt;
  const std::string_view rest = trim(std::string_view(read.ptr, text.data() + text.size()));
  const bool hundredths = rest.starts_with('%') || rest.starts_with("/100") || value > 1;
  if (hundredths) return value / 100;
  return value == 1 && !text.contains('.') ? 0.01 : value;  // we asked for 0 to 100
}

std::string_view boxed(std::string_view text) {
  const auto at = text.rfind("\\boxed{");
  if (at == text.npos) return {};
  std::string_view rest = text.substr(at + 7);
  int depth = 1;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '{') ++depth;
    if (rest[i] == '}' && --depth == 0) return rest.substr(0, i);
  }
  return {};
}

}  // namespace

const std::string_view kSayBriefly =
    "End your reply with two lines of this form and nothing behind them:\n"
    "Answer: <your answer alone, in as few words as can be; - if it has no short form>\n"
    "Confidence: <0 to 100, how sure you are>";

std::string_view name_of(Measure measure) {
  static constexpr std::array<std::string_view, 7> kNames = {"same_words", "number", "yes_no",   "words",
                                                             "text",       "judge",  "embedding"};
  return name_in(kNames, measure);
}

Said read_said(std::string_view text) {
  constexpr int kLinesLooked = 6;  // models like to put an empty line or a rule between
  Said said;
  std::string_view rest = trim(text);
  bool answered = false;
  for (int looked = 0; looked < kLinesLooked && !rest.empty() && !answered; ++looked) {
    const auto newline = rest.rfind('\n');
    const std::string_view line = newline == rest.npos ? rest : rest.substr(newline + 1);
    std::string_view value;
    if (!said.confidence && labelled(line, "confidence", value)) {
      said.confidence = confidence_of(value);
    } else if (labelled(line, "answer", value) || labelled(line, "final answer", value)) {
      answered = true;
      if (value != "-" && words_of(value).size() <= 4 * kShortWords) said.brief = value;
    } else if (!trim(line).empty()) {
      break;
    }
    rest = newline == rest.npos ? std::string_view() : trim(rest.substr(0, newline));
  }
  said.text = rest;
  if (said.brief.empty()) said.brief = boxed(text);
  if (said.text.empty()) said.text = said.brief.empty() ? trim(text) : std::string_view(said.brief);
  return said;
}

Comparable::Comparable(const Said& said) : brief_(words_of(said.brief)), whole_(words_of(said.text)) {
  if (brief_.empty() && whole_.size() <= kShortWords) brief_ = whole_;
}

Alike compare(const Comparable& a, const Comparable& b) {
  const bool briefs = !a.brief_.empty() && !b.brief_.empty();
  if (briefs && a.brief_.size() <= kShortWords && b.brief_.size() <= kShortWords)
    return compare_short(a.brief_, b.brief_);
  return briefs ? compare_texts(a.brief_, b.brief_) : compare_texts(a.whole_, b.whole_);
}

double Matrix::mean() const {
  if (n_ < 2) return 1;
  double sum = 0;
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = i + 1; j < n_; ++j) sum += at(i, j).value;
  return 2 * sum / static_cast<double>(n_ * (n_ - 1));
}

double Matrix::mean_of(std::size_t i, std::span<const std::size_t> others) const {
  double sum = 0;
  int n = 0;
  for (const std::size_t j : others) {
    if (j == i) continue;
    sum += at(i, j).value;
    ++n;
  }
  return n == 0 ? 1 : sum / n;
}

Matrix compare_all(std::span<const Said> said) {
  std::vector<Comparable> ready(said.begin(), said.end());
  Matrix out(said.size());
  for (std::size_t i = 0; i < said.size(); ++i)
    for (std::size_t j = i + 1; j < said.size(); ++j) out.set(i, j, compare(ready[i], ready[j]));
  return out;
}

double cosine(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return 0;
  double product = 0, x = 0, y = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += a[i] * b[i];
    x += a[i] * a[i];
    y += b[i] * b[i];
  }
  return x <= 0 || y <= 0 ? 0 : std::clamp(product / std::sqrt(x * y), 0.0, 1.0);
}

void use_vectors(Matrix& alike, std::span<const std::vector<double>> vectors) {
  for (std::size_t i = 0; i < alike.size(); ++i)
    for (std::size_t j = i + 1; j < alike.size(); ++j) {
      const Alike by_words = alike.at(i, j);
      const bool short_ones = by_words.measure == Measure::words;
      if (!short_ones && by_words.measure != Measure::text) continue;
      const double times = !by_words.turned ? 1 : short_ones ? 0 : kTurned;
      alike.set(i, j, {times * cosine(vectors[i], vectors[j]), Measure::embedding, by_words.turned});
    }
}

}  // namespace pb::tools::panel
