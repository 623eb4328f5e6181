#include "gateway/alerts.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "gateway/hold.h"

namespace pb::gateway {
namespace {

constexpr std::size_t kWaitingMax = 100;
constexpr std::size_t kCountsMax = 1000;  // series; further alerts are still logged

}  // namespace

void BudgetAlerts::configure(std::vector<double> shares, bool webhook) {
  const std::scoped_lock lock(mutex_);
  shares_ = std::move(shares);
  webhook_ = webhook;
}

void BudgetAlerts::look_at(const route::Charges& charges) {
  for (const route::Charge& c : charges) {
    if (c.limiter == nullptr || c.amount <= 0 || c.after <= c.before) continue;
    const std::scoped_lock lock(mutex_);
    for (const double share : shares_)
      if (c.before < share * c.amount && c.after >= share * c.amount) tell(c, share);
  }
}

void BudgetAlerts::tell(const route::Charge& c, double share) {
  const int percent = static_cast<int>(share * 100 + 0.5);
  const std::string_view scope = to_string(c.limiter->subject);
  log::warn(log::Module::gateway, "a budget is used up to its alert",
            {{"scope", scope},
             {"name", c.limiter->name},
             {"percent", percent},
             {"spent", c.after},
             {"budget", c.amount}});
  std::string labels;
  metrics::label(labels, "scope", scope);
  metrics::label(labels, "name", c.limiter->name);
  metrics::label(labels, "percent", std::to_string(percent));
  const auto count = std::ranges::find(counts_, labels, &Count::labels);
  if (count != counts_.end())
    ++count->n;
  else if (counts_.size() < kCountsMax)
    counts_.push_back({labels, 1});
  if (!webhook_ || waiting_.size() >= kWaitingMax) return;
  std::string& body = waiting_.emplace_back();
  json::Writer w(body);
  w.begin_object();
  w.field("event", "budget_alert");
  w.field("scope", scope);
  w.field("name", c.limiter->name);
  w.field("percent", std::int64_t{percent});
  w.key("spent");
  w.real(c.after);
  w.key("budget");
  w.real(c.amount);
  w.end_object();
}

std::vector<std::string> BudgetAlerts::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

std::string BudgetAlerts::metrics_text() const {
  const std::scoped_lock lock(mutex_);
  if (counts_.empty()) return {};
  std::string out =
      "# HELP patchbay_budget_alerts_total Budgets that were used up to an alert's share.\n"
      "# TYPE patchbay_budget_alerts_total counter\n";
  for (const Count& c : counts_)
    out += "patchbay_budget_alerts_total{" + c.labels + "} " + std::to_string(c.n) + "\n";
  return out;
}

void Hold::settle(const store::UsageRow& row) {
  if (!held()) return;
  const bool unknown = !row.usage_known && row.status >= 200 && row.status < 300;
  const std::int64_t tokens = unknown ? estimate.tokens : row.input + row.output;
  const double cost = unknown ? estimate.cost : row.cost;
  for (route::Reservation* r : {&caller, &provider}) {
    const route::Charges charges = r->settle(tokens, cost);
    if (alerts != nullptr) alerts->look_at(charges);
  }
}

}  // namespace pb::gateway
