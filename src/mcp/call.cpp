#include "mcp/call.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "base/limits_mcp.h"
#include "base/log.h"

namespace pb::mcp {
namespace asio = boost::asio;

struct Call::Signal {
  asio::cancellation_signal signal;
};

Call::Call(CallSetup setup) : setup_(std::move(setup)), signal_(std::make_unique<Signal>()) {
  const json::Value token = params()["_meta"]["progressToken"];
  if (token.is_string() || token.is_number()) progress_token_ = json::to_text(token);
  if (setup_.task != nullptr) progress_token_.clear();  // tasks tell none ("Task Status Notifications")
}

Call::~Call() = default;

std::shared_ptr<Call> Call::make(CallSetup setup) {
  std::shared_ptr<Call> call(new Call(std::move(setup)));
  call->self_ = call;
  return call;
}

void Call::start(const std::shared_ptr<Call>& call, Done done) {
  if (!call->setup_.hub.take_call()) {
    const Fault f = fault(kServerError, "too many requests are under way; try again in a moment").error();
    return done(write_error(call->message().id, f), stateless(call->revision()) ? 503 : 200);
  }
  auto result = std::make_shared<Outcome<std::string>>();  // of the coroutine, for its completion
  auto run = [](std::shared_ptr<Call> self, std::shared_ptr<Outcome<std::string>> out) -> Task<void> {
    *out = co_await serve_method(std::move(self));
  };
  auto completed = [call, result, done = std::move(done)](const std::exception_ptr& e) {
    call->setup_.hub.give_back_call();
    if (call->cancelled()) return done({}, 0);
    if (e) {
      std::string what = "unknown";
      try {
        std::rethrow_exception(e);
      } catch (const std::exception& x) {
        what = x.what();
      } catch (...) {
      }
      log::error(log::Module::api, "a call of MCP failed",
                 {{"method", call->message().method}, {"what", what}});
      *result = fault(kInternalError, "Internal error");
    }
    if (*result) return done(write_result(call->message().id, **result), 200);
    done(write_error(call->message().id, result->error()), http_status(result->error(), call->revision()));
  };
  asio::co_spawn(call->setup_.executor, run(call, result),
                 asio::bind_cancellation_slot(call->signal_->signal.slot(), std::move(completed)));
}

void Call::cancel() {
  if (cancelled_.exchange(true)) return;
  asio::post(setup_.executor, [self = self_] {  // where its coroutine runs
    if (const auto call = self.lock()) call->signal_->signal.emit(asio::cancellation_type::terminal);
  });
}

void Call::progress(double done, double total, std::string_view message) {
  if (progress_token_.empty() || done <= progress_) return;
  progress_ = done;
  std::string params;
  json::Writer w(params);
  w.begin_object();
  w.key("progressToken");
  w.raw(progress_token_);
  w.field("progress", done);
  if (total > 0) w.field("total", total);
  if (!message.empty() && has_annotations(revision())) w.field("message", message);
  w.end_object();
  setup_.stream->tell(write_notification("notifications/progress", params));
}

bool Call::logs(LogLevel level) const {
  const LogLevel wanted = session() != nullptr
                              ? session()->with_rules([](const SessionRules& r) { return r.log_level(); })
                              : setup_.log_level;
  return level >= wanted && setup_.task == nullptr;
}

void Call::log(LogLevel level, std::string_view logger, std::string_view data) {
  if (!logs(level)) return;
  std::string params;
  json::Writer w(params);
  w.begin_object();
  w.field("level", to_string(level));
  if (!logger.empty()) w.field("logger", logger);
  w.key("data");
  w.raw(data);
  w.end_object();
  setup_.stream->tell(write_notification("notifications/message", params));
}

void Call::let_client_poll() {
  if (setup_.polling && has_stream_polling(revision())) setup_.stream->cut();
}

}  // namespace pb::mcp
