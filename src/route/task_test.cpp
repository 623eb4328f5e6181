#include "route/task.h"

#include <doctest/doctest.h>

#include <string>

using namespace pb::route;

namespace {

Task of(std::string_view words, Abilities needs = 0, std::int64_t tokens = 100) {
  Facts facts;
  facts.words = words;
  facts.needs = needs;
  facts.tokens = tokens;
  return guess(facts);
}

}  // namespace

TEST_SUITE("route task") {
  TEST_CASE("kinds") {
    CHECK(of("Hi, how are you?").kind == Kind::chat);
    CHECK(of("").kind == Kind::chat);
    CHECK(of("Why does this Python function raise an exception?").kind == Kind::code);
    CHECK(of("What is wrong?\\n```\\nint x;\\n```").kind == Kind::code);
    CHECK(of("Prove that there are infinitely many primes").kind == Kind::maths);
    CHECK(of("Translate this sentence into French").kind == Kind::translation);
    CHECK(of("Summarize the report in three points").kind == Kind::summary);
    CHECK(of("Extract all names and label their sentiment").kind == Kind::extraction);
    CHECK(of("the invoice below", kStructured).kind == Kind::extraction);
    CHECK(of("Write a poem about autumn").kind == Kind::writing);
    CHECK(of("Book a table for two", kTools).kind == Kind::tools);
    CHECK(of("What is on this?", kVision).kind == Kind::vision);
  }

  TEST_CASE("difficulty") {
    const double hello = of("Hello!").difficulty;
    const double bug = of("Why does this function fail?").difficulty;
    const double proof =
        of("Prove the theorem rigorous and carefully, then analyse its complexity").difficulty;
    CHECK(hello < 0.2);
    CHECK(hello < bug);
    CHECK(bug < proof);
    CHECK(proof > 0.75);
    CHECK(proof <= 1.0);
    CHECK(of("go on", 0, 200'000).difficulty > of("go on").difficulty);
    CHECK(of("go on", kReasoning).difficulty > of("go on").difficulty);
    CHECK(name_of_difficulty(hello) == "easy");
    CHECK(name_of_difficulty(proof) == "hard");
  }

  TEST_CASE("words are found wherever they stand") {
    for (std::size_t before = 0; before < 200; ++before)
      for (const std::size_t after : {0, 1, 63, 64, 100}) {
        const auto around = [&](std::string_view word) {
          return of(std::string(before, '.') + std::string(word) + std::string(after, '.')).kind;
        };
        CHECK(around("Zusammenfassung") == Kind::summary);
        CHECK(around("\\nTRANSLATE\\n") == Kind::translation);
        CHECK(around("xtranslate") == Kind::chat);
        CHECK(around("translatex") == Kind::chat);
        CHECK(around("translate" + std::string(100, 'e')) == Kind::chat);
        CHECK(around("\\ntranslate") == Kind::translation);
      }
  }

  TEST_CASE("no more than a bounded part of the words is read") {
    const std::string middle(kTaskBytes * 4, ' ');
    CHECK(of("Translate this:" + middle).kind == Kind::translation);
    CHECK(of(middle + "translate this").kind == Kind::translation);
    CHECK(of(middle + "translate this" + middle).kind == Kind::chat);
  }
}
