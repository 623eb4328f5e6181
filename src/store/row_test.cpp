// Rows as the journal's bytes.
#include "store/row.h"

#include <set>
#include <vector>

#include "store/segment.h"
#include "store/testing.h"

using namespace pb::store;
using namespace pb::store::testing;

namespace {

constexpr char kColumns = 25;  // a row's fields

}  // namespace

TEST_SUITE_BEGIN("journal");

TEST_CASE("a row is the same after encoding and decoding") {
  UsageRow r = row(3);
  r.error = "rate_limited";
  r.status = 429;
  r.output = -2;
  r.cache_read = 1LL << 62;
  r.cache_write = -(1LL << 62);
  r.reasoning = 5;
  r.team = "t";
  r.route = "main";
  r.saved = 0.5;
  r.usage_estimated = true;
  r.cost = 1e-9;
  r.asked_model = std::string(1000, 'x');
  char buffer[kRowBytesMax];
  const std::string_view bytes(buffer, encode(buffer, row_id(7, 1), r));
  NumberedRow back;
  back.row = row(9);
  back.row.saved = 7;
  REQUIRE(decode(bytes, back));
  CHECK(back.id == row_id(7, 1));
  r.asked_model.resize(256);
  std::vector<std::string> one, two;
  const auto list = [](std::vector<std::string>& to) {
    return [&to](const char*, const auto& v) {
      if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>)
        to.push_back(v);
      else
        to.push_back(std::to_string(v));
    };
  };
  each_field(r, list(one));
  each_field(back.row, list(two));
  CHECK(one == two);
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(decode(bytes.substr(0, n), back));

  SUBCASE("of a version with fewer columns: the others keep their defaults") {
    std::string fewer(bytes);
    fewer.resize(fewer.size() - 8);  // saved
    for (char& c : fewer)
      if (c == kColumns) {
        --c;
        break;
      }
    REQUIRE(decode(fewer, back));
    CHECK(back.row.saved == 0);
    CHECK(back.row.route == "main");
  }
  SUBCASE("of a version with more columns: they are passed over") {
    std::string more(bytes);
    for (char& c : more)
      if (c == kColumns) {
        c += 2;
        break;
      }
    more += "\x05other\x07";
    REQUIRE(decode(more, back));
    CHECK(back.row.saved == 0.5);
  }
}

TEST_CASE("the checksum: of files of this version, so it does not change; every bit counts") {
  CHECK(checksum(1, "a row") == 3642637916);
  std::set<std::uint32_t> sums;
  std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (std::size_t i = 0; i < 8 * text.size(); ++i) {
    text[i / 8] ^= static_cast<char>(1 << i % 8);
    sums.insert(checksum(1, text));
    text[i / 8] ^= static_cast<char>(1 << i % 8);
  }
  for (std::size_t n = 0; n <= text.size(); ++n)
    sums.insert(checksum(1, std::string_view(text).substr(0, n)));
  for (std::uint32_t salt = 2; salt < 100; ++salt) sums.insert(checksum(salt, text));
  CHECK(sums.size() == 8 * text.size() + text.size() + 1 + 98);
}

TEST_CASE("the longest row fits") {
  UsageRow r;
  each_field(r, [](const char*, auto& v) {
    using T = std::decay_t<decltype(v)>;
    if constexpr (std::is_same_v<T, std::string>)
      v = std::string(5000, 'x');
    else if constexpr (!std::is_same_v<T, bool>)
      v = std::numeric_limits<T>::max();
  });
  char buffer[kRowBytesMax];
  CHECK(encode(buffer, std::numeric_limits<std::int64_t>::max(), r) < kRowBytesMax);
  CHECK(kRowBytesMax < kRecordBytesMax);
}

TEST_SUITE_END();
