// The configuration as the program uses it: an immutable snapshot, built once from defaults, file and environment
// (config/load.h) and shared by all cores. Every member with a default is declared as an option in config/options.cpp.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/limits_cache.h"
#include "base/limits_mcp.h"
#include "base/secret.h"
#include "llm/dialect.h"
#include "llm/providers.h"
#include "llm/tool_rules.h"
#include "route/breaker.h"
#include "route/budget.h"
#include "route/route.h"

namespace pb::config {

struct Timeouts {
  int connect_ms = limits::kConnectTimeoutMs;
  int first_byte_ms = limits::kFirstByteTimeoutMs;
  int idle_ms = limits::kStreamIdleTimeoutMs;
  int total_ms = limits::kTotalTimeoutMs;
};

// What may be used: of a key, a team or a provider.
struct LimitOptions {
  route::RateLimits rates;
  double budget = 0;               // US dollars; 0 = no limit
  std::string_view per = "month";  // of the budget: day, month or total
  route::Limits limits() const;
};

struct Team {
  LimitOptions limits;
  std::vector<std::string> models;  // patterns of names that its keys may ask for; none = all
};

struct Alerts {
  std::vector<std::string> budget = {"50%", "80%", "100%"};  // shares of a budget
  std::string webhook;                                       // URL; "" = none
  std::vector<double> shares() const;                        // of `budget`, those that are none left out
};

struct Server {
  std::string listen = "127.0.0.1:8000";  // HOST:PORT, [::1]:PORT; port 0 = any free one
  std::string data_dir;                   // "" = ~/.local/share/patchbay (or $XDG_DATA_HOME/patchbay)
  int threads = 0;                        // 0 = one per core
  std::vector<Secret> keys;               // client keys with all rights
  std::string_view require_key = "auto";  // auto: once there is one; always; never
  std::vector<std::string>
      allowed_hosts;  // extra Host header values accepted besides loopback names and the listen address
  std::vector<std::string> allowed_origins;  // browser origins allowed besides same-host ones
  std::size_t body_bytes_max = limits::kBodyBytesMax;
  std::size_t header_bytes_max = limits::kHeaderBytesMax;
  int header_timeout_ms = limits::kHeaderTimeoutMs;
  int body_timeout_ms = limits::kBodyTimeoutMs;
  int keep_alive_ms = limits::kKeepAliveIdleMs;
  int ping_after_ms = limits::kPingAfterMs;
  int drain_ms = limits::kDrainMs;
  int connections_max = limits::kConnectionsMax;
  int loop_guard = limits::kLoopSendsMax;  // sendings a minute of one unchanged conversation; 0 = any number
};

struct Admin {         // the admin API
  Secret key;          // "" = there is none
  std::string listen;  // HOST:PORT of its own; "" = where everything else is served
};

struct ProviderFormat {
  const llm::Dialect* dialect = nullptr;
  std::string path;         // below base_url; "{model}" stands for the model
  std::string stream_path;  // of streamed requests
  std::string_view name;    // "openai_chat"
  std::string_view models =
      {};  // as the vendor's row says: only these are asked in it, and in no other; "" = any
};

struct Provider {
  std::string name;  // as in "name/model"
  const llm::Vendor* vendor = nullptr;
  std::string
      base_url;  // no trailing slash; "" = the built-in simulator's: `serve` fills in "http://HOST:PORT"
  Secret api_key;
  llm::Auth auth = llm::Auth::bearer;
  std::vector<ProviderFormat> formats;  // in order of preference
  std::vector<std::pair<std::string, std::string>> headers;
  std::string query;  // appended to every URL
  llm::Quirks quirks;
  llm::ToolRules tool_rules;
  llm::MediaLimits media;           // where they differ from the format's
  std::vector<std::string> models;  // known names, for bare-name look-up and /v1/models; may be empty
  Timeouts timeouts;
  int connections_max = limits::kUpstreamConnectionsPerHostMax;
  LimitOptions limits;
  int queue_ms = limits::kProviderQueueMs;  // that a request waits for a place under them
  bool stream_usage = true;                 // ask for usage in streams where the client did not
  bool tls_verify = true;
  std::string ca_file;            // "" = the system's
  bool from_environment = false;  // switched on by a key or a probe, not by the file
};

struct ModelTarget {
  std::size_t provider = 0;  // index into providers
  std::string model;         // what the provider is asked for; a `*` at its end is what the name's stands for
};

struct Model {           // one entry of `models:`
  std::string name;      // what clients ask for; may end in `*`
  std::size_t provider;  // as in ModelTarget
  std::string model;
  std::optional<ModelTarget> thinking;  // for requests that want the model to think
};

struct Price {  // US dollars per million tokens
  double input = 0, output = 0;
  double cache_read = -1, cache_write = -1, cache_write_1h = -1, reasoning = -1;  // -1 = as input, or output
};

struct Log {
  std::string level = "info";                  // trace debug info warn error off
  std::string format = "text";                 // text json
  std::map<std::string, std::string> modules;  // level by module
};

struct Media {  // images and documents towards models of another format
  bool fetch = true;
  std::vector<std::string> allow_hosts;  // may be fetched from whatever their address
  int fetch_timeout_ms = limits::kFetchTimeoutMs;
  std::size_t fetch_bytes_max = limits::kFetchBytesMax;
  std::size_t cache_bytes_max = limits::kMediaCacheBytesMax;
  std::size_t memory_bytes_max = limits::kMediaMemoryBytesMax;
};

struct Ledger {
  bool enabled = true;
  std::string path;  // "" = data_dir/patchbay.db
  int flush_ms = 200;
};

struct McpServer {  // of `mcp:`: whether it is there, and how much its clients may make it keep
  bool enabled = true;
  std::size_t sessions_max = limits::kMcpSessionsMax;
  int session_idle_ms = limits::kMcpSessionIdleMs;
  int resume_ms = limits::kMcpResumeMs;
  std::size_t requests_max = limits::kMcpAllCallsMax;  // under way
  std::size_t tasks_max = limits::kMcpTasksMax;
  int task_ttl_ms = limits::kMcpTaskTtlMs;
};

struct SemanticCache {  // answers to questions that mean the same
  std::string embed;    // provider/model or another name of a model that makes vectors; "" = off
  double threshold = 0.95;
  int timeout_ms = limits::kSemanticTimeoutMs;
  std::int64_t entries_max = limits::kSemanticEntriesMax;
  bool tools = false;  // also for requests with tools
};

struct Cache {  // answers kept for the same request asked again
  bool enabled = false;
  int ttl_ms = limits::kCacheTtlMs;
  std::size_t bytes_max = limits::kCacheBytesMax;
  std::size_t entry_bytes_max = limits::kCacheEntryBytesMax;
  std::string_view share = "key";  // who gets an answer that was kept: key, team, all
  std::vector<std::string> skip = {"tools", "sampling", "links",
                                   "stored"};  // kinds of requests that are not kept
  std::vector<std::string> models;             // patterns of names whose answers are kept; none = all
  bool single_flight = true;                   // of several equal requests under way only one is sent
  int wait_ms = limits::kCacheWaitMs;          // that the others wait for it
  std::int64_t waiters_max = limits::kCacheWaitersMax;  // for one request
  SemanticCache semantic;
  bool anywhere = false;  // enabled here or for some route: worked out when loaded
};

struct ModelLists {  // that providers tell of their models
  bool fetch = true;
  int refresh_ms = limits::kModelListRefreshMs;  // how old one may be before it is asked for again
};

struct Health {         // active checks of providers
  int interval_ms = 0;  // 0 = none
  int timeout_ms = 5'000;
  int unhealthy_after = 3;  // failed checks in a row
  int healthy_after = 2;    // good ones
};

struct Shared {                     // what replicas have in common
  Secret url;                       // redis://, rediss:// or unix://; empty = nothing is shared
  std::string prefix = "patchbay";  // of all keys
  int timeout_ms = 50;              // of a command
  int replicas = 0;  // that are to be reckoned with when none can be counted; 0 = those seen last
  bool tls_verify = true;
  std::string ca_file;  // "" = the system's
};

struct McpTools {  // what one call of a tool may ask of models in all; 0 = any
  std::int64_t calls = limits::kToolCalls;
  std::int64_t tokens = limits::kToolTokens;
  double dollars = limits::kToolDollars;
  int parallel = limits::kToolParallel;  // at a time
  std::vector<std::string> configure;    // paths that tools may change, with all below; none = nothing
};

struct McpFiles {
  std::string export_dir;          // reports are written here; "" = `reports` beside the ledger
  std::vector<std::string> roots;  // folders that tools may read pictures from, whatever the client allows
};

struct
    McpFree {  // requests to free models (names that end in ":free") that `free_chat` keeps to; 0 = any number
  int per_minute = limits::kFreePerMinute;
  int per_day = limits::kFreePerDay;
};

struct McpConversations {      // that clients keep here
  std::int64_t keep_days = 0;  // since the last change; 0 = until they are deleted
};

struct Mcp {
  McpTools tools;
  McpFree free;
  McpFiles files;
  McpConversations conversations;
};

struct KeyStore {              // the providers' keys that `patchbay keys provider` keeps
  std::string path, key_file;  // "" = the usual places
};

struct McpOAuth {                     // access tokens for /mcp
  std::string issuer;                 // "" = none are taken
  std::string resource;               // our own identifier; "" = http://LISTEN/mcp
  std::vector<std::string> audience;  // of which a token must name one; none = the resource
  std::string jwks_url;               // "" = as the issuer's metadata says
  std::vector<std::string> algorithms = {"RS256", "PS256", "ES256", "EdDSA"};
  bool only_at_jwt = false;  // tokens must have the type at+jwt
  int leeway_ms = 30'000;    // that clocks may differ
  int keys_refresh_ms = 600'000;
  int keys_retry_ms = 10'000;
  int keys_stale_ms = 86'400'000;
  int timeout_ms = 5'000;  // of a fetch
  std::string ca_file;     // "" = the system's
  std::vector<std::string> scopes_required;
  std::vector<std::pair<std::string, std::string>> scopes_tools;    // pattern of names; scopes
  std::vector<std::pair<std::string, std::string>> scopes_implies;  // a scope; those it stands for too
  std::string key;                    // whose rights and limits tokens have; "" = none
  std::string key_claim, team_claim;  // which tell the key or the team of a token
};

struct Config {
  Server server;
  KeyStore key_store;
  Admin admin;
  std::vector<Provider> providers;
  std::vector<Model> models;
  std::vector<route::Route> routes;
  std::vector<route::Rule> rules;  // the first that holds counts
  LimitOptions limits;             // of virtual keys that have none of their own
  std::map<std::string, Team> teams;
  Alerts alerts;
  route::Retries retries;
  route::BreakerOptions breaker;
  Health health;
  std::string default_model;            // used when a request names none or an unknown one; "" = refuse
  std::map<std::string, Price> prices;  // "provider/model" or "model"; over the built-in table
  Log log;
  Ledger ledger;
  Shared shared;
  Media media;
  Cache cache;
  ModelLists model_lists;
  Mcp mcp;
  McpServer mcp_server;
  McpOAuth mcp_oauth;
  bool providers_from_environment =
      true;            // switch on those whose key is in the environment, and local ones that answer
  std::string source;  // file it came from; "" = none
  bool simulator =
      false;  // a provider of type `sim` has no base_url: `serve` starts the simulator and fills it in for each such provider
};

}  // namespace pb::config
