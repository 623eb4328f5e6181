// Several models at one problem: drafts, reviews and revisions, until the solution is good enough or the iterations are used up.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/leads.h"
#include "tools/panel/work.h"

namespace pb::tools::panel {

enum class Way : std::uint8_t {
  sequential,    // one after the other betters what the one before has written
  parallel,      // all propose at once, and one makes one solution of the proposals
  hierarchical,  // one takes it apart, the others solve the parts, one puts them together
  iterative,     // one drafts, the others review, it revises
  adaptive,      // one of the others, by how hard the problem looks
};
inline constexpr std::array<std::string_view, 5> kWayNames = {"sequential", "parallel", "hierarchical",
                                                              "iterative", "adaptive"};
// What adaptive comes to. Pure.
Way way_for(const route::Task& task, std::size_t members, std::string& why);

// One thing that one model did.
struct Step {
  int iteration = 1;
  std::string kind;  // "draft", "proposal", "plan", "part", "merge", "improvement", "review", "revision"
  std::string model, outcome = {};
  bool good = true;   // it answered
  double score = -1;  // of a review
  double latency_ms = 0;
  std::int64_t tokens = 0;
  double cost = 0;
};

struct Solution {
  std::string model, kind, text;
  double score = -1;  // the mean of its reviews; -1 = not reviewed
};

struct Problem {
  std::string text;                       // with its requirements and constraints, as models are told it
  std::vector<std::string> requirements;  // and constraints: what reviewers judge by
};
Problem problem_of(std::string_view problem, json::Value requirements, json::Value constraints);

struct Session {
  Problem problem;
  Way way = Way::adaptive;
  int iterations_max = 3;
  double target = 0.9;  // a score from which nothing is revised any more
  std::vector<std::size_t> members;
  std::string lead;

  // What has come of it.
  std::vector<Step> path;
  std::vector<Solution> solutions;  // the newest last
  std::size_t best = 0;             // of these
  Opinions opinions;                // on the best one
  std::vector<Failure> failures;
  int iterations = 0;
  std::string stopped;  // why it went no further
};

// False: there is no solution at all; `failures` say why. `session.way` is none but adaptive.
Task<bool> solve(Desk& desk, const Field& field, Session& session);

// Pure.
std::string improve_prompt(const Problem& problem, std::string_view solution);
std::string merge_prompt(const Problem& problem, std::span<const Solution> proposals);
std::string revise_prompt(const Problem& problem, std::string_view solution, const Opinions& opinions);

}  // namespace pb::tools::panel
