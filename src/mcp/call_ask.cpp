// How a call asks its client: by a request over the session, by its own result (2026-07-28), or by the state of its task.
#include <map>
#include <mutex>

#include "base/ids.h"
#include "base/limits_mcp.h"
#include "mcp/call.h"
#include "mcp/results.h"
#include "mcp/tasks.h"

namespace pb::mcp {
namespace {

std::unexpected<Fault> missing(std::string_view what, std::string_view required) {
  return fault(kMissingCapability, "the client does not support " + std::string(what),
               R"({"requiredCapabilities":)" + std::string(required) + "}");
}

bool is_visit(const Ask& ask) { return ask.params.starts_with(R"({"mode":"url")"); }

// What is wrong with an answer; "" = nothing.
std::string fault_of_answer(std::string_view method, json::Value answer) {
  if (method == "elicitation/create") {
    const std::string_view action = answer["action"].as_string();
    if (action != "accept" && action != "decline" && action != "cancel")
      return "action must be accept, decline or cancel";
    if (answer.has("content") && !answer["content"].is_object()) return "content must be an object";
  } else if (method == "roots/list") {
    if (!answer["roots"].is_array()) return "roots must be an array";
  } else if (!answer["role"].is_string() ||
             !(answer["content"].is_object() || answer["content"].is_array())) {
    return "a message has a role and content";
  }
  return {};
}

Outcome<void> check_answer(const Ask& ask, json::Value answer) {
  const std::string wrong = answer.is_object() ? fault_of_answer(ask.method, answer) : "must be an object";
  if (wrong.empty()) return {};
  return fault(kInvalidParams,
               "Invalid params: the answer to " + ask.method + " (" + ask.key + "): " + wrong);
}

// Of a request over a session: 2025-06-18 has no modes, only forms; 2025-11-25 names each visit to a page.
std::string params_for(const Ask& ask, Revision revision) {
  const bool visit = is_visit(ask);
  if (ask.method != "elicitation/create" || (has_icons(revision) && !visit)) return ask.params;
  json::Arena arena;
  auto value = json::parse(ask.params, arena);
  if (!value) return ask.params;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  for (const json::Member& m : value->members())
    if (m.key != "mode" || has_icons(revision)) w.field(m.key, m.value);
  if (visit) w.field("elicitationId", ids::make("visit_"));
  w.end_object();
  return out;
}

// Answers on their way from other connections to the coroutine that waits.
struct Inbox {
  std::mutex mutex;
  std::map<std::string, Outcome<std::string>> arrived;  // by key
};

}  // namespace

Outcome<void> Call::check(const std::vector<Ask>& asks) const {
  if (asks.empty() || asks.size() > limits::kMcpAsksMax)
    return fault(kInternalError, "Internal error: too many questions at once");
  const ClientCapabilities& can = client_can();
  for (const Ask& ask : asks) {
    if (ask.method == "sampling/createMessage") {
      if (!can.sampling) return missing("sampling", R"({"sampling":{}})");
    } else if (ask.method == "roots/list") {
      if (!can.roots) return missing("roots", R"({"roots":{}})");
    } else if (is_visit(ask)) {
      if (!can.elicitation_url) return missing("elicitation by URL", R"({"elicitation":{"url":{}}})");
    } else if (!can.elicitation_form) {
      return missing("elicitation", R"({"elicitation":{"form":{}}})");
    }
  }
  return {};
}

Task<Outcome<Answers>> Call::ask(std::vector<Ask> asks) {
  CO_TRY(check(asks));
  if (setup_.task != nullptr) co_return co_await ask_task(std::move(asks));
  if (session() != nullptr) co_return co_await ask_session(std::move(asks));
  co_return ask_by_result(std::move(asks));
}

Task<Outcome<Answers>> Call::ask_session(std::vector<Ask> asks) {
  net::Wake wake(setup_.executor);
  auto inbox = std::make_shared<Inbox>();  // an answer may come after this coroutine has gone
  struct Questions {                       // takes back those that are open, however this ends
    Session& session;
    std::vector<Id> ids;
    ~Questions() {
      for (const Id& id : ids) session.forget_question(id);
    }
  } questions{*session(), {}};
  for (const Ask& ask : asks) {
    const Id id = session()->ask([inbox, key = ask.key, bell = wake.bell()](Outcome<std::string> answer) {
      {
        std::lock_guard lock(inbox->mutex);
        inbox->arrived.insert_or_assign(key, std::move(answer));
      }
      bell.ring();
    });
    questions.ids.push_back(id);
    setup_.stream->push(write_request(id, ask.method, params_for(ask, revision())));
  }
  struct Alarm {
    net::Wake::Bell bell;
    bool rang = false;
  } alarm{wake.bell()};
  net::Deadline deadline(setup_.sweeper);
  deadline.arm(
      limits::kMcpAskTimeoutMs,
      [](void* a) {
        static_cast<Alarm*>(a)->rang = true;
        static_cast<Alarm*>(a)->bell.ring();
      },
      &alarm);
  const auto all_there = [&] {
    std::lock_guard lock(inbox->mutex);
    return inbox->arrived.size() == asks.size();
  };
  while (!all_there()) {
    if (alarm.rang) {
      for (const Id& id : questions.ids)
        setup_.stream->tell(write_notification("notifications/cancelled", R"({"requestId":)" + id + "}"));
      co_return fault(kInternalError, "the client did not answer in time");
    }
    co_await wake.wait();
  }
  Answers answers;
  for (const Ask& ask : asks) {
    Outcome<std::string>& answer = inbox->arrived.at(ask.key);
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    answers.put(ask.key, std::move(*answer));
    CO_TRY(check_answer(ask, answers[ask.key]));
  }
  co_return Outcome<Answers>(std::move(answers));
}

Task<Outcome<Answers>> Call::ask_task(std::vector<Ask> asks) {
  net::Wake wake(setup_.executor);
  TaskState& task = *setup_.task;
  hub().tasks().ask(task, asks, wake.bell());
  for (;;) {
    if (auto answers = hub().tasks().answers(task, asks)) {
      for (const Ask& ask : asks) CO_TRY(check_answer(ask, (*answers)[ask.key]));
      co_return Outcome<Answers>(std::move(*answers));
    }
    co_await wake.wait();
  }
}

StateSeal::Scope Call::scope() const {
  return {principal().name, message().method, request_digest(params())};
}

// The answers of this round and, from the sealed state, of those before.
Outcome<void> Call::read_rounds() {
  Answers answers;
  const json::Value* state = params().find("requestState");
  if (state != nullptr) {
    if (!state->is_string()) return fault(kInvalidParams, "Invalid params: requestState must be a string");
    TRY_ASSIGN(answers, hub().seal().open(state->as_string(), scope(), hub().now_ms()));
  }
  if (const json::Value* now = params().find("inputResponses"); now != nullptr) {
    if (!now->is_object()) return fault(kInvalidParams, "Invalid params: inputResponses must be an object");
    for (const json::Member& m : now->members()) {
      if (!m.value.is_object())
        return fault(kInvalidParams,
                     "Invalid params: inputResponses." + std::string(m.key) + " must be an object");
      if (!answers.has(m.key)) answers.put(std::string(m.key), json::to_text(m.value));
    }
  }
  rounds_ = std::move(answers);
  return {};
}

Outcome<Answers> Call::ask_by_result(std::vector<Ask> asks) {
  if (!rounds_) TRY(read_rounds());
  Answers answers;
  std::vector<Ask> open;
  for (Ask& ask : asks) {
    if (!rounds_->has(ask.key)) {
      open.push_back(std::move(ask));
      continue;
    }
    TRY(check_answer(ask, (*rounds_)[ask.key]));
    answers.put(ask.key, rounds_->texts().at(ask.key));
  }
  if (open.empty()) return answers;
  open_ = std::move(open);
  Fault f = fault(kInternalError, "the client has to answer first").error();
  f.input_required = true;
  return std::unexpected(std::move(f));
}

std::string Call::open_questions() const {
  if (open_.empty()) return {};
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("resultType", "input_required");
  w.key("inputRequests");
  w.begin_object();
  for (const Ask& ask : open_) write_ask(w, ask);
  w.end_object();
  w.field("requestState", setup_.hub.seal().seal(scope(), *rounds_, setup_.hub.now_ms()));
  w.end_object();
  return out;
}

}  // namespace pb::mcp
