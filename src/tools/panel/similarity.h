// How alike two answers are, told from their words alone. What is measured depends on what they are: short answers are compared as
// values (same words, same number, yes or no), long ones by the words and the pieces of words that they share. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/words.h"

namespace pb::tools::panel {

// What a model said: its text, and what it named as its answer in short.
struct Said {
  std::string text;                  // without the lines that were asked for
  std::string brief;                 // "" = none
  std::optional<double> confidence;  // 0 … 1, its own
};
// Reads the lines "Answer: …" and "Confidence: …" at the end of a text, and \boxed{…}. Neither is made up where it is missing.
Said read_said(std::string_view text);
// What asks a model for these lines.
extern const std::string_view kSayBriefly;

enum class Measure : std::uint8_t { same_words, number, yes_no, words, text, judge, embedding };
std::string_view name_of(Measure measure);

struct Alike {
  double value = 0;  // 0 … 1
  Measure measure = Measure::text;
  bool turned = false;  // one says "not" or another number
};

// A text made ready: comparing n of them does not read each n times.
class Comparable {
 public:
  explicit Comparable(const Said& said);
  friend Alike compare(const Comparable& a, const Comparable& b);

 private:
  std::vector<std::string> brief_, whole_;  // words
};
Alike compare(const Comparable& a, const Comparable& b);

// Of every pair.
class Matrix {
 public:
  explicit Matrix(std::size_t n) : n_(n), of_(n * n, Alike{1, Measure::same_words}) {}
  const Alike& at(std::size_t i, std::size_t j) const { return of_[i * n_ + j]; }
  void set(std::size_t i, std::size_t j, Alike alike) { of_[i * n_ + j] = of_[j * n_ + i] = alike; }
  std::size_t size() const { return n_; }
  // Of the pairs of different members; 1 for one member.
  double mean() const;
  double mean_of(std::size_t i,
                 std::span<const std::size_t> others) const;  // without i itself; 1 where there are none

 private:
  std::size_t n_;
  std::vector<Alike> of_;
};
Matrix compare_all(std::span<const Said> said);
// 0 … 1: the cosine of two vectors, 0 where it is negative or they have different lengths.
double cosine(std::span<const double> a, std::span<const double> b);
// What words alone cannot tell (other words, long texts) is told by vectors instead, one for each; a "not" and another number go
// on counting as they do.
void use_vectors(Matrix& alike, std::span<const std::vector<double>> vectors);

}  // namespace pb::tools::panel
