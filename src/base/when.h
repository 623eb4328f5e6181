// Times as people write them. No clock: the present is passed in.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb {

// Unix time in ms of "90m", "12h", "7d", "2w" (that long before `now_ms`) or of a date "2026-11-20" in local time: its
// first moment, or with `end` the first moment of the next day, so that `--until` includes its day. 0 for "".
Result<std::int64_t> parse_when(std::string_view text, std::int64_t now_ms, bool end);
// The same of what is called `name`: its errors say so.
Result<std::int64_t> parse_when(std::string_view name, std::string_view text, std::int64_t now_ms, bool end);
// "30m", "12h", "30d", "2w" in milliseconds. Errors: invalid_request.
Result<std::int64_t> parse_span(std::string_view text);
// Unix milliseconds of "30d" from `now_ms`, of the end of a date in local time, 0 of "never" and "". Errors: invalid_request, also for
// what is over already.
Result<std::int64_t> parse_expiry(std::string_view text, std::int64_t now_ms);
// "2026-11-21T12:00:00Z", RFC 3339.
std::string time_text(std::int64_t unix_ms);

}  // namespace pb
