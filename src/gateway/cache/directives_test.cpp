#include "gateway/cache/directives.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::gateway::cache;

TEST_SUITE("cache/directives") {
  TEST_CASE("Cache-Control") {
    CHECK(read_directives("").max_age_s == -1);
    CHECK(read_directives("no-cache").no_cache);
    CHECK(read_directives(" No-Store , max-age=60").no_store);
    CHECK(read_directives("no-store, max-age=60").max_age_s == 60);
    CHECK(read_directives("max-age=\"5\"").max_age_s == 5);
    CHECK(read_directives("max-age=x").max_age_s == 0);
    CHECK(read_directives("max-age").max_age_s == 0);
    CHECK(read_directives("max-age=-3").max_age_s == 0);
    CHECK(read_directives("only-if-cached,").only_if_cached);
    CHECK(!read_directives("x-no-cache, max-stale=4").no_cache);
  }
  TEST_CASE("whose answers are kept") {
    config::Cache options;
    route::Route route;
    CHECK(!keeps(options, nullptr, "a", "up/a"));
    route.keep = route::Keep::on;
    CHECK(keeps(options, &route, "a", ""));
    options.enabled = true;
    CHECK(keeps(options, nullptr, "a", "up/a"));
    route.keep = route::Keep::off;
    CHECK(!keeps(options, &route, "a", ""));
    options.models = {"fast", "up/*"};
    CHECK(keeps(options, nullptr, "fast", "x/y"));
    CHECK(keeps(options, nullptr, "other", "up/y"));
    CHECK(!keeps(options, nullptr, "other", "x/y"));
  }
  TEST_CASE("what is not kept, and why") {
    config::Cache options;
    const auto why = [&](std::string_view body, std::string_view format = "openai_chat") {
      return skip_reason(options, *read_asked(body, 1), format);
    };
    CHECK(why("{}").empty());
    CHECK(why(R"({"tools":[1]})") == "tools");
    CHECK(why(R"({"temperature":1})") == "sampling");
    CHECK(why(R"({"image_url":"https://a"})") == "links");
    CHECK(why(R"({"store":true})") == "stored");
    CHECK(why(R"({"previous_response_id":"x"})") == "state");
    CHECK(why("{}", "openai_responses").empty());
    options.share = "all";
    CHECK(why("{}", "openai_responses") == "stored");
    CHECK(why(R"({"store":false})", "openai_responses").empty());
    options.skip.clear();
    CHECK(why(R"({"tools":[1],"temperature":1,"image_url":"https://a","store":true})").empty());
    CHECK(why(R"({"background":true})") == "state");
  }
}
