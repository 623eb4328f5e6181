// What keys, teams and providers have used, by UTC day: added up in the same transaction that writes the ledger's rows, so that
// budgets are right after a restart without adding up all of them.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "route/limiter.h"
#include "store/ledger.h"
#include "store/sqlite.h"

namespace pb::store {

// Sums of one transaction's rows. Requests that were sent nowhere (no provider) do not count.
class Totals {
 public:
  static constexpr std::string_view kAdd =
      "INSERT INTO totals(scope, name, day, requests, tokens, cost) VALUES(?,?,?,?,?,?) "
      "ON CONFLICT(scope, name, day) DO UPDATE SET requests = requests + excluded.requests, "
      "tokens = tokens + excluded.tokens, cost = cost + excluded.cost";
  void add(const UsageRow& row);
  Result<void> write(Statement& statement) const;  // one of kAdd

 private:
  struct Sum {
    std::int64_t requests = 0, tokens = 0;
    double cost = 0;
  };
  enum class Scope { provider, key, team };
  using Of = std::tuple<std::string_view, std::string, std::int64_t>;  // scope, name, day
  void add(Scope scope, const std::string& name, std::int64_t day, const UsageRow& row);
  std::map<Of, Sum, std::less<>> sums_;
  // What the row before was added to, by scope: mostly the same.
  struct Last {
    const Of* of = nullptr;
    Sum* sum = nullptr;
  };
  std::array<Last, 3> last_{};
};

struct Spending {
  std::string scope;  // "key", "team" or "provider"
  std::string name;
  route::Spent spent;
};

// As of `unix_ms`. None when there is no database. May be called while a ledger writes.
Result<std::vector<Spending>> read_spending(const std::string& path, std::int64_t unix_ms);

}  // namespace pb::store
