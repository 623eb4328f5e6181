// Whatever the bytes and however they are cut, the reader finds the same events.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "llm/sse.h"

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs read(std::string_view text, std::size_t step) {
  pb::llm::SseReader reader;
  pb::llm::SseEvent e;
  Pairs got;
  for (std::size_t i = 0; i < text.size(); i += step) {
    reader.append(text.substr(i, step));
    while (reader.next(e)) got.emplace_back(e.name, e.data);
  }
  if (reader.rest(e)) got.emplace_back(e.name, e.data);
  return got;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Pairs whole = read(text, text.size() + 1);
  if (read(text, std::size_t{data[0]} % 17 + 1) != whole) std::abort();
  std::string out;
  Pairs want;
  for (const auto& [name, payload] : whole) {
    pb::llm::write_sse(out, name, payload);
    want.emplace_back(name, payload);
  }
  const Pairs again = read(out, 3);
  if (again.size() != want.size()) std::abort();
  for (std::size_t i = 0; i < want.size(); ++i)
    if (again[i].first != want[i].first || again[i].second != want[i].second) std::abort();
  return 0;
}
