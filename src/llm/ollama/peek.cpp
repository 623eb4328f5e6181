// Same-format relays: usage and the way an answer ended, of bytes that pass by. Called for every line of every stream, so an
// ordinary one costs three searches for a few bytes and nothing is parsed.
#include <cstring>

#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

bool contains(std::string_view text, std::string_view what) {
  return text.size() >= what.size() && memmem(text.data(), text.size(), what.data(), what.size()) != nullptr;
}

void read(std::string_view text, Peek& peek) {
  json::Arena arena;
  const auto root = json::parse(text, arena);
  if (!root) return;
  if (!(*root)["error"].is_null()) peek.error = true;
  if (!(*root)["done"].as_bool()) return;
  const json::Value calls = (*root)["message"]["tool_calls"];
  peek.done = true;
  peek.stop = read_done_reason((*root)["done_reason"].as_string(), calls.size() > 0);
  peek.usage.merge(read_usage(*root));
}

}  // namespace

void peek_response(std::string_view body, Peek& peek) {
  read(body, peek);
  peek.done = true;
}

// Inside a string value quotes are escaped, so `"error"` as raw bytes is a key or a whole string, of whatever depth; the
// same holds for `"done"`. A line that may be the last or an error is parsed.
void peek_event(std::string_view, std::string_view data, Peek& peek) {
  peek.usage_only = false;
  if (!contains(data, "\"done\":true") && contains(data, "\"done\":false") && !contains(data, "\"error\""))
    return;
  read(data, peek);
}

}  // namespace pb::llm::ollama
