#pragma once
#include "base/clock.h"
#include "route/limiter.h"

namespace pb::gateway {

// The present, of the steady clock and of the wall's.
inline route::Moment present() { return {steady_ms(), unix_ms()}; }

}  // namespace pb::gateway
