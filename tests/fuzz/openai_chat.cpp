// Arbitrary bytes through every decoder of openai_chat (dialect_target.h).
#include "dialect_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pb::llm::fuzz::run(pb::llm::kOpenaiChat, data, size);
  return 0;
}
