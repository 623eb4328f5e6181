#include "api/guard.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::api;

namespace {

net::Headers with(std::initializer_list<std::pair<const char*, const char*>> fields) {
  net::Headers h;
  for (auto& [n, v] : fields) h.add(n, v);
  return h;
}

}  // namespace

TEST_CASE("guard: keys in each header form") {
  config::Server s;
  CHECK(authenticate(s, nullptr, with({}), {}, 0).has_value());
  s.keys.emplace_back("pb-0123456789abcdef");
  s.keys.emplace_back("second-key-of-this-gateway");
  CHECK_FALSE(authenticate(s, nullptr, with({}), {}, 0).has_value());
  CHECK(authenticate(s, nullptr, with({{"Authorization", "Bearer pb-0123456789abcdef"}}), {}, 0).has_value());
  CHECK(
      authenticate(s, nullptr, with({{"authorization", "bearer  pb-0123456789abcdef"}}), {}, 0).has_value());
  CHECK(authenticate(s, nullptr, with({{"x-api-key", "second-key-of-this-gateway"}}), {}, 0).has_value());
  CHECK(authenticate(s, nullptr, with({{"api-key", "pb-0123456789abcdef"}}), {}, 0).has_value());
  auto wrong = authenticate(s, nullptr, with({{"x-api-key", "pb-0123456789abcdeX"}}), {}, 0);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code == Code::unauthenticated);
  CHECK_FALSE(wrong.error().message.contains("0123456789"));
  CHECK(authenticate(s, nullptr, with({{"api-key", "pb-0123456789abcdef"}}), {}, 0)->name == "pb-0…cdef");
}

TEST_CASE("guard: a key that is none of ours is nobody's, not a mistake") {
  config::Server s;
  CHECK_FALSE(caller_of_key(s, nullptr, "anything", 0)->has_value());
  s.keys.emplace_back("second-key-of-this-gateway");
  CHECK_FALSE(caller_of_key(s, nullptr, "anything", 0)->has_value());
  CHECK_FALSE(caller_of_key(s, nullptr, "pb-0123456789abcdef", 0)->has_value());
  CHECK((*caller_of_key(s, nullptr, "second-key-of-this-gateway", 0))->name == "seco…eway");
}

TEST_CASE("guard: hosts while no key is needed") {
  config::Server s;
  s.listen = "127.0.0.1:8000";
  for (const char* ok :
       {"localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "app.localhost:8000", "LOCALHOST:1"})
    CHECK(check_host(s, needs_key(s, nullptr), with({{"Host", ok}})).has_value());
  for (const char* bad : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                          "127.evil.example", "127.0.0.1.", "10.0.0.1:8000", "127evil.example"})
    CHECK_FALSE(check_host(s, needs_key(s, nullptr), with({{"Host", bad}})).has_value());
  s.allowed_hosts = {"gateway.lan"};
  CHECK(check_host(s, needs_key(s, nullptr), with({{"Host", "gateway.lan:8000"}})).has_value());
  CHECK_FALSE(check_host(s, needs_key(s, nullptr), with({{"Host", "other.lan"}})).has_value());
  s.allowed_hosts.clear();
  s.keys.emplace_back("a-key-of-sixteen-bytes");
  CHECK(check_host(s, needs_key(s, nullptr), with({{"Host", "anything.example"}})).has_value());
}

TEST_CASE("guard: origins") {
  config::Server s;
  bool cross = false;
  CHECK(check_origin(s, with({{"Host", "localhost:8000"}}), cross).has_value());
  CHECK(check_origin(s, with({{"Host", "localhost:8000"}, {"Origin", "http://localhost:8000"}}), cross)
            .has_value());
  CHECK_FALSE(cross);
  CHECK_FALSE(check_origin(s, with({{"Host", "localhost:8000"}, {"Origin", "https://evil.example"}}), cross)
                  .has_value());
  CHECK_FALSE(check_origin(s, with({{"Host", "localhost:8000"}, {"Origin", "null"}}), cross).has_value());
  CHECK_FALSE(check_origin(s, with({{"Host", "localhost:8000"}, {"Origin", "http://localhost:3000"}}), cross)
                  .has_value());
  s.allowed_origins = {"http://localhost:3000"};
  CHECK(check_origin(s, with({{"Host", "localhost:8000"}, {"Origin", "http://localhost:3000"}}), cross)
            .has_value());
  CHECK(cross);
}

TEST_CASE("guard: whether a key is needed") {
  config::Server s;
  CHECK_FALSE(needs_key(s, nullptr));
  s.require_key = "always";
  CHECK(needs_key(s, nullptr));
  CHECK_FALSE(authenticate(s, nullptr, with({}), {}, 0).has_value());
  s.keys.emplace_back("a-key-of-sixteen-bytes");
  s.require_key = "never";
  CHECK(authenticate(s, nullptr, with({}), {}, 0)->name.empty());
  CHECK(authenticate(s, nullptr, with({{"x-api-key", "a-key-of-sixteen-bytes"}}), {}, 0)->name ==
        "a-ke…ytes");
}
