// How a tool is made of what it says of itself and the coroutine that serves its calls.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "tools/tools.h"

namespace pb::tools {

// What a call does, for clients that ask their users before some of them.
inline constexpr mcp::ToolHints kReads = {mcp::Hint::yes, mcp::Hint::no, mcp::Hint::yes,
                                          mcp::Hint::no};  // tells what this gateway knows
inline constexpr mcp::ToolHints kAsksModels = {
    mcp::Hint::yes, mcp::Hint::no, mcp::Hint::no,
    mcp::Hint::yes};  // changes nothing here; other answers each time
inline constexpr mcp::ToolHints kMeasuresModels = {mcp::Hint::no, mcp::Hint::no, mcp::Hint::no,
                                                   mcp::Hint::yes};  // and keeps what it has seen

struct About {
  std::string_view name, title, description;
  std::string_view input, output;  // schemas, JSON texts
  mcp::ToolHints hints;
  mcp::TaskUse task_use = mcp::TaskUse::never;
};

// Run: Task<mcp::Outcome<mcp::ToolResult>>(Deps, mcp::Context&, json::Value arguments), a coroutine that takes Deps by value.
template <auto Run>
mcp::Tool make_tool(const Deps& deps, const About& about) {
  mcp::Tool tool;
  tool.name = about.name;
  tool.title = about.title;
  tool.description = about.description;
  tool.input_schema = about.input;
  tool.output_schema = about.output;
  tool.hints = about.hints;
  tool.task_use = about.task_use;
  tool.run = [deps](mcp::Context& context, json::Value arguments) { return Run(deps, context, arguments); };
  return tool;
}

// A table of tools: {chat, generate, …}.
inline void add_tools(const Deps& deps, std::initializer_list<mcp::Tool (*)(const Deps&)> table,
                      mcp::Offer& offer) {
  for (auto* make : table) offer.tools.push_back(make(deps));
}

}  // namespace pb::tools
