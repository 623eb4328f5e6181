// Several coroutines as one step of another: it goes on when all have ended, and none outlives it.
#pragma once
#include <vector>

#include "base/task.h"

namespace pb::net {

// Runs all at once and returns when the last has ended; what they point to must live until then. A caller that is cancelled
// cancels them, waits for their end and throws system_error(operation_aborted). The first exception of one is thrown when all
// have ended; the others go on meanwhile.
Task<void> together(std::vector<Task<void>> tasks);

// Runs one, but no longer than `ms`: false when it was cancelled for that, and has ended. Else the same.
Task<bool> within(int ms, Task<void> task);

}  // namespace pb::net
