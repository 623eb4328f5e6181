#include "store/responses.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "store/testing.h"

namespace pb::store {
namespace {

StoredResponse answer(const std::string& id, std::int64_t created_s, std::string text = "{}") {
  return {id, "ann", "", created_s, "[]", std::move(text)};
}

}  // namespace

TEST_SUITE("stored responses") {
  TEST_CASE("what was kept is there for its owner, until it is removed; another store finds it too") {
    const testing::Folder folder;
    const ResponseStoreOptions options{.path = folder / "deep/responses.db"};
    auto store = create_response_store(options);
    CHECK_FALSE(*store->get("r1", "ann"));
    CHECK_FALSE(*store->remove("r1", "ann"));
    CHECK_FALSE(std::filesystem::exists(options.path));
    StoredResponse r = answer("r1", 1000, R"({"id":"r1","text":"ö\u0000"})");
    r.previous = "r0";
    r.input = R"([{"role":"user"}])";
    REQUIRE(store->put(r));
    for (auto* s : {store.get(), create_response_store(options).release()}) {
      const std::unique_ptr<ResponseStore> owned(s == store.get() ? nullptr : s);
      const auto found = s->get("r1", "ann");
      REQUIRE(found);
      REQUIRE(*found);
      CHECK((*found)->previous == "r0");
      CHECK((*found)->created_s == 1000);
      CHECK((*found)->input == r.input);
      CHECK((*found)->response == r.response);
      CHECK_FALSE(*s->get("r1", "bob"));
      CHECK_FALSE(*s->remove("r1", "bob"));
    }
    CHECK(*store->remove("r1", "ann"));
    CHECK_FALSE(*store->get("r1", "ann"));
  }

  TEST_CASE("old ones go, and the oldest when there are too many bytes") {
    const testing::Folder folder;
    auto store = create_response_store({.path = folder / "responses.db", .days = 1, .bytes_max = 100'000});
    for (int i = 0; i < 200; ++i)
      REQUIRE(store->put(answer("r" + std::to_string(i), 1000 + i, std::string(1000, 'x'))));
    CHECK_FALSE(*store->get("r0", "ann"));
    CHECK(*store->get("r199", "ann"));
    for (int i = 0; i < 64; ++i) REQUIRE(store->put(answer("new" + std::to_string(i), 1'000'000)));
    CHECK_FALSE(*store->get("r199", "ann"));
    CHECK(*store->get("new0", "ann"));
  }

  TEST_CASE("a place where nothing can be written is an error, not the end") {
    auto store = create_response_store({.path = "/proc/nowhere/responses.db"});
    CHECK_FALSE(store->put(answer("r1", 1)));
    const auto got = store->get("r1", "ann");
    CHECK((!got || !*got));
  }
}

}  // namespace pb::store
