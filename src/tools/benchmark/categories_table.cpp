#include "tools/benchmark/categories.h"

namespace pb::tools::bench {
namespace {

constexpr Category kCategories[] = {
    {"general",
     "General questions",
     {"Explain in three sentences what makes the sky blue, for a curious twelve-year-old.",
      "Name the three most important things to check before buying a used bicycle, with one reason each."}},
    {"coding",
     "Programming",
     {"Write a Python function `merge(intervals)` that merges overlapping intervals given as a list of "
      "(start, end) pairs and "
      "returns them sorted. Give only the code.",
      "This SQL is slow on a table of ten million rows: SELECT * FROM orders WHERE date(created_at) = "
      "'2024-05-01'. Say why, "
      "and rewrite it so that an index on created_at is used."}},
    {"reasoning",
     "Reasoning",
     {"Anna is older than Ben. Carl is younger than Ben but older than Dora. Emil is older than Carl and "
      "younger than Ben. List "
      "all five from oldest to youngest.",
      "A farmer must cross a river with a wolf, a goat and a cabbage; the boat carries him and one of them. "
      "Wolf and goat, and "
      "goat and cabbage, must not be left alone. Give the shortest plan, step by step."}},
    {"mathematics",
     "Mathematics",
     {"A tank is filled by one pipe in 6 hours and by another in 4 hours; a drain empties it in 12 hours. "
      "All three are open. "
      "How long does it take to fill the empty tank? Show the calculation.",
      "How many positive divisors does 720 have, and what is their sum? Show how you get there."}},
    {"writing",
     "Writing",
     {"Write the opening paragraph (about 80 words) of a short story that begins with a letter arriving "
      "forty years late.",
      "Write a polite e-mail of at most 90 words that declines a meeting and proposes two other times."}},
    {"summarization",
     "Summaries",
     {"Summarise in one sentence: The library will close its branch in the old town at the end of March "
      "because the building "
      "needs a new roof. Most of the books move to the central branch, which will stay open until nine in "
      "the evening from "
      "April. The children's reading hour moves to the community centre. The city expects the work to take "
      "eighteen months.",
      "List the decisions and open questions of these minutes in bullet points: We agreed to ship version 2 "
      "on the 14th. Mia "
      "fixes the login bug first. Nobody knows yet who writes the release notes. The price stays the same "
      "for old customers; "
      "for new ones it is still to be decided."}},
    {"translation",
     "Translation",
     {"Translate into German, French and Spanish: \"The last train leaves at half past ten, so please be on "
      "time.\"",
      "Translate into English and explain the idiom: \"Wer im Glashaus sitzt, soll nicht mit Steinen "
      "werfen.\""}},
    {"extraction",
     "Structured data",
     {"Return only JSON with the members name, city, amount (a number) and due (as YYYY-MM-DD): \"Invoice "
      "for Ms Clara Novak, "
      "Brno: please pay 1,250.50 euros by the third of July 2025.\"",
      "Classify each line as bug, wish or praise and return only a JSON list of objects with line and class: "
      "1. The export "
      "crashes with large files. 2. I love the new colours. 3. A dark mode would be nice."}},
};

}  // namespace

std::span<const Category> categories() { return kCategories; }

const Category* find_category(std::string_view name) {
  for (const Category& c : kCategories)
    if (c.name == name) return &c;
  return nullptr;
}

}  // namespace pb::tools::bench
