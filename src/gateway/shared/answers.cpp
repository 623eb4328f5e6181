#include "gateway/shared/answers.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/log.h"

namespace pb::gateway::shared {
using cache::Entry;
using cache::EntryPtr;
using net::redis::Reply;
using net::redis::Script;
namespace {

// An answer is a hash: b = its bytes, and what a filter may ask for. The index has all answers by the time until which they are
// kept.
//   keys: the answer, the index. arguments: until_ms, bytes, space, route, provider, model, asked
constexpr std::string_view kPut = R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'b', ARGV[2], 's', ARGV[3], 'r', ARGV[4], 'p', ARGV[5], 'm', ARGV[6], 'a', ARGV[7])
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[1], KEYS[1])
return 1
)lua";

// A part of all answers at a time, so that nobody waits for long.
//   keys: the index. arguments: from which place on, how many, space, route, provider, model (each "" = any)
//   reply: {forgotten, the next place, 1 when that is the end}
constexpr std::string_view kPurge = R"lua(
local from, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local space, route, provider, model = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local names = redis.call('ZRANGE', KEYS[1], from, from + count - 1)
local forgotten, gone = 0, 0
for _, name in ipairs(names) do
  local h = redis.call('HMGET', name, 's', 'r', 'p', 'm', 'a')
  if not h[1] then
    redis.call('ZREM', KEYS[1], name)
    gone = gone + 1
  elseif (space == '' or h[1] == space) and (route == '' or h[2] == route) and (provider == '' or h[3] == provider)
      and (model == '' or h[4] == model or h[5] == model or h[3] .. '/' .. h[4] == model) then
    redis.call('ZREM', KEYS[1], name)
    redis.call('DEL', name)
    forgotten, gone = forgotten + 1, gone + 1
  end
end
return {forgotten, from + #names - gone, #names < count and 1 or 0}
)lua";

const Script& put_script() {
  static const Script script(kPut);
  return script;
}
const Script& purge_script() {
  static const Script script(kPurge);
  return script;
}

std::string name_of(const Replicas& replicas, const cache::Key& key) {
  return replicas.key("answer", cache::to_hex(key));
}

}  // namespace

void Answers::add(boost::asio::io_context& io, Line& line) { cores_.push_back({&io, &line}); }

Task<net::redis::Client*> Answers::here() {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto* on = &boost::asio::query(executor, boost::asio::execution::context);
  if (replicas_.epoch() != 0)
    for (const Core& core : cores_)
      if (core.io == on) co_return &core.line->client();
  co_return nullptr;
}

Task<EntryPtr> Answers::get(cache::Key key, std::int64_t unix_ms) {
  auto* client = co_await here();
  if (client == nullptr) co_return nullptr;
  const auto got = co_await client->call({"HGET", name_of(replicas_, key), "b"});
  if (!got || got->kind != Reply::Kind::bulk) co_return nullptr;
  auto entry = cache::from_bytes(got->text);
  if (!entry || entry->until_ms <= unix_ms) co_return nullptr;
  co_return std::make_shared<const Entry>(std::move(*entry));
}

Task<void> Answers::put(cache::Key key, EntryPtr entry) {
  auto* client = co_await here();
  if (client == nullptr) co_return;
  std::vector<std::string> keys = {name_of(replicas_, key), replicas_.key("answers")};
  std::vector<std::string> args = {std::to_string(entry->until_ms),
                                   to_bytes(*entry),
                                   entry->space,
                                   entry->route,
                                   entry->provider,
                                   entry->model,
                                   entry->asked};
  const auto got = co_await client->call(put_script(), std::move(keys), std::move(args));
  if (got && got->is_error())
    log::debug(log::Module::gateway, "Redis does not keep an answer", {{"what", got->text.substr(0, 200)}});
}

Task<Result<std::uint64_t>> Answers::purge(cache::Filter filter) {
  constexpr std::int64_t kAtATime = 500;
  std::uint64_t forgotten = 0;
  for (std::int64_t from = 0;;) {
    auto* client = co_await here();
    if (client == nullptr) co_return fail(Code::overloaded, "Redis, where answers are kept, is out of reach");
    std::vector<std::string> keys = {replicas_.key("answers")};
    std::vector<std::string> args = {std::to_string(from), std::to_string(kAtATime), filter.space,
                                     filter.route,         filter.provider,          filter.model};
    CO_TRY_ASSIGN(const Reply part, co_await client->call(purge_script(), std::move(keys), std::move(args)));
    if (part.items.size() != 3) co_return fail(Code::internal, "Redis: " + part.text.substr(0, 200));
    forgotten += static_cast<std::uint64_t>(part.items[0].integer);
    from = part.items[1].integer;
    if (part.items[2].integer == 1) co_return forgotten;
  }
}

}  // namespace pb::gateway::shared
