// What a key, team or provider may use: rates, and money per period. Values only; limiter.h keeps to them.
#pragma once
#include <cstdint>

#include "route/route.h"

namespace pb::route {

enum class Period : std::uint8_t { day, month, total };  // of UTC; total = for ever

struct Budget {
  double amount = 0;  // US dollars; 0 = no limit
  Period per = Period::month;
  bool operator==(const Budget&) const = default;
};

struct Limits {
  RateLimits rates;
  Budget budget;
  bool empty() const { return rates.empty() && budget.amount <= 0; }
  bool operator==(const Limits&) const = default;
  // These, and where they have no rates or no budget, the other's.
  Limits or_else(const Limits& other) const {
    return {rates.empty() ? other.rates : rates, budget.amount > 0 ? budget : other.budget};
  }
};

// Days since 1970-01-01 and months since 1970-01, of UTC.
std::int64_t day_of(std::int64_t unix_ms);
std::int64_t month_of(std::int64_t unix_ms);
// Unix milliseconds of the period's end; -1 for total.
std::int64_t period_end(Period period, std::int64_t unix_ms);

}  // namespace pb::route
