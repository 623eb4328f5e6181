#include "mcp/meter.h"

#include "mcp/hub.h"
#include "mcp/tasks.h"

namespace pb::mcp {
namespace {

constexpr metrics::Family kCalls{"patchbay_mcp_tool_calls_total", "Calls of MCP tools, by how they ended.",
                                 metrics::Type::counter};
constexpr metrics::Family kSeconds{"patchbay_mcp_tool_call_seconds", "How long calls of MCP tools took.",
                                   metrics::Type::histogram};
constexpr metrics::Family kSessions{"patchbay_mcp_sessions", "Open sessions of MCP clients.",
                                    metrics::Type::gauge};
constexpr metrics::Family kStreams{"patchbay_mcp_streams", "Streams of events open to MCP clients.",
                                   metrics::Type::gauge};
constexpr metrics::Family kRequests{"patchbay_mcp_open_requests", "Requests of MCP clients under way.",
                                    metrics::Type::gauge};
constexpr metrics::Family kTasks{
    "patchbay_mcp_tasks", "Tasks of MCP clients, those that have ended included.", metrics::Type::gauge};

}  // namespace

void Meter::tool_called(const std::string& tool, std::string_view outcome, double seconds) {
  std::string labels;
  metrics::label(labels, "tool", tool);
  metrics::Histogram*& times = times_[tool];
  if (times == nullptr) times = &shard_.histogram(kSeconds, labels);
  times->observe(seconds);
  metrics::label(labels, "outcome", outcome);
  shard_.number(kCalls, labels).add(1);
}

void Meter::show(Hub& hub) {
  shard_.number(kSessions, "").set(static_cast<double>(hub.sessions()));
  shard_.number(kStreams, "").set(static_cast<double>(hub.streams.load(std::memory_order_relaxed)));
  shard_.number(kRequests, "").set(static_cast<double>(hub.calls()));
  shard_.number(kTasks, "").set(static_cast<double>(hub.tasks().count()));
}

}  // namespace pb::mcp
