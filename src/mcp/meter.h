// What the MCP server does, as metrics. One core's: only its own thread counts.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/metrics.h"

namespace pb::mcp {

class Hub;

class Meter {
 public:
  explicit Meter(metrics::Shard& shard) : shard_(shard) {}
  // A call has ended. `outcome`: "ok"; "error" (the model is told what is wrong); "fault" (an error of the protocol); "asked"
  // (the client answers questions and calls again); "cancelled". `tool` must be one of ours: each name is a series.
  void tool_called(const std::string& tool, std::string_view outcome, double seconds);
  // What is open now. On one core only: the cores' figures are added up.
  void show(Hub& hub);

 private:
  metrics::Shard& shard_;
  std::unordered_map<std::string, metrics::Histogram*> times_;  // by tool
};

}  // namespace pb::mcp
