// Tokens against keys that are fetched: by a fetch of the test's own, and a clock that it moves.
#include "mcp/oauth/authorizer.h"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/jwt_test_support.h"

using namespace pb;
using namespace pb::mcp;
namespace asio = boost::asio;

namespace {

constexpr std::int64_t kNow = 1000;  // Unix, seconds

struct World {
  asio::io_context io{1};
  OAuthShared shared{"http://127.0.0.1:1/mcp"};
  std::int64_t clock_ms = 0;
  int fetches = 0;
  bool held = false;  // fetches wait until release()
  std::string keys;   // the issuer's; "" = it cannot be reached
  net::Wake gate{io.get_executor()};
  Authorizer authorizer{{io.get_executor(), shared,
                         [this](std::shared_ptr<const OAuthPolicy>) { return fetch(); },
                         [this] { return clock_ms; }}};
  std::shared_ptr<int> snapshot = std::make_shared<int>();
  config::McpOAuth options;
  const jwt::Signer a{jwt::Alg::es256, "a"}, b{jwt::Alg::es256, "b"};

  World() {
    options.issuer = "https://issuer.test";
    options.resource = "https://gw.test/mcp";
    keys = a.jwk();
  }

  Task<Result<jwt::KeySet>> fetch() {
    ++fetches;
    const std::string now = keys;
    if (held) co_await gate.wait();
    if (now.empty()) co_return fail(Code::invalid_request, "cannot be fetched");
    co_return jwt::KeySet::parse(jwt::key_set(now));
  }

  std::string token(const jwt::Signer& by, std::string_view subject = "ann", std::int64_t exp = 2000) const {
    return by.token(R"({"iss":"https://issuer.test","aud":"https://gw.test/mcp","sub":")" +
                    std::string(subject) + R"(","exp":)" + std::to_string(exp) + "}");
  }

  struct Outcome {
    bool done = false;
    std::string subject;  // of a good token
    Error error;
  };
  // Starts to check a token; run() goes on with it.
  std::shared_ptr<Outcome> start(std::string text, asio::cancellation_signal* cancel = nullptr,
                                 std::int64_t now_s = kNow) {
    auto out = std::make_shared<Outcome>();
    auto check = [](World& w, std::string t, std::int64_t now, std::shared_ptr<Outcome> to) -> Task<void> {
      auto claims = co_await w.authorizer.check(w.authorizer.policy(w.snapshot, w.options), t, now);
      to->done = true;
      if (claims)
        to->subject = (*claims)->subject;
      else
        to->error = claims.error();
    };
    auto none = [](const std::exception_ptr&) {};
    if (cancel == nullptr)
      asio::co_spawn(io, check(*this, std::move(text), now_s, out), none);
    else
      asio::co_spawn(io, check(*this, std::move(text), now_s, out),
                     asio::bind_cancellation_slot(cancel->slot(), none));
    return out;
  }
  void run() {
    io.restart();
    io.poll();
  }
  Outcome check(std::string text, std::int64_t now_s = kNow) {
    const auto out = start(std::move(text), nullptr, now_s);
    run();
    CHECK(out->done);
    return *out;
  }
  void release() {
    held = false;
    gate.bell().ring();
    run();
  }
};

}  // namespace

