// Room for a body whose length was declared: one piece of memory for all of it, so that a long body is not copied as it grows.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>

#include "base/limits.h"

namespace pb::net {

// A declared length is believed up to the first of these, and beyond once a part of it has come: who declares much and sends
// little gets no more than that many times what came.
inline constexpr std::size_t kBodyBelieved = 1u << 20;
inline constexpr std::size_t kBodyBelievedTimes = 16;

// Before a read into `body`, which is going to have `whole` bytes: makes room and says how many may be read now, more than none.
inline std::size_t body_room(std::string& body, std::size_t whole) {
  const std::size_t had = body.size();
  if (had + limits::kBodySlackBytes >= body.capacity())
    body.reserve(std::min(whole, std::max(kBodyBelieved, had * kBodyBelievedTimes)) +
                 limits::kBodySlackBytes);
  return std::min(whole, body.capacity() - limits::kBodySlackBytes) - had;
}

}  // namespace pb::net
