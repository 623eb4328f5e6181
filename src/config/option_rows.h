// How the tables of options are written: a row is an option and where its value lives in the struct that is filled.
#pragma once
#include <vector>

#include "config/options.h"

namespace pb::config {

template <class T>
struct Row {
  Option option;
  Ref (*ref)(T&);
};

inline constexpr double kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
inline constexpr double kKiB = 1024, kMiB = 1024 * kKiB;

template <class T, std::size_t N>
std::vector<Bound> bind_rows(const Row<T> (&rows)[N], T& target) {
  std::vector<Bound> out;
  out.reserve(N);
  for (const Row<T>& r : rows) out.push_back({&r.option, r.ref(target)});
  return out;
}

}  // namespace pb::config
