#include "base/when.h"

#include <charconv>
#include <ctime>
#include <utility>

namespace pb {
namespace {

Result<std::int64_t> bad_time(std::string_view text) {
  return fail(
      Code::invalid_request,
      "\"" + std::string(text) + "\" is no time: write 90m, 12h, 7d, 2w or a date such as 2026-11-20");
}

}  // namespace

Result<std::int64_t> parse_when(std::string_view text, std::int64_t now_ms, bool end) {
  if (text.empty()) return 0;
  int numbers[3] = {};
  const char* at = text.data();
  const char* const stop = at + text.size();
  int parts = 0;
  for (; parts < 3; ++parts) {
    const auto [next, code] = std::from_chars(at, stop, numbers[parts]);
    if (code != std::errc() || numbers[parts] < 0) return bad_time(text);
    at = next;
    if (at == stop || *at != '-') break;
    ++at;
  }
  if (parts == 0 && stop - at == 1) {
    constexpr std::pair<char, std::int64_t> units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    for (const auto& [unit, seconds] : units)
      if (*at == unit) return now_ms - numbers[0] * seconds * 1000;
    return bad_time(text);
  }
  if (parts != 2 || at != stop || numbers[0] < 1970 || numbers[1] < 1 || numbers[1] > 12 || numbers[2] < 1 ||
      numbers[2] > 31)
    return bad_time(text);
  std::tm day{};
  day.tm_year = numbers[0] - 1900;
  day.tm_mon = numbers[1] - 1;
  day.tm_mday = numbers[2];
  day.tm_isdst = -1;
  const std::tm wanted = day;
  if (std::mktime(&day) == -1 || day.tm_mday != wanted.tm_mday || day.tm_mon != wanted.tm_mon)
    return bad_time(text);  // 02-30
  day = wanted;
  if (end) ++day.tm_mday;  // mktime carries over
  return static_cast<std::int64_t>(std::mktime(&day)) * 1000;
}

Result<std::int64_t> parse_when(std::string_view name, std::string_view text, std::int64_t now_ms, bool end) {
  auto at = parse_when(text, now_ms, end);
  if (!at)
    return fail(Code::invalid_request, std::string(name) + ": " + at.error().message, std::string(name));
  return at;
}

Result<std::int64_t> parse_span(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, ec] = std::from_chars(text.data(), end, number);
  const std::string_view unit(at, static_cast<std::size_t>(end - at));
  const std::int64_t seconds = unit == "s"   ? 1
                               : unit == "m" ? 60
                               : unit == "h" ? 3600
                               : unit == "d" ? 24 * 3600
                               : unit == "w" ? 7 * 24 * 3600
                                             : 0;
  if (ec != std::errc() || seconds == 0 || number <= 0 || number > 1'000'000)
    return fail(Code::invalid_request, "`" + std::string(text) + "` is no time: write 30m, 12h, 7d or 2w");
  return number * seconds * 1000;
}

Result<std::int64_t> parse_expiry(std::string_view text, std::int64_t now_ms) {
  if (text.empty() || text == "never") return 0;
  if (!text.contains('-')) {
    TRY_ASSIGN(const std::int64_t span, parse_span(text));
    return now_ms + span;
  }
  TRY_ASSIGN(const std::int64_t at, parse_when(text, now_ms, true));
  if (at <= now_ms) return fail(Code::invalid_request, "`" + std::string(text) + "` is over already");
  return at;
}

std::string time_text(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace pb
