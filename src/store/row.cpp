#include "store/row.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/utf8.h"

namespace pb::store {
namespace {

constexpr std::size_t kVarintBytesMax = 10;

// Seven bits a byte, the lowest first.
char* put_number(char* to, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) *to++ = static_cast<char>(v | 0x80);
  *to++ = static_cast<char>(v);
  return to;
}

// Small numbers of either sign take few bytes.
constexpr std::uint64_t zigzag(std::int64_t v) {
  return static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

struct Reader {
  std::string_view left;
  bool ok = true;

  std::uint64_t number() {
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < std::min(left.size(), kVarintBytesMax); ++i) {
      const auto byte = static_cast<unsigned char>(left[i]);
      v |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        left.remove_prefix(i + 1);
        return v;
      }
    }
    ok = false;
    return 0;
  }
  std::string_view bytes(std::uint64_t n) {
    if (n > left.size()) ok = false;
    if (!ok) return {};
    const std::string_view out = left.substr(0, n);
    left.remove_prefix(n);
    return out;
  }
};

int column_count() {
  static const int count = [] {
    int n = 0;
    const UsageRow row;
    each_field(row, [&](const char*, const auto&) { ++n; });
    return n;
  }();
  return count;
}

}  // namespace

void tidy(UsageRow& row) {
  each_field(row, [](const char*, auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      if (value.size() > limits::kLedgerTextBytesMax) value.resize(limits::kLedgerTextBytesMax);
  });
  for (std::string* text : {&row.model, &row.asked_model})  // the others are ours or the configuration's
    if (!utf8::valid(*text)) *text = utf8::repair(*text);
  if (!std::isfinite(row.cost)) {
    row.cost = 0;
    row.cost_known = false;
  }
}

std::size_t encode(char (&out)[kRowBytesMax], std::int64_t id, const UsageRow& row, std::size_t text_max) {
  static_assert(kRowBytesMax > 10 * (limits::kLedgerTextBytesMax + 2) + 16 * kVarintBytesMax);
  char* to = put_number(out, static_cast<std::uint64_t>(id));
  *to++ = static_cast<char>(column_count());
  each_field(row, [&](const char*, const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::string>) {
      const std::size_t n = std::min(value.size(), text_max);
      to = put_number(to, n);
      std::memcpy(to, value.data(), n);
      to += n;
    } else if constexpr (std::is_same_v<T, double>) {
      std::memcpy(to, &value, sizeof value);
      to += sizeof value;
    } else {
      to = put_number(to, zigzag(static_cast<std::int64_t>(value)));
    }
  });
  return static_cast<std::size_t>(to - out);
}

bool decode(std::string_view bytes, NumberedRow& numbered) {
  Reader in{bytes};
  numbered.id = static_cast<std::int64_t>(in.number());
  int columns = 0;
  if (const std::string_view count = in.bytes(1); in.ok) columns = static_cast<unsigned char>(count[0]);
  each_field(numbered.row, [&](const char*, auto& value) {
    using T = std::decay_t<decltype(value)>;
    if (columns-- <= 0) {
      value = T();
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = in.bytes(in.number());
    } else if constexpr (std::is_same_v<T, double>) {
      const std::string_view raw = in.bytes(sizeof value);
      if (in.ok) std::memcpy(&value, raw.data(), sizeof value);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = in.number() != 0;
    } else {
      value = static_cast<T>(unzigzag(in.number()));
    }
  });
  return in.ok && numbered.id > 0;
}

}  // namespace pb::store
