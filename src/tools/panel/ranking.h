// Which models a panel is made of: in the order of what the router knows of them, different providers first. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "route/select.h"
#include "route/strategies/smart.h"

namespace pb::tools::panel {

// The kinds of task that callers may name, as the router knows them: "code_generation" -> code.
std::optional<route::Kind> kind_named(std::string_view task_type);
extern const std::string_view kTaskTypes;  // the names, as the members of a JSON array

// What is to be done: the words of it, and the kind if it is named.
struct Job {
  std::string_view words;
  std::optional<route::Kind> kind = std::nullopt;
  std::int64_t tokens_max = 0;  // of the answer; 0 = not said
  route::Abilities needs = 0;
};
route::Facts facts_of(const Job& job);
route::Task task_of(const Job& job);

struct Ranked {
  std::size_t slot = 0;
  route::Weighed of;
};
struct Barred {
  std::size_t slot = 0;
  std::string why;  // "breaker open for 8 s"
};
struct Ranking {
  route::Task task;
  std::vector<Ranked> usable;  // the best first; those that cool down after a rate limit come last
  std::vector<Barred> barred;
};
Ranking rank(std::span<const route::Slot> slots, const Job& job, std::int64_t now_ms);

// Who offers a model and who made it, as far as names tell: two with the same `of` are less different than others.
struct Identity {
  std::string of;    // "openrouter/anthropic"
  std::string base;  // the model's own name: "claude-opus-5"
};
Identity identity(std::string_view provider, std::string_view model);
// The first `most` of a ranking, by positions in it: first the best of every identity, and no model twice before all others.
std::vector<std::size_t> pick(std::span<const Identity> ranked, std::size_t most);

// "quality 0.91 (rated), about $0.0021, 840 ms, 99 % answered": for people.
std::string told(const route::Weighed& of);

}  // namespace pb::tools::panel
