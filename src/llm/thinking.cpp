#include "llm/thinking.h"

namespace pb::llm {
namespace {

// "none" and its like; null and "" say nothing.
bool level(json::Value v) {
  const std::string_view text = v.as_string();
  return !text.empty() && text != "none" && text != "off" && text != "disabled" && text != "MINIMAL" &&
         text != "THINKING_LEVEL_UNSPECIFIED";
}

bool anthropic(json::Value v) { return v.is_object() ? v["type"].as_string() != "disabled" : v.as_bool(); }

bool reasoning(json::Value v) {
  if (!v["enabled"].as_bool(true) || v["effort"].as_string() == "none") return false;
  return v["enabled"].as_bool() || level(v["effort"]) || v["max_tokens"].as_int() > 0 || level(v["summary"]);
}

bool effort(json::Value v) { return level(v); }

bool ollama(json::Value v) { return v.as_bool() || level(v); }

bool gemini(json::Value v) {
  if (v["thinkingBudget"].is_number()) return v["thinkingBudget"].as_int() != 0;
  return level(v["thinkingLevel"]) || v["includeThoughts"].as_bool();
}

bool flag(json::Value v) { return v.as_bool(); }

struct Row {
  std::string_view key;
  bool (*wants)(json::Value);
};
constexpr Row kRows[] = {{"thinking", anthropic},    {"reasoning", reasoning}, {"reasoning_effort", effort},
                         {"thinkingConfig", gemini}, {"think", ollama},        {"enable_thinking", flag}};

const Row* find(std::string_view key) {
  for (const Row& r : kRows)
    if (r.key == key) return &r;
  return nullptr;
}

}  // namespace

bool says_of_thinking(std::string_view key) { return find(key) != nullptr; }

bool wants_thinking(std::string_view key, json::Value value) {
  const Row* row = find(key);
  return row != nullptr && row->wants(value);
}

}  // namespace pb::llm
