// What a provider will not have in requests, by configuration: tools of certain names, and `format`s of JSON Schemas that it
// refuses. Pure; off unless a provider's options say otherwise.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat.h"
#include "llm/dialect.h"

namespace pb::llm {

struct ToolRules {
  std::vector<std::string> exclude_tools;         // names; a `*` stands for any text
  std::vector<std::string> strip_schema_formats;  // "uri"
  bool empty() const { return exclude_tools.empty() && strip_schema_formats.empty(); }
};

// Takes them out of a body of any format: of tools (nested ones too), of the schema an answer is to have, and a tool choice
// that names one of them. All other bytes stay as they are. `dropped` gets the names of the options that changed something.
// False when nothing was to be done; a body that is not JSON is left to the provider.
bool apply_tool_rules(const ToolRules& rules, std::string& body, Dropped& dropped);

// The same of a decoded request.
void apply_tool_rules(const ToolRules& rules, Request& request, Dropped& dropped);

}  // namespace pb::llm
