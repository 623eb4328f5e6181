// A scenario file: what the simulator answers, as a list of rules. The first rule that fits a request decides; with
// none, the model's name does. The file's shape is in docs/simulator.md.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "llm/chat.h"
#include "sim/script.h"

namespace pb::sim {

struct Rule {
  std::string model = "*";          // '*' stands for any characters
  std::optional<std::string> text;  // part of the last user message's text
  std::optional<int> results;       // tool results since then
  std::optional<bool> stream;
  std::string tool;                    // the request declares a tool of this name; "" = any
  std::string format;                  // dialect's name; "" = any
  std::optional<Behaviour> behaviour;  // of `as`, and of the pace and fault given beside it
  Reply reply;
};

struct Scenario {
  std::vector<Rule> rules;
  const Rule* match(const llm::Request& request) const;
};

// Errors: not YAML or JSON, or an unknown or wrong member: "file.yaml:3:5: rules[0].when.txt: unknown, expected one of …".
Result<Scenario> parse_scenario(const std::string& text, const std::string& path);
Result<Scenario> load_scenario(const std::string& path);

bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace pb::sim
