// What the choices of a route are called in the configuration, in logs and in headers; in the order of their enums.
#pragma once
#include <array>
#include <string_view>

#include "route/route.h"

namespace pb::route {

inline constexpr std::array<std::string_view, 7> kStrategyNames = {
    "priority", "weighted", "round-robin", "least-connections", "response-time", "cheapest", "smart"};
inline constexpr std::array<std::string_view, 4> kStickyNames = {"off", "prefix", "header", "user"};
inline constexpr std::array<std::string_view, 2> kMidStreamNames = {"fail", "continue"};
inline constexpr std::array<std::string_view, 3> kKeepNames = {"inherit", "on", "off"};
inline constexpr std::array<std::string_view, 7> kDayNames = {"mon", "tue", "wed", "thu",
                                                              "fri", "sat", "sun"};

template <class Enum, std::size_t N>
constexpr std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace pb::route
