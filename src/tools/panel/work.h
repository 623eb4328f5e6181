// A plan carried out: its subtasks are given to models along their dependencies, and their results made one.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tools/panel/desk.h"
#include "tools/panel/field.h"
#include "tools/panel/plan.h"

namespace pb::tools::panel {

enum class Done : std::uint8_t { solved, failed, skipped };
std::string_view name_of(Done done);

struct Solved {
  Done done = Done::skipped;
  std::string model;  // that solved it, or was asked last
  std::string result, error;
  int attempts = 0;
  double latency_ms = 0;
  double cost = 0;
  bool cost_known = false;
};

struct Work {
  std::vector<Subtask> plan;
  std::vector<Solved> solved;         // in the plan's order
  std::vector<std::string> assigned;  // models, likewise
  std::string planning_error;         // "" = the planner gave a plan, or none was asked for
  bool taken_apart = false;
  std::string planner;

  std::size_t count(Done done) const;
  std::vector<Given> results() const;        // of the solved ones
  std::vector<std::string> missing() const;  // ids of the others
};

// Asks the planner for a plan. Where it gives none, the problem is one subtask and `planning_error` says why.
Task<Work> plan_work(Desk& desk, std::string planner, std::string problem, std::string kind,
                     std::size_t subtasks_max);
// The problem as one subtask.
Work whole_work(std::string problem, std::string kind);

// Gives each subtask to the member who is best for its kind, the ready ones at the same time. Who fails is followed by the next best,
// once; what depends on a subtask that nobody solved is skipped.
Task<void> carry_out(Desk& desk, const Field& field, std::vector<std::size_t> members, Work& work,
                     std::string problem);

void write_work(json::Writer& w, const Work& work);  // members: subtask_results, model_assignments
inline constexpr std::string_view kSubtasksSchema = R"({"type":"array","items":{"type":"object","properties":{
  "id":{"type":"string"},"task":{"type":"string"},"kind":{"type":"string"},"depends_on":{"type":"array","items":{"type":"string"}},
  "status":{"type":"string","enum":["solved","failed","skipped"]},"model":{"type":"string"},"result":{"type":"string"},
  "error":{"type":"string"},"attempts":{"type":"integer"},"latency_ms":{"type":"number"},"cost":{"type":"number"}},
  "required":["id","task","kind","depends_on","status","attempts"]}})";

}  // namespace pb::tools::panel
