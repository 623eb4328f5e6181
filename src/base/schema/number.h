// JSON numbers compared as what is written, of any size and without rounding.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace pb::schema {

// 0.digits × 10^lead, where digits begin and end with one that is not 0. Exponents beyond ±10^15 count as that.
struct Decimal {
  bool negative = false;
  bool zero = true;
  std::string_view digits;  // of the text; may hold the point
  std::int64_t lead = 0;
  std::int64_t tail = 0;  // the power of ten of the last digit

  bool whole() const { return zero || tail >= 0; }
};

// `text` is a JSON number.
Decimal decimal(std::string_view text);
int compare(const Decimal& a, const Decimal& b);  // < 0, 0, > 0
int compare_numbers(std::string_view a, std::string_view b);
bool is_whole(std::string_view number);

// What `multipleOf` divides by: digits × 10^tail.
struct Divisor {
  std::uint64_t digits = 1;
  std::int64_t tail = 0;
};
// nullopt: not above 0, or more than 19 digits.
std::optional<Divisor> divisor(std::string_view number);
bool is_multiple(std::string_view number, const Divisor& of);

}  // namespace pb::schema
