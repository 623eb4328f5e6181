#include "llm/prices.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "llm/providers.h"

using namespace pb::llm;
using doctest::Approx;

namespace {
std::string_view id_of(std::string_view vendor, std::string_view model) {
  const CatalogModel* m = find_model(vendor, model);
  return m == nullptr ? "" : m->id;
}
Usage usage(std::int64_t input, std::int64_t output, std::int64_t read = 0, std::int64_t write = 0,
            std::int64_t hour = 0, std::int64_t reasoning = 0) {
  Usage u;
  u.input = input, u.output = output, u.cache_read = read, u.cache_write = write, u.cache_write_1h = hour,
  u.reasoning = reasoning;
  return u;
}
}  // namespace

TEST_SUITE("prices") {
  TEST_CASE("rows are sound") {
    std::set<std::string> seen;
    for (const CatalogModel& m : catalog()) {
      CAPTURE(m.id);
      CHECK(find_vendor(m.vendor) != nullptr);
      CHECK(seen.insert(std::string(m.vendor) + "/" + std::string(m.id)).second);
      CHECK(m.price.input > 0);
      CHECK(m.price.output >= m.price.input);
      CHECK(m.price.cache_read <= m.price.input / 2);
      CHECK(m.context > 1000);
      CHECK(find_model(m.vendor, m.id) == &m);
    }
  }

  TEST_CASE("versions of a model are found, other models are not") {
    CHECK(id_of("anthropic", "claude-sonnet-4-5-20250929") == "claude-sonnet-4-5");
    CHECK(id_of("anthropic", "claude-opus-4-1-20250805") == "claude-opus-4-1");
    CHECK(id_of("anthropic", "claude-opus-4-20250514") == "claude-opus-4");
    CHECK(id_of("anthropic", "claude-opus-4-5-thinking") == "claude-opus-4-5");
    CHECK(id_of("openai", "gpt-5.4-2026-03-05") == "gpt-5.4");
    CHECK(id_of("openai", "gpt-5.4-mini-2026-03-17") == "gpt-5.4-mini");
    CHECK(id_of("openai", "gpt-3.5-turbo-0125") == "gpt-3.5-turbo");
    CHECK(id_of("openai", "gpt-4o-2024-05-13") == "gpt-4o-2024-05-13");
    CHECK(id_of("openai", "gpt-4o-2024-11-20") == "gpt-4o");
    CHECK(id_of("mistral", "mistral-large-latest") == "mistral-large");
    CHECK(id_of("azure-openai", "gpt-4o") == "gpt-4o");
    CHECK(id_of("openrouter", "anthropic/claude-sonnet-4.6") == "claude-sonnet-4-6");
    CHECK(id_of("openrouter", "openai/gpt-5.4-mini") == "gpt-5.4-mini");
    CHECK(id_of("openrouter", "google/gemini-2.5-pro") == "gemini-2.5-pro");
    CHECK(id_of("gemini", "gemini-2.5-flash-lite") == "gemini-2.5-flash-lite");
    CHECK(id_of("gemini", "gemini-2.5-flash-image") == "");
    CHECK(id_of("groq", "openai/gpt-oss-120b") == "openai/gpt-oss-120b");
    for (const char* model : {"gpt-4o-realtime-preview", "gpt-4o-audio-preview", "gpt-5.4-ultra", "gpt-5.45",
                              "gpt-", "", "gpt-5.4-mini-tts"})
      CHECK_MESSAGE(id_of("openai", model) == "", model);
    CHECK(id_of("openrouter", "deepseek/deepseek-v4-pro") == "");
    CHECK(id_of("openrouter", "openai/gpt-5.4:free") == "");
    CHECK(id_of("openrouter", "openai") == "");
    CHECK(id_of("custom", "gpt-4o") == "");
    CHECK(id_of("", "gpt-4o") == "");
  }

  TEST_CASE("cached tokens are billed once, at their own rate") {
    const ModelPrice p{.input = 3,
                       .output = 15,
                       .cache_read = 0.3,
                       .cache_write = 3.75,
                       .cache_write_1h = 6,
                       .reasoning = -1,
                       .long_over = 0};
    CHECK(cost_of(p, usage(1'000'000, 0)) == Approx(3));
    CHECK(cost_of(p, usage(1'000'000, 0, 1'000'000)) == Approx(0.3));
    CHECK(cost_of(p, usage(1'000'000, 0, 0, 1'000'000)) == Approx(3.75));
    CHECK(cost_of(p, usage(1'000'000, 0, 0, 1'000'000, 1'000'000)) == Approx(6));
    CHECK(cost_of(p, usage(1'000'000, 100'000, 600'000, 300'000, 100'000)) ==
          Approx(0.1 * 3 + 0.6 * 0.3 + 0.2 * 3.75 + 0.1 * 6 + 0.1 * 15));
    CHECK(cost_of(p, usage(0, 0)) == 0);
  }

  TEST_CASE("rates left out are those of plain input and output; reasoning is part of the output") {
    ModelPrice p{.input = 2, .output = 8};
    CHECK(cost_of(p, usage(1'000'000, 1'000'000, 500'000, 250'000, 100'000, 900'000)) == Approx(10));
    p.reasoning = 3;
    CHECK(cost_of(p, usage(0, 1'000'000, 0, 0, 0, 400'000)) == Approx(0.6 * 8 + 0.4 * 3));
    p.cache_write = 4;  // and no price of its own for an hour
    CHECK(cost_of(p, usage(1'000'000, 0, 0, 1'000'000, 500'000)) == Approx(4));
  }

  TEST_CASE("figures that contradict each other never make a cost negative or bill a token twice") {
    const ModelPrice p{.input = 1, .output = 1, .cache_read = 0.1};
    CHECK(cost_of(p, usage(100, 0, 1'000'000)) == Approx(0.1));
    CHECK(cost_of(p, usage(-5, -5, -5, -5, -5, -5)) == 0);
    CHECK(cost_of(p, usage(0, 10, 0, 0, 99, 1'000'000)) == Approx(10 / 1e6));
  }

  TEST_CASE("long prompts") {
    const ModelPrice p{.input = 1,
                       .output = 2,
                       .cache_read = 0.1,
                       .cache_write = -1,
                       .cache_write_1h = -1,
                       .reasoning = -1,
                       .long_over = 200'000};
    CHECK(cost_of(p, usage(200'000, 1'000)) == Approx(0.2 + 0.002));
    CHECK(cost_of(p, usage(300'000, 1'000, 100'000)) == Approx(2 * (0.2 + 0.01) + 1.5 * 0.002));
  }
}
