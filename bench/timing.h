// How long something takes that is over too soon to be timed alone.
#pragma once
#include <algorithm>
#include <chrono>

// Nanoseconds of one call of `once`: the mean of `times`, of the best of five rounds.
template <class F>
double nanoseconds(int times, F&& once) {
  double best = 1e18;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) once();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / times);
  }
  return best;
}
