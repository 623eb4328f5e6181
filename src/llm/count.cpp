#include "llm/count.h"

namespace pb::llm {
namespace {

constexpr std::int64_t kMessageTokens = 4;

std::int64_t count_blocks(const std::vector<Block>& blocks) {
  std::int64_t n = 0;
  for (const Block& b : blocks)
    n += count_text(b.text) + count_text(b.name) + count_text(b.arguments) + count_blocks(b.content);
  return n;
}

}  // namespace

std::int64_t count_text(std::string_view text) { return static_cast<std::int64_t>(text.size() + 3) / 4; }

std::int64_t count_request(const Request& request) {
  std::int64_t n = 0;
  for (const Message& m : request.messages) n += kMessageTokens + count_blocks(m.content);
  return n;
}

}  // namespace pb::llm
