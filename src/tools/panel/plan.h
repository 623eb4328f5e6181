// A problem taken apart: subtasks, what each of them waits for, and which model does which. Pure.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/json_reply.h"

namespace pb::tools::panel {

struct Subtask {
  std::string id, task, kind;      // kind: one of kTaskTypes
  std::vector<std::size_t> after;  // those whose results it needs
};

// What a planner answers with. Its `also` refuses two subtasks of one id, unknown dependencies and circles.
Shape plan_shape(std::size_t subtasks_max);
std::vector<Subtask> read_plan(json::Value reply);
// What is wrong with it beyond its schema; "" = nothing.
std::string plan_fault(json::Value reply);

// Subtasks that may be done at the same time, in order: each wave needs only what the ones before it gave.
std::vector<std::vector<std::size_t>> waves(std::span<const Subtask> plan);

// A member for each subtask: the one of the highest score for it, less a little for each subtask that it has already.
// `scores[s][m]`: of member m for subtask s, 0 … 1.
std::vector<std::size_t> assign(const std::vector<std::vector<double>>& scores);
// The best one for a subtask that is not `not_this`; the same again where there is no other.
std::size_t second_best(std::span<const double> scores, std::size_t not_this);

std::string plan_prompt(std::string_view problem, std::size_t subtasks_max);
// What a model is told to do: the problem, its part, and what the parts before it gave.
struct Given {
  std::string id, result;
};
std::string subtask_prompt(std::string_view problem, const Subtask& subtask, std::span<const Given> given);
// `missing`: ids of parts that nobody solved.
std::string synthesis_prompt(std::string_view problem, std::span<const Given> results,
                             std::span<const std::string> missing);

}  // namespace pb::tools::panel
