#include "base/schema/formats.h"

namespace pb::schema {
namespace {

// Reads a text from its beginning.
struct Reader {
  std::string_view text;

  bool eat(char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
  }
  // A number of exactly this many digits from `low` to `high`; -1 = it is none.
  int number(std::size_t digits, int low, int high) {
    if (text.size() < digits) return -1;
    int n = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      n = n * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return n < low || n > high ? -1 : n;
  }
  bool digits() {
    const std::size_t before = text.size();
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') text.remove_prefix(1);
    return text.size() < before;
  }
};

bool eat_date(Reader& r) {
  const int year = r.number(4, 0, 9999);
  if (year < 0 || !r.eat('-')) return false;
  const int month = r.number(2, 1, 12);
  if (month < 0 || !r.eat('-')) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int days = month == 2                                              ? (leap ? 29 : 28)
                   : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                           : 31;
  return r.number(2, 1, days) > 0;
}

bool eat_time(Reader& r) {
  const int hour = r.number(2, 0, 23);
  if (hour < 0 || !r.eat(':')) return false;
  const int minute = r.number(2, 0, 59);
  if (minute < 0 || !r.eat(':')) return false;
  const int second = r.number(2, 0, 60);
  if (second < 0) return false;
  if (r.eat('.') && !r.digits()) return false;
  int offset = 0;  // minutes
  if (!r.eat('Z') && !r.eat('z')) {
    const bool minus = r.eat('-');
    if (!minus && !r.eat('+')) return false;
    const int hours = r.number(2, 0, 23);
    if (hours < 0 || !r.eat(':')) return false;
    const int minutes = r.number(2, 0, 59);
    if (minutes < 0) return false;
    offset = (hours * 60 + minutes) * (minus ? -1 : 1);
  }
  // A leap second ends a day of UTC.
  return second < 60 || (hour * 60 + minute - offset + 2 * 1440) % 1440 == 1439;
}

// Parts in their order, each with its letter, as "1H30M"; a part in the middle may not be left out (RFC 3339 appendix A). How many
// there are; -1 = they are wrong.
int eat_parts(Reader& r, std::string_view letters) {
  std::size_t next = 0;
  int count = 0;
  while (r.digits()) {
    const std::size_t at = r.text.empty() ? std::string_view::npos : letters.find(r.text[0]);
    if (at == std::string_view::npos || at < next || (count > 0 && at != next)) return -1;
    r.text.remove_prefix(1);
    next = at + 1;
    ++count;
  }
  return count;
}

}  // namespace

bool is_date(std::string_view text) {
  Reader r{text};
  return eat_date(r) && r.text.empty();
}

bool is_time(std::string_view text) {
  Reader r{text};
  return eat_time(r) && r.text.empty();
}

bool is_date_time(std::string_view text) {
  Reader r{text};
  return eat_date(r) && (r.eat('T') || r.eat('t')) && eat_time(r) && r.text.empty();
}

bool is_duration(std::string_view text) {
  Reader r{text};
  if (!r.eat('P')) return false;
  if (text.ends_with('W')) return r.digits() && r.eat('W') && r.text.empty();
  const int dates = eat_parts(r, "YMD");
  if (dates < 0 || r.text.empty()) return dates > 0;
  return r.eat('T') && eat_parts(r, "HMS") > 0 && r.text.empty();
}

}  // namespace pb::schema
