// What `patchbay status` shows: read from the admin API's answers, drawn as text. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pb::cli {

struct StatusView {
  struct Deployment {
    std::string id, state, routes;  // routes: "main, spare"
    double per_second = 0, error_rate = -1, first_token_ms = -1, p95_ms = -1, tokens_per_second = -1;
    std::int64_t in_flight = 0, answered = 0;
    std::int64_t back_ms = 0;  // until it is tried or preferred again
  };
  struct Limit {
    std::string subject, name, limit;
    double most = 0, left = 0;
    std::int64_t resets_ms = -1;
  };
  struct Request {
    std::string time;  // "12:00:01", UTC
    std::int64_t status = 0, input = 0, output = 0;
    std::string provider, model, route, key, error;
    double latency_ms = 0, first_token_ms = -1;
  };
  std::string version, source, refused;
  double uptime_s = 0, per_second = 0;
  bool ready = false, simulator = false;
  std::int64_t generation = 0, keys = 0, in_flight = 0, answered = 0, failed = 0;
  bool ledger = false, ledger_ok = true;
  std::int64_t ledger_dropped = 0;
  std::vector<Deployment> deployments;  // those in trouble first
  std::vector<Limit> limits;            // the most used first
  std::vector<Request> requests;        // the newest first
};

// The bodies of /admin/v1/status, deployments, limits and requests; "" = there is none (no ledger). Errors: a body that is no JSON.
struct StatusBodies {
  std::string status, deployments, limits, requests;
};
Result<StatusView> read_status(const StatusBodies& bodies);
// All of it as one JSON object.
std::string status_json(const StatusBodies& bodies);

struct Drawing {
  std::size_t columns = 100;
  std::size_t lines = 0;  // 0 = as many as there are
  bool colour = false;
  std::string url = {};
  std::string trouble = {};  // why this is not the present; "" = it is
};
// Lines, each ended by a line feed and no wider than `columns`.
std::string draw_status(const StatusView& view, const Drawing& drawing);

}  // namespace pb::cli
