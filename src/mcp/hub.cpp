#include "mcp/hub.h"

#include <algorithm>

#include "base/digest.h"
#include "base/limits_mcp.h"
#include "mcp/session.h"
#include "mcp/tasks.h"

namespace pb::mcp {
namespace {

constexpr int kSweepMs = 60'000;
constexpr std::size_t kSessionIdCharacters = 32;  // 190 bits

}  // namespace

std::string_view notification_of(Change::What what) {
  switch (what) {
    case Change::What::tools:
      return "notifications/tools/list_changed";
    case Change::What::prompts:
      return "notifications/prompts/list_changed";
    case Change::What::resources:
      return "notifications/resources/list_changed";
    case Change::What::resource:
      return "notifications/resources/updated";
  }
  return {};
}

Hub::Hub(HubDeps deps)
    : deps_(std::move(deps)),
      tasks_(std::make_unique<Tasks>(TaskLimits{deps_.limits.tasks_max, deps_.limits.task_ttl_ms})) {}

Hub::~Hub() {
  tasks_.reset();
  sessions_.clear();
}

void Hub::publish(const Change& change) {
  if (change.what == Change::What::resource && !watched(change.uri)) return;
  std::lock_guard lock(listening_);
  for (Listener* l : listeners_) l->changed(change);
}

bool Hub::add(Listener& listener) {
  std::lock_guard lock(listening_);
  if (listeners_.size() >= limits::kMcpListenersMax) return false;
  listeners_.insert(&listener);
  return true;
}

void Hub::remove(Listener& listener) {
  std::lock_guard lock(listening_);
  listeners_.erase(&listener);
}

void Hub::watch(std::string_view uri) {
  std::lock_guard lock(watching_);
  ++watched_[std::string(uri)];
}

void Hub::unwatch(std::string_view uri) {
  std::lock_guard lock(watching_);
  const auto it = watched_.find(std::string(uri));
  if (it != watched_.end() && --it->second == 0) watched_.erase(it);
}

bool Hub::watched(std::string_view uri) const {
  std::lock_guard lock(watching_);
  return watched_.contains(std::string(uri));
}

std::shared_ptr<Session> Hub::open_session(const Principal& principal, std::shared_ptr<Stream> one_stream) {
  const std::int64_t now = now_ms();
  auto session =
      std::make_shared<Session>(*this, random_text(kSessionIdCharacters), principal, std::move(one_stream));
  if (session->id().empty()) return nullptr;
  session->touch(now);
  std::shared_ptr<Session> gone;
  std::lock_guard lock(mutex_);
  if (sessions_.size() >= deps_.limits.sessions_max) {
    auto oldest = sessions_.end();
    for (auto it = sessions_.begin(); it != sessions_.end() && oldest == sessions_.end(); ++it)
      if (it->second->idle_since(now - limits::kMcpEvictIdleMs)) oldest = it;
    if (oldest == sessions_.end()) return nullptr;
    gone = std::move(oldest->second);
    sessions_.erase(oldest);
    gone->close();
  }
  sessions_.emplace(session->id(), session);
  return session;
}

std::shared_ptr<Session> Hub::find_session(std::string_view id, const Principal& principal) {
  std::lock_guard lock(mutex_);
  const auto it = sessions_.find(std::string(id));
  if (it == sessions_.end() || it->second->principal().name != principal.name) return nullptr;
  it->second->touch(now_ms());
  return it->second;
}

void Hub::close_session(std::string_view id) {
  std::shared_ptr<Session> gone;
  {
    std::lock_guard lock(mutex_);
    const auto it = sessions_.find(std::string(id));
    if (it == sessions_.end()) return;
    gone = std::move(it->second);
    sessions_.erase(it);
  }
  gone->close();
}

int Hub::sweep_every_ms() const { return std::clamp(deps_.limits.resume_ms / 4, 250, kSweepMs); }

void Hub::sweep() {
  const std::int64_t now = now_ms(), then = now - deps_.limits.session_idle_ms;
  std::vector<std::shared_ptr<Session>> gone, deserted;
  {
    std::lock_guard lock(mutex_);
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      if (!it->second->idle_since(then)) {
        if (it->second->deserted_since(now - deps_.limits.resume_ms)) deserted.push_back(it->second);
        ++it;
        continue;
      }
      gone.push_back(std::move(it->second));
      it = sessions_.erase(it);
    }
  }
  for (auto& session : gone) session->close();
  for (auto& session : deserted) session->give_up_calls();
  tasks_->sweep(now);
}

std::size_t Hub::sessions() const {
  std::lock_guard lock(mutex_);
  return sessions_.size();
}

void Hub::end_calls() {
  std::unordered_map<std::string, std::shared_ptr<Session>> gone;
  {
    std::lock_guard lock(mutex_);
    gone.swap(sessions_);
  }
  for (auto& [id, session] : gone) session->close();
  tasks_->end_all();
}

void Hub::close() {
  closing_ = true;
  std::lock_guard lock(listening_);
  for (Listener* l : listeners_) l->closing();
}

}  // namespace pb::mcp
