// The tools, prompts and resources that the conformance suite calls by name. For tests only; nothing of it is in `patchbay`.
#pragma once
#include <string>
#include <string_view>

#include "mcp/hub.h"
#include "mcp/offer.h"

namespace everything {

inline constexpr std::string_view kImage =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
inline constexpr std::string_view kAudio = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

using Outcome = pb::mcp::Outcome<pb::mcp::ToolResult>;

// A tool without arguments.
pb::mcp::Tool make(std::string_view name, std::string_view description, pb::mcp::ToolHandler run);
pb::Task<void> sleep_ms(int ms);
std::string text_of(pb::json::Value content);  // of a sampling answer

void add_plain_tools(pb::mcp::Offer& offer);
void add_asking_tools(pb::mcp::Offer& offer);  // elicitation, sampling, roots
void add_task_tools(pb::mcp::Offer& offer);
void add_prompts(pb::mcp::Offer& offer);
void add_resources(pb::mcp::Offer& offer);

}  // namespace everything
