// A usage row with its name, and the list of its columns from which the SQL and the journal's records are made.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "store/ledger.h"

namespace pb::store {

struct NumberedRow {
  std::int64_t id = 0;  // > 0
  UsageRow row;
};

// Ids of a run of rows: the second the run began (30 bits from 2020 on, until 2054), a random number (17 bits: several
// ledgers may begin in one second) and a count (16 bits). A run ends with its ledger or its count.
inline constexpr int kSeqBits = 16;
inline constexpr int kRandomBits = 17;
inline constexpr std::int64_t kSeqMax = (std::int64_t{1} << kSeqBits) - 1;
constexpr std::int64_t row_id(std::int64_t run, std::int64_t seq) { return run << kSeqBits | seq; }
// The run that begins at a Unix time in seconds.
constexpr std::int64_t run_at(std::int64_t unix_s, std::uint64_t random) {
  constexpr std::int64_t k2020 = 1'577'836'800;
  const std::int64_t second = (unix_s - k2020) & ((std::int64_t{1} << 30) - 1);
  return second << kRandomBits | static_cast<std::int64_t>(random & ((1u << kRandomBits) - 1));
}

// Calls f(name, member) for every column but the id, in the table's order; members are std::string, std::int64_t, int, bool
// or double, const if the row is. New columns come last: the journal's records name them by their place.
template <class Row, class F>
void each_field(Row& row, F&& f) {
  f("time_ms", row.time_ms);
  f("request_id", row.request_id);
  f("client_format", row.client_format);
  f("provider", row.provider);
  f("model", row.model);
  f("asked_model", row.asked_model);
  f("client_key", row.key);
  f("status", row.status);
  f("error", row.error);
  f("stream", row.stream);
  f("input", row.input);
  f("output", row.output);
  f("cache_read", row.cache_read);
  f("cache_write", row.cache_write);
  f("reasoning", row.reasoning);
  f("usage_known", row.usage_known);
  f("cost", row.cost);
  f("cost_known", row.cost_known);
  f("latency_us", row.latency_us);
  f("first_token_us", row.first_token_us);
  f("usage_estimated", row.usage_estimated);
  f("team", row.team);
  f("route", row.route);
  f("cache", row.cache);
  f("saved", row.saved);
}

template <class Row, class F>
void each_column(Row& numbered, F&& f) {
  f("id", numbered.id);
  each_field(numbered.row, f);
}

// Makes a row storable: long texts are cut, invalid UTF-8 is repaired and a cost that is not a number becomes an unknown one.
void tidy(UsageRow& row);

// The row as bytes, for the journal. Texts are cut to `text_max` (at most limits::kLedgerTextBytesMax). Returns how many.
inline constexpr std::size_t kRowBytesMax = 3072;
std::size_t encode(char (&out)[kRowBytesMax], std::int64_t id, const UsageRow& row,
                   std::size_t text_max = limits::kLedgerTextBytesMax);
// The reverse; false when the bytes are no row. Columns that this program does not know are passed over, missing ones keep
// their defaults, so that journals of other versions can be read.
bool decode(std::string_view bytes, NumberedRow& row);

}  // namespace pb::store
