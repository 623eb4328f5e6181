// tools/call, at once or as a task, and the methods of tasks.
#include <chrono>
#include <cmath>

#include "base/utf8.h"
#include "mcp/call.h"
#include "mcp/meter.h"
#include "mcp/methods.h"
#include "mcp/results.h"
#include "mcp/tasks.h"

namespace pb::mcp {
namespace {

using Text = Outcome<std::string>;

std::unexpected<Fault> invalid(std::string what) {
  return fault(kInvalidParams, "Invalid params: " + std::move(what));
}

std::unexpected<Fault> needs_tasks() {
  return fault(kMissingCapability, "Missing required client capability",
               R"({"requiredCapabilities":{"extensions":{")" + std::string(kTasksExtension) + R"(":{}}}})");
}

std::string write(const Call& c, const ToolResult& ran) {
  ResultText result(c.offer(), c.revision());
  write_tool_result(result.w(), ran, c.revision());
  return result.done();
}

// Tells how a call of a tool ended: the metrics, and the client, where it wants to know everything.
class Told {
 public:
  Told(Call& call, const Tool& tool) : call_(call), tool_(tool) {}
  ~Told() {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    if (const auto& meter = call_.offer().meter; meter != nullptr)
      meter->tool_called(tool_.name, outcome_, seconds);
    if (call_.cancelled() || !call_.logs(LogLevel::debug)) return;
    std::string data;
    json::Writer w(data);
    w.begin_object();
    w.field("event", "tool_call_ended");
    w.field("tool", tool_.name);
    w.field("outcome", outcome_);
    w.field("ms", std::round(seconds * 1e6) / 1e3);
    w.end_object();
    call_.log(LogLevel::debug, "tools", data);
  }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  void ended(const Outcome<ToolResult>& ran) {
    outcome_ = !ran ? (ran.error().input_required ? "asked" : "fault") : ran->is_error ? "error" : "ok";
  }

 private:
  Call& call_;
  const Tool& tool_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::string_view outcome_ = "cancelled";
};

Task<Outcome<ToolResult>> run_checked(Call& c, const Tool& tool, json::Value arguments) {
  Told told(c, tool);
  std::string wrong;
  if (tool.validate) wrong = tool.validate(arguments);
  Outcome<ToolResult> ran;
  if (!wrong.empty())
    ran = error_result("Invalid arguments for " + tool.name + ": " + wrong);
  else
    ran = co_await tool.run(c, arguments);
  told.ended(ran);
  co_return ran;
}

Task<Text> run_tool(std::shared_ptr<Call> c, const Tool& tool, json::Value arguments) {
  Outcome<ToolResult> ran = co_await run_checked(*c, tool, arguments);
  if (ran) co_return write(*c, *ran);
  // Where the protocol has no code for it, the model is told what its client cannot do.
  if (ran.error().code == kMissingCapability && !stateless(c->revision()))
    co_return write(*c, error_result(ran.error().message));
  co_return std::unexpected(std::move(ran.error()));
}

// The work goes on after this answer, in a call of its own.
Text start_task(Call& c, const Answers& known) {
  Tasks& tasks = c.hub().tasks();
  const auto state = tasks.create(c.principal(), c.hub().now_ms());
  if (state == nullptr)
    return fault(kServerError, "more than " + std::to_string(tasks.limits().tasks_max) + " tasks are kept");
  state->answered = known.texts();
  CallSetup setup = c.setup();
  setup.task = state;
  setup.stream = std::make_shared<Stream>(one_way());  // nobody reads it
  const auto call = Call::make(std::move(setup));
  tasks.run_by(*state, call);
  const std::string shown = tasks.show(*state);
  Call::start(call, [hub = &c.hub(), state](const std::string& response, int) {
    json::Arena arena;
    const auto value = json::parse(response, arena);
    if (!value) return hub->tasks().finish(*state, "cancelled", {}, {});
    if (const json::Value* result = value->find("result"); result != nullptr)
      return hub->tasks().finish(*state, "completed", json::to_text(*result), {});
    hub->tasks().finish(*state, "failed", {}, json::to_text((*value)["error"]));
  });
  ResultText result(c.offer(), c.revision(), "task");
  std::string out = result.done();
  out.insert(1, shown + ",");
  return out;
}

}  // namespace

Task<Text> serve_tool_call(std::shared_ptr<Call> c) {
  const json::Value name = c->params()["name"];
  if (!name.is_string()) co_return invalid("params.name must be a string");
  const Tool* tool = c->offer().find_tool(name.as_string());
  if (tool == nullptr || (c->offer().may_use && !c->offer().may_use(c->principal(), *tool)))
    co_return invalid("there is no tool `" + std::string(utf8::beginning(name.as_string(), 100)) + "`");
  json::Value arguments = json::Value::object(c->setup().document->arena, {});
  if (const json::Value* given = c->params().find("arguments"); given != nullptr) {
    if (!given->is_object()) co_return invalid("params.arguments must be an object");
    arguments = *given;
  }
  if (c->setup().task == nullptr && tool->task_use != TaskUse::never) {
    if (c->client_can().tasks) {
      Answers known;
      if (tool->before_task) {
        CO_TRY_ASSIGN(known, co_await tool->before_task(*c, arguments));
      }
      co_return start_task(*c, known);
    }
    if (tool->task_use == TaskUse::always && stateless(c->revision())) co_return needs_tasks();
  }
  co_return co_await run_tool(c, *tool, arguments);
}

namespace {

Outcome<std::string_view> task_id(Call& c) {
  if (!c.client_can().tasks) return needs_tasks();
  const json::Value id = c.params()["taskId"];
  if (!id.is_string()) return invalid("params.taskId must be a string");
  return id.as_string();
}

std::unexpected<Fault> no_such_task() { return invalid("there is no such task"); }

}  // namespace

Task<Text> serve_task_get(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view id, task_id(*c));
  const std::string shown = c->hub().tasks().show(id, c->principal());
  if (shown.empty()) co_return no_such_task();
  std::string out = ResultText(c->offer(), c->revision()).done();
  out.insert(1, shown + ",");
  co_return out;
}

Task<Text> serve_task_update(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view id, task_id(*c));
  const json::Value answers = c->params()["inputResponses"];
  if (!answers.is_object()) co_return invalid("params.inputResponses must be an object");
  if (!c->hub().tasks().update(id, c->principal(), answers)) co_return no_such_task();
  co_return ResultText(c->offer(), c->revision()).done();
}

Task<Text> serve_task_cancel(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view id, task_id(*c));
  if (!c->hub().tasks().cancel(id, c->principal())) co_return no_such_task();
  co_return ResultText(c->offer(), c->revision()).done();
}

}  // namespace pb::mcp
