#include "gateway/cache/flight.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace pb::gateway::cache;
using How = Landing::How;

namespace {
const Key kKey{{1, 2}};
}

TEST_SUITE("cache/flight") {
  TEST_CASE("the first leads, the others wait and get its answer") {
    Flights flights;
    Ticket leader = flights.join(kKey, 2), a = flights.join(kKey, 2), b = flights.join(kKey, 2);
    CHECK(leader.leads());
    CHECK(a.waits());
    CHECK(!a.landing());
    Ticket late = flights.join(kKey, 2);  // two wait already
    CHECK(!late.leads());
    CHECK(!late.waits());
    int woken = 0;
    a.on_landing([&] { ++woken; });
    Entry e;
    e.body = "x";
    leader.land(std::make_shared<const Entry>(e));
    CHECK(woken == 1);
    b.on_landing([&] { ++woken; });  // after the fact: at once
    CHECK(woken == 2);
    for (Ticket* t : {&a, &b}) {
      const auto landing = t->landing();
      REQUIRE(landing);
      CHECK(landing->how == How::answered);
      CHECK(landing->entry->body == "x");
      CHECK(!t->waits());
    }
    CHECK(flights.join(kKey, 2).leads());  // the next request begins anew
  }
  TEST_CASE("a failure lets all go") {
    Flights flights;
    Ticket leader = flights.join(kKey, 9), a = flights.join(kKey, 9);
    leader.fail();
    leader.fail();
    CHECK(a.landing()->how == How::failed);
    CHECK(!a.leads());
  }
  TEST_CASE("who leads and goes away hands over, as often as it takes") {
    Flights flights;
    auto leader = std::make_unique<Ticket>(flights.join(kKey, 9));
    auto a = std::make_unique<Ticket>(flights.join(kKey, 9));
    Ticket b = flights.join(kKey, 9), c = flights.join(kKey, 9);
    bool woken = false;
    a->on_landing([&] { woken = true; });
    leader.reset();
    CHECK(woken);
    CHECK(!b.landing());
    a.reset();  // before it has seen that it leads
    CHECK(b.landing()->how == How::leads);
    CHECK(b.leads());
    CHECK(flights.waiting(kKey) == 1);
    b.land(std::make_shared<const Entry>());
    CHECK(c.landing()->how == How::answered);
  }
  TEST_CASE("who waits and goes away is forgotten") {
    Flights flights;
    Ticket leader = flights.join(kKey, 1);
    {
      Ticket gone = flights.join(kKey, 1);
    }
    CHECK(flights.waiting(kKey) == 0);
    CHECK(flights.join(kKey, 1).waits());
    leader.give_up();
    CHECK(flights.join(kKey, 1).leads());
  }
  TEST_CASE("other keys have flights of their own") {
    Flights flights;
    Ticket a = flights.join(kKey, 9), b = flights.join({{1, 3}}, 9);
    CHECK(a.leads());
    CHECK(b.leads());
  }
  TEST_CASE("threads: each request is answered or leads, none is forgotten") {
    Flights flights;
    std::atomic<int> led{0}, answered{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 2000; ++i) {
          Ticket ticket = flights.join(kKey, 100);
          while (ticket.waits()) {
            const auto landing = ticket.landing();
            if (!landing) std::this_thread::yield();
            if (landing && landing->how == How::answered) ++answered;
          }
          if (!ticket.leads()) continue;
          ++led;
          if ((i + t) % 3 != 0) ticket.land(std::make_shared<const Entry>());  // else it goes away
        }
      });
    for (auto& thread : threads) thread.join();
    CHECK(led + answered == 8000);
    CHECK(flights.waiting(kKey) == 0);
    CHECK(flights.join(kKey, 1).leads());
  }
}
