// Arbitrary bytes into every decoder of the Gemini dialect; what decodes is encoded again, for old models and new ones, and
// JSON that leaves must be JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "llm/dialects.h"
#include "llm/event_reader.h"
#include "llm/schema_openapi.h"

using namespace pb;
using namespace pb::llm;

namespace {

void must_be_json(std::string_view text) {
  json::Arena arena;
  if (!json::parse(text, arena, {.depth_max = 512})) std::abort();
}

void request(const std::string& text) {
  auto r = kGemini.decode_request(text);
  if (!r) {
    std::string error;
    kGemini.encode_error(r.error(), "req", error);
    must_be_json(error);
    return;
  }
  for (const bool foreign : {false, true})
    for (const char* model : {"gemini-2.0-flash", "gemini-2.5-pro", "gemini-4-argon", "m"}) {
      if (foreign) r->format = "other";
      Dropped dropped;
      std::string out;
      if (kGemini.encode_request(*r, {.model = model, .quirks = {}}, dropped, out)) must_be_json(out);
    }
}

void response(const std::string& text) {
  auto r = kGemini.decode_response(text);
  Peek peek;
  kGemini.peek_response(text, peek);
  if (!r) return;
  for (const bool foreign : {false, true}) {
    if (foreign) r->format = "other";
    Dropped dropped;
    std::string out;
    kGemini.encode_response(*r, {.id = "id", .model = {}, .created = 0}, dropped, out);
    must_be_json(out);
  }
}

void stream(std::string_view text, bool array) {
  auto decoder = kGemini.stream_decoder();
  auto encoder =
      kGemini.stream_encoder({.id = "id", .model = "m", .created = 0, .include_usage = true, .array = array});
  EventReader reader(array ? Framing::json_array : Framing::sse);
  std::vector<Event> events;
  std::string out;
  Peek peek;
  auto drain = [&] {
    for (const Event& e : events) encoder->encode(e, out);
    events.clear();
  };
  auto feed = [&](const SseEvent& e) {
    kGemini.peek_event(e.name, e.data, peek);
    decoder->feed(e.name, e.data, events);
    drain();
  };
  reader.append(text);
  SseEvent e;
  while (reader.next(e)) feed(e);
  if (reader.rest(e) && !e.data.empty()) feed(e);
  decoder->finish(events);
  drain();
  if (array) return must_be_json(out);
  EventReader again(Framing::sse);
  again.append(out);
  while (again.next(e)) must_be_json(e.data);
}

void schema(const std::string& text) {
  json::Arena arena;
  auto v = json::parse(text, arena);
  if (!v) return;
  must_be_json(json::to_text(openapi_schema(*v, arena, true)));
  must_be_json(json::to_text(json_schema_of_openapi(*v, arena)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      request(text);
      break;
    case 1:
      response(text);
      break;
    case 2:
      stream(text, false);
      break;
    case 3:
      stream(text, true);
      break;
    case 4:
      schema(text);
      break;
    default: {
      const Error e = kGemini.decode_error(400 + data[0], text);
      std::string out;
      kGemini.encode_error(e, {}, out);
      must_be_json(out);
    }
  }
  return 0;
}
