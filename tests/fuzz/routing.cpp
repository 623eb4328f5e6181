// Arbitrary bytes as a request that routing looks into: reads nothing behind them, and the views stay inside.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "route/needs.h"
#include "route/task.h"

using namespace pb::route;

namespace {

void must_be_inside(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exactly this size, so that the sanitizer sees a byte too many.
  const std::unique_ptr<char[]> copy(new char[size]);
  for (std::size_t i = 0; i < size; ++i) copy[i] = static_cast<char>(data[i]);
  Facts facts;
  facts.body = std::string_view(copy.get(), size);
  add_needs(facts);
  must_be_inside(facts.words, facts.body);
  must_be_inside(facts.user, facts.body);
  if (facts.tokens < 0 || facts.tokens_max < 0) std::abort();
  const Task task = guess(facts);
  if (!(task.difficulty >= 0 && task.difficulty <= 1)) std::abort();
  return 0;
}
