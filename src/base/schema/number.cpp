#include "base/schema/number.h"

#include <algorithm>
#include <charconv>

namespace pb::schema {
namespace {

constexpr std::int64_t kExponentMax = 1'000'000'000'000'000;

// A whole number that fits, written without point and exponent.
bool integer(std::string_view text, std::int64_t& n) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [at, ec] = std::from_chars(begin, end, n);
  return ec == std::errc() && at == end;
}

std::int64_t exponent_of(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::int64_t n = 0;
  for (const char c : text) n = std::min(kExponentMax, n * 10 + (c - '0'));
  return negative ? -n : n;
}

// The digits of a Decimal one after the other, then zeros.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}
  bool done() const { return text_.empty(); }
  char next() {
    if (!text_.empty() && text_[0] == '.') text_.remove_prefix(1);
    if (text_.empty()) return '0';
    const char c = text_[0];
    text_.remove_prefix(1);
    return c;
  }

 private:
  std::string_view text_;
};

std::uint64_t times(std::uint64_t a, std::uint64_t b, std::uint64_t m) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(a) * b % m);
}

std::uint64_t power_of_ten(std::int64_t exponent, std::uint64_t m) {
  std::uint64_t result = 1 % m, base = 10 % m;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = times(result, base, m);
    base = times(base, base, m);
  }
  return result;
}

}  // namespace

Decimal decimal(std::string_view text) {
  Decimal d;
  if (!text.empty() && text[0] == '-') {
    d.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) {
    d.negative = false;
    return d;
  }
  const std::size_t last = mantissa.find_last_not_of("0.");
  const std::int64_t exponent = e < text.size() ? exponent_of(text.substr(e + 1)) : 0;
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  // The power of ten of the digit at a place of the mantissa.
  const auto place = [&](std::size_t at) {
    const auto i = static_cast<std::int64_t>(at);
    return exponent + (i < point ? point - 1 - i : point - i);
  };
  d.zero = false;
  d.digits = mantissa.substr(first, last - first + 1);
  d.lead = place(first) + 1;
  d.tail = place(last);
  return d;
}

int compare(const Decimal& a, const Decimal& b) {
  if (a.zero || b.zero) {
    const int left = a.zero ? 0 : a.negative ? -1 : 1, right = b.zero ? 0 : b.negative ? -1 : 1;
    return left - right;
  }
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  const int sign = a.negative ? -1 : 1;
  if (a.lead != b.lead) return a.lead < b.lead ? -sign : sign;
  Digits left(a.digits), right(b.digits);
  while (!left.done() || !right.done())
    if (const int difference = left.next() - right.next(); difference != 0)
      return difference < 0 ? -sign : sign;
  return 0;
}

int compare_numbers(std::string_view a, std::string_view b) {
  std::int64_t left = 0, right = 0;
  if (integer(a, left) && integer(b, right)) return left < right ? -1 : left > right ? 1 : 0;
  return compare(decimal(a), decimal(b));
}

bool is_whole(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos || decimal(number).whole();
}

std::optional<Divisor> divisor(std::string_view number) {
  const Decimal d = decimal(number);
  if (d.zero || d.negative || d.lead - d.tail > 19) return std::nullopt;
  Divisor result{0, d.tail};
  for (Digits digits(d.digits); !digits.done();)
    result.digits = result.digits * 10 + static_cast<std::uint64_t>(digits.next() - '0');
  return result;
}

bool is_multiple(std::string_view number, const Divisor& of) {
  const Decimal d = decimal(number);
  if (d.zero) return true;
  // Its last digit is not 0, so it is no multiple of 10^k × anything for the k that it lacks.
  if (d.tail < of.tail) return false;
  std::uint64_t rest = 0;
  for (Digits digits(d.digits); !digits.done();)
    rest = static_cast<std::uint64_t>(
        (static_cast<unsigned __int128>(rest) * 10 + static_cast<unsigned>(digits.next() - '0')) % of.digits);
  return times(rest, power_of_ten(d.tail - of.tail, of.digits), of.digits) == 0;
}

}  // namespace pb::schema
