// How long a decision takes, by strategy, and how long it takes to see what a request needs. Prints nanoseconds.
#include <cstdio>
#include <string>

#include "route/names.h"
#include "route/needs.h"
#include "route/testing.h"
#include "timing.h"

using namespace pb::route;

namespace {

std::string conversation(std::size_t bytes, bool tools) {
  std::string text = "Please look at the function below and say what is wrong with it.\\n\\n", list;
  while (!tools && text.size() < bytes)
    text += "for (int i = 0; i < n; ++i) {\\n  total += values[i];\\n}\\n";
  while (tools && list.size() < bytes)
    list += R"({"type":"function","function":{"name":"read_file","description":"Reads a file.","parameters":)"
            R"({"type":"object","properties":{"path":{"type":"string","description":"Where it is."}}}}},)";
  if (tools) list.pop_back();
  return R"({"model":"main","tools":[)" + list + R"(],"messages":[{"role":"user","content":")" + text +
         "\"}]}";
}

}  // namespace

int main() {
  constexpr const char* kModels[] = {"claude-opus-4-8", "gpt-5.4", "gpt-5.4-mini", "gemini-2.5-flash",
                                     "llama-3.3-70b"};
  const pb::route::Dice chance = testing::shaken();
  const std::string body = conversation(2'000, false);
  for (std::size_t s = 0; s < kStrategyNames.size(); ++s) {
    testing::Bed bed(static_cast<Strategy>(s), 5);
    for (std::size_t i = 0; i < 5; ++i) {
      bed.deployment(i).model = kModels[i];
      bed.slots[i].price = pb::llm::ModelPrice{.input = 1.0 + static_cast<double>(i), .output = 5};
      bed.live(i).first_token_ms.add(100 + 10 * static_cast<double>(i), bed.now_ms);
      bed.live(i).answered = 100;
    }
    bed.facts.body = body;
    add_needs(bed.facts);
    const double plain = nanoseconds(20'000, [&] { (void)bed.decide(chance); });
    bed.route.sticky = Sticky::prefix;
    const double sticky = nanoseconds(20'000, [&] { (void)bed.decide(chance); });
    std::printf("%-18s %6.0f ns  sticky %6.0f ns\n", std::string(kStrategyNames[s]).c_str(), plain, sticky);
  }
  for (bool tools : {false, true}) {
    const std::string large = conversation(50'000, tools);
    std::printf("needs of 50 KB of %-6s %6.0f ns\n", tools ? "tools" : "text",
                nanoseconds(2'000, [&] { (void)needs_of(large); }));
  }
}
