// What the choices of a route are called in the configuration, in logs and in headers; in the order of their enums.
#pragma once
#include <array>
#include <string_view>

#include "base/names.h"
#include "route/budget.h"
#include "route/route.h"

namespace pb::route {

inline constexpr std::array<std::string_view, 7> kStrategyNames = {
    "priority", "weighted", "round-robin", "least-connections", "response-time", "cheapest", "smart"};
inline constexpr std::array<std::string_view, 4> kStickyNames = {"off", "prefix", "header", "user"};
inline constexpr std::array<std::string_view, 2> kMidStreamNames = {"fail", "continue"};
inline constexpr std::array<std::string_view, 3> kKeepNames = {"inherit", "on", "off"};
inline constexpr std::array<std::string_view, 3> kPeriodNames = {"day", "month", "total"};
inline constexpr std::array<std::string_view, 7> kDayNames = {"mon", "tue", "wed", "thu",
                                                              "fri", "sat", "sun"};

}  // namespace pb::route
