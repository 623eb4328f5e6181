#include "store/conversations.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/limits_conversations.h"
#include "store/sqlite.h"
#include "store/testing.h"

namespace pb::store {
namespace {

ConversationChange fresh(const std::string& owner, const std::string& title, std::int64_t now_ms,
                         const std::string& text = "hello") {
  ConversationChange c;
  c.owner = owner;
  c.title = title;
  c.model = "m";
  c.provider = "p";
  c.messages = {{"user", text, "", 0}};
  c.now_ms = now_ms;
  return c;
}

ConversationChange more(const std::string& owner, const std::string& id, const std::string& text,
                        std::int64_t version = 0) {
  ConversationChange c;
  c.owner = owner;
  c.id = id;
  c.version = version;
  c.messages = {{"assistant", text, R"({"role":"assistant","x":1})", 0}};
  c.now_ms = 5000;
  return c;
}

std::vector<std::string> titles(const ConversationList& list) {
  std::vector<std::string> out;
  out.reserve(list.found.size());
  for (const Conversation& c : list.found) out.push_back(c.title);
  return out;
}
using Titles = std::vector<std::string>;

}  // namespace

TEST_SUITE("conversations") {
  TEST_CASE("what is saved can be read, goes on, and is nobody else's; another store finds it too") {
    const testing::Folder folder;
    const std::string path = folder / "deep/patchbay.db";
    auto store = create_conversation_store(path);
    CHECK(store->read("ann", "conv_x", {}).error().code == Code::not_found);
    CHECK(store->list({.owner = "ann"})->total == 0);
    CHECK_FALSE(std::filesystem::exists(path));
    const auto made = store->save(fresh("ann", "A trip", 1000));
    REQUIRE(made);
    CHECK(made->version == 1);
    CHECK(made->messages == 1);
    const auto longer = store->save(more("ann", made->id, "answer"));
    REQUIRE(longer);
    CHECK(longer->version == 2);
    CHECK(longer->title == "A trip");
    CHECK(longer->created_ms == 1000);
    CHECK(longer->updated_ms == 5000);
    const auto other = create_conversation_store(path);
    const auto page = other->read("ann", made->id, {});
    REQUIRE(page);
    CHECK(page->conversation.messages == 2);
    REQUIRE(page->messages.size() == 2);
    CHECK(page->messages[0].text == "hello");
    CHECK(page->messages[0].json.empty());
    CHECK(page->messages[1].role == "assistant");
    CHECK(page->messages[1].json == R"({"role":"assistant","x":1})");
    for (const char* owner : {"bob", ""}) {
      CHECK(other->read(owner, made->id, {}).error().code == Code::not_found);
      CHECK(other->save(more(owner, made->id, "x")).error().code == Code::not_found);
      CHECK(other->remove(owner, made->id, 0).error().code == Code::not_found);
      CHECK(other->list({.owner = owner})->total == 0);
      CHECK(other->complete(owner, "conv", 10)->total == 0);
    }
    CHECK(other->remove("ann", made->id, 0)->title == "A trip");
    CHECK(store->read("ann", made->id, {}).error().code == Code::not_found);
  }

  TEST_CASE("a change to another version than the one that was read is refused, and nothing of it is kept") {
    const testing::Folder folder;
    auto store = create_conversation_store(folder / "patchbay.db");
    const std::string id = store->save(fresh("ann", "t", 1))->id;
    REQUIRE(store->save(more("ann", id, "b", 1)));
    const auto late = store->save(more("ann", id, "c", 1));
    REQUIRE_FALSE(late);
    CHECK(late.error().param == "version");
    CHECK(late.error().message.contains("has version 2, not 1"));
    CHECK(store->remove("ann", id, 1).error().param == "version");
    CHECK(store->read("ann", id, {})->messages.size() == 2);
    CHECK(store->remove("ann", id, 2));
  }

  TEST_CASE("lists are filtered, sorted by the last change and paged") {
    const testing::Folder folder;
    auto store = create_conversation_store(folder / "patchbay.db");
    REQUIRE(store->save(fresh("ann", "one", 1000, "about 100% of birds")));
    REQUIRE(store->save(fresh("ann", "two", 2000, "about fish")));
    auto third = fresh("ann", "Three", 3000, "nothing");
    third.model = "big";
    third.provider = "q";
    REQUIRE(store->save(third));
    REQUIRE(store->save(fresh("bob", "one too", 4000)));
    const auto all = store->list({.owner = "ann"});
    CHECK(titles(*all) == Titles{"Three", "two", "one"});
    CHECK(all->total == 3);
    const auto page = store->list({.owner = "ann", .offset = 1, .limit = 1});
    CHECK(titles(*page) == Titles{"two"});
    CHECK(page->total == 3);
    CHECK(titles(*store->list({.owner = "ann", .text = "ABOUT"})) == Titles{"two", "one"});
    CHECK(titles(*store->list({.owner = "ann", .text = "three"})) == Titles{"Three"});
    CHECK(titles(*store->list({.owner = "ann", .text = "100%"})) == Titles{"one"});
    CHECK(store->list({.owner = "ann", .text = "a_o"})->total == 0);  // no pattern, but a text
    CHECK(titles(*store->list({.owner = "ann", .model = "big"})) == Titles{"Three"});
    CHECK(titles(*store->list({.owner = "ann", .provider = "p"})) == Titles{"two", "one"});
    CHECK(titles(*store->list({.owner = "ann", .from_ms = 2000, .to_ms = 3000})) == Titles{"two"});
    CHECK(store->list({.owner = "ann", .text = "' OR 1=1 --"})->total == 0);
  }

  TEST_CASE("a long conversation is read in pieces, from the front or from the end") {
    const testing::Folder folder;
    auto store = create_conversation_store(folder / "patchbay.db");
    auto change = fresh("ann", "long", 1);
    change.messages.clear();
    for (int i = 0; i < 10; ++i) change.messages.push_back({"user", std::string(100, 'a' + i), "", 0});
    const std::string id = store->save(change)->id;
    const auto some = store->read("ann", id, {.from = 2, .messages_max = 3});
    CHECK(some->first == 2);
    REQUIRE(some->messages.size() == 3);
    CHECK(some->messages[0].text[0] == 'c');
    const auto last = store->read("ann", id, {.last = true, .bytes_max = 250});
    CHECK(last->first == 8);
    REQUIRE(last->messages.size() == 2);
    CHECK(last->messages[1].text[0] == 'j');
    CHECK(store->read("ann", id, {.bytes_max = 1})->messages.size() == 1);
    CHECK(store->read("ann", id, {.from = 10})->messages.empty());
  }

  TEST_CASE("those that nobody has changed since go, of all owners, with their messages") {
    const testing::Folder folder;
    auto store = create_conversation_store(folder / "patchbay.db");
    CHECK(store->expire(1000).value() == 0);
    CHECK_FALSE(std::filesystem::exists(folder / "patchbay.db"));
    const std::string gone = store->save(fresh("ann", "old", 1000))->id;
    const std::string used = store->save(fresh("ann", "old, but used", 1000))->id;
    auto later = more("ann", used, "again");
    later.now_ms = 2000;
    REQUIRE(store->save(later));
    for (int i = 0; i < 250; ++i) REQUIRE(store->save(fresh("ben", std::to_string(i), 1000)));
    CHECK(store->expire(1000).value() == 0);
    CHECK(store->expire(2000).value() == 251);
    CHECK(store->read("ann", gone, {}).error().code == Code::not_found);
    CHECK(store->read("ann", used, {})->messages.size() == 2);
    CHECK(store->list({.owner = "ben"})->total == 0);
    auto db = Database::open(folder / "patchbay.db", Database::Mode::write);
    REQUIRE(db);
    auto left = db->prepare("SELECT COUNT(*) FROM conversation_messages");
    REQUIRE(left);
    REQUIRE(left->step());
    CHECK(left->whole(0) == 2);
  }

  TEST_CASE("ids are completed by their beginning, then by titles") {
    const testing::Folder folder;
    auto store = create_conversation_store(folder / "patchbay.db");
    const std::string first = store->save(fresh("ann", "a conv_ about x", 1))->id;
    const std::string second = store->save(fresh("ann", "trip", 2))->id;
    CHECK(store->complete("ann", "", 10)->total == 2);
    CHECK(store->complete("ann", "conv_", 1)->total == 2);
    CHECK(store->complete("ann", "conv_", 1)->found.size() == 1);
    CHECK(store->complete("ann", second.substr(0, 12), 10)->found.at(0).id == second);
    CHECK(titles(*store->complete("ann", "TRI", 10)) == Titles{"trip"});
    CHECK(store->complete("ann", "*", 10)->total == 0);
    CHECK(store->complete("ann", "%", 10)->total == 0);
    CHECK_FALSE(first == second);
  }

  TEST_CASE("limits are told, and what is over them is not kept") {
    const testing::Folder folder;
    auto store = create_conversation_store(folder / "patchbay.db");
    const auto big = store->save(
        fresh("ann", "big", 1, std::string(static_cast<std::size_t>(limits::kConversationBytesMax), 'x')));
    REQUIRE_FALSE(big);
    CHECK(big.error().code == Code::too_large);
    CHECK(store->list({.owner = "ann"})->total == 0);
    const auto part = static_cast<std::size_t>(limits::kConversationBytesMax - 100);
    for (int i = 0; i < 8; ++i) REQUIRE(store->save(fresh("ann", "b", 1, std::string(part, 'x'))));
    const auto full = store->save(fresh("ann", "one more", 1, std::string(part, 'x')));
    REQUIRE_FALSE(full);
    CHECK(full.error().message.contains("delete some first"));
    CHECK(store->save(fresh("bob", "b", 1)));
  }

  TEST_CASE("a place where nothing can be written is an error, not the end") {
    auto store = create_conversation_store("/proc/nowhere/patchbay.db");
    CHECK_FALSE(store->save(fresh("ann", "t", 1)));
    CHECK(store->list({.owner = "ann"}));
  }
}

}  // namespace pb::store
