// What routes are: names with deployments behind them, and the rules that lead to them. Values only; the configuration fills
// them in (config/read_routes.cpp) and the snapshot hands them to everyone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pb::route {

enum class Strategy : std::uint8_t {
  priority,           // the lowest number that is usable; weights among equals
  weighted,           // by chance, in proportion to the weights
  round_robin,        // in turn, smoothly by weight
  least_connections,  // the fewest requests under way for its weight
  response_time,      // the shortest peak-EWMA time to the first token, of two taken by chance
  cheapest,           // the lowest price for this request's estimate
  smart,              // by the request's kind and difficulty, price, speed, quality and history
};

enum class Sticky : std::uint8_t {  // what keeps a conversation on the deployment that holds its prompt cache
  off,
  prefix,  // the conversation's beginning
  header,  // x-patchbay-session, x-session-id or session_id
  user,    // the caller's key and the request's user
};

enum class MidStream : std::uint8_t {  // a stream breaks after its first byte
  fail,                                // the client gets the error
  resume,                              // "continue": another deployment goes on from the text that was sent
};

enum class Keep : std::uint8_t {  // answers, for the same request asked again
  inherit,                        // as the configuration's `cache` says
  on,
  off,
};

struct RateLimits {  // 0 = none
  std::int64_t requests_per_minute = 0, tokens_per_minute = 0;
  std::int64_t requests_per_day = 0, tokens_per_day = 0;
  int concurrency = 0;
  bool empty() const {
    return requests_per_minute == 0 && tokens_per_minute == 0 && requests_per_day == 0 &&
           tokens_per_day == 0 && concurrency == 0;
  }
  bool operator==(const RateLimits&) const = default;
};

struct Retries {
  int attempts = 2;     // after the first, of one deployment; 0 = none
  int base_ms = 250;    // the first wait is a random time up to this; it doubles
  int max_ms = 8'000;   // longest wait; a provider that asks for more is left for another deployment
  double budget = 0.2;  // retries and hedges that may be made, as a share of requests
};

struct Hedge {
  bool on = false;
  int after_ms = 0;     // 0 = the deployment's own 95th percentile of the time to the first token
  double share = 0.05;  // of the route's requests that may have a second attempt
};

struct Deployment {
  std::size_t provider = 0;  // index into the configuration's providers
  std::string model;         // as the provider is asked; a `*` at its end is what the name's stands for
  int weight = 1;            // 0 = only when nothing else is usable
  int priority = 1;          // lower first
  std::vector<std::string> tags;
  RateLimits limits;
};

struct Route {
  std::string name;  // what clients ask for; may end in `*`
  Strategy strategy = Strategy::priority;
  std::vector<Deployment> deployments;
  std::vector<std::string> fallbacks;  // routes, model names or provider/model; no cycles
  Sticky sticky = Sticky::off;
  MidStream mid_stream = MidStream::fail;
  std::optional<Retries> retries;  // else the configuration's
  Hedge hedge;
  Keep keep = Keep::inherit;
  int keep_ms = 0;  // how long; 0 = as the configuration's `cache` says
  int first_token_ms =
      0;  // a deployment that has not begun to answer by then is left for the next; 0 = the provider's timeout
};

// Leads requests to another name than the one they ask for: the first rule whose conditions all hold.
struct Rule {
  std::string name;
  std::string model, path, key, team, tag;  // "" = any; a `*` at the end of model or path is any rest
  std::vector<std::pair<std::string, std::string>> headers;  // all of them; value "" = is there
  std::int64_t tokens_over = 0, tokens_under = 0;            // of the estimated prompt; 0 = any
  bool thinking = false, images = false;  // only requests that want the model to think; that have pictures
  std::string tool;  // name or type of a tool that the request offers; a `*` at its end is any rest
  int from_minute = -1, to_minute = -1;  // of the local day, may go over midnight; -1 = any
  unsigned weekdays = 0;                 // bit 0 = Monday; 0 = any
  std::string use;                       // a route, model name or provider/model
};

}  // namespace pb::route
