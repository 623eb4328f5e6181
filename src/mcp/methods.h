// Methods that have a file of their own; methods.cpp has the others and the table.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/task.h"
#include "mcp/protocol.h"

namespace pb::mcp {

class Call;

// Goes on until the client or the server ends it.
Task<Outcome<std::string>> serve_listen(std::shared_ptr<Call> call);
Task<Outcome<std::string>> serve_tool_call(std::shared_ptr<Call> call);
Task<Outcome<std::string>> serve_task_get(std::shared_ptr<Call> call);
Task<Outcome<std::string>> serve_task_update(std::shared_ptr<Call> call);
Task<Outcome<std::string>> serve_task_cancel(std::shared_ptr<Call> call);

}  // namespace pb::mcp
