// Tells when a budget is used up to a share: a line in the log, a metric, and what a webhook is to be sent. Any thread.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "route/limiter.h"

namespace pb::gateway {

class BudgetAlerts {
 public:
  // Shares of a budget, as 0.8.
  void configure(std::vector<double> shares, bool webhook);
  // Each share is crossed by exactly one settlement of a period.
  void look_at(const route::Charges& charges);
  // JSON objects for the webhook, oldest first; a hundred are kept at most.
  std::vector<std::string> take();
  std::string metrics_text() const;  // patchbay_budget_alerts_total{scope,name,share}

 private:
  struct Count {
    std::string labels;
    std::uint64_t n = 0;
  };
  void tell(const route::Charge& charge, double share);
  mutable std::mutex mutex_;
  std::vector<double> shares_;
  bool webhook_ = false;
  std::vector<std::string> waiting_;
  std::vector<Count> counts_;
};

}  // namespace pb::gateway
