#include "llm/abilities.h"

namespace pb::llm {
namespace {

struct Row {
  std::string_view start;
  Abilities abilities;
};
constexpr Abilities kNeither{}, kVision{true, false}, kThinking{false, true}, kBoth{true, true};

// As of 2026-11, from the vendors' pages on their models. Every model of these families calls tools.
constexpr Row kRows[] = {
    {"claude-", kBoth},
    {"claude-3-haiku", kVision},
    {"claude-3-5", kVision},
    {"gpt-5", kBoth},
    {"gpt-5-chat", kVision},
    {"gpt-4o", kVision},
    {"gpt-4.1", kVision},
    {"gpt-4-turbo", kVision},
    {"gpt-oss", kThinking},
    {"o1", kBoth},
    {"o3", kBoth},
    {"o3-mini", kThinking},
    {"o4-mini", kBoth},
    {"deepseek-v4", kThinking},
    {"deepseek-chat", kNeither},
    {"deepseek-reasoner", kThinking},
    {"deepseek-r1", kThinking},
    {"gemini-", kBoth},
    {"gemini-1", kVision},
    {"gemini-2.0", kVision},
    {"grok-4", kBoth},
    {"grok-4.20-0309-non-reasoning", kVision},
    {"mistral-large", kVision},
    {"mistral-medium", kVision},
    {"mistral-small", kVision},
    {"magistral", kBoth},
    {"ministral", kVision},
    {"pixtral", kVision},
    {"codestral", kNeither},
    {"llama-3.1-8b", kNeither},
    {"llama-3.3-70b", kNeither},
    {"gpt-3.5", kNeither},
    {"qwen3", kThinking},
    {"qwen3-coder", kNeither},
    {"qwen3-vl", kBoth},
    {"llava", kVision},
    {"sim-", kBoth},
    {"echo", kBoth},
};

}  // namespace

std::optional<Abilities> known_abilities(std::string_view model) {
  model = model.substr(model.rfind('/') + 1);  // npos + 1 is 0
  const Row* best = nullptr;
  for (const Row& row : kRows)
    if (model.starts_with(row.start) && (best == nullptr || row.start.size() > best->start.size()))
      best = &row;
  return best == nullptr ? std::nullopt : std::optional(best->abilities);
}

Abilities abilities_of(std::string_view model) { return known_abilities(model).value_or(kNeither); }

}  // namespace pb::llm