TEST_SUITE("oauth") {
  TEST_CASE("when keys are fetched") {
    constexpr KeyTimes t{1000, 100, 5000};
    constexpr KeyState none{}, busy{.asked = true, .fetching = true};
    CHECK(next_move(none, false, false, t, 0).fetch);
    CHECK(next_move(none, false, false, t, 0).wait);
    CHECK_FALSE(next_move(busy, false, false, t, 0).fetch);
    CHECK(next_move(busy, false, false, t, 0).wait);
    CHECK_FALSE(next_move(busy, false, true, t, 0).wait);  // once is enough
    const KeyState fresh{.any = true, .fetched_ms = 0, .asked = true, .asked_ms = 0};
    CHECK_FALSE(next_move(fresh, true, false, t, 999).fetch);
    CHECK(next_move(fresh, true, false, t, 1000).fetch);
    CHECK_FALSE(next_move(fresh, true, false, t, 1000).wait);
    CHECK_FALSE(next_move(fresh, false, false, t, 99).fetch);  // an unknown key, but it was asked just now
    CHECK(next_move(fresh, false, false, t, 100).wait);
    CHECK(usable(fresh, t, 5000));
    CHECK_FALSE(usable(fresh, t, 5001));
    CHECK_FALSE(usable(none, t, 0));
  }

  TEST_CASE("the first tokens wait for one fetch together") {
    World w;
    w.held = true;
    std::vector<std::shared_ptr<World::Outcome>> all;
    all.reserve(10);
    for (int i = 0; i < 10; ++i) all.push_back(w.start(w.token(w.a, "ann" + std::to_string(i))));
    w.run();
    CHECK(w.fetches == 1);
    for (const auto& one : all) CHECK_FALSE(one->done);
    w.release();
    for (int i = 0; i < 10; ++i)
      CHECK(all[static_cast<std::size_t>(i)]->subject == "ann" + std::to_string(i));
    CHECK(w.fetches == 1);
  }

  TEST_CASE("who goes away takes nothing from the others") {
    World w;
    w.held = true;
    asio::cancellation_signal cancel;
    const auto first = w.start(w.token(w.a), &cancel);
    const auto second = w.start(w.token(w.a, "bob"));
    w.run();
    cancel.emit(asio::cancellation_type::terminal);
    w.run();
    w.release();
    CHECK_FALSE(first->done);
    CHECK(second->subject == "bob");
    CHECK(w.fetches == 1);
  }

  TEST_CASE("a new key is fetched once an interval, and nobody else waits for it") {
    World w;
    CHECK(w.check(w.token(w.a)).subject == "ann");
    w.keys = w.a.jwk() + "," + w.b.jwk();
    CHECK(w.check(w.token(w.b)).error.message.contains("none of its issuer's"));  // asked just now
    CHECK(w.fetches == 1);
    w.clock_ms += w.options.keys_retry_ms;
    w.held = true;
    const auto unknown = w.start(w.token(w.b));
    w.run();
    CHECK_FALSE(unknown->done);
    CHECK(w.check(w.token(w.a, "bob")).subject == "bob");  // a known key: at once
    w.release();
    CHECK(unknown->subject == "ann");
    CHECK(w.fetches == 2);
    const jwt::Signer nobody(jwt::Alg::es256, "nobody");
    for (int i = 0; i < 5; ++i) {
      const auto out = w.check(w.token(nobody));
      CHECK(out.error.code == Code::unauthenticated);
    }
    CHECK(w.fetches == 2);
  }

  TEST_CASE("a key that the issuer has withdrawn is not believed any more") {
    World w;
    CHECK(w.check(w.token(w.a)).subject == "ann");
    w.keys = w.b.jwk();
    w.clock_ms += w.options.keys_refresh_ms;
    CHECK(w.check(w.token(w.a)).subject == "ann");  // the old keys, while the new ones are fetched
    w.run();
    CHECK(w.fetches == 2);
    CHECK(w.check(w.token(w.a)).error.code == Code::unauthenticated);
    CHECK(w.check(w.token(w.b)).subject == "ann");
  }

  TEST_CASE("while the issuer is down") {
    World w;
    w.keys.clear();
    const auto none = w.check(w.token(w.a));
    CHECK(none.error.status == 503);
    CHECK(none.error.retry_after_ms == w.options.keys_retry_ms);
    CHECK(w.check(w.token(w.a)).error.status == 503);
    CHECK(w.fetches == 1);
    w.keys = w.a.jwk();
    w.clock_ms += w.options.keys_retry_ms;
    CHECK(w.check(w.token(w.a)).subject == "ann");

    w.keys.clear();  // gone again
    w.clock_ms += w.options.keys_refresh_ms;
    const int before = w.fetches;
    CHECK(w.check(w.token(w.a)).subject == "ann");
    CHECK(w.check(w.token(w.a, "bob")).subject == "bob");
    CHECK(w.fetches == before + 1);
    const jwt::Signer nobody(jwt::Alg::es256, "nobody");
    CHECK(w.check(w.token(nobody)).error.code == Code::unauthenticated);
    w.clock_ms += w.options.keys_stale_ms;  // too long
    CHECK(w.check(w.token(w.a)).error.status == 503);
  }

  TEST_CASE("a token that was good is remembered until it expires") {
    World w;
    const std::string token = w.token(w.a);
    CHECK(w.check(token).subject == "ann");
    CHECK(w.check(token).subject == "ann");
    CHECK(w.check(token, 2029).subject == "ann");
    CHECK(w.check(token, 2030).error.message.contains("expired"));
    // One that is refused is not.
    CHECK(w.check(w.token(w.a, "ann", 900)).error.message.contains("expired"));
    std::string forged = token;
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    CHECK(w.check(forged).error.message.contains("signature"));
  }

  TEST_CASE("another configuration is another judge") {
    World w;
    const std::string token = w.token(w.a);
    CHECK(w.check(token).subject == "ann");
    w.snapshot = std::make_shared<int>();
    w.options.audience = {"another"};
    CHECK(w.check(token).error.message.contains("not meant for this server"));
    CHECK(w.fetches == 1);  // the same issuer's keys
    w.snapshot = std::make_shared<int>();
    w.options.issuer = "https://other.test";
    CHECK(w.check(token).error.message.contains("another issuer"));
    CHECK(w.fetches == 2);
    w.snapshot = std::make_shared<int>();
    w.options.issuer.clear();
    CHECK(w.authorizer.policy(w.snapshot, w.options) == nullptr);
  }
}
