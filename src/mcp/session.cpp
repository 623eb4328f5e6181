#include "mcp/session.h"

#include <algorithm>

#include "base/limits_mcp.h"
#include "base/utf8.h"
#include "mcp/call.h"

namespace pb::mcp {
namespace {

constexpr StreamOptions kIdleStream{limits::kMcpIdleQueueMax, limits::kMcpQueueBytesMax, true};
constexpr StreamOptions kCallStream{limits::kMcpQueueMax, limits::kMcpQueueBytesMax, true};

std::string notification(const Change& change) {
  std::string params;
  if (change.what == Change::What::resource) {
    json::Writer w(params);
    w.begin_object();
    w.field("uri", change.uri);
    w.end_object();
  }
  return write_notification(notification_of(change.what), params);
}

}  // namespace

Session::Session(Hub& hub, std::string id, Principal principal, std::shared_ptr<Stream> one_stream)
    : hub_(hub),
      id_(std::move(id)),
      principal_(std::move(principal)),
      idle_(one_stream != nullptr ? one_stream : std::make_shared<Stream>(kIdleStream)),
      one_stream_(one_stream != nullptr) {}

Session::~Session() {
  if (listening_) hub_.remove(*this);
  unwatch_all();
}

Outcome<void> Session::watch(std::string_view uri) {
  std::lock_guard lock(mutex_);
  const bool already = rules_.watches(uri);
  TRY(rules_.subscribe(uri));
  if (!already) hub_.watch(uri);
  return {};
}

void Session::unwatch(std::string_view uri) {
  std::lock_guard lock(mutex_);
  if (!rules_.watches(uri)) return;
  rules_.unsubscribe(uri);
  hub_.unwatch(uri);
}

void Session::unwatch_all() {
  std::lock_guard lock(mutex_);
  for (const std::string& uri : rules_.watched()) hub_.unwatch(uri);
  rules_.unsubscribe_all();
}

void Session::listen() {
  if (!listening_) listening_ = hub_.add(*this);
}

void Session::changed(const Change& change) {
  if (change.whose && *change.whose != principal_.name) return;
  {
    std::lock_guard lock(mutex_);
    if (rules_.stage() != SessionRules::Stage::ready) return;
    if (change.what == Change::What::resource && !rules_.watches(change.uri)) return;
  }
  idle_->tell(notification(change), true);
}

void Session::closing() {
  if (one_stream_) {  // answers of calls under way are to go there
    std::lock_guard lock(mutex_);
    if (rules_.calls() != 0 || !calls_.empty()) return;
  }
  idle_->end();
}

Session::Numbered Session::new_stream() {
  if (one_stream_) return {0, idle_};
  auto stream = std::make_shared<Stream>(kCallStream);
  const std::int64_t now = hub_.now_ms();
  std::lock_guard lock(mutex_);
  trim_streams(now);
  streams_.push_back({{++streams_made_, stream}, now});
  return streams_.back().stream;
}

// Only those that have ended go; each belongs to a call, of which there is a limited number.
void Session::trim_streams(std::int64_t now_ms) {
  std::size_t ended = 0, bytes = 0;
  for (auto it = streams_.end(); it != streams_.begin();) {
    --it;
    if (!it->stream.stream->ended()) continue;
    ++ended;
    bytes += it->stream.stream->bytes();
    const bool old = it->since_ms + limits::kMcpKeptStreamMs < now_ms;
    if (ended > limits::kMcpKeptStreamsMax || bytes > limits::kMcpKeptBytesMax || old)
      it = streams_.erase(it);
  }
}

std::shared_ptr<Stream> Session::find_stream(std::uint64_t number) {
  if (number == 0) return idle_;
  std::lock_guard lock(mutex_);
  for (const Kept& k : streams_)
    if (k.stream.number == number) return k.stream.stream;
  return nullptr;
}

void Session::forget_stream(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  std::erase_if(streams_, [&](const Kept& k) { return k.stream.number == number; });
}

void Session::add_call(const Id& id, std::weak_ptr<Call> call) {
  std::lock_guard lock(mutex_);
  calls_[id] = std::move(call);
}

void Session::end_call(const Id& id) {
  std::lock_guard lock(mutex_);
  calls_.erase(id);
  rules_.end(id);
}

std::shared_ptr<Call> Session::find_call(const Id& id) {
  std::lock_guard lock(mutex_);
  const auto it = calls_.find(id);
  return it == calls_.end() ? nullptr : it->second.lock();
}

Id Session::ask(Answered done) {
  std::lock_guard lock(mutex_);
  Id id = rules_.ask();
  questions_.emplace(id, std::move(done));
  return id;
}

void Session::answer(const Message& response) {
  Answered done;
  {
    std::lock_guard lock(mutex_);
    const auto it = questions_.find(response.id);
    if (it == questions_.end() || !rules_.answered(response.id)) return;
    done = std::move(it->second);
    questions_.erase(it);
  }
  if (response.result.is_object()) return done(json::to_text(response.result));
  const std::string_view why = response.error["message"].as_string("no reason");
  done(fault(kInternalError, "the client refused: " + std::string(utf8::beginning(why, 500))));
}

void Session::forget_question(const Id& id) {
  std::lock_guard lock(mutex_);
  questions_.erase(id);
  rules_.answered(id);
}

void Session::close() {
  std::map<Id, std::weak_ptr<Call>> calls;
  std::deque<Kept> streams;
  {
    std::lock_guard lock(mutex_);
    rules_.close();
    calls.swap(calls_);
    streams.swap(streams_);
    questions_.clear();
  }
  for (auto& [id, call] : calls)
    if (const auto held = call.lock()) held->cancel();
  for (Kept& k : streams) k.stream.stream->end();
  idle_->end();
  unwatch_all();
}

bool Session::deserted_since(std::int64_t then_ms) const {
  auto& self = const_cast<Session&>(*this);
  std::lock_guard lock(self.mutex_);
  const auto read = [](const Kept& k) { return k.stream.stream->attached(); };
  return !one_stream_ && used_ms_ <= then_ms && !calls_.empty() && !idle_->attached() &&
         std::ranges::none_of(streams_, read);
}

void Session::give_up_calls() {
  std::map<Id, std::weak_ptr<Call>> calls;
  {
    std::lock_guard lock(mutex_);
    calls = calls_;
  }
  for (auto& [id, weak] : calls) {
    const auto call = weak.lock();
    if (call == nullptr || call->cancelled()) continue;
    call->stream().push(write_error(
        id,
        fault(kServerError, "the call was ended, because nobody came back for its answer in time").error()));
    call->cancel();
  }
}

bool Session::idle_since(std::int64_t then_ms) const {
  auto& self = const_cast<Session&>(*this);
  std::lock_guard lock(self.mutex_);
  return used_ms_ <= then_ms && calls_.empty() && !idle_->attached();
}

}  // namespace pb::mcp
