// What may happen when in a session that begins with `initialize` (MCP 2024-11-05 to 2025-11-25 "Lifecycle"). Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "mcp/json_rpc.h"
#include "mcp/protocol.h"

namespace pb::mcp {

class SessionRules {
 public:
  enum class Stage : std::uint8_t {
    fresh,     // nothing but `initialize` and `ping`
    answered,  // `initialize` has been answered
    ready,     // the client has said so
    closed,
  };

  // A request has come: takes its id until end(). Faults: before `initialize`; a second one; an id that is under way.
  Outcome<void> begin(const Id& id, std::string_view method);
  void end(const Id& id) { under_way_.erase(id); }
  bool under_way(const Id& id) const { return under_way_.contains(id); }
  std::size_t calls() const { return under_way_.size(); }

  // `params` of `initialize`: what the client can do, and the revision to speak from now on, its own where we have it, else our
  // newest with sessions. Faults: members that are missing or of the wrong kind.
  Outcome<Revision> initialize(json::Value params);
  void ready();  // notifications/initialized; too early it changes nothing
  void close() { stage_ = Stage::closed; }

  Stage stage() const { return stage_; }
  Revision revision() const { return revision_; }
  const ClientCapabilities& client_can() const { return can_; }
  const ClientInfo& client() const { return client_; }

  LogLevel log_level() const { return log_level_; }
  void set_log_level(LogLevel level) { log_level_ = level; }

  // Resources the client watches. Faults: too many.
  Outcome<void> subscribe(std::string_view uri);
  void unsubscribe(std::string_view uri);
  void unsubscribe_all() { watched_.clear(); }
  bool watches(std::string_view uri) const { return watched_.contains(uri); }
  const std::set<std::string, std::less<>>& watched() const { return watched_; }

  // A question to the client: its id, which answered() takes back. False: nobody has asked that.
  Id ask();
  bool answered(const Id& id) { return asked_.erase(id) != 0; }

 private:
  Stage stage_ = Stage::fresh;
  Revision revision_ = kNewestWithSessions;
  ClientCapabilities can_;
  ClientInfo client_;
  LogLevel log_level_ = LogLevel::info;
  std::set<Id, std::less<>> under_way_;
  std::set<Id, std::less<>> asked_;
  std::set<std::string, std::less<>> watched_;
  std::int64_t questions_ = 0;
};

}  // namespace pb::mcp
