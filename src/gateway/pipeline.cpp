// A request's life, top to bottom.
#include <algorithm>

#include "base/clock.h"
#include "base/ids.h"
#include "gateway/aim.h"
#include "gateway/attempts.h"
#include "gateway/body_edit.h"
#include "gateway/booked.h"
#include "gateway/cache/visit.h"
#include "gateway/exchange.h"
#include "gateway/gateway.h"
#include "gateway/headers.h"
#include "llm/carry.h"

namespace pb::gateway {

Gateway::Gateway(Deps deps, std::shared_ptr<const Snapshot> snapshot)
    : deps_(deps), books_(deps.shard, deps.ledger, deps.estimator), snapshot_(std::move(snapshot)) {}

void Gateway::swap(std::shared_ptr<const Snapshot> next) {
  snapshot_ = std::move(next);
  books_.reprice(*snapshot_);
}

namespace {

constexpr std::int64_t kAnswerTokens = 1024;  // of an answer, for limits, when the request sets no bounds

// Whether the body can go on as it is.
bool passes(const Exchange& x) {
  if (!x.route.same_format) return false;
  if (x.peek.model_bytes == 0 && !x.client.model_in_path) return false;
  return !x.client.carries || !llm::holds_packed(x.request.body);
}

// The error for an agent in a loop; counts this sending.
std::optional<Error> loop_fault(LoopGuard* loops, const Exchange& x, std::string_view key) {
  const int limit = x.snapshot.config().server.loop_guard;
  if (loops == nullptr || limit == 0) return std::nullopt;
  const std::uint64_t print = fingerprint(x.client.name, key, x.peek, x.request.body, loops->seed());
  auto loop = loops->count(print, limit, steady_ms());
  if (!loop) return std::nullopt;
  return loop_error(*loop, limit);
}

// Anthropic's `thread` leaves out what the provider is to know already. Where nobody knows it, it is refused with the error
// that makes clients send the whole conversation instead.
std::optional<Error> thread_fault(const Exchange& x) {
  if (!x.peek.thread || x.client.name != "anthropic" ||
      (x.route.same_format && x.route.upstream->provider->quirks.threads))
    return std::nullopt;
  Error e;
  e.code = Code::invalid_request;
  e.param = "thread";
  e.message = "thread: provider " + x.route.upstream->provider->name +
              " keeps no conversations; send the whole conversation without `thread`";
  e.details = R"({"error_code":"thread_unsupported_request","unsupported":["thread"]})";
  return e;
}

// Whether the conversation is to be kept here, because the provider keeps none.
bool keeps_here(const Exchange& x, const StoredResponses* stored) {
  return stored != nullptr && x.client.name == "openai_responses" &&
         !(x.route.same_format && x.route.upstream->provider->quirks.threads) && !x.keeper.on();
}

// What the request refers to is put in front of its input, and the answer is watched.
Task<Result<void>> with_stored(Exchange& x, StoredResponses* stored) {
  const std::string owner = owner_of(x.request, x.caller);
  x.keeper.start(*stored, owner, x.request.body);
  if (!x.peek.previous_response && !x.request.body.contains("\"item_reference\"")) co_return Result<void>();
  auto joined = co_await stored->put_back(x.request.body, owner);
  if (!joined) co_return std::unexpected(std::move(joined.error()));
  if (!*joined) co_return Result<void>();  // not kept here: who gets the request says so
  x.request.body = std::move(**joined);
  auto again = llm::peek_request(x.request.body);
  if (!again) co_return std::unexpected(std::move(again.error()));
  x.peek = std::move(*again);
  co_return Result<void>();
}

// One attempt at a chat request's answer.
struct Converse {
  KeyRing* keys;
  StoredResponses* stored;
  shared::Line* shared;

  // Most requests have nothing to wait for before they are relayed: those are spared a coroutine.
  Task<Attempted> operator()(Exchange& x) const {
    const bool at_once = !provider_limits(x, keys != nullptr) && !keeps_here(x, stored) && !x.peek.thread;
    return at_once && passes(x) && !x.resume ? relay(x) : wait_and_send(x);
  }

