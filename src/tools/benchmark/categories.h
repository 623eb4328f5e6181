// Kinds of tasks that models are compared by, each with questions of its own. Pure.
#pragma once
#include <span>
#include <string_view>

namespace pb::tools::bench {

struct Category {
  std::string_view name, title;
  std::string_view prompts[2];
};
std::span<const Category> categories();
const Category* find_category(std::string_view name);
// What is asked where the caller says nothing.
inline constexpr std::string_view kDefaultCategory = "general";

}  // namespace pb::tools::bench
