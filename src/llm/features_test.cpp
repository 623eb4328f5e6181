#include <algorithm>
#include <regex>

#include "llm/llm_test_support.h"

namespace pb::llm {

using namespace testing;

TEST_SUITE("features") {
  TEST_CASE("every name that the code drops has its row, and every row has both columns") {
    std::regex call(R"re(\b(?:dropped_?\.add|drop)\(\s*(?:[a-z_]+ \? "([^"]+)" : )?"([^"]+)"\s*\))re");
    const std::string embeddings_page = read_file(source_dir() / "docs" / "embeddings.md");
    std::size_t found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(source_dir() / "src" / "llm")) {
      std::string name = entry.path().filename().string();
      if (!name.ends_with(".cpp") || name.ends_with("_test.cpp") || name.ends_with("_test_support.cpp"))
        continue;
      std::string text = read_file(entry.path());
      for (std::sregex_iterator it(text.begin(), text.end(), call), end; it != end; ++it)
        for (int group : {1, 2}) {
          std::string dropped = (*it)[static_cast<std::size_t>(group)].str();
          if (dropped.empty()) continue;
          ++found;
          CAPTURE(name);
          CAPTURE(dropped);
          const bool has_row = std::any_of(features().begin(), features().end(),
                                           [&](const Feature& f) { return f.name == dropped; });
          const bool of_embeddings = entry.path().parent_path().filename() == "embed";
          CHECK((of_embeddings ? embeddings_page.contains("`" + dropped + "`") : has_row));
        }
    }
    CHECK(found > 20);
    for (const Feature& f : features()) {
      CAPTURE(f.name);
      CHECK(!f.what.empty());
      CHECK(std::count_if(features().begin(), features().end(),
                          [&](const Feature& g) { return g.name == f.name; }) == 1);
    }
  }

  TEST_CASE("every dialect has a note for every feature, and for nothing else") {
    for (const Dialect* d : dialects()) {
      CAPTURE(d->name);
      REQUIRE((d->notes != nullptr));
      for (const Feature& f : features()) {
        CAPTURE(f.name);
        std::string_view note = note_of(*d, f.name);
        CHECK((note.starts_with("kept") || note.starts_with("emulated") || note.starts_with("dropped") ||
               note.starts_with("carried") || note.starts_with("always")));
      }
      for (const FeatureNote& n : d->notes()) {
        CAPTURE(n.feature);
        CHECK(std::count_if(features().begin(), features().end(),
                            [&](const Feature& f) { return f.name == n.feature; }) == 1);
      }
    }
  }

  TEST_CASE("dropped names are safe in a header and counted once") {
    Dropped d;
    CHECK(d.empty());
    d.add("top_k");
    d.add("top_k");
    d.add("x\r\nset-cookie: a, b\xc3\xa9");
    CHECK(d.header() == "top_k, x__set-cookie__a__b__");
    std::vector<std::string> names;
    for (int i = 0; i < 200; ++i) names.push_back(std::string(100, 'a') + std::to_string(i));
    for (const std::string& n : names) d.add(n);
    CHECK(d.names().size() == 202);
    CHECK(d.header().size() < 2200);
    CHECK(d.header().ends_with(", ..."));
  }

  TEST_CASE("dialects are found by name") {
    CHECK(find_dialect("openai_chat") == &kOpenaiChat);
    CHECK(find_dialect("nothing") == nullptr);
    for (const Dialect* d : dialects()) CHECK(find_dialect(d->name) == d);
  }

  TEST_CASE("usage: later figures replace earlier ones, unknown ones do not") {
    Usage u;
    u.merge({});
    CHECK_FALSE(u.known);
    Usage first;
    first.input = 10;
    first.cache_read = 4;
    first.output = 1;
    first.known = true;
    u.merge(first);
    Usage last;
    last.output = 7;
    last.known = true;
    u.merge(last);
    CHECK(u.known);
    CHECK(u.input == 10);
    CHECK(u.cache_read == 4);
    CHECK(u.output == 7);
  }
}

}  // namespace pb::llm
