// Ratings of known models. From LiveBench (livebench.ai: contamination-free tasks with answers that need no judge), releases of
// 2026-06-25, 2026-01-08, 2025-05-30 and 2025-04-25 as published by November 2026. Each model stands with the best of its measured
// efforts; older releases are brought onto the newest one's scale by the models that are in both (a line per category); then each
// column is stretched so that its best model has 95 and its worst 25. Columns: all; coding; agents (agentic coding, reasoning);
// mathematics; language; data analysis; instruction following (paraphrase, simplify, summarise, stories).
#include "route/ratings.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace pb::route {
namespace {

enum Column : std::uint8_t { kAll, kCode, kAgents, kMaths, kLanguage, kData, kWriting, kColumns };

struct Rated {
  std::string_view name;
  std::array<std::uint8_t, kColumns> of{};  // 0 = not rated
};

// By name, so that families stand together.
constexpr Rated kRated[] = {
    {"claude-3-5-haiku", {40, 59, 29, 37, 46, 46, 32}},
    {"claude-3-5-sonnet", {53, 84, 40, 49, 61, 48, 37}},
    {"claude-3-7-sonnet", {66, 72, 67, 70, 74, 67, 52}},
    {"claude-fable-5", {95, 95, 93, 95, 95, 94, 90}},
    {"claude-haiku-4-5", {71, 72, 72, 79, 71, 73, 63}},
    {"claude-opus-4", {74, 83, 73, 76, 83, 68, 45}},
    {"claude-opus-4-1", {73, 78, 79, 75, 81, 63, 55}},
    {"claude-opus-4-5", {86, 83, 85, 90, 86, 88, 75}},
    {"claude-opus-4-6", {86, 83, 88, 89, 88, 84, 76}},
    {"claude-opus-4-7", {88, 87, 88, 92, 83, 92, 80}},
    {"claude-opus-4-8", {90, 86, 89, 94, 86, 92, 86}},
    {"claude-opus-5", {92, 94, 95, 95, 93, 88, 77}},
    {"claude-sonnet-4", {72, 76, 74, 73, 78, 69, 57}},
    {"claude-sonnet-4-5", {78, 80, 81, 80, 81, 71, 66}},
    {"claude-sonnet-4-6", {86, 84, 87, 87, 82, 91, 77}},
    {"claude-sonnet-5", {88, 90, 92, 92, 80, 85, 77}},
    {"command-a", {41, 49, 44, 45, 46, 39, 54}},
    {"command-r", {25, 25, 25, 25, 35, 26, 28}},
    {"command-r-plus", {29, 26, 26, 28, 37, 39, 29}},
    {"deepseek-chat", {61, 75, 66, 67, 69, 59, 35}},
    {"deepseek-r1", {69, 69, 69, 75, 71, 70, 50}},
    {"deepseek-reasoner", {72, 67, 78, 85, 75, 64, 61}},
    {"deepseek-v4-flash", {90, 90, 93, 88, 85, 93, 85}},
    {"deepseek-v4-pro", {89, 86, 89, 94, 87, 93, 81}},
    {"devstral", {50, 69, 58, 57, 52, 54, 25}},
    {"gemini-2.5-flash", {65, 62, 64, 77, 70, 75, 44}},
    {"gemini-2.5-flash-lite", {55, 55, 56, 68, 58, 62, 40}},
    {"gemini-2.5-pro", {70, 71, 74, 77, 80, 66, 47}},
    {"gemini-3-flash", {84, 76, 77, 85, 89, 88, 89}},
    {"gemini-3-pro", {83, 78, 81, 83, 89, 88, 79}},
    {"gemini-3.1-pro", {89, 79, 84, 91, 90, 92, 94}},
    {"gemini-3.5-flash", {86, 83, 85, 88, 89, 79, 90}},
    {"gemini-3.5-flash-lite", {75, 79, 75, 76, 77, 68, 81}},
    {"gemini-3.6-flash", {85, 79, 84, 87, 88, 77, 90}},
    {"gemini-3.7-flash", {91, 89, 91, 93, 90, 82, 95}},
    {"gemma-3-27b", {41, 53, 34, 50, 48, 25, 41}},
    {"glm-4.6", {66, 69, 70, 82, 64, 66, 38}},
    {"glm-4.7", {68, 72, 71, 78, 70, 69, 48}},
    {"glm-5.2", {85, 85, 85, 89, 81, 87, 75}},
    {"gpt-4.1", {58, 83, 41, 57, 61, 62, 42}},
    {"gpt-4.1-mini", {54, 82, 48, 55, 45, 55, 38}},
    {"gpt-4.1-nano", {41, 71, 35, 43, 38, 40, 29}},
    {"gpt-4o", {49, 78, 38, 42, 51, 58, 34}},
    {"gpt-4o-mini", {38, 61, 28, 39, 37, 47, 29}},
    {"gpt-5", {77, 79, 79, 81, 85, 71, 61}},
    {"gpt-5-chat", {59, 66, 57, 66, 69, 61, 42}},
    {"gpt-5-codex", {75, 74, 79, 81, 84, 69, 61}},
    {"gpt-5-mini", {77, 76, 76, 83, 80, 69, 79}},
    {"gpt-5-nano", {60, 64, 60, 71, 54, 59, 69}},
    {"gpt-5-pro", {80, 75, 82, 86, 85, 71, 77}},
    {"gpt-5.1", {83, 80, 81, 87, 84, 83, 77}},
    {"gpt-5.1-codex", {78, 75, 83, 81, 74, 75, 77}},
    {"gpt-5.1-codex-max", {85, 82, 85, 84, 81, 84, 84}},
    {"gpt-5.1-codex-mini", {70, 70, 73, 78, 68, 64, 72}},
    {"gpt-5.2", {86, 83, 87, 92, 84, 92, 74}},
    {"gpt-5.2-codex", {85, 86, 84, 89, 79, 92, 80}},
    {"gpt-5.3-codex", {84, 84, 85, 88, 85, 77, 85}},
    {"gpt-5.4", {90, 85, 89, 93, 87, 93, 84}},
    {"gpt-5.4-mini", {78, 77, 78, 80, 76, 85, 72}},
    {"gpt-5.4-nano", {81, 77, 84, 90, 68, 81, 81}},
    {"gpt-5.5", {92, 88, 90, 95, 92, 95, 86}},
    {"gpt-5.6-luna", {85, 85, 86, 87, 77, 92, 73}},
    {"gpt-5.6-sol", {93, 90, 92, 95, 92, 93, 86}},
    {"gpt-5.6-terra", {90, 86, 91, 94, 87, 93, 78}},
    {"gpt-oss-120b", {57, 56, 57, 71, 54, 53, 63}},
    {"grok-4", {73, 68, 76, 84, 81, 77, 41}},
    {"grok-4-1-fast-non-reasoning", {44, 50, 49, 46, 56, 55, 29}},
    {"grok-4-1-fast-reasoning", {71, 67, 77, 84, 79, 66, 40}},
    {"grok-4.3", {73, 60, 69, 85, 78, 70, 76}},
    {"grok-4.5", {87, 82, 90, 90, 87, 87, 86}},
    {"grok-4.6", {90, 87, 92, 92, 88, 88, 86}},
    {"grok-build-0.1", {79, 74, 82, 80, 77, 85, 78}},
    {"grok-code-fast", {55, 64, 62, 60, 54, 63, 34}},
    {"kimi-k2", {73, 72, 72, 82, 72, 66, 75}},
    {"kimi-k2.6", {82, 82, 83, 85, 80, 79, 77}},
    {"kimi-k2.7", {80, 78, 84, 81, 83, 77, 68}},
    {"kimi-k3", {91, 92, 94, 85, 90, 92, 85}},
    {"llama-3.3-70b", {41, 57, 33, 42, 51, 28, 46}},
    {"llama-4-maverick", {48, 60, 41, 56, 56, 36, 42}},
    {"minimax-m3", {78, 72, 79, 78, 82, 90, 70}},
    {"mistral-large", {45, 71, 34, 42, 47, 46, 36}},
    {"mistral-medium", {48, 57, 48, 56, 53, 55, 40}},
    {"mistral-small", {40, 54, 36, 40, 41, 43, 33}},
    {"o3", {75, 89, 75, 74, 83, 64, 49}},
    {"o3-mini", {}},  // not measured, and not an o3
    {"o4-mini", {73, 92, 71, 74, 73, 65, 48}},
    {"qwen2.5-72b", {43, 64, 34, 50, 43, 40, 34}},
    {"qwen2.5-7b", {28, 35, 26, 39, 25, 30, 25}},
    {"qwen3-235b", {66, 60, 64, 75, 74, 66, 59}},
    {"qwen3-30b", {50, 44, 52, 68, 60, 59, 33}},
    {"qwen3-32b", {55, 55, 57, 70, 61, 61, 29}},
    {"qwen3-coder", {59, 71, 58, 61, 71, 61, 43}},
    {"qwen3.6-plus", {80, 78, 80, 84, 80, 84, 71}},
    {"qwen3.7-max", {85, 77, 84, 86, 84, 85, 88}},
    {"qwen3.8-max", {90, 89, 94, 91, 84, 92, 88}},
};
static_assert(std::is_sorted(std::begin(kRated), std::end(kRated),
                             [](const Rated& a, const Rated& b) { return a.name < b.name; }));

// In the order of Kind: chat, code, maths, translation, extraction, summary, writing, tools, vision.
constexpr std::array<Column, 9> kColumnOf = {kAll,     kCode,    kMaths,  kLanguage, kData,
                                             kWriting, kWriting, kAgents, kAll};

// Whether a model's name begins with a rated one's and goes on with a version's date or the like; "claude-opus-4.5" is
// written for "claude-opus-4-5" too, but "gpt-5.4" is no "gpt-5".
bool begins(std::string_view model, std::string_view rated) {
  if (model.size() < rated.size()) return false;
  for (std::size_t i = 0; i < rated.size(); ++i)
    if (model[i] != rated[i] && !(model[i] == '.' && rated[i] == '-')) return false;
  const char next = model.size() == rated.size() ? '-' : model[rated.size()];
  return next == '-' || next == ':' || next == '@' || next == '_';
}

}  // namespace

double rating(std::string_view model, Kind kind) {
  constexpr std::size_t kFamily = 2;           // letters by which a family is found
  model = model.substr(model.rfind('/') + 1);  // npos + 1 is 0
  if (model.size() < kFamily) return -1;
  const auto family = model.substr(0, kFamily);
  const Rated* at = std::lower_bound(std::begin(kRated), std::end(kRated), family,
                                     [](const Rated& r, std::string_view name) { return r.name < name; });
  const Rated* best = nullptr;
  for (; at != std::end(kRated) && at->name.starts_with(family); ++at)
    if (begins(model, at->name) && (best == nullptr || at->name.size() > best->name.size())) best = at;
  if (best == nullptr) return -1;
  const std::uint8_t value = best->of[kColumnOf[static_cast<std::size_t>(kind)]];
  return value == 0 ? -1 : value / 100.0;
}

}  // namespace pb::route
