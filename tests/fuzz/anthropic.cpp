// Arbitrary bytes into every decoder of the Anthropic dialect; what decodes is encoded again, and JSON that leaves
// must be JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "llm/dialects.h"
#include "llm/sse.h"

using namespace pb;
using namespace pb::llm;

namespace {

void must_be_json(std::string_view text) {
  json::Arena arena;
  if (!json::parse(text, arena, {.depth_max = 512})) std::abort();
}

void request(const std::string& text) {
  auto r = kAnthropic.decode_request(text);
  if (!r) {
    std::string error;
    kAnthropic.encode_error(r.error(), "req", error);
    must_be_json(error);
    return;
  }
  for (const bool foreign : {false, true}) {
    if (foreign) r->format = "other";
    Dropped dropped;
    std::string out;
    if (kAnthropic.encode_request(*r, {.model = "claude-opus-4-5", .quirks = {}}, dropped, out))
      must_be_json(out);
  }
}

void response(const std::string& text) {
  auto r = kAnthropic.decode_response(text);
  Peek peek;
  kAnthropic.peek_response(text, peek);
  if (!r) return;
  Dropped dropped;
  std::string out;
  kAnthropic.encode_response(*r, {.id = "id", .model = {}, .created = 0}, dropped, out);
  must_be_json(out);
}

void stream(std::string_view text) {
  auto decoder = kAnthropic.stream_decoder();
  auto encoder = kAnthropic.stream_encoder({.id = "id", .model = "m", .created = 0, .include_usage = true});
  SseReader reader;
  std::vector<Event> events;
  std::string out;
  Peek peek;
  auto drain = [&] {
    for (const Event& e : events) encoder->encode(e, out);
    events.clear();
  };
  auto feed = [&](const SseEvent& e) {
    kAnthropic.peek_event(e.name, e.data, peek);
    decoder->feed(e.name, e.data, events);
    drain();
  };
  reader.append(text);
  SseEvent e;
  while (reader.next(e)) feed(e);
  if (reader.rest(e)) feed(e);
  decoder->finish(events);
  drain();
  SseReader again;
  again.append(out);
  bool ended = false;
  while (again.next(e)) {
    must_be_json(e.data);
    if (ended) std::abort();  // nothing follows the end
    ended = e.name == "message_stop" || e.name == "error";
  }
  if (!ended) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      request(text);
      break;
    case 1:
      response(text);
      break;
    case 2:
      stream(text);
      break;
    default: {
      const Error e = kAnthropic.decode_error(400 + data[0], text);
      std::string out;
      kAnthropic.encode_error(e, {}, out);
      must_be_json(out);
    }
  }
  return 0;
}
