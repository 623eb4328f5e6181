// The models that may take part in a call of a tool: those that were named, or all that the caller may ask for.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/ranking.h"
#include "tools/tools.h"

namespace pb::tools::panel {

struct Candidate {
  std::string name;             // as it is asked for
  std::string provider, model;  // where that leads, as far as it is known before
};

// Belongs to one call of a tool. Keeps the configuration that it was made of.
class Field {
 public:
  // `models`: those named, an array of strings or null; `exclude`: those to leave out, likewise. Error: invalid_request with the
  // argument's path, where a name leads nowhere or the caller may not use it.
  static Task<Result<Field>> make(const Deps& deps, const mcp::Context& context, json::Value models,
                                  json::Value exclude);

  bool named() const { return named_; }
  const std::vector<Candidate>& candidates() const { return candidates_; }
  std::span<const route::Slot> slots() const { return slots_; }
  Ranking ranked(const Job& job) const;
  // At most `most` for a job, the best first: those named, in the order they were named in; else by the ranking, different
  // providers first. What little is known of comes after the rest.
  std::vector<std::size_t> choose(const Job& job, std::size_t most) const;
  // What the router knows of each of them for a job, in their order.
  std::vector<route::Weighed> weighed(std::span<const std::size_t> members, const Job& job) const;

 private:
  void add(const gateway::Snapshot& snapshot, std::string_view name, std::int64_t context);
  std::shared_ptr<const gateway::Snapshot> snapshot_;  // shared with the gateway, which may take a newer one
  std::vector<Candidate> candidates_;
  std::deque<route::Deployment> deployments_;  // slots_ points into it
  std::vector<route::Slot> slots_;             // of the candidates, in their order
  std::vector<bool> obscure_;  // nothing at all is known of it: it may be no model for conversations
  std::unique_ptr<route::Live> unknown_;  // of those that were never asked
  bool named_ = false;
};

}  // namespace pb::tools::panel
