#include "tools/benchmark/report.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace pb::tools::bench {
namespace {

Report example() {
  std::vector<Run> runs;
  for (int i = 0; i < 6; ++i) {
    Run r;
    r.number = i;
    r.model = i % 2 == 0 ? "p/fast" : "p/a|b<script>";
    r.provider = "p";
    r.run = i / 2;
    r.begun_ms = 1'795'176'000'000;
    r.latency_us = (i % 2 == 0 ? 1'000'000 : 2'000'000) + 1000 * i;
    r.first_token_us = 1000;
    r.input = 10;
    r.output = 100;
    r.usage_known = r.cost_known = true;
    r.cost = 0.001;
    r.finish = "stop";
    r.quality = 0.5;
    r.quality_by = "heuristic";
    r.chars = 12;
    if (i == 1) r.answer = "<b>hello</b>\n| table |";
    if (i == 5) {
      r = Run{};
      r.number = i;
      r.model = "p/a|b<script>";
      r.error = "timeout";
    }
    runs.push_back(r);
  }
  store::Benchmark b;
  b.id = "bm_1";
  b.state = "done";
  b.begun_ms = 1'795'176'000'000;
  b.ended_ms = b.begun_ms + 10'000;
  b.config = R"({"runs":3})";
  return make_report(b, runs);
}

}  // namespace

TEST_SUITE("benchmark reports") {
  TEST_CASE("JSON has everything, and says what is best") {
    const std::string text = json_report(example());
    json::Arena arena;
    const auto root = json::parse(text, arena);
    REQUIRE(root);
    CHECK((*root)["id"].as_string() == "bm_1");
    CHECK((*root)["best_model"].as_string() == "p/fast");
    CHECK((*root)["config"]["runs"].as_int() == 3);
    CHECK((*root)["results"].size() == 2);
    CHECK((*root)["rankings"].size() == 6);
    CHECK((*root)["rankings"].at(0)["metric"].as_string() == "overall");
    CHECK((*root)["runs"].size() == 6);
    CHECK((*root)["runs"].at(1)["response"].as_string() == "<b>hello</b>\n| table |");
    CHECK((*root)["runs"].at(5)["error"].as_string() == "timeout");
    CHECK(json::parse("{" + report_properties() + "}", arena));
  }

  TEST_CASE("told in an answer, long texts are cut so that all of them together stay short") {
    Report report = example();
    report.runs[0].answer = std::string(2 << 20, 'x');
    CHECK(json_report(report).size() > (2 << 20));
    const std::string told = json_report(report, Runs::told);
    CHECK(told.size() < (1 << 20));
    CHECK(told.contains("\"response_cut\":true"));
    CHECK_FALSE(json_report(report, Runs::none).contains("\"runs\":["));
  }

  TEST_CASE("CSV has one line a model, as many cells as the head, and no formulas") {
    const std::string text = csv_report(example());
    CHECK(std::ranges::count(text, '\n') == 3);
    std::size_t at = 0, cells = 0;
    while (at < text.size()) {
      const std::size_t end = text.find("\r\n", at);
      const auto commas =
          static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                              text.begin() + static_cast<std::ptrdiff_t>(end), ','));
      if (cells == 0) cells = commas;
      CHECK(commas == cells);
      at = end + 2;
    }
    CHECK(text.contains("\r\np/fast,p,3,3,1.0000,0.4385,1.0000,1002.000,"));
    CHECK(text.contains("timeout x1"));
    CHECK(csv_text("=1+1") == "'=1+1");
    CHECK(csv_text("a,\"b\"") == "\"a,\"\"b\"\"\"");
    CHECK(csv_text("plain") == "plain");
  }

  TEST_CASE("Markdown has tables and charts; names and answers cannot break out of either") {
    const std::string text = markdown_report(example());
    CHECK(text.starts_with("# Benchmark bm\\_1") == false);  // our own id needs no escaping
    CHECK(text.starts_with("# Benchmark bm_1\n"));
    CHECK(text.contains("2 models tested, 2 answered; 5 of 6 runs succeeded. Best overall: p/fast."));
    CHECK(text.contains("<svg xmlns="));
    CHECK_FALSE(text.contains("<script>"));
    CHECK_FALSE(text.contains("<b>"));
    CHECK(text.contains("p/a\\|b&lt;script&gt;"));
    CHECK(text.contains("> &lt;b&gt;hello&lt;/b&gt; \\| table \\|"));
    CHECK(text.contains("plain rules"));
    CHECK(text.contains("timeout: 1"));
  }

  TEST_CASE("a chart of nothing, of zeros and of long names is a chart") {
    CHECK(bar_chart("T", "ms", {}).ends_with("</svg>"));
    const std::string zero = bar_chart("T", "ms", {{"a", 0, std::nullopt}});
    CHECK(zero.contains("width=\"0.0\""));
    const std::string longer = bar_chart("T", "ms", {{std::string(100, 'x'), 5, Interval{4, 6}}});
    CHECK(longer.contains(std::string(34, 'x') + "…"));
    CHECK(longer.contains("<path d="));
    CHECK(xml_text("a\"<&>\x01") == "a&quot;&lt;&amp;&gt; ");
  }

  TEST_CASE("figures do not depend on the locale") {
    CHECK(fixed(1234.5678, 2) == "1234.57");
    CHECK(fixed(0, 3) == "0.000");
    CHECK(fixed(1e300, 0).size() == 301);
  }

  TEST_CASE("where nothing succeeded there is no best") {
    Run r;
    r.model = "m";
    r.error = "not_found";
    const Report report = make_report({}, {r});
    CHECK(best_of(report).empty());
    CHECK(markdown_report(report).contains("0 of 1 runs succeeded."));
    CHECK(csv_report(report).contains("m,,1,0,0.0000,"));
  }
}

}  // namespace pb::tools::bench
