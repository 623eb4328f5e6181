// Arbitrary bytes through every decoder of openai_completions (dialect_target.h).
#include "dialect_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pb::llm::fuzz::run(pb::llm::kOpenaiCompletions, data, size);
  return 0;
}
