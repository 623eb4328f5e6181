#include <array>

#include "api/admin/endpoint.h"

namespace pb::api::admin {
namespace {

using Kind = Parameter::Kind;

constexpr Parameter kLimit = {"limit", Kind::count,
                              "How many to answer with at most, 1 to 1000; 100 unless given."};
constexpr Parameter kCursor = {"cursor", Kind::text, "`next` of the page before."};

constexpr Parameter kDeploymentFilter[] = {{"route", Kind::text, "Only those of this route."},
                                           {"provider", Kind::text, "Only those of this provider."},
                                           kLimit,
                                           kCursor};
constexpr Parameter kPage[] = {kLimit, kCursor};
constexpr Parameter kKeyFilter[] = {{"team", Kind::text, "Only those of this team."},
                                    {"revoked", Kind::flag, "`true`: revoked ones too."},
                                    kLimit,
                                    kCursor};
constexpr Parameter kKeyForce[] = {{"force", Kind::flag, "`true`: take a team that is not configured."}};

constexpr Parameter kSince = {"since", Kind::text,
                              "A time ago (`90m`, `12h`, `7d`) or a date in local time (`2026-11-20`)."};
constexpr Parameter kUntil = {"until", Kind::text, "The same; a date is included."};
constexpr Parameter kProvider = {"provider", Kind::text, "Only this provider."};
constexpr Parameter kModel = {"model", Kind::text, "Only this model, as the provider was asked."};
constexpr Parameter kKey = {"key", Kind::text, "Only this key."};
constexpr Parameter kTeam = {"team", Kind::text, "Only this team."};
constexpr Parameter kRoute = {"route", Kind::text, "Only what was led to this route."};
constexpr Parameter kStatus = {"status", Kind::text,
                               "Only answers of this status: `429`, `4xx` or `errors`."};
constexpr Parameter kUsageFilter[] = {{"by", Kind::text,
                                       "Columns to add up by, separated by commas: day, provider, model, "
                                       "key, team, route, status; `provider,model` unless given."},
                                      kSince,
                                      kUntil,
                                      kProvider,
                                      kModel,
                                      kKey,
                                      kTeam,
                                      kRoute,
                                      kStatus};
constexpr Parameter kRequestFilter[] = {kSince, kUntil, kProvider, kModel, kKey,
                                        kTeam,  kRoute, kStatus,   kLimit, kCursor};
constexpr Parameter kLimitFilter[] = {
    {"subject", Kind::text, "Only `key`, `team`, `provider` or `deployment`."},
    {"used_over", Kind::share, "Only where more than this share of some limit is used: `0.8`."},
    kLimit,
    kCursor};

constexpr Parameter kPurgeFilter[] = {
    {"model", Kind::text,
     "Only answers of this model: as it was asked for, as the provider knows it, or `provider/model`."},
    {"route", Kind::text, "Only answers of this route."},
    {"provider", Kind::text, "Only answers of this provider."},
    {"space", Kind::text, "Only answers of this namespace."},
};

constexpr Endpoint kEndpoints[] = {
    {"GET",
     "/admin/v1/status",
     "getStatus",
     "The process: version, configuration, ledger, sums over all deployments.",
     {},
     "",
     200,
     "Status",
     show_status},
    {"GET", "/admin/v1/openapi.json", "getOpenApi", "This document.", {}, "", 200, "Document", show_openapi},
    {"GET", "/admin/v1/routes", "listRoutes", "Routes, in the order of their names.", kPage, "", 200,
     "RouteList", list_routes},
    {"GET", "/admin/v1/deployments", "listDeployments",
     "Deployments with their live state: those of routes, and those that were asked for by name since the "
     "start.",
     kDeploymentFilter, "", 200, "DeploymentList", list_deployments},
    {"POST",
     "/admin/v1/deployments/{deployment}/drain",
     "drainDeployment",
     "Send it no new requests; those under way finish. Kept over reloads of the configuration, forgotten by "
     "a restart.",
     {},
     "",
     200,
     "Deployment",
     drain_deployment},
    {"POST",
     "/admin/v1/deployments/{deployment}/enable",
     "enableDeployment",
     "Send it requests again.",
     {},
     "",
     200,
     "Deployment",
     enable_deployment},
    {"POST",
     "/admin/v1/deployments/{deployment}/reset",
     "resetDeployment",
     "Close its circuit breaker and end its cooling down.",
     {},
     "",
     200,
     "Deployment",
     reset_deployment},
    {"GET",
     "/admin/v1/deployments/{deployment}",
     "getDeployment",
     "One deployment, `provider/model`.",
     {},
     "",
     200,
     "Deployment",
     show_deployment},
    {"GET", "/admin/v1/keys", "listKeys", "Virtual keys with what they have used.", kKeyFilter, "", 200,
     "KeyList", list_keys},
    {"POST", "/admin/v1/keys", "createKey",
     "Make a key. Its secret, `key`, is in this answer and nowhere else.", kKeyForce, "NewKey", 201, "Key",
     create_key},
    {"POST",
     "/admin/v1/keys/{key}/rotate",
     "rotateKey",
     "Give it a new secret, `key` in this answer.",
     {},
     "Rotation",
     200,
     "Key",
     rotate_key},
    {"POST",
     "/admin/v1/keys/{key}/revoke",
     "revokeKey",
     "End it. Its name stays taken.",
     {},
     "",
     200,
     "Key",
     revoke_key},
    {"GET", "/admin/v1/keys/{key}", "getKey", "One key, by name or id.", {}, "", 200, "Key", show_key},
    {"PATCH", "/admin/v1/keys/{key}", "updateKey",
     "Change what is given; empty lists, 0 and null take a limit away.", kKeyForce, "KeyChanges", 200, "Key",
     update_key},
    {"GET", "/admin/v1/usage", "getUsage", "Sums of the ledger.", kUsageFilter, "", 200, "Usage", show_usage},
    {"GET", "/admin/v1/requests", "listRequests",
     "Rows of the ledger, the newest first, those of this moment included.", kRequestFilter, "", 200,
     "RequestList", list_requests},
    {"GET",
     "/admin/v1/requests/{request}",
     "getRequest",
     "One row, by its id or by the id that the client got (`x-request-id`).",
     {},
     "",
     200,
     "Request",
     show_request},
    {"GET", "/admin/v1/limits", "listLimits",
     "What keys, teams, providers and deployments may use, and what is left of it.", kLimitFilter, "", 200,
     "LimitList", list_limits},
    {"GET", "/admin/v1/cache", "getCache", "The cache of answers.", {}, "", 200, "CacheState", show_cache},
    {"DELETE", "/admin/v1/cache", "purgeCache",
     "Forget answers: those for which all that is given holds; without anything, all.", kPurgeFilter, "", 200,
     "Purged", purge_cache},
    {"GET",
     "/admin/v1/config",
     "getConfig",
     "The configuration in force, secrets masked.",
     {},
     "",
     200,
     "Config",
     show_config},
    {"POST",
     "/admin/v1/config/reload",
     "reloadConfig",
     "Read the configuration again. 422 when it is refused; the one before stays.",
     {},
     "",
     200,
     "ConfigState",
     reload_config},
    {"POST",
     "/admin/v1/config/validate",
     "validateConfig",
     "Check a configuration file's text, which is used for nothing else.",
     {},
     "text",
     200,
     "Validation",
     validate_config},
    {"GET",
     "/admin/v1/config/overlay",
     "getOverlay",
     "What was set while running, over the file; secrets masked.",
     {},
     "",
     200,
     "Overlay",
     show_overlay},
    {"DELETE",
     "/admin/v1/config/overlay",
     "resetOverlay",
     "Take all of it away.",
     {},
     "",
     200,
     "OverlayChange",
     reset_overlay},
    {"PUT",
     "/admin/v1/config/overlay/{path}",
     "setOverlay",
     "Set one option, such as `log.level`; it is in force with the answer. 422 when it cannot be.",
     {},
     "OverlayValue",
     200,
     "OverlayChange",
     set_overlay},
    {"DELETE",
     "/admin/v1/config/overlay/{path}",
     "unsetOverlay",
     "Take one option's setting away.",
     {},
     "",
     200,
     "OverlayChange",
     unset_overlay},
};

}  // namespace

std::span<const Endpoint> endpoints() { return kEndpoints; }

std::string_view schema(std::string_view name) {
  for (const NamedSchema& s : schemas())
    if (s.name == name) return s.json;
  return {};
}

const Endpoint* find_endpoint(std::string_view method, std::string_view path, std::string& id,
                              std::string& allow) {
  for (const Endpoint& e : kEndpoints) {
    const std::size_t open = e.path.find('{');
    if (open == e.path.npos) {
      if (path != e.path) continue;
    } else {
      const std::string_view before = e.path.substr(0, open), after = e.path.substr(e.path.find('}') + 1);
      if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
        continue;
      if (e.method == method) id = path.substr(open, path.size() - before.size() - after.size());
    }
    if (e.method == method) return &e;
    if (!allow.contains(e.method)) allow.append(allow.empty() ? "" : ", ").append(e.method);
  }
  return nullptr;
}

}  // namespace pb::api::admin
