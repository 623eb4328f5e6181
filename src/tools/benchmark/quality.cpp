#include "tools/benchmark/quality.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/strings.h"

namespace pb::tools::bench {
namespace {

// Bytes of characters beyond ASCII count as letters, so that words of any language with spaces are words.
bool in_word(char c) { return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : text) {
    if (in_word(c)) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) out.push_back(std::move(word));
  return out;
}

// Words that tell nothing of what a question is about.
constexpr std::array kFillers = {
    std::string_view("about"),   std::string_view("answer"),  std::string_view("could"),
    std::string_view("does"),    std::string_view("each"),    std::string_view("every"),
    std::string_view("exactly"), std::string_view("explain"), std::string_view("following"),
    std::string_view("from"),    std::string_view("give"),    std::string_view("have"),
    std::string_view("into"),    std::string_view("least"),   std::string_view("only"),
    std::string_view("please"),  std::string_view("should"),  std::string_view("some"),
    std::string_view("than"),    std::string_view("that"),    std::string_view("their"),
    std::string_view("them"),    std::string_view("then"),    std::string_view("there"),
    std::string_view("these"),   std::string_view("this"),    std::string_view("what"),
    std::string_view("when"),    std::string_view("where"),   std::string_view("which"),
    std::string_view("with"),    std::string_view("would"),   std::string_view("write"),
    std::string_view("your")};

double relevance_of(std::string_view prompt, const std::vector<std::string>& answer) {
  std::set<std::string> asked;
  for (std::string& word : words_of(prompt))
    if (word.size() >= 4 && std::ranges::find(kFillers, std::string_view(word)) == kFillers.end())
      asked.insert(std::move(word));
  if (asked.empty()) return 1;
  const std::set<std::string> told(answer.begin(), answer.end());
  const auto found =
      std::ranges::count_if(asked, [&](const std::string& word) { return told.contains(word); });
  return std::min(1.0, 2 * static_cast<double>(found) / static_cast<double>(asked.size()));
}

// The share of sequences of three words that have not been there before.
double coherence_of(const std::vector<std::string>& words) {
  if (words.size() < 3) return 1;
  std::set<std::string> seen;
  const std::size_t count = words.size() - 2;
  for (std::size_t i = 0; i < count; ++i) seen.insert(words[i] + ' ' + words[i + 1] + ' ' + words[i + 2]);
  return static_cast<double>(seen.size()) / static_cast<double>(count);
}

double completeness_of(std::string_view answer, std::string_view finish_reason) {
  if (finish_reason == "length") return 0.4;
  if (finish_reason == "content_filter") return 0.1;
  const std::size_t last = answer.find_last_not_of(" \t\r\n");
  const char c = answer[last];
  // Code fences and lists end otherwise than sentences; a short answer needs no full stop.
  const bool ended = std::string_view(".!?:;)]}\"'`*|>").contains(c) || static_cast<unsigned char>(c) >= 0x80;
  return ended || answer.size() < 200 ? 1 : 0.8;
}

}  // namespace

const std::string_view kHeuristicsNote =
    "Quality is told by plain rules, not by a reader: 40 % whole (1; 0.8 without an end; 0.4 cut for "
    "length), 40 % words of the "
    "question that the answer takes up, 20 % without repetition. Whether an answer is true they cannot tell; "
    "name a `judge` model "
    "for that.";

const std::string_view kRubricNote =
    "Quality is a judge model's: 40 % correctness, 20 % completeness, 20 % relevance, 20 % clarity, each 0 "
    "to 10. The judge reads "
    "all answers to a question at once, in random order, and is not told whose they are.";

Heuristics look_at(std::string_view prompt, std::string_view answer, std::string_view finish_reason) {
  Heuristics h;
  if (answer.find_first_not_of(" \t\r\n") == answer.npos) return h;
  const std::vector<std::string> words = words_of(answer);
  h.completeness = completeness_of(answer, finish_reason);
  h.relevance = relevance_of(prompt, words);
  h.coherence = coherence_of(words);
  return h;
}

bool contains_code(std::string_view answer) { return answer.contains("```"); }

std::string grades_json(const Heuristics& h) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("completeness", h.completeness);
  w.field("relevance", h.relevance);
  w.field("coherence", h.coherence);
  w.end_object();
  return out;
}

std::string grades_json(const Verdict& v) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("correctness", v.correctness);
  w.field("completeness", v.completeness);
  w.field("relevance", v.relevance);
  w.field("clarity", v.clarity);
  w.end_object();
  return out;
}

}  // namespace pb::tools::bench
