#include "store/row.h"

#include <cmath>
#include <type_traits>

#include "base/json.h"
#include "base/utf8.h"

namespace pb::store {

void tidy(UsageRow& row) {
  for (std::string* text : {&row.model, &row.asked_model})  // the others are ours or the configuration's
    if (!utf8::valid(*text)) *text = utf8::repair(*text);
  if (!std::isfinite(row.cost)) {
    row.cost = 0;
    row.cost_known = false;
  }
}

void append_line(std::string& out, const NumberedRow& row) {
  json::Writer writer(out);
  writer.begin_object();
  each_column(row, [&](const char* name, const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::string>)
      writer.field(name, std::string_view(value));
    else
      writer.field(name, value);
  });
  writer.end_object();
  out += '\n';
}

bool parse_line(std::string_view line, NumberedRow& row) {
  json::Arena arena;
  const auto parsed = json::parse(line, arena);
  if (!parsed || !parsed->is_object()) return false;
  row = {};
  each_column(row, [&](const char* name, auto& value) {
    using T = std::decay_t<decltype(value)>;
    const json::Value found = (*parsed)[name];
    if constexpr (std::is_same_v<T, std::string>)
      value = found.as_string();
    else if constexpr (std::is_same_v<T, bool>)
      value = found.as_bool();
    else if constexpr (std::is_same_v<T, double>)
      value = found.as_double(value);
    else
      value = static_cast<T>(found.as_int(value));
  });
  return row.id > 0;
}

}  // namespace pb::store
