// Streams of lines and of one JSON array: whatever the bytes and however they are cut, the reader finds the same events, and
// their raw bytes are the stream.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "llm/event_reader.h"

using namespace pb::llm;

namespace {

struct Read {
  std::vector<std::string> data;
  std::string raw;
};

Read read(Framing framing, std::string_view text, std::size_t step) {
  EventReader reader(framing);
  SseEvent e;
  Read got;
  const auto take = [&] {
    got.data.emplace_back(e.data);
    got.raw += e.raw;
  };
  for (std::size_t i = 0; i < text.size(); i += step) {
    reader.append(text.substr(i, step));
    while (reader.next(e)) take();
  }
  if (reader.rest(e)) take();
  return got;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const Framing framing : {Framing::ndjson, Framing::json_array}) {
    const Read whole = read(framing, text, text.size() + 1);
    const Read cut = read(framing, text, std::size_t{data[0]} % 17 + 1);
    if (cut.data != whole.data || cut.raw != whole.raw || whole.raw != text) std::abort();
  }
  return 0;
}
