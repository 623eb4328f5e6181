#include "llm/anthropic/plan.h"

#include <algorithm>

namespace pb::llm::anthropic {
namespace {

constexpr std::int64_t kBudgetMin = 1024;  // the API's

struct EffortRow {
  Str effort;
  std::int64_t budget;
};

constexpr EffortRow kEfforts[] = {{"minimal", 1024}, {"low", 2048},    {"medium", 8192},
                                  {"high", 16384},   {"xhigh", 32768}, {"max", 32768}};

std::int64_t budget_of(Str effort) {
  for (const EffortRow& row : kEfforts)
    if (row.effort == effort) return row.budget;
  return 0;
}

Str effort_of(std::int64_t budget) {
  return budget <= 0 ? "" : budget <= 4096 ? "low" : budget <= 16384 ? "medium" : "high";
}

Str known_effort(Str effort, int version) {
  if (effort == "minimal") return "low";
  if (effort == "xhigh" && version < 407) return "high";
  return effort;
}

// The last assistant message calls tools and carries no signed thinking: with a thinking budget the API then
// refuses the conversation.
bool calls_without_thinking(const Request& r) {
  for (auto m = r.messages.rbegin(); m != r.messages.rend(); ++m) {
    if (m->role != Role::assistant) continue;
    bool calls = false;
    for (const Block& b : m->content) {
      if (b.kind == Block::Kind::redacted_thinking ||
          (b.kind == Block::Kind::thinking && !b.signature.empty()))
        return false;
      calls = calls || b.kind == Block::Kind::tool_call;
    }
    return calls;
  }
  return false;
}

struct Planner {
  const Request& r;
  Dropped& dropped;
  int version;
  Plan plan;

  Str asked_name() const {
    return r.thinking.kind == Thinking::Kind::unset ? "reasoning_effort" : "thinking";
  }

  void drop_thinking() {
    dropped.add(asked_name());
    plan.thinking = Thinking::Kind::unset;
    plan.effort = {};
  }

  // What was asked, in the terms of the model's generation.
  void choose() {
    using Kind = Thinking::Kind;
    const bool budgets = version == 0 || version < 406;
    plan.thinking = r.thinking.kind;
    plan.budget_tokens = r.thinking.budget_tokens;
    if (plan.thinking == Kind::disabled || (plan.thinking == Kind::unset && r.effort == "none")) {
      plan.thinking = version > 0 && version < 307 ? Kind::unset : Kind::disabled;
      return;
    }
    if (plan.thinking == Kind::unset && r.effort.empty()) return;
    if (!r.effort.empty() && r.effort != "none" && budget_of(r.effort) == 0) {
      dropped.add("reasoning_effort");
      if (plan.thinking == Kind::unset) return;
    }
    if (version > 0 && version < 307) return drop_thinking();
    const std::int64_t effort_budget = budget_of(r.effort);
    if (budgets) {
      plan.thinking = Kind::enabled;
      if (plan.budget_tokens == 0)
        plan.budget_tokens = effort_budget > 0 ? effort_budget : budget_of("medium");
    } else {
      plan.thinking = Kind::adaptive;
      plan.effort = effort_budget > 0 ? known_effort(r.effort, version) : effort_of(plan.budget_tokens);
    }
  }

  // Where the API would refuse thinking.
  void fit(bool default_max_tokens) {
    using Kind = Thinking::Kind;
    if (plan.thinking != Kind::enabled && plan.thinking != Kind::adaptive) return;
    if (r.tool_choice.kind == ToolChoice::Kind::required || r.tool_choice.kind == ToolChoice::Kind::named) {
      if (plan.thinking == Kind::enabled || plan.effort.empty()) return drop_thinking();
      plan.thinking = Kind::unset;  // the effort stays
      return;
    }
    if (plan.thinking != Kind::enabled) return;
    if (calls_without_thinking(r)) return drop_thinking();
    plan.budget_tokens = std::max(plan.budget_tokens, kBudgetMin);
    if (default_max_tokens)
      plan.max_tokens += plan.budget_tokens;
    else
      plan.budget_tokens = std::min(plan.budget_tokens, plan.max_tokens - 1);
    if (plan.budget_tokens < kBudgetMin) drop_thinking();
  }

  void sampling() {
    const bool thinks = plan.thinking == Thinking::Kind::enabled || plan.thinking == Thinking::Kind::adaptive;
    const bool fixed = version >= 407;
    if (r.temperature) plan.temperature = std::clamp(*r.temperature, 0.0, 1.0);
    plan.top_p = r.top_p;
    plan.top_k = r.top_k;
    if ((fixed || thinks) && plan.temperature) {
      if (*plan.temperature != 1) dropped.add("temperature");
      plan.temperature.reset();
    }
    if (plan.top_p && (fixed || (thinks && *plan.top_p < 0.95))) {
      if (*plan.top_p != 1) dropped.add("top_p");
      plan.top_p.reset();
    }
    if (plan.top_p && plan.temperature && version >= 401) {  // not both
      if (*plan.top_p != 1) dropped.add("top_p");
      plan.top_p.reset();
    }
    if (plan.top_k && (fixed || thinks)) {
      dropped.add("top_k");
      plan.top_k.reset();
    }
  }
};

}  // namespace

Plan make_plan(const Request& r, const EncodeOptions& options, Dropped& dropped) {
  const int version = claude_version(options.model.empty() ? r.model : options.model);
  Planner p{.r = r, .dropped = dropped, .version = version, .plan = {}};
  p.plan.max_tokens = r.max_tokens.value_or(options.quirks.default_max_tokens);
  p.plan.json_schema = options.quirks.json_schema && (version == 0 || version >= 401);
  if (r.format == kName) {
    p.plan.json_schema = true;
    p.plan.thinking = r.thinking.kind;
    p.plan.budget_tokens = r.thinking.budget_tokens;
    p.plan.effort = r.effort;
    p.plan.temperature = r.temperature;
    p.plan.top_p = r.top_p;
    p.plan.top_k = r.top_k;
    return p.plan;
  }
  p.choose();
  p.fit(!r.max_tokens);
  p.sampling();
  return p.plan;
}

}  // namespace pb::llm::anthropic
