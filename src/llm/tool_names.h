// The tools that a request of any format offers the model. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace pb::llm {

// Names of functions and custom tools, nested ones too; of built-in tools the name or, where they have none, the type
// ("web_search"). None when the body is not JSON: the provider will say so.
std::vector<std::string> tool_names(std::string_view body);

}  // namespace pb::llm
