#include "mcp/tasks.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits_mcp.h"
#include "base/when.h"
#include "mcp/call.h"
#include "mcp/results.h"

namespace pb::mcp {
namespace {

constexpr std::size_t kTaskIdCharacters = 32;
constexpr int kPollMs = 500;

bool over(std::string_view status) {
  return status == "completed" || status == "failed" || status == "cancelled";
}

}  // namespace

std::shared_ptr<TaskState> Tasks::create(const Principal& principal, std::int64_t now_ms) {
  auto task = std::make_shared<TaskState>();
  task->id = random_text(kTaskIdCharacters);
  task->principal = principal.name;
  task->created_ms = task->updated_ms = unix_ms();
  task->born_ms = now_ms;
  std::lock_guard lock(mutex_);
  if (tasks_.size() >= limits_.tasks_max || task->id.empty()) return nullptr;
  tasks_.emplace(task->id, task);
  return task;
}

std::size_t Tasks::count() const {
  std::lock_guard lock(mutex_);
  return tasks_.size();
}

void Tasks::run_by(TaskState& task, std::weak_ptr<Call> call) {
  std::lock_guard lock(mutex_);
  task.call = std::move(call);
}

std::shared_ptr<TaskState> Tasks::find(std::string_view id, const Principal& principal) {
  const auto it = tasks_.find(std::string(id));
  return it == tasks_.end() || it->second->principal != principal.name ? nullptr : it->second;
}

bool Tasks::known(std::string_view id, const Principal& principal) {
  std::lock_guard lock(mutex_);
  return find(id, principal) != nullptr;
}

std::string Tasks::show(std::string_view id, const Principal& principal) {
  std::lock_guard lock(mutex_);
  const auto task = find(id, principal);
  return task == nullptr ? std::string() : text(*task);
}

std::string Tasks::show(TaskState& task) {
  std::lock_guard lock(mutex_);
  return text(task);
}

std::string Tasks::text(const TaskState& task) const {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("taskId", task.id);
  w.field("status", task.status);
  w.field("createdAt", time_text(task.created_ms));
  w.field("lastUpdatedAt", time_text(task.updated_ms));
  w.field("ttlMs", limits_.ttl_ms);
  w.field("pollIntervalMs", kPollMs);
  if (task.status == "completed") {
    w.key("result");
    w.raw(task.result);
  } else if (task.status == "failed") {
    w.key("error");
    w.raw(task.error);
  } else if (task.status == "input_required") {
    w.key("inputRequests");
    w.begin_object();
    for (const auto& [key, ask] : task.open) write_ask(w, ask);
    w.end_object();
  }
  w.end_object();
  return out.substr(1, out.size() - 2);
}

bool Tasks::update(std::string_view id, const Principal& principal, json::Value answers) {
  std::lock_guard lock(mutex_);
  const auto task = find(id, principal);
  if (task == nullptr) return false;
  bool took = false;
  for (const json::Member& m : answers.members()) {
    const auto open = task->open.find(std::string(m.key));
    if (open == task->open.end() || !m.value.is_object()) continue;
    task->answered[open->first] = json::to_text(m.value);
    task->open.erase(open);
    took = true;
  }
  if (!took) return true;
  task->updated_ms = unix_ms();
  if (task->open.empty() && !over(task->status)) task->status = "working";
  tell(*task);
  task->bell.ring();
  return true;
}

bool Tasks::cancel(std::string_view id, const Principal& principal) {
  std::shared_ptr<Call> call;
  {
    std::lock_guard lock(mutex_);
    const auto task = find(id, principal);
    if (task == nullptr) return false;
    if (over(task->status)) return true;
    task->status = "cancelled";
    task->updated_ms = unix_ms();
    call = task->call.lock();
    tell(*task);
  }
  if (call != nullptr) call->cancel();
  return true;
}

void Tasks::ask(TaskState& task, const std::vector<Ask>& asks, net::Wake::Bell bell) {
  std::lock_guard lock(mutex_);
  task.bell = std::move(bell);
  for (const Ask& ask : asks)
    if (!task.answered.contains(ask.key)) task.open.emplace(ask.key, ask);
  if (task.open.empty() || over(task.status)) return;
  task.status = "input_required";
  task.updated_ms = unix_ms();
  tell(task);
}

std::optional<Answers> Tasks::answers(TaskState& task, const std::vector<Ask>& asks) {
  std::lock_guard lock(mutex_);
  Answers out;
  for (const Ask& ask : asks) {
    const auto it = task.answered.find(ask.key);
    if (it == task.answered.end()) return std::nullopt;
    out.put(ask.key, it->second);
  }
  return out;
}

void Tasks::finish(TaskState& task, std::string_view status, std::string result, std::string error) {
  std::lock_guard lock(mutex_);
  if (over(task.status)) return;
  task.status = status;
  task.result = std::move(result);
  task.error = std::move(error);
  task.open.clear();
  task.updated_ms = unix_ms();
  tell(task);
}

void Tasks::tell(const TaskState& task) {
  if (listeners_.empty()) return;
  const std::string state = text(task);
  for (TaskListener* l : listeners_) l->task_changed(task.id, state);
}

void Tasks::add(TaskListener& listener) {
  std::lock_guard lock(mutex_);
  listeners_.insert(&listener);
}

void Tasks::remove(TaskListener& listener) {
  std::lock_guard lock(mutex_);
  listeners_.erase(&listener);
}

void Tasks::sweep(std::int64_t now_ms) {
  std::vector<std::shared_ptr<Call>> late;
  {
    std::lock_guard lock(mutex_);
    for (auto it = tasks_.begin(); it != tasks_.end();) {
      if (it->second->born_ms + limits_.ttl_ms > now_ms) {
        ++it;
        continue;
      }
      if (auto call = it->second->call.lock()) late.push_back(std::move(call));
      it = tasks_.erase(it);
    }
  }
  for (const auto& call : late) call->cancel();
}

void Tasks::end_all() {
  std::vector<std::shared_ptr<Call>> calls;
  {
    std::lock_guard lock(mutex_);
    for (auto& [id, task] : tasks_)
      if (auto call = task->call.lock()) calls.push_back(std::move(call));
  }
  for (const auto& call : calls) call->cancel();
}

}  // namespace pb::mcp
