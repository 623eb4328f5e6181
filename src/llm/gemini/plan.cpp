#include "llm/gemini/plan.h"

#include <algorithm>

namespace pb::llm::gemini {
namespace {

struct EffortRow {
  Str effort;
  Str level;
  std::int64_t budget;
};
constexpr EffortRow kEfforts[] = {{"minimal", "MINIMAL", 1024}, {"low", "LOW", 1024},
                                  {"medium", "MEDIUM", 8192},   {"high", "HIGH", 24576},
                                  {"xhigh", "HIGH", 32768},     {"max", "HIGH", 32768}};
constexpr std::int64_t kLowBudget = 4096, kMediumBudget = 16384;  // budgets up to these are low and medium

const EffortRow* row_of(Str effort) {
  for (const EffortRow& row : kEfforts)
    if (row.effort == effort) return &row;
  return nullptr;
}

struct Planner {
  const Request& r;
  Dropped& dropped;
  Str model;
  Plan plan;

  bool is_flash() const { return model.find("flash") != Str::npos; }
  bool asked_off() const {
    return r.thinking.kind == Thinking::Kind::disabled ||
           (r.thinking.kind == Thinking::Kind::unset && r.effort == "none");
  }
  bool asked() const {
    return r.thinking.kind == Thinking::Kind::enabled || r.thinking.kind == Thinking::Kind::adaptive ||
           (!r.effort.empty() && r.effort != "none");
  }

  void as_asked() {
    if (asked_off()) plan.budget = 0;
    if (r.thinking.kind == Thinking::Kind::enabled)
      plan.budget = r.thinking.budget_tokens > 0 ? r.thinking.budget_tokens : -1;
    else if (const EffortRow* row = row_of(r.effort); row && !asked_off())
      plan.level = row->level;
  }

  void by_budget() {
    const bool pro = model.find("pro") != Str::npos;
    const std::int64_t least = pro ? 128 : model.find("lite") != Str::npos ? 512 : 1;
    const std::int64_t most = pro ? 32768 : 24576;
    if (asked_off()) {
      plan.budget = pro ? least : 0;
      if (pro) dropped.add("thinking.disabled");
      return;
    }
    if (!asked()) return;
    const EffortRow* row = row_of(r.effort);
    if (r.thinking.budget_tokens > 0)
      plan.budget = std::clamp(r.thinking.budget_tokens, least, most);
    else
      plan.budget = row ? std::clamp(row->budget, least, most) : -1;
  }

  void by_level() {
    const bool minimal = is_flash() && plan.version < 307;
    if (asked_off()) {
      plan.level = minimal ? "MINIMAL" : "LOW";
      dropped.add("thinking.disabled");
      return;
    }
    const std::int64_t budget = r.thinking.budget_tokens;
    if (const EffortRow* row = row_of(r.effort))
      plan.level = row->level;
    else if (budget > 0)
      plan.level = budget <= kLowBudget ? "LOW" : budget <= kMediumBudget ? "MEDIUM" : "HIGH";
    if (plan.level == "MINIMAL" && !minimal) plan.level = "LOW";
    if (plan.level == "MEDIUM" && plan.version == 300 && !is_flash()) plan.level = "HIGH";
  }

  void thinking() {
    if (!r.effort.empty() && r.effort != "none" && !row_of(r.effort)) dropped.add("reasoning_effort");
    if (plan.version == 0) {
      as_asked();
    } else if (plan.version < 205) {
      if (asked()) dropped.add(r.thinking.kind == Thinking::Kind::unset ? "reasoning_effort" : "thinking");
      return;
    } else if (plan.version < 300) {
      by_budget();
    } else {
      by_level();
    }
    if (r.thinking.display == "omitted")
      plan.include = false;
    else if (asked() || !r.thinking.display.empty())
      plan.include = true;
  }
};

// A request of this format, told again.
void repeat(const Request& r, Plan& plan) {
  using Kind = Thinking::Kind;
  if (r.thinking.display == "summarized") plan.include = true;
  if (r.thinking.display == "omitted") plan.include = false;
  if (r.thinking.kind == Kind::disabled) plan.budget = 0;
  if (r.thinking.kind == Kind::enabled) plan.budget = r.thinking.budget_tokens;
  if (r.thinking.kind == Kind::adaptive && r.effort.empty() && plan.version < 300) plan.budget = -1;
  if (const EffortRow* row = row_of(r.effort)) plan.level = row->level;
}

}  // namespace

Plan make_plan(const Request& r, const EncodeOptions& options, Dropped& dropped) {
  const bool same = r.format == kName;
  Planner p{.r = r, .dropped = dropped, .model = options.model.empty() ? r.model : options.model, .plan = {}};
  Plan& plan = p.plan;
  plan.version = gemini_version(p.model);
  const bool old = plan.version > 0 && plan.version < 205;
  const bool before_3 = plan.version > 0 && plan.version < 300;
  const bool calls =
      std::any_of(r.tools.begin(), r.tools.end(), [](const Tool& t) { return t.kind != Tool::Kind::opaque; });
  plan.json_schema = options.quirks.json_schema && !old;
  plan.json_mode = same || !before_3 || !calls;
  plan.media_in_results = same || !before_3;
  plan.sign_calls = plan.version >= 300;
  plan.validated = !same && !old && calls && std::any_of(r.tools.begin(), r.tools.end(), [](const Tool& t) {
    return t.strict.value_or(false);
  });
  if (same)
    repeat(r, plan);
  else
    p.thinking();
  return plan;
}

}  // namespace pb::llm::gemini
