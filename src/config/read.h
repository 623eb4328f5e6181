// From nodes to values: the parts of the loader.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/layers.h"
#include "config/options.h"

namespace pb::config {

class StoredKeys;

// What every step of loading needs: where mistakes go, and what they are about.
struct Reading {
  const Sources& sources;
  const Environment& env;
  Loaded& out;
  const StoredKeys* keys = nullptr;  // of providers; null: none are looked for

  // At a value, or at its key. Of a variable: Node{}.
  void mistake(const Node& at, std::string path, std::string what);
  void mistake(const Entry& at, std::string path, std::string what);
  // Remembers where the value of an option was found, for people.
  void origin(const std::string& path, const Node& at);
  void origin(const std::string& path, std::string from);
};

// "a map", "the text \"abc\"", "nothing": what stands there, for messages.
std::string found(const Node& node);

// Reads one value as the option wants it; a mistake leaves the target as it was.
void read_value(const Node& node, const Bound& bound, const std::string& path, Reading& reading);
// Reads all members of a map of options. `at` is the map's own path ("providers.up"; "" at the top); members whose name is
// in `elsewhere` are left to the caller. Unknown ones are mistakes with the nearest valid key.
void read_options(const Node& map, const std::vector<Bound>& bounds, const std::string& at,
                  std::span<const std::string_view> elsewhere, Reading& reading);
// Applies PATCHBAY_… variables: `place` is what stands before the options' own path ("providers.up.", "").
void read_environment(const std::vector<Bound>& bounds, const std::string& place, Reading& reading);
// The text of a list may be written "a, b" in the environment.
Node node_of_text(const std::string& text, Kind kind);

// The name nearest to `name` by edit distance, when near enough to be meant; "" when none is.
std::string nearest(std::string_view name, std::span<const std::string_view> names);
// "did you mean `x`?", else "valid are `a`, `b`".
std::string suggestion(std::string_view name, std::span<const std::string_view> names,
                       std::string_view valid = "valid keys");

// Whether a header's value is likely to be a secret, by the header's name.
bool secret_name(std::string_view header);

// nullopt when `text` is no duration; milliseconds. A bare number counts seconds.
std::optional<double> parse_duration(std::string_view text);
std::string duration_text(double ms);  // "30s", "500ms", "2m"
std::optional<double> parse_bytes(std::string_view text);
std::string bytes_text(double bytes);                      // "64MiB"
std::optional<double> parse_share(std::string_view text);  // "20%" or "0.2": 0 to 1
std::string share_text(double share);                      // "20%"
// What is wrong with an API key, without showing it; "" when nothing.
std::string key_fault(std::string_view key);
// What is wrong with a URL; "" when nothing.
std::string url_fault(std::string_view url);

// Providers of the file and of the environment, checked and resolved. `root` is the file (or empty).
void read_providers(const Node& root, Reading& reading);
void read_models(const Node& root, Reading& reading);
// Routes and rules; after the models, whose names they may lead to.
void read_routes(const Node& root, Reading& reading);
void read_rules(const Node& root, Reading& reading);
void read_prices(const Node& root, Reading& reading);
void read_teams(const Node& root, Reading& reading);
void check_limits(const Node& root, Reading& reading);  // of keys and providers, and alerts
// Limits that nothing can ever pass, or that contradict each other; `at` has them under `limits`, `path` ends with a dot or is "".
void check_rates(const route::RateLimits& rates, const Node& at, const std::string& path, Reading& reading);
void check_cache(const Node& root, Reading& reading);  // after the routes
void lift_shared(Node& root);                          // `shared: redis://…` becomes a map
void check_shared(const Node& root, Reading& reading);
void check_mcp(const Node& root, Reading& reading);
void check_mcp_oauth(const Node& root, Reading& reading);
std::string shared_text(const Secret& url);  // the server's address without user and password
void check_whole(const Node& root,
                 Reading& reading);  // what concerns several options: listening, default_model

// All names that a model may be asked of: also those whose entries have mistakes of their own.
std::vector<std::string_view> provider_names(const Node& root, const Config& config);
// What "provider/model" leads to; nullopt when its mistake is told. `name`: what it stands for; `providers`: provider_names().
std::optional<ModelTarget> read_target(const Node& node, const std::string& name, const std::string& path,
                                       std::span<const std::string_view> providers, Reading& reading);
// What stands under `key` of the file, when it is a map; null when nothing does or its mistake is told. `what`: "names".
const Node* map_of(const Node& root, std::string_view key, std::string_view what, Reading& reading);
std::string unknown_provider(const std::string& name, std::span<const std::string_view> providers);
// What is wrong with a text that is to lead somewhere: a route, a name of `models:` or provider/model; "" when nothing.
std::string lead_fault(const std::string& name, const Node& root, const Config& config);
// What is wrong with a name that may end in `*`; "" when nothing.
std::string name_fault(std::string_view name, std::string_view what);

}  // namespace pb::config
