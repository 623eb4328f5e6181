// When an issuer's keys are fetched. Pure.
#pragma once
#include <cstdint>

namespace pb::mcp {

struct KeyTimes {
  int refresh_ms = 0;  // keys older than this are fetched again while the old ones are used
  int retry_ms = 0;    // the issuer is not asked more often
  int stale_ms = 0;    // keys older than this are used no more
};

// What is known of the keys. Times of a clock that goes on steadily.
struct KeyState {
  bool any = false;             // there are some
  std::int64_t fetched_ms = 0;  // when
  bool asked = false;           // the issuer has been asked
  std::int64_t asked_ms = 0;    // the last time
  bool fetching = false;
};

struct KeyMove {
  bool fetch = false;  // the issuer is to be asked
  bool wait = false;   // and the token waits for the answer
};

// `known`: a token's key is among them. `waited`: the token has waited for an answer before.
constexpr KeyMove next_move(const KeyState& s, bool known, bool waited, const KeyTimes& t,
                            std::int64_t now_ms) {
  const bool resting = s.asked && now_ms - s.asked_ms < t.retry_ms;
  if (known) return {!s.fetching && !resting && now_ms - s.fetched_ms >= t.refresh_ms, false};
  if (waited) return {};
  if (s.fetching) return {false, true};
  return {!resting, !resting};
}

constexpr bool usable(const KeyState& s, const KeyTimes& t, std::int64_t now_ms) {
  return s.any && now_ms - s.fetched_ms <= t.stale_ms;
}

}  // namespace pb::mcp
