// What a model thinks of a solution: a score, what is wrong with it, and which requirements it meets. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/json_reply.h"

namespace pb::tools::panel {

struct Met {
  bool met = false;
  std::string why;
};
struct Assessment {
  double score = 0;  // 0 … 1
  std::vector<std::string> problems, improvements;
  std::vector<Met> requirements;  // in the order they were given
};

// `requirements`: how many there are; the reply names each of them once.
Shape assessment_shape(std::size_t requirements);
Assessment read_assessment(json::Value reply, std::size_t requirements);
std::string assessment_prompt(std::string_view problem, std::string_view solution,
                              std::span<const std::string> requirements);

// Requirements of an object's members, each as a sentence: {"speed":"fast"} -> "speed: fast".
std::vector<std::string> sentences_of(json::Value object);

}  // namespace pb::tools::panel
