// Every option of the configuration, declared once: from these tables come the parser, the checks, environment
// overrides, `patchbay config schema` and `show`, and docs/configuration.md.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/config.h"

namespace pb::config {

enum class Kind : std::uint8_t {
  text,
  name,  // text of letters, digits, '-', '_' and '.'
  secret,
  flag,
  count,     // whole number within bounds
  money,     // number, not negative
  share,     // 0.2 or "20%": 0 to 1
  duration,  // milliseconds; written as seconds (10, 0.5) or "500ms", "30s", "2m", "1h"
  bytes,     // written as a number or "64KiB", "10MB"
  choice,    // one of `choices`
  address,   // HOST:PORT
  url,       // http(s)://
  file,      // of an existing file
  texts,     // list of text
  formats,   // list of wire formats
  secrets,   // list of secrets
  headers,   // map of header names and values
  levels,    // map from one of `keys` to one of `choices`
  pairs,     // map of text and text
};

using Pairs = std::vector<std::pair<std::string, std::string>>;
// Where an option's value lives.
using Ref = std::variant<std::string*, std::string_view*, Secret*, bool*, int*, std::int64_t*, std::size_t*,
                         double*, std::vector<std::string>*, std::vector<Secret>*, Pairs*,
                         std::map<std::string, std::string>*>;

struct Option {
  std::string_view path;  // below its table's place: "server.listen", "timeouts.connect"
  Kind kind = Kind::text;
  std::string_view doc;     // one line
  double min = 0, max = 0;  // count, duration (ms), bytes; equal = no bounds
  std::span<const std::string_view> choices = {};
  std::span<const std::string_view> keys = {};
  std::string_view default_text = {};  // docs: where the default is not a plain value
};

// One entry of `providers:` while it is read: names become pointers afterwards.
struct ProviderDraft {
  Provider provider;
  std::string type;
  std::vector<std::string> formats;
  std::string auth;
};
// "bearer", "x-api-key", "api-key", "none" in the order of llm::Auth.
std::span<const std::string_view> auth_names();

// One entry of `routes:` while it is read.
struct RouteDraft {
  route::Route route;
  std::string strategy = "priority", sticky = "off", mid_stream = "fail", hedge_after = "p95",
              keep = "inherit";
  route::Retries retries;  // counts where the entry has `retries`
};
// One of a route's deployments, and of `rules:`.
struct DeploymentDraft {
  route::Deployment deployment;
  std::string use;
};
struct RuleDraft {
  route::Rule rule;
  std::string time;
  std::vector<std::string> days;
};

struct Bound {
  const Option* option;
  Ref ref;
};

// The tables, tied to the struct that they fill.
std::vector<Bound> bind(Config& config);             // at the top
std::vector<Bound> bind(ProviderDraft& draft);       // providers.NAME.
std::vector<Bound> bind(Price& price);               // prices.NAME.
std::vector<Bound> bind(RouteDraft& draft);          // routes.NAME.
std::vector<Bound> bind(DeploymentDraft& draft);     // routes.NAME.deployments[N].
std::vector<Bound> bind(RuleDraft& draft);           // rules[N].
std::vector<Bound> bind_resilience(Config& config);  // retries., breaker., health.: a part of bind(Config&)
std::vector<Bound> bind(Team& team);                 // teams.NAME.
// limits., budget. and what goes with them: parts of bind(Config&) and bind(ProviderDraft&).
std::vector<Bound> bind_limits(Config& config);
std::vector<Bound> bind_limits(Provider& provider);
std::vector<Bound> bind_cache(Config& config);       // cache., model_lists.: a part of bind(Config&)
std::vector<Bound> bind_mcp(Config& config);         // mcp., what its tools may do: a part of bind(Config&)
std::vector<Bound> bind_shared(Config& config);      // shared.: a part of bind(Config&)
std::vector<Bound> bind_mcp_server(Config& config);  // mcp., but for what its tools may do: likewise
std::vector<Bound> bind_key_store(Config& config);   // key_store.: a part of bind(Config&)
std::vector<Bound> bind_mcp_oauth(Config& config);   // mcp.oauth.: a part of bind(Config&)

// PATCHBAY_SERVER_LISTEN for "server.listen".
std::string environment_name(std::string_view path);

// The value as it would be written in the file, secrets masked; null where "not given" has no value of its own.
struct Node;
Node value_node(const Bound& bound);

std::string_view kind_name(Kind kind);  // for messages: "a whole number"

}  // namespace pb::config
