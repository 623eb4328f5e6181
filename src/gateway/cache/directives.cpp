#include "gateway/cache/directives.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "net/http.h"

namespace pb::gateway::cache {

Directives read_directives(std::string_view text) {
  Directives d;
  while (!text.empty()) {
    const std::string_view one = next_item(text);
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string_view name = trim(one.substr(0, equals));
    std::string_view value = equals < one.size() ? trim(one.substr(equals + 1)) : std::string_view();
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    if (net::iequals(name, "no-cache")) d.no_cache = true;
    if (net::iequals(name, "no-store")) d.no_store = true;
    if (net::iequals(name, "only-if-cached")) d.only_if_cached = true;
    if (!net::iequals(name, "max-age")) continue;
    std::int64_t seconds = 0;  // what is no number is taken for 0 (RFC 9111 §4.2.1)
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    d.max_age_s = code == std::errc() && end == value.data() + value.size() && seconds > 0 ? seconds : 0;
  }
  return d;
}

bool keeps(const config::Cache& options, const route::Route* route, std::string_view asked,
           std::string_view target) {
  if (route != nullptr && route->keep != route::Keep::inherit) return route->keep == route::Keep::on;
  if (!options.enabled) return false;
  return options.models.empty() || std::ranges::any_of(options.models, [&](const std::string& pattern) {
           return covers(pattern, asked) || covers(pattern, target);
         });
}

std::string_view skip_reason(const config::Cache& options, const Asked& asked, std::string_view format) {
  if (asked.stateful) return "state";
  const auto skips = [&](std::string_view what) {
    return std::ranges::find(options.skip, what) != options.skip.end();
  };
  // The API stores an answer unless told not to, for the key that asked.
  const bool stored =
      asked.store.value_or(format == "openai_responses" && options.share != std::string_view("key"));
  if (asked.tools && skips("tools")) return "tools";
  if (asked.sampling && skips("sampling")) return "sampling";
  if (asked.links && skips("links")) return "links";
  if (stored && skips("stored")) return "stored";
  return {};
}

}  // namespace pb::gateway::cache
