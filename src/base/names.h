// Enumerations whose values have names: an array of them in the values' order, from 0.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace pb {

template <class Enum, std::size_t N>
constexpr std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

// nullopt: no value has that name.
template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_named(const std::array<std::string_view, N>& names,
                                          std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace pb