 private:
  Task<Attempted> wait_and_send(Exchange& x) const {
    if (auto full = co_await admit_provider(x, keys, shared)) co_return Failure{std::move(*full)};
    if (auto fault = thread_fault(x)) co_return Failure{std::move(*fault)};
    if (keeps_here(x, stored))
      if (auto ready = co_await with_stored(x, stored); !ready) co_return Failure{std::move(ready.error())};
    // To be gone on with elsewhere, a stream has to be understood.
    if (passes(x) && !x.resume) co_return co_await relay(x);
    co_return co_await translate(x);
  }
};

}  // namespace

Task<void> Gateway::chat(const llm::Dialect& client, net::Request& request, net::Responder& out,
                         Caller& caller, FromPath from, store::UsageRow* receipt) {
  auto snapshot = snapshot_;
  Record record(books_, client.name, ids::request_id(), caller.name);
  record.tell(receipt);
  BookedResponder booked(out, record);
  const auto visit = cache::Visit::begin(deps_.cache, snapshot->config().cache, booked, this);
  Exchange x{*snapshot,    client,        request,      visit ? visit->out() : booked,
             deps_.client, deps_.sweeper, record,       {},
             {},           from.array,    deps_.recall, caller.name};
  x.media = deps_.media;
  x.blocking = &deps_.blocking;

  auto peeked = peek_body(client, request.body, from.model, from.stream);
  if (!peeked) {
    co_await send_error(x, std::move(peeked.error()));
    co_return;
  }
  x.peek = std::move(*peeked);
  record.asked_model = x.peek.model;
  record.stream = x.peek.stream;
  if (auto fault = loop_fault(receipt != nullptr ? nullptr : deps_.loops, x, caller.name)) {
    books_.loop_refused(client.name);
    net::Headers final_word;
    final_word.add("x-should-retry", "false");  // SDKs take it: trying at once again is what went wrong
    co_await send_error(x, std::move(*fault), &final_word);
    co_return;
  }

  Aim aim(x, caller);
  auto meaning = aim.meaning();
  const Admission admission{deps_.keys, caller, deps_.shared};
  if (auto fault = co_await admit(x, admission, meaning, aim.by_rule(), kAnswerTokens)) {
    co_await send_error(x, std::move(*fault));
    co_return;
  }
  if (visit && co_await visit->answer(x, caller, *meaning, client.name)) co_return;
  const route::Facts& facts = aim.facts_for(*meaning);
  Plan plan(*snapshot, client, std::move(*meaning), facts, x.peek.thinking, ids::random_unit);
  co_await run_attempts(x, plan, Converse{deps_.keys, deps_.stored, deps_.shared});
  if (visit) co_await visit->keep(x);
}

namespace {

// False when the provider turns out to have no such endpoint; nothing has been answered then.
Task<bool> count_upstream(Exchange& x) {
  net::Headers headers;
  forward_request_headers(x.request.headers, x.route, headers);
  std::string path(x.route.path);
  if (x.client.count_end.starts_with(':')) path.resize(std::min(path.rfind(':'), path.size()));
  Route counter = x.route;
  counter.path = path;
  std::string target = request_target(counter, x.client.count_end, x.request.query(), false);
  net::CallRequest request;
  request.target = target;
  request.headers = &headers;
  request.body = x.request.body;
  request.idempotent = true;
  auto call = co_await x.http.open(x.route.upstream->origin, request, x.route.upstream->timeouts);
  if (!call) {
    co_await send_error(x, std::move(call.error()));
    co_return true;
  }
  int status = (*call)->status;
  if (status == 404 || status == 405 || status == 501) co_return false;
  std::string answer;
  auto read = co_await (*call)->read_all(answer, limits::kUpstreamErrorBytesMax);
  if (!read) {
    co_await send_error(x, std::move(read.error()));
    co_return true;
  }
  net::Headers back;
  forward_response_headers((*call)->headers, back);
  x.record.status = status;
  co_await x.out.send(status, back, answer);
  co_return true;
}

}  // namespace

Task<void> Gateway::count_tokens(const llm::Dialect& client, net::Request& request, net::Responder& out,
                                 Caller& caller, FromPath from) {
  auto snapshot = snapshot_;
  Books unbooked(books_.shard(), nullptr);  // counting is no request to a model: it is not in the ledger
  Record record(unbooked, client.name, ids::request_id(), caller.name);
  Exchange x{*snapshot, client, request, out,   deps_.client, deps_.sweeper,
             record,    {},     {},      false, nullptr,      caller.name};
  auto peeked = peek_body(client, request.body, from.model, from.stream);
  if (!peeked) {
    co_await send_error(x, std::move(peeked.error()));
    co_return;
  }
  x.peek = std::move(*peeked);
  const Aim aim(x, caller);
  auto meaning = aim.meaning();
  if (auto fault =
          rights_fault(caller, *snapshot, x.peek.model, meaning ? &*meaning : nullptr, aim.by_rule())) {
    co_await send_error(x, std::move(*fault));
    co_return;
  }
  auto route = meaning ? route_to(*snapshot, *meaning, 0, client) : std::unexpected(meaning.error());
  if (!route) {
    co_await send_error(x, std::move(route.error()));
    co_return;
  }
  x.route = std::move(*route);
  if (auto fault = thread_fault(x)) {
    co_await send_error(x, std::move(*fault));
    co_return;
  }
  if (passes(x) && x.route.upstream->provider->vendor->count_tokens) {
    if (auto edited = BodyEdit(x).apply(false); !edited) {
      co_await send_error(x, std::move(edited.error()));
      co_return;
    }
    bool answered = co_await count_upstream(x);
    if (answered) co_return;
  }
  auto tokens = co_await count_prompt(deps_.blocking, client, std::move(request.body), x.route.model);
  if (!tokens) {
    co_await send_error(x, std::move(tokens.error()));
    co_return;
  }
  std::string body = "{\"" + std::string(client.count_member) + "\":" + std::to_string(*tokens) + "}";
  net::Headers headers;
  own_headers(x, "application/json", headers);
  record.status = 200;
  co_await out.send(200, headers, body);
}

}  // namespace pb::gateway
