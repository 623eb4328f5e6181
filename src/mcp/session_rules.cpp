#include "mcp/session_rules.h"

#include "base/limits_mcp.h"

namespace pb::mcp {

Outcome<void> SessionRules::begin(const Id& id, std::string_view method) {
  if (stage_ == Stage::closed) return fault(kInvalidRequest, "Invalid Request: the session has ended");
  if (method == "initialize" && stage_ != Stage::fresh)
    return fault(kInvalidRequest, "Invalid Request: the session has been initialized already");
  if (stage_ == Stage::fresh && method != "initialize" && method != "ping")
    return fault(kInvalidRequest, "Invalid Request: initialize comes first");
  if (under_way_.size() >= limits::kMcpCallsMax)
    return fault(kServerError,
                 "more than " + std::to_string(limits::kMcpCallsMax) + " requests are under way");
  if (!under_way_.insert(id).second)
    return fault(kInvalidRequest, "Invalid Request: a request with this id is under way");
  return {};
}

Outcome<Revision> SessionRules::initialize(json::Value params) {
  const json::Value version = params["protocolVersion"];
  if (!version.is_string()) return fault(kInvalidParams, "Invalid params: protocolVersion must be a string");
  if (!params["capabilities"].is_object())
    return fault(kInvalidParams, "Invalid params: capabilities must be an object");
  const json::Value info = params["clientInfo"];
  if (!info.is_object() || !info["name"].is_string() || !info["version"].is_string())
    return fault(kInvalidParams, "Invalid params: clientInfo must have a name and a version");
  const auto asked = parse_revision(version.as_string());
  revision_ = asked && !stateless(*asked) ? *asked : kNewestWithSessions;
  can_ = read_capabilities(params["capabilities"]);
  if (!has_elicitation(revision_)) can_.elicitation_form = false;
  if (!has_icons(revision_)) can_.elicitation_url = can_.sampling_tools = false;
  can_.tasks = false;
  client_ = read_client_info(info);
  stage_ = Stage::answered;
  return revision_;
}

void SessionRules::ready() {
  if (stage_ == Stage::answered) stage_ = Stage::ready;
}

Outcome<void> SessionRules::subscribe(std::string_view uri) {
  if (watched_.contains(uri)) return {};
  if (watched_.size() >= limits::kMcpSubscriptionsMax)
    return fault(kServerError,
                 "more than " + std::to_string(limits::kMcpSubscriptionsMax) + " resources are watched");
  watched_.emplace(uri);
  return {};
}

void SessionRules::unsubscribe(std::string_view uri) {
  if (const auto it = watched_.find(uri); it != watched_.end()) watched_.erase(it);
}

Id SessionRules::ask() {
  Id id = std::to_string(++questions_);
  asked_.insert(id);
  return id;
}

}  // namespace pb::mcp
