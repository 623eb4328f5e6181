#include "tools/chat/model_search.h"

#include <algorithm>

#include "base/strings.h"

namespace pb::tools {
namespace {

constexpr std::int64_t kLongContext = 128'000;

struct Hint {
  std::string_view words;  // separated by spaces
  std::string_view meaning;
  void (*apply)(ModelSearch&);
};
constexpr Hint kHints[] = {
    {"free", "only models that cost nothing", [](ModelSearch& s) { s.free = true; }},
    {"vision image images picture pictures multimodal", "only models that look at images",
     [](ModelSearch& s) { s.vision = true; }},
    {"reasoning thinking", "only models that think before they answer",
     [](ModelSearch& s) { s.thinking = true; }},
    {"tool tools", "only models that call tools", [](ModelSearch& s) { s.tools = true; }},
    {"cheap cheapest inexpensive", "the cheapest first",
     [](ModelSearch& s) {
       s.sort = Sort::prompt_price;
       s.descending = false;
     }},
    {"best smartest strongest", "the best rated first",
     [](ModelSearch& s) {
       s.sort = Sort::quality;
       s.descending = true;
     }},
    {"long", "only models with a context of 128,000 tokens or more",
     [](ModelSearch& s) { s.context_min = std::max(s.context_min, kLongContext); }},
};
// Words that people write around the others.
constexpr std::string_view kIdle[] = {"a",     "an",     "the", "with", "for",  "and",
                                      "model", "of",     "any", "that", "me",   "context",
                                      "can",   "models", "in",  "find", "which"};

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

// Smaller is earlier; false = not known.
bool key_of(const KnownModel& m, Sort sort, double& key) {
  switch (sort) {
    case Sort::context_length:
      key = static_cast<double>(m.context);
      return m.context != 0;
    case Sort::prompt_price:
      key = m.price ? m.price->input : 0;
      return m.price.has_value() || is_free(m);
    case Sort::completion_price:
      key = m.price ? m.price->output : 0;
      return m.price.has_value() || is_free(m);
    case Sort::quality:
      key = m.quality;
      return m.quality >= 0;
    case Sort::name:
      break;
  }
  key = 0;
  return true;
}

bool cheap_enough(const KnownModel& m, double llm::ModelPrice::* part, double most) {
  if (most < 0) return true;
  return m.price ? (*m.price).*part <= most : is_free(m);
}

}  // namespace

std::vector<std::string> read_query(std::string_view query, ModelSearch& search) {
  std::vector<std::string> understood;
  const std::string low = lower(query);
  constexpr std::string_view kBetween = " \t\r\n,;";
  for (std::size_t at = low.find_first_not_of(kBetween); at != low.npos;) {
    const std::size_t end = std::min(low.find_first_of(kBetween, at), low.size());
    const std::string word = low.substr(at, end - at);
    at = low.find_first_not_of(kBetween, end);
    const auto* hint = std::ranges::find_if(kHints, [&](const Hint& h) { return has_word(h.words, word); });
    if (hint != std::end(kHints)) {
      hint->apply(search);
      if (std::ranges::find(understood, hint->meaning) == understood.end())
        understood.emplace_back(hint->meaning);
    } else if (std::ranges::find(kIdle, word) == std::end(kIdle)) {
      search.words.push_back(word);
    }
  }
  return understood;
}

bool fits(const KnownModel& m, const ModelSearch& s) {
  const std::string where = lower(m.name + " " + m.provider + " " + m.vendor);
  if (!std::ranges::all_of(s.words, [&](const std::string& w) { return where.contains(w); })) return false;
  if (!s.provider.empty() && m.provider != s.provider) return false;
  if (!cheap_enough(m, &llm::ModelPrice::input, s.prompt_price_max) ||
      !cheap_enough(m, &llm::ModelPrice::output, s.completion_price_max))
    return false;
  if (m.context < s.context_min) return false;
  return (!s.tools || m.tools) && (!s.thinking || m.thinking) && (!s.vision || m.vision) &&
         (!s.free || is_free(m));
}

std::vector<KnownModel> find_models(std::vector<KnownModel> models, const ModelSearch& s) {
  std::erase_if(models, [&](const KnownModel& m) { return !fits(m, s); });
  std::ranges::sort(models, [&](const KnownModel& a, const KnownModel& b) {
    double x = 0, y = 0;
    const bool known_a = key_of(a, s.sort, x), known_b = key_of(b, s.sort, y);
    if (known_a != known_b) return known_a;
    if (known_a && x != y) return s.descending ? x > y : x < y;
    return s.sort == Sort::name && s.descending ? a.name > b.name : a.name < b.name;
  });
  return models;
}

}  // namespace pb::tools
