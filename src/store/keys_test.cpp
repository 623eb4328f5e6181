#include "store/keys.h"

#include <sys/stat.h>

#include "store/testing.h"

using namespace pb;
using namespace pb::store;
using pb::store::testing::Folder;

namespace {

VirtualKey make_key(const std::string& name) {
  VirtualKey key;
  key.name = name;
  REQUIRE(give_secret(key).has_value());
  key.created_ms = 1'795'262'400'000;
  return key;
}

}  // namespace

TEST_SUITE("keys") {
  TEST_CASE("a secret is given once, and only its digest stays") {
    VirtualKey key;
    const auto secret = give_secret(key);
    REQUIRE(secret);
    CHECK(secret->size() == 43);
    CHECK(secret->starts_with("pb-"));
    CHECK(key.digest == sha256(*secret));
    CHECK(key.prefix.size() < 16);
    CHECK(key.prefix.starts_with(secret->substr(0, 7)));
    const Folder folder;
    const auto store = create_key_store(folder / "keys.db");
    key.name = "a";
    REQUIRE(store->add(key).has_value());
    for (const char* file : {"keys.db", "keys.db-wal"})
      CHECK(testing::read_file(folder / file).find(secret->substr(7, 20)) == std::string::npos);
    struct stat info{};
    REQUIRE(::stat((folder / "keys.db").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }

  TEST_CASE("everything about a key is kept") {
    const Folder folder;
    const std::string path = folder / "sub/keys.db";
    CHECK_FALSE(create_key_store(path)->exists());
    CHECK(create_key_store(path)->all()->empty());
    VirtualKey key = make_key("alice@example.com");
    key.team = "search";
    key.models = {"openai/*", "fast"};
    key.tools = {"read_*"};
    key.limits.rates = {1, 2, 3, 4, 5};
    key.limits.budget = {12.5, route::Period::day};
    key.expires_ms = 7;
    key.old_digest = sha256("old");
    key.old_until_ms = 8;
    key.metadata = {{"owner", "Ä \"b\""}};
    REQUIRE(create_key_store(path)->add(key).has_value());
    for (const std::string& name : {key.name, key.id}) {
      const auto found = create_key_store(path)->find(name);
      REQUIRE(found);
      CHECK(found->id == key.id);
      CHECK(found->name == key.name);
      CHECK(found->prefix == key.prefix);
      CHECK(found->digest == key.digest);
      CHECK(found->old_digest == key.old_digest);
      CHECK(found->old_until_ms == 8);
      CHECK(found->team == "search");
      CHECK(found->models == key.models);
      CHECK(found->tools == key.tools);
      CHECK(found->limits == key.limits);
      CHECK(found->created_ms == key.created_ms);
      CHECK(found->expires_ms == 7);
      CHECK(found->metadata == key.metadata);
      CHECK(found->usable(6));
      CHECK_FALSE(found->usable(7));
    }
    CHECK(create_key_store(path)->find("bob").error().code == Code::not_found);
  }

  TEST_CASE("names are unique") {
    const Folder folder;
    const auto store = create_key_store(folder / "keys.db");
    REQUIRE(store->add(make_key("a")).has_value());
    const auto again = store->add(make_key("a"));
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::invalid_request);
    CHECK(again.error().message.contains("`a`"));
    CHECK(name_fault("a b") != "");
    CHECK(name_fault("") != "");
    CHECK(name_fault(std::string(65, 'a')) != "");
    CHECK(name_fault("team-1_x.y@z") == "");
  }

  TEST_CASE("changes by others are seen") {
    const Folder folder;
    const auto mine = create_key_store(folder / "keys.db"), theirs = create_key_store(folder / "keys.db");
    CHECK(mine->version().value_or(-1) == 0);
    REQUIRE(theirs->add(make_key("a")).has_value());
    const auto first = mine->version();
    REQUIRE(first);
    CHECK(*first != 0);
    CHECK(mine->version().value_or(-1) == *first);
    const std::pair<std::string, std::int64_t> used[] = {{mine->find("a")->id, 99}};
    REQUIRE(mine->touch(used).has_value());
    CHECK(mine->version().value_or(-1) == *first);  // one's own
    CHECK(theirs->find("a")->last_used_ms == 99);
    const auto changed = theirs->update("a", [](VirtualKey& key) -> Result<void> {
      key.revoked_ms = 5;
      return {};
    });
    REQUIRE(changed);
    CHECK(mine->version().value_or(-1) != *first);
    CHECK(mine->find("a")->revoked_ms == 5);
    CHECK(mine->find("a")->last_used_ms == 99);
    const auto refused = theirs->update("a", [](VirtualKey& key) -> Result<void> {
      key.revoked_ms = 0;
      return fail(Code::invalid_request, "no");
    });
    CHECK_FALSE(refused.has_value());
    CHECK(mine->find("a")->revoked_ms == 5);
    CHECK(theirs->update("b", [](VirtualKey&) -> Result<void> { return {}; }).error().code ==
          Code::not_found);
  }

  TEST_CASE("a file that is no database is an error that names it") {
    const Folder folder;
    testing::write_file(folder / "keys.db", std::string(5000, 'x'));
    const auto all = create_key_store(folder / "keys.db")->all();
    REQUIRE_FALSE(all);
    CHECK(all.error().message.contains("keys.db"));
  }
}
