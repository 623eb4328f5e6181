#include "net/redis/client.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>

#include "base/ids.h"
#include "base/log.h"
#include "net/redis/open.h"
#include "net/sweeper.h"

namespace pb::net::redis {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kGraceMs = 20;

class Connection final : public Client {
 public:
  Connection(ClientDeps deps, ClientOptions options)
      : deps_(deps),
        options_(std::move(options)),
        parser_(options_.replies),
        timer_(deps.io),
        deadline_(deps.sweeper) {}

  void start(std::function<void(bool, const std::string&)> on_state) override {
    on_state_ = std::move(on_state);
    running_ = true;
    asio::co_spawn(deps_.io, run_for_ever(), [this](std::exception_ptr e) {
      running_ = false;
      if (e) log::error(log::Module::net, "the connection to Redis ended by an exception");
    });
  }
  bool ready() const override { return ready_; }

  void send(Words command, Done done) override {
    if (!ready_) return refuse(std::move(done), "there is no connection to Redis");
    put(command, std::move(done));
  }

  void run(const Script& script, std::span<const std::string> keys, std::span<const std::string> args,
           Done done) override {
    std::vector<std::string_view> words = {"EVALSHA", script.sha1};
    const std::string count = std::to_string(keys.size());
    words.push_back(count);
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), args.begin(), args.end());
    auto again = [this, &script, keys = std::vector<std::string>(keys.begin(), keys.end()),
                  args = std::vector<std::string>(args.begin(), args.end()),
                  done = std::move(done)](Result<Reply> got) mutable {
      if (!got || !got->is_error("NOSCRIPT")) return done(std::move(got));
      std::vector<std::string_view> whole = {"EVAL", script.text};
      const std::string n = std::to_string(keys.size());
      whole.push_back(n);
      whole.insert(whole.end(), keys.begin(), keys.end());
      whole.insert(whole.end(), args.begin(), args.end());
      send(whole, std::move(done));
    };
    send(words, std::move(again));
  }

  Task<Result<Reply>> call(std::vector<std::string> command) override {
    // Shared with the reply, which may come when the caller is gone.
    auto result = std::make_shared<Result<Reply>>(Reply());
    auto start = [this, &command, result](auto handler) {
      auto resume = std::make_shared<decltype(handler)>(std::move(handler));
      const std::vector<std::string_view> words(command.begin(), command.end());
      send(words, [result, resume](Result<Reply> got) mutable {
        *result = std::move(got);
        (std::move(*resume))();
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
    co_return std::move(*result);
  }

  Task<Result<Reply>> call(const Script& script, std::vector<std::string> keys,
                           std::vector<std::string> args) override {
    auto result = std::make_shared<Result<Reply>>(Reply());
    auto start = [this, &script, &keys, &args, result](auto handler) {
      auto resume = std::make_shared<decltype(handler)>(std::move(handler));
      run(script, keys, args, [result, resume](Result<Reply> got) mutable {
        *result = std::move(got);
        (std::move(*resume))();
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
    co_return std::move(*result);
  }

  void drop(const std::string& why) override {
    if (why_.empty()) why_ = why;
    if (stream_ != nullptr) stream_->close();
  }
  void close() override {
    closing_ = true;
    drop("the connection was closed");
    timer_.cancel();
  }
  bool closed() const override { return !running_ && !flushing_; }

 private:
  void refuse(Done done, std::string why) {
    asio::post(deps_.io, [done = std::move(done), why = std::move(why)]() mutable {
      done(std::unexpected(upstream_fault(std::move(why))));
    });
  }

  void put(Words command, Done done) {
    if (waiting_.size() >= options_.commands_max || out_.size() >= options_.bytes_max)
      return refuse(std::move(done), "too much waits for Redis");
    write_command(out_, command);
    waiting_.push_back({std::move(done), Clock::now() + std::chrono::milliseconds(options_.command_ms)});
    if (!deadline_.armed()) watch();
    if (flushing_) return;
    flushing_ = true;  // what is sent in this turn of the loop goes out in one write
    asio::co_spawn(deps_.io, flush(), [](std::exception_ptr) {});
  }

  Task<void> flush() {
    co_await asio::post(deps_.io, asio::use_awaitable);
    // Kept by this frame too: a connection that breaks meanwhile must not take it away under a write.
    const std::shared_ptr<Stream> stream = stream_;
    while (stream != nullptr && stream == stream_ && !out_.empty()) {
      std::string bytes;
      bytes.swap(out_);
      const auto ec = co_await stream->write(bytes, {});
      if (ec) {
        stream->close();
        break;
      }
      bytes.clear();
      if (out_.empty()) out_.swap(bytes);  // for its capacity
    }
    flushing_ = false;
    if (stream != stream_ && stream_ != nullptr && !out_.empty()) {
      flushing_ = true;
      asio::co_spawn(deps_.io, flush(), [](std::exception_ptr) {});
    }
  }

  void watch() {
    deadline_.disarm();
    if (!waiting_.empty()) deadline_.arm_at(waiting_.front().due, on_due, this);
  }
  static void on_due(void* self) { static_cast<Connection*>(self)->look(); }
  void look() {
    if (waiting_.empty() || stream_ == nullptr) return;
    if (waiting_.front().due > deps_.sweeper.now()) return watch();
    // This loop may be what was late: if the reply is there, it is read first.
    if (!late_ && !stream_->quiet()) {
      late_ = true;
      return deadline_.arm(kGraceMs, on_due, this);
    }
    drop("no reply within " + std::to_string(options_.command_ms) + " ms");
  }

  Task<void> run_for_ever() {
    int failures = 0;
    while (!closing_) {
      why_.clear();
      auto logged_in = co_await log_in();
      const bool good = logged_in.has_value();
      if (good && !closing_) {
        ready_ = true;
        const auto since = Clock::now();
        on_state_(true, {});
        co_await read();
        // One that breaks again and again is tried less and less often.
        if (Clock::now() - since > std::chrono::seconds(10)) failures = 0;
      } else if (!good && why_.empty()) {
        why_ = logged_in.error().message;
      }
      lose();
      if (closing_) break;
      const int most = std::min(options_.wait_max_ms, options_.wait_min_ms << std::min(failures++, 10));
      const int wait = failures == 1 && good ? 0 : most / 2 + static_cast<int>(ids::random_unit() * most / 2);
      timer_.expires_after(std::chrono::milliseconds(wait));
      co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  // The connection is gone, and with it everything that was under way.
  void lose() {
    const bool was = std::exchange(ready_, false);
    if (stream_ != nullptr) stream_->close();
    stream_.reset();
    deadline_.disarm();
    late_ = false;
    in_ = {};
    out_.clear();
    parser_ = ReplyParser(options_.replies);
    std::deque<Waiting> lost;
    lost.swap(waiting_);
    if (was || !closing_) on_state_(false, why_);
    for (Waiting& w : lost) w.done(std::unexpected(upstream_fault("Redis: " + why_)));
  }

  Task<Result<void>> log_in() {
    CO_TRY_ASSIGN(std::unique_ptr<Stream> stream, co_await open_stream(deps_, options_));
    stream_ = std::move(stream);
    Deadline due(deps_.sweeper);
    due.arm(
        options_.connect_ms,
        [](void* self) { static_cast<Connection*>(self)->drop("the log-in took too long"); }, this);
    CO_TRY(co_await greet());
    for (const Script* script : options_.scripts) {
      std::string load;
      write_command(load, {"SCRIPT", "LOAD", script->text});
      CO_TRY_ASSIGN(Reply loaded, co_await ask(std::move(load)));
      if (loaded.is_error()) co_return std::unexpected(upstream_fault("a script is refused: " + loaded.text));
    }
    co_return Result<void>();
  }

  // HELLO, or AUTH for servers that do not know it; then the database and the name.
  Task<Result<void>> greet() {
    const Address& to = options_.address;
    const std::string user = to.user.empty() ? "default" : to.user;
    std::string command;
    if (to.password.empty())
      write_command(command, {"HELLO", "3"});
    else
      write_command(command, {"HELLO", "3", "AUTH", user, to.password.reveal()});
    CO_TRY_ASSIGN(Reply hello, co_await ask(std::move(command)));
    if (hello.is_error("ERR unknown command") || hello.is_error("NOPROTO")) {
      command.clear();
      if (to.password.empty())
        write_command(command, {"PING"});
      else if (to.user.empty())
        write_command(command, {"AUTH", to.password.reveal()});
      else
        write_command(command, {"AUTH", user, to.password.reveal()});
      CO_TRY_ASSIGN(hello, co_await ask(std::move(command)));
    }
    if (hello.is_error()) co_return std::unexpected(upstream_fault("the log-in is refused: " + hello.text));
    if (to.database != 0) {
      command.clear();
      write_command(command, {"SELECT", std::to_string(to.database)});
      CO_TRY_ASSIGN(Reply selected, co_await ask(std::move(command)));
      if (selected.is_error())
        co_return std::unexpected(upstream_fault("the database is refused: " + selected.text));
    }
    if (!options_.name.empty()) {
      command.clear();
      write_command(command, {"CLIENT", "SETNAME", options_.name});
      CO_TRY(co_await ask(std::move(command)));  // refused, it does no harm
    }
    co_return Result<void>();
  }

  // A command and its reply, before the connection is given to others.
  Task<Result<Reply>> ask(std::string command) {
    const auto ec = co_await stream_->write(command, {});
    if (ec) co_return std::unexpected(upstream_fault("the connection broke: " + ec.message()));
    for (;;) {
      Reply reply;
      const Parsed got = take(reply);
      if (got == Parsed::whole) co_return reply;
      if (got == Parsed::broken) co_return std::unexpected(upstream_fault(std::string(parser_.fault())));
      CO_TRY(co_await fill());
    }
  }

  Parsed take(Reply& reply) {
    for (;;) {
      std::size_t used = 0;
      const Parsed got = parser_.parse(in_.view(), reply, used);
      if (got == Parsed::whole) in_.consume(used);
      if (got != Parsed::whole || reply.kind != Reply::Kind::push) return got;
    }
  }

  Task<Result<void>> fill() {
    char* to = in_.prepare(kReadBytes);
    const IoResult read = co_await stream_->read_some(to, in_.room());
    if (read.ec || read.bytes == 0)
      co_return std::unexpected(
          upstream_fault("the connection broke" + (read.ec ? ": " + read.ec.message() : std::string())));
    in_.commit(read.bytes);
    co_return Result<void>();
  }

  Task<void> read() {
    while (!closing_) {
      Reply reply;
      const Parsed got = take(reply);
      if (got == Parsed::broken || (got == Parsed::whole && waiting_.empty())) {
        if (why_.empty())
          why_ = got == Parsed::broken ? std::string(parser_.fault()) : "a reply that nobody waits for";
        co_return;
      }
      if (got == Parsed::whole) {
        Waiting first = std::move(waiting_.front());
        waiting_.pop_front();
        late_ = false;
        watch();
        first.done(std::move(reply));
        continue;
      }
      in_.release();
      auto more = co_await fill();
      if (!more) {
        if (why_.empty()) why_ = more.error().message;
        co_return;
      }
    }
  }

  struct Waiting {
    Done done;
    Clock::time_point due;
  };
  ClientDeps deps_;
  const ClientOptions options_;
  std::function<void(bool, const std::string&)> on_state_;
  ReplyParser parser_;
  asio::steady_timer timer_;
  Deadline deadline_;
  std::shared_ptr<Stream> stream_;  // shared with a write under way
  ReadBuffer in_;
  std::string out_, why_;
  std::deque<Waiting> waiting_;
  bool ready_ = false, closing_ = false, running_ = false, flushing_ = false, late_ = false;
};

}  // namespace

std::unique_ptr<Client> create_client(ClientDeps deps, ClientOptions options) {
  return std::make_unique<Connection>(deps, std::move(options));
}

}  // namespace pb::net::redis
