#include <algorithm>
#include <tuple>
#include <utility>

#include "base/json.h"
#include "cli/status_view.h"

namespace pb::cli {
namespace {

double number(json::Value v) { return v.is_number() ? v.as_double() : -1; }

StatusView::Deployment deployment_of(json::Value v) {
  StatusView::Deployment d;
  d.id = v["id"].as_string();
  d.state = v["state"].as_string();
  for (const json::Value& m : v["routes"].items())
    d.routes.append(d.routes.empty() ? "" : ", ").append(m["route"].as_string());
  d.per_second = v["per_second"].as_double();
  d.error_rate = number(v["last_minute"]["error_rate"]);
  d.first_token_ms = number(v["first_token_ms"]);
  d.p95_ms = number(v["first_token_p95_ms"]);
  d.tokens_per_second = number(v["tokens_per_second"]);
  d.in_flight = v["in_flight"].as_int();
  d.answered = v["answered"].as_int();
  d.back_ms = std::max(v["breaker"]["retry_in_ms"].as_int(), v["cooling_ms"].as_int());
  return d;
}

// The limit of which most is used.
StatusView::Limit limit_of(json::Value v) {
  StatusView::Limit out;
  out.subject = v["subject"].as_string();
  out.name = v["name"].as_string();
  double most_used = -1;
  for (const json::Value& l : v["limits"].items()) {
    const double most = l["most"].as_double(), left = l["left"].as_double();
    const double used = most > 0 ? 1 - left / most : 0;
    if (used <= most_used) continue;
    most_used = used;
    out.limit = l["limit"].as_string();
    out.most = most;
    out.left = left;
    out.resets_ms = l["resets_in_ms"].as_int(-1);
  }
  return out;
}

StatusView::Request request_of(json::Value v) {
  StatusView::Request r;
  const std::string_view time = v["time"].as_string();  // 2026-11-21T12:00:01.250Z
  if (time.size() > 19) r.time = time.substr(11, 8);
  r.status = v["status"].as_int();
  r.input = v["input"].as_int();
  r.output = v["output"].as_int();
  r.provider = v["provider"].as_string();
  r.model = v["model"].as_string(v["asked_model"].as_string());
  if (r.model.empty()) r.model = v["asked_model"].as_string();
  r.route = v["route"].as_string();
  r.key = v["key"].as_string();
  r.error = v["error"].as_string();
  r.latency_ms = v["latency_ms"].as_double();
  r.first_token_ms = number(v["first_token_ms"]);
  return r;
}

void read_process(json::Value v, StatusView& view) {
  view.version = v["version"].as_string();
  view.uptime_s = v["uptime_s"].as_double();
  view.ready = v["ready"].as_bool();
  view.simulator = v["simulator"].as_bool();
  view.source = v["config"]["source"].as_string();
  view.refused = v["config"]["refused"].as_string();
  view.generation = v["config"]["generation"].as_int();
  view.ledger = v["ledger"].is_object();
  view.ledger_ok = v["ledger"]["database_ok"].as_bool(true);
  view.ledger_dropped = v["ledger"]["dropped"].as_int();
  view.keys = v["keys"].as_int();
  view.in_flight = v["in_flight"].as_int();
  view.answered = v["answered"].as_int();
  view.failed = v["failed"].as_int();
  view.per_second = v["per_second"].as_double();
}

}  // namespace

Result<StatusView> read_status(const StatusBodies& bodies) {
  StatusView view;
  json::Arena arena;
  TRY_ASSIGN(const json::Value process, json::parse(bodies.status, arena));
  read_process(process, view);
  TRY_ASSIGN(const json::Value deployments, json::parse(bodies.deployments, arena));
  for (const json::Value& v : deployments["data"].items()) view.deployments.push_back(deployment_of(v));
  std::ranges::sort(view.deployments, [](const auto& a, const auto& b) {
    return std::pair(a.state == "ready", std::string_view(a.id)) <
           std::pair(b.state == "ready", std::string_view(b.id));
  });
  TRY_ASSIGN(const json::Value limits, json::parse(bodies.limits, arena));
  for (const json::Value& v : limits["data"].items()) view.limits.push_back(limit_of(v));
  const auto rank = [](const StatusView::Limit& l) {
    return std::tuple(l.most > 0 ? l.left / l.most : 1, std::string_view(l.subject),
                      std::string_view(l.name));
  };
  std::ranges::sort(view.limits, [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (bodies.requests.empty()) return view;
  TRY_ASSIGN(const json::Value requests, json::parse(bodies.requests, arena));
  for (const json::Value& v : requests["data"].items()) view.requests.push_back(request_of(v));
  return view;
}

std::string status_json(const StatusBodies& bodies) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("status");
  w.raw(bodies.status);
  for (const auto& [name, body] :
       {std::pair("deployments", &bodies.deployments), std::pair("limits", &bodies.limits),
        std::pair("requests", &bodies.requests)}) {
    w.key(name);
    json::Arena arena;
    const auto parsed = json::parse(body->empty() ? "{}" : std::string_view(*body), arena);
    w.write(parsed ? (*parsed)["data"] : json::Value());
  }
  w.end_object();
  return out + "\n";
}

}  // namespace pb::cli
