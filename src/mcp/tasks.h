// Tools that run on after their answer (the extension io.modelcontextprotocol/tasks): their states, for clients that ask again.
// Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "mcp/offer.h"
#include "net/wake.h"

namespace pb::mcp {

class Call;
class Hub;

// Shared by the table and the call that does the work.
struct TaskState {
  std::string id;
  std::string principal;
  std::int64_t created_ms = 0, updated_ms = 0;  // Unix
  std::int64_t born_ms = 0;                     // of the hub's clock
  std::string status = "working";
  std::string result;               // of a completed one; a JSON object
  std::string error;                // of a failed one; the same
  std::map<std::string, Ask> open;  // what the client has to answer
  std::map<std::string, std::string, std::less<>> answered;
  net::Wake::Bell bell;      // of the call, while it waits for answers
  std::weak_ptr<Call> call;  // to cancel it
};

// Hears of tasks that change; must not call Tasks.
class TaskListener {
 public:
  virtual void task_changed(const std::string& id, const std::string& state) = 0;

 protected:
  ~TaskListener() = default;
};

struct TaskLimits {
  std::size_t tasks_max;
  int ttl_ms;  // since it began, then it is forgotten
};

class Tasks {
 public:
  explicit Tasks(TaskLimits limits) : limits_(limits) {}
  const TaskLimits& limits() const { return limits_; }
  std::size_t count() const;  // of those that are kept

  // Null: there are too many.
  std::shared_ptr<TaskState> create(const Principal& principal, std::int64_t now_ms);
  void run_by(TaskState& task, std::weak_ptr<Call> call);

  // The members of a task's state, without braces around them; "" = there is none of that id for that caller.
  std::string show(std::string_view id, const Principal& principal);
  std::string show(TaskState& task);
  bool known(std::string_view id, const Principal& principal);
  // False: no such task. Keys that are not asked for are passed over.
  bool update(std::string_view id, const Principal& principal, json::Value answers);
  bool cancel(std::string_view id, const Principal& principal);

  // The call's side.
  void ask(TaskState& task, const std::vector<Ask>& asks, net::Wake::Bell bell);
  std::optional<Answers> answers(TaskState& task, const std::vector<Ask>& asks);
  void finish(TaskState& task, std::string_view status, std::string result, std::string error);

  void add(TaskListener& listener);
  void remove(TaskListener& listener);
  void sweep(std::int64_t now_ms);
  void end_all();

 private:
  std::shared_ptr<TaskState> find(std::string_view id, const Principal& principal);
  std::string text(const TaskState& task) const;
  void tell(const TaskState& task);

  const TaskLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<TaskState>> tasks_;
  std::unordered_set<TaskListener*> listeners_;
};

}  // namespace pb::mcp
