#include "everything.h"

namespace everything {
namespace mcp = pb::mcp;
using pb::Task;
using pb::json::Value;

namespace {

constexpr std::string_view kConfirm =
    R"({"type":"object","properties":{"confirm":{"type":"boolean"}},"required":["confirm"]})";
constexpr std::string_view kName =
    R"({"type":"object","properties":{"name":{"type":"string"}},"required":["name"]})";

std::vector<mcp::Ask> one(mcp::Ask ask) {
  std::vector<mcp::Ask> out;
  out.push_back(std::move(ask));
  return out;
}

Task<Outcome> greet(Value a) {
  co_return mcp::text_result("Hello, " + std::string(a["name"].as_string("World")) + "!");
}

Task<Outcome> slow(Value a) {
  co_await sleep_ms(static_cast<int>(a["seconds"].as_double() * 1000));
  co_return mcp::text_result("Computed " + std::string(a["label"].as_string("something")));
}

Task<Outcome> failing() {
  co_await sleep_ms(50);
  co_return mcp::error_result("the job has failed");
}

Task<Outcome> broken() {
  co_await sleep_ms(50);
  co_return mcp::fault(mcp::kInternalError, "the job broke the protocol");
}

Task<Outcome> confirm_delete(mcp::Context& c, Value a) {
  CO_TRY_ASSIGN(const mcp::Answers said,
                co_await c.ask(one(mcp::ask_form("confirm", "Delete it?", kConfirm))));
  const bool yes =
      said["confirm"]["action"].as_string() == "accept" && said["confirm"]["content"]["confirm"].as_bool();
  co_return mcp::text_result((yes ? "Deleted " : "Kept ") + std::string(a["filename"].as_string("it")));
}

Task<Outcome> multi_input(mcp::Context& c) {
  std::vector<mcp::Ask> both = one(mcp::ask_form("name", "Which name?", kName));
  both.push_back(mcp::ask_form("confirm", "Really?", kConfirm));
  CO_TRY_ASSIGN(const mcp::Answers said, co_await c.ask(std::move(both)));
  co_return mcp::text_result("Both answered: " + std::to_string(said.texts().size()));
}

Task<mcp::Outcome<mcp::Answers>> ask_name(mcp::Context& c) {
  co_return co_await c.ask(one(mcp::ask_form("user_name", "What is your name?", kName)));
}

Task<Outcome> named_task(mcp::Context& c) {
  CO_TRY_ASSIGN(const mcp::Answers said, co_await ask_name(c));
  co_await sleep_ms(50);
  co_return mcp::text_result("Task for " +
                             std::string(said["user_name"]["content"]["name"].as_string("nobody")));
}

}  // namespace

void add_task_tools(mcp::Offer& offer) {
  auto& t = offer.tools;
  const auto task = [&](std::string_view name, mcp::ToolHandler run,
                        mcp::TaskUse use = mcp::TaskUse::allowed) {
    t.push_back(make(name, "A job", std::move(run)));
    t.back().task_use = use;
  };
  t.push_back(make("greet", "Greets at once", [](mcp::Context&, Value a) { return greet(a); }));
  task("slow_compute", [](mcp::Context&, Value a) { return slow(a); });
  task("failing_job", [](mcp::Context&, Value) { return failing(); }, mcp::TaskUse::always);
  task("protocol_error_job", [](mcp::Context&, Value) { return broken(); });
  task("confirm_delete", [](mcp::Context& c, Value a) { return confirm_delete(c, a); });
  task("multi_input", [](mcp::Context& c, Value) { return multi_input(c); });
  task("test_tool_with_task", [](mcp::Context& c, Value) { return named_task(c); });
  t.back().before_task = [](mcp::Context& c, Value) { return ask_name(c); };
}

}  // namespace everything
