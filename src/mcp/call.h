// One request under way: what its handler sees of it, and where its messages go.
#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mcp/hub.h"
#include "mcp/json_rpc.h"
#include "mcp/offer.h"
#include "mcp/session.h"
#include "mcp/stream.h"
#include "net/sweeper.h"

namespace pb::mcp {

struct TaskState;

struct CallSetup {
  Hub& hub;
  std::shared_ptr<const Offer> offer;  // shared with calls on an older one
  net::Sweeper& sweeper;
  boost::asio::any_io_executor executor;
  std::shared_ptr<Document> document;  // shared with the other calls of a batch
  const Message* message;              // in it
  Principal principal;
  Revision revision;
  ClientCapabilities can;
  LogLevel log_level = LogLevel::off;         // of a stateless request; a session has its own
  std::shared_ptr<Session> session;           // null: the request is stateless
  std::shared_ptr<Stream> stream;             // for its notifications and questions
  std::shared_ptr<TaskState> task = nullptr;  // it is what a task does; null: it is a request
  bool polling = false;                       // the client may come back for the rest of the answer
};

// Shared by its coroutine, by who relays its messages, and for a moment by who cancels it.
class Call final : public Context {
 public:
  static std::shared_ptr<Call> make(CallSetup setup);
  // What has become of it: the whole response, and the HTTP status it goes with. "" = it was cancelled, and there is none.
  using Done = std::function<void(std::string response, int status)>;

  ~Call() override;
  // Runs the method on the executor; begins at once when on it. `done` is called there, once.
  static void start(const std::shared_ptr<Call>& call, Done done);
  void cancel();  // any thread

  Revision revision() const override { return setup_.revision; }
  const Principal& principal() const override { return setup_.principal; }
  const ClientCapabilities& client_can() const override { return setup_.can; }
  bool cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }
  void progress(double done, double total, std::string_view message) override;
  bool wants_progress() const override { return !progress_token_.empty(); }
  void log(LogLevel level, std::string_view logger, std::string_view data) override;
  bool logs(LogLevel level) const;  // whether the client gets lines of that level
  Task<Outcome<Answers>> ask(std::vector<Ask> asks) override;
  void let_client_poll() override;
  Hub& hub() override { return setup_.hub; }

  // For the methods.
  const Offer& offer() const { return *setup_.offer; }
  const Message& message() const { return *setup_.message; }
  json::Value params() const { return setup_.message->params; }
  Session* session() const { return setup_.session.get(); }
  Stream& stream() { return *setup_.stream; }
  const CallSetup& setup() const { return setup_; }
  // The result that carries the questions which ask() could not answer; "" = there are none.
  std::string open_questions() const;

 private:
  explicit Call(CallSetup setup);
  Outcome<void> check(const std::vector<Ask>& asks) const;
  Outcome<void> read_rounds();
  Task<Outcome<Answers>> ask_session(std::vector<Ask> asks);
  Task<Outcome<Answers>> ask_task(std::vector<Ask> asks);
  Outcome<Answers> ask_by_result(std::vector<Ask> asks);
  StateSeal::Scope scope() const;

  CallSetup setup_;
  std::weak_ptr<Call> self_;
  std::string progress_token_;  // a JSON text; "" = no progress is wanted
  double progress_ = -1;
  std::atomic<bool> cancelled_ = false;
  struct Signal;  // ends the coroutine
  std::unique_ptr<Signal> signal_;
  // Of 2026-07-28: answers of all rounds, once they have been read; and what is still to be asked.
  std::optional<Answers> rounds_;
  std::vector<Ask> open_;
};

// The methods of the protocol, by name. Faults: unknown ones, wrong parameters.
Task<Outcome<std::string>> serve_method(std::shared_ptr<Call> call);
bool knows_method(std::string_view method, Revision revision);

}  // namespace pb::mcp
