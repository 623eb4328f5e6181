// The contract of every place for kept answers: each implementation's test runs it.
#pragma once
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <string>

#include "gateway/cache/backend.h"

namespace pb::gateway::cache::testing {

inline EntryPtr made(std::string body, std::int64_t until_ms, std::string space = "key:a") {
  Entry e;
  e.form = Form::stream;
  e.body = std::move(body);
  e.format = "openai_chat";
  e.provider = "up";
  e.model = "m";
  e.asked = "fast";
  e.space = std::move(space);
  e.usage = {.input = 3, .output = 4, .known = true};
  e.until_ms = until_ms;
  return std::make_shared<const Entry>(std::move(e));
}

// `now_ms`: Unix time as the back end sees it.
inline Task<void> contract(Backend& b, std::int64_t now_ms) {
  const auto find = [&b, now_ms](Key key) -> Task<EntryPtr> {
    if (auto now = b.get_now(key, now_ms)) co_return *now;
    co_return co_await b.get(key, now_ms);
  };
  const auto put = [&b](Key key, EntryPtr entry) -> Task<void> {
    if (!b.put_now(key, entry)) co_await b.put(key, entry);
  };
  const Key one{{1, 1}}, two{{1, 2}};
  const std::int64_t later = now_ms + 60'000;
  CHECK((co_await find(one)) == nullptr);
  co_await put(one, made("first", later));
  co_await put(two, made(std::string("a\0b", 3), later, "key:b"));
  const EntryPtr found = co_await find(one);
  REQUIRE(found != nullptr);
  CHECK(found->body == "first");
  CHECK(found->form == Form::stream);
  CHECK(found->usage.output == 4);
  CHECK(found->usage.known);
  CHECK(found->until_ms == later);
  CHECK((co_await find(two))->body.size() == 3);
  co_await put(one, made("second", later));
  CHECK((co_await find(one))->body == "second");
  CHECK(found->body == "first");  // who has it keeps it
  co_await put(one, made("old", now_ms));
  CHECK((co_await find(one)) == nullptr);
  co_await put(one, made("x", later));
  CHECK(*co_await b.purge({.space = "key:b", .model = {}, .route = {}, .provider = {}}) == 1);
  CHECK((co_await find(two)) == nullptr);
  CHECK((co_await find(one)) != nullptr);
  CHECK(*co_await b.purge({.space = {}, .model = "up/other", .route = {}, .provider = {}}) == 0);
  CHECK(*co_await b.purge({.space = {}, .model = "up/m", .route = {}, .provider = {}}) == 1);
  co_await put(one, made("x", later));
  CHECK(*co_await b.purge({}) == 1);
  CHECK((co_await find(one)) == nullptr);
}

// Runs it to its end.
inline void check_backend(Backend& backend, std::int64_t now_ms) {
  boost::asio::io_context io;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, contract(backend, now_ms), [&](std::exception_ptr e) { failure = e; });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace pb::gateway::cache::testing
