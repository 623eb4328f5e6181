// What a request and the configuration say about keeping its answer. Pure.
#pragma once
#include <cstdint>
#include <string_view>

#include "config/config.h"
#include "gateway/cache/key.h"

namespace pb::gateway::cache {

// A request's Cache-Control (RFC 9111 §5.2.1).
struct Directives {
  bool no_cache = false;        // a new answer, which is kept
  bool no_store = false;        // neither looked for nor kept
  bool only_if_cached = false;  // a kept answer or none
  std::int64_t max_age_s = -1;  // no older one; -1 = any
};
Directives read_directives(std::string_view cache_control);

// Whether answers to requests of this name are kept. `target`: "provider/model"; "" where `route` leads to several.
bool keeps(const config::Cache& options, const route::Route* route, std::string_view asked,
           std::string_view target);

// Why the answer to such a request is neither looked for nor kept: a word of `cache.skip`, "state"; "" = it is.
std::string_view skip_reason(const config::Cache& options, const Asked& asked, std::string_view format);

}  // namespace pb::gateway::cache
