// The machine's clocks, for whoever hands the time on to what is pure.
#pragma once
#include <cstdint>

namespace pb {

// Unix time, of the wall clock: it may be set back.
std::int64_t unix_seconds();
std::int64_t unix_ms();
std::int64_t unix_ns();
// Milliseconds of a clock that never goes back, from some moment before the process began: for spans and waits.
std::int64_t steady_ms();

}  // namespace pb
