#include "llm/probes_test_support.h"

namespace pb::llm::testing {
namespace {

using Kind = Block::Kind;

std::vector<AnswerProbe> make_answer_probes() {
  std::vector<AnswerProbe> p;
  auto add = [&](Str feature, Str what, std::function<void(Response&)> put,
                 std::function<bool(const Response&)> holds) {
    p.push_back({feature, what, std::move(put), std::move(holds)});
  };
  auto content = [](Response& r) -> std::vector<Block>& { return r.choices[0].content; };
  add(
      "text", {}, [=](Response& r) { content(r)[0].text = "two\n\"lines\" ö"; },
      [](const Response& r) {
        return any_block(r,
                         [](const Block& b) { return b.kind == Kind::text && b.text == "two\n\"lines\" ö"; });
      });
  add(
      "tool_calls", {},
      [=](Response& r) {
        content(r).push_back(call_block("call_a1", "get_weather", R"({"city":"Oslo"})"));
        content(r).push_back(call_block("call_b2", "get_weather", R"({"city":"Rome"})"));
        r.choices[0].stop = Stop::tool_use;
      },
      [](const Response& r) {
        std::string seen;
        for (const Block& b : r.choices[0].content)
          if (b.kind == Kind::tool_call && !b.id.empty())
            seen += std::string(b.name) + canonical_or_empty(b.arguments);
        return seen == R"(get_weather{"city":"Oslo"}get_weather{"city":"Rome"})" &&
               r.choices[0].stop == Stop::tool_use;
      });
  add(
      "refusal", {},
      [=](Response& r) {
        content(r)[0].kind = Kind::refusal;
        content(r)[0].text = "I will not";
        r.choices[0].stop = Stop::refusal;
      },
      [](const Response& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::refusal && b.text == "I will not"; });
      });
  add(
      "thinking.text", {},
      [=](Response& r) {
        Block b = text_block("hm, rain");
        b.kind = Kind::thinking;
        content(r).insert(content(r).begin(), std::move(b));
      },
      [](const Response& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::thinking && b.text == "hm, rain"; });
      });
  add(
      "choices", {},
      [=](Response& r) {
        r.choices.emplace_back().content.push_back(text_block("another"));
        r.choices[1].stop = Stop::end;
      },
      [](const Response& r) {
        return r.choices.size() == 2 &&
               any_block(r.choices[1].content, [](const Block& b) { return b.text == "another"; });
      });
  add(
      "logprobs", {},
      [=](Response& r) {
        r.choices[0].logprobs = parsed(
            r.arena,
            R"({"content":[{"token":"hi","logprob":-0.5,"bytes":[104,105],"top_logprobs":[]}],"refusal":null})");
      },
      [](const Response& r) {
        const auto tokens = r.choices[0].logprobs["content"].items();
        return tokens.size() == 1 && tokens[0]["token"].as_string() == "hi" &&
               tokens[0]["logprob"].as_double() == -0.5;
      });
  for (auto [what, stop] : {std::pair<Str, Stop>{"its length", Stop::max_tokens},
                            {"a stop sequence", Stop::stop_sequence},
                            {"a content filter", Stop::content_filter},
                            {"a full context", Stop::context_full},
                            {"a pause", Stop::pause}})
    add(
        "stop_reason", what, [stop](Response& r) { r.choices[0].stop = stop; },
        [stop](const Response& r) { return r.choices[0].stop == stop; });
  add(
      "stop_sequence", {},
      [](Response& r) {
        r.choices[0].stop = Stop::stop_sequence;
        r.choices[0].stop_sequence = "END";
      },
      [](const Response& r) { return r.choices[0].stop_sequence == "END"; });
  add(
      "usage", "input and output tokens", [](Response&) {},
      [](const Response& r) { return r.usage.known && r.usage.input == 100 && r.usage.output == 40; });
  add(
      "usage", "cached tokens", [](Response& r) { r.usage.cache_read = 30; },
      [](const Response& r) { return r.usage.cache_read == 30 && r.usage.input == 100; });
  add(
      "usage", "tokens written to the cache", [](Response& r) { r.usage.cache_write = 20; },
      [](const Response& r) { return r.usage.cache_write == 20 && r.usage.input == 100; });
  add(
      "usage", "reasoning tokens", [](Response& r) { r.usage.reasoning = 15; },
      [](const Response& r) { return r.usage.reasoning == 15 && r.usage.output == 40; });
  add(
      "service_tier", {}, [](Response& r) { r.service_tier = "priority"; },
      [](const Response& r) { return r.service_tier == "priority"; });
  add(
      "system_fingerprint", {}, [](Response& r) { r.system_fingerprint = "fp_1"; },
      [](const Response& r) { return r.system_fingerprint == "fp_1"; });
  return p;
}

}  // namespace

Response plain_answer() {
  Response r;
  r.id = "answer-1";
  r.model = "m";
  r.created = 1'700'000'000;
  r.choices.emplace_back().content.push_back(text_block("hi"));
  r.choices[0].stop = Stop::end;
  r.usage.input = 100;
  r.usage.output = 40;
  r.usage.known = true;
  r.text = std::make_unique<std::string>();
  return r;
}

const Block* find_block(const Request& r, Kind kind) {
  for (const Message& m : r.messages)
    for (const Block& b : m.content) {
      if (b.kind == kind) return &b;
      for (const Block& inner : b.content)
        if (inner.kind == kind) return &inner;
    }
  return nullptr;
}

const Block* find_block(const Response& r, Kind kind) {
  for (const Choice& c : r.choices)
    for (const Block& b : c.content)
      if (b.kind == kind) return &b;
  return nullptr;
}

const std::vector<AnswerProbe>& answer_probes() {
  static const std::vector<AnswerProbe> probes = make_answer_probes();
  return probes;
}

}  // namespace pb::llm::testing
