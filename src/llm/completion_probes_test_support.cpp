// What only text completions can say.
#include "llm/probes_test_support.h"

namespace pb::llm::testing {
namespace {

constexpr Str kFormat = "openai_completions";

// A prompt with something asked around it, as that format's decoder leaves it.
void ask_around(Request& r, Str members) {
  Block& b = r.messages[0].content[0];
  b.format = kFormat;
  b.raw = parsed(r.arena, members);
}

bool asks(const Request& r, const std::function<bool(json::Value)>& holds) {
  return any_block(r, [&](const Block& b) { return b.format == kFormat && holds(b.raw); });
}

}  // namespace

void add_completion_probes(std::vector<RequestProbe>& to) {
  to.push_back({"suffix",
                {},
                [](Request& r) { ask_around(r, R"({"prompt":"hello","suffix":"the end","echo":false})"); },
                [](const Request& r) {
                  return asks(r, [](json::Value raw) {
                    return raw["prompt"].as_string() == "hello" && raw["suffix"].as_string() == "the end";
                  });
                }});
  to.push_back(
      {"echo",
       {},
       [](Request& r) { ask_around(r, R"({"prompt":"hello","suffix":"","echo":true})"); },
       [](const Request& r) { return asks(r, [](json::Value raw) { return raw["echo"].as_bool(); }); }});
  // A member of no other format: there it would be any unknown member.
  to.push_back({"best_of",
                {},
                [](Request& r) { r.extra = parsed(r.arena, R"({"best_of":3})"); },
                [](const Request& r) { return r.format == kFormat && r.extra["best_of"].as_int() == 3; }});
}

}  // namespace pb::llm::testing
