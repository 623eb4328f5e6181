// One client's session: its rules, its streams, its calls and the questions it has been asked. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/hub.h"
#include "mcp/session_rules.h"
#include "mcp/stream.h"

namespace pb::mcp {

class Call;

class Session final : public Listener {
 public:
  // `one_stream`: everything goes to that one (stdio, HTTP+SSE); null: each request has its own, and there is one besides.
  Session(Hub& hub, std::string id, Principal principal, std::shared_ptr<Stream> one_stream);
  ~Session();

  const std::string& id() const { return id_; }
  const Principal& principal() const { return principal_; }

  // Changes the rules under their lock.
  template <class F>
  auto with_rules(F f) {
    std::lock_guard lock(mutex_);
    return f(rules_);
  }
  // From `initialize` on: it hears of changes.
  void listen();
  // Resources the client watches. Faults: too many.
  Outcome<void> watch(std::string_view uri);
  void unwatch(std::string_view uri);

  void changed(const Change& change) override;
  void closing() override;

  // Streams. Those of requests are numbered from 1; 0 is the one for what belongs to none of them.
  struct Numbered {
    std::uint64_t number = 0;
    std::shared_ptr<Stream> stream;  // shared by the call that writes and the connection that reads
  };
  bool one_stream() const { return one_stream_; }
  Numbered new_stream();
  Numbered idle_stream() const { return {0, idle_}; }
  std::shared_ptr<Stream> find_stream(std::uint64_t number);  // null: forgotten
  void forget_stream(std::uint64_t number);

  // Calls, by their request's id. A call that is cancelled before it has been added is of no use to anybody.
  void add_call(const Id& id, std::weak_ptr<Call> call);
  void end_call(const Id& id);
  std::shared_ptr<Call> find_call(const Id& id);

  // Questions. `done` is called once, with the answer's JSON or a fault.
  using Answered = std::function<void(Outcome<std::string>)>;
  Id ask(Answered done);
  void answer(const Message& response);
  void forget_question(const Id& id);

  // Ends: all calls are cancelled, all streams too.
  void close();
  // Calls are under way, and nobody has been there for their answers since.
  bool deserted_since(std::int64_t then_ms) const;
  // Cancels them all; who comes back after all is told so.
  void give_up_calls();

  void touch(std::int64_t now_ms) { used_ms_ = now_ms; }
  bool idle_since(std::int64_t then_ms) const;  // neither used nor connected since

 private:
  void trim_streams(std::int64_t now_ms);
  void unwatch_all();

  Hub& hub_;
  const std::string id_;
  const Principal principal_;
  std::mutex mutex_;
  SessionRules rules_;
  std::shared_ptr<Stream> idle_;
  const bool one_stream_;
  bool listening_ = false;
  struct Kept {
    Numbered stream;
    std::int64_t since_ms;
  };
  std::deque<Kept> streams_;
  std::uint64_t streams_made_ = 0;
  std::map<Id, std::weak_ptr<Call>> calls_;
  std::map<Id, Answered> questions_;
  std::atomic<std::int64_t> used_ms_ = 0;
};

}  // namespace pb::mcp
