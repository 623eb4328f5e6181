#include "gateway/cache/key.h"

#include <doctest/doctest.h>

#include <set>

using namespace pb::gateway::cache;

namespace {

constexpr std::uint64_t kSeed = 42;

Asked asked(std::string_view body) {
  const auto a = read_asked(body, kSeed);
  REQUIRE(a);
  return *a;
}
bool same(std::string_view a, std::string_view b) {
  const bool fast = asked(a).hash == asked(b).hash;
  CHECK(fast == (portable_hash(a) == portable_hash(b)));
  return fast;
}

}  // namespace

TEST_SUITE("cache/key") {
  TEST_CASE("order, white space, model and streaming do not count") {
    CHECK(same(R"({"model":"a","messages":[{"role":"user","content":"hi"}],"max_tokens":5})",
               "{ \"max_tokens\" : 5,\n\t\"messages\" : [ { \"content\" : \"hi\", \"role\" : \"user\" } ], "
               "\"stream\":true, \"stream_options\":{\"include_usage\":true}, \"model\":\"b\" }"));
    CHECK(same(R"({"a":{"x":1,"y":{"p":[],"q":{}}}})", R"({"a":{"y":{"q":{},"p":[]},"x":1}})"));
  }
  TEST_CASE("everything else does") {
    const std::string long_text(200, 'x');
    const std::string bodies[] = {
        R"({})",
        R"({"a":1})",
        R"({"a":"1"})",
        R"({"a":2})",
        R"({"b":1})",
        R"({"a":null})",
        R"({"a":[]})",
        R"({"a":{}})",
        R"({"a":[1]})",
        R"({"a":[1,2]})",
        R"({"a":[2,1]})",
        R"({"a":[[1],2]})",
        R"({"a":[1,[2]]})",
        R"({"a":1,"b":2})",
        R"({"a":2,"b":1})",
        R"({"a":{"a":1}})",
        R"({"a":{"b":1},"c":{"d":2}})",
        R"({"a":{"b":2},"c":{"d":1}})",
        R"({"a":{"d":2},"c":{"b":1}})",
        R"({"a":"xy","b":"z"})",
        R"({"a":"x","b":"yz"})",
        R"({"x":{"stream":true}})",
        R"({"x":{"stream":false}})",
        "{\"a\":\"" + long_text + "\"}",
        "{\"a\":\"" + long_text + "x\"}",
        "{\"a\":\"" + long_text.substr(1) + "y\"}",
        "{\"a\":\"y" + long_text.substr(1) + "\"}",
        "{\"a\":\"" + std::string(64, 'x') + "\"}",
        "{\"a\":\"" + std::string(63, 'x') + "\"}",
    };
    std::set<std::string> fast, portable;
    for (const std::string& body : bodies) {
      CAPTURE(body);
      CHECK(fast.insert(to_hex(asked(body).hash)).second);
      CHECK(portable.insert(to_hex(*portable_hash(body))).second);
    }
  }
  TEST_CASE("changing any byte of a text changes the hash, and so does the seed") {
    std::string text(150, 'a');
    std::set<std::string> seen = {to_hex(asked("{\"a\":\"" + text + "\"}").hash)};
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string other = text;
      other[i] = 'b';
      CHECK(seen.insert(to_hex(asked("{\"a\":\"" + other + "\"}").hash)).second);
    }
    CHECK(!(read_asked("{}", 1)->hash == read_asked(R"({"a":1})", 1)->hash));
    CHECK(!(read_asked(R"({"a":1})", 1)->hash == read_asked(R"({"a":1})", 2)->hash));
  }
  TEST_CASE("what says whether the answer can be kept") {
    CHECK(asked(R"({"tools":[{"type":"function"}]})").tools);
    CHECK(!asked(R"({"tools":[],"x":{"tools":[1]}})").tools);
    CHECK(asked(R"({"temperature":0.7})").sampling);
    CHECK(!asked(R"({"temperature":0,"n":1})").sampling);
    CHECK(asked(R"({"generationConfig":{"temperature":1}})").sampling);
    CHECK(asked(R"({"options":{"temperature":0.1}})").sampling);
    CHECK(asked(R"({"n":2})").sampling);
    CHECK(!asked(R"({"metadata":{"temperature":1}})").sampling);
    CHECK(asked(R"({"messages":[{"content":[{"image_url":{"url":"https://a/b.png"}}]}]})").links);
    CHECK(asked(R"({"contents":[{"parts":[{"fileData":{"fileUri":"gs://b/c"}}]}]})").links);
    CHECK(!asked(R"({"messages":[{"content":"https://a/b.png"}]})").links);
    CHECK(!asked(R"({"image_url":{"url":"data:image/png;base64,AAAA"}})").links);
    CHECK(asked(R"({"previous_response_id":"resp_1"})").stateful);
    CHECK(!asked(R"({"previous_response_id":null,"background":false})").stateful);
    CHECK(asked(R"({"background":true})").stateful);
    CHECK(asked(R"({"store":true})").store == true);
    CHECK(asked(R"({"store":false})").store == false);
    CHECK(!asked(R"({"store":null})").store);
  }
  TEST_CASE("what is no JSON object has no key") {
    for (const char* bad : {"", "[]", "1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":\"x}",
                            "{\"a\":[1}", "{} x", "{\"a\":\"\\", "{,}", "{\"a\":1,}"}) {
      CAPTURE(bad);
      CHECK(!read_asked(bad, kSeed));
    }
    std::string deep = "{\"a\":";
    deep.append(1000, '[').append(1000, ']').append("}");
    CHECK(!read_asked(deep, kSeed));
  }
  TEST_CASE("what stands around the body counts, and where it is cut") {
    for (const bool portable : {false, true}) {
      const auto mixed = [&](std::initializer_list<std::string_view> texts) {
        KeyMixer m(kSeed, portable);
        for (std::string_view t : texts) m.add(t);
        return to_hex(m.mix({{1, 2}}));
      };
      CHECK(mixed({"a", "b"}) == mixed({"a", "b"}));
      CHECK(mixed({"a", "b"}) != mixed({"ab", ""}));
      CHECK(mixed({"a", "b"}) != mixed({"b", "a"}));
    }
  }
}
