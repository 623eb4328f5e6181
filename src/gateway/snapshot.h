// The configuration as the gateway works with it: addresses parsed, names indexed. Immutable; shared by all cores and
// replaced whole.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "net/client.h"
#include "route/live.h"
#include "route/select.h"

namespace pb::gateway {

struct Upstream {
  const config::Provider* provider = nullptr;
  net::Origin origin;
  net::CallTimeouts timeouts;
  std::string auth_header;  // name; "" = none is sent
  Secret auth_value;
};

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};
template <class T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

struct Target {
  std::size_t upstream = 0;
  std::string model;
};

struct Pool {  // one of `routes:`
  const route::Route* route = nullptr;
  std::vector<route::Slot> slots;  // in the order of its deployments
  bool limited = false;            // some of its deployments have limits of their own
  bool wants_needs = false;        // choosing takes what is in the request's body
};
struct Named {  // what a model's name stands for
  Target use;
  std::optional<Target> thinking = {};  // instead, for requests that want the model to think
  const Pool* pool = nullptr;           // instead of both
};
struct Pattern {  // names that begin so; a `*` at the end of a target's model is the rest of the name
  std::string prefix;
  Named to;
};

class Snapshot {
 public:
  // `board`: where the deployments' state is kept; null = one of the snapshot's own. Errors: a base URL that does not parse (load()
  // has checked them, so this is a bug or a late change).
  static Result<std::shared_ptr<const Snapshot>> make(config::Config config,
                                                      std::shared_ptr<route::Board> board = nullptr);

  const config::Config& config() const { return config_; }
  const std::vector<Upstream>& upstreams() const { return upstreams_; }
  const Upstream* find_upstream(std::string_view name) const;
  const StringMap<Named>& names() const { return names_; }  // aliases and bare names of configured models
  const std::vector<Pool>& pools() const { return pools_; }
  route::Board& board() const { return *board_; }
  const std::vector<Pattern>& patterns() const { return patterns_; }  // the longest prefix first

 private:
  void add_name(std::string_view name, Named to);
  void add_pools();

  config::Config config_;
  std::vector<Upstream> upstreams_;
  StringMap<std::size_t> by_name_;
  StringMap<Named> names_;
  std::vector<Pattern> patterns_;
  std::vector<Pool> pools_;
  std::shared_ptr<route::Board> board_;
};

// What a provider's model costs: by the configuration, else by the catalogue; nullopt when neither knows.
std::optional<llm::ModelPrice> price_of(const config::Config& config, const config::Provider& provider,
                                        std::string_view model);

}  // namespace pb::gateway
