// Counting ends, whatever the bytes: no text has more tokens than bytes, cutting a text where it arrives in pieces changes
// nothing, and pieces lie end to end.
#include "llm/tokens/counter.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace pb::llm::tokens;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::int64_t whole(Encoding encoding, std::string_view text) {
  Counter counter(encoding);
  counter.add(text);
  return counter.counts().total();
}

void check(Encoding encoding, std::string_view text, std::size_t cut) {
  const std::int64_t all = whole(encoding, text);
  require(all <= static_cast<std::int64_t>(text.size()) && (all > 0) == !text.empty());

  Counter parts(encoding);
  const std::size_t done = parts.add_beginning(text.substr(0, cut));
  require(done <= cut);
  parts.add(text.substr(done));
  require(parts.counts().total() == all);

  const Splitter splitter(encoding);
  const auto* p = reinterpret_cast<const Byte*>(text.data());
  const auto* const end = p + text.size();
  while (p < end) {
    const Piece piece = splitter.next(p, end);
    require(piece.end > p && piece.end <= end);
    p = piece.end;
  }
}

}  // namespace

// The first two bytes say where the text is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = (data[0] | static_cast<std::size_t>(data[1]) << 8) % (text.size() + 1);
  check(Encoding::o200k, text, cut);
  check(Encoding::cl100k, text, cut);
  return 0;
}
