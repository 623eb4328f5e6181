// Arbitrary bytes into every decoder of the Responses dialect; what decodes is encoded again, and JSON that leaves must be
// JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "llm/custom_tools.h"
#include "llm/dialects.h"
#include "llm/sse.h"

using namespace pb;
using namespace pb::llm;

namespace {

void must_be_json(std::string_view text) {
  json::Arena arena;
  if (!json::parse(text, arena, {.depth_max = 512})) std::abort();
}

// What the answers below answer: tools of every kind.
const Request& asked() {
  static const Request r = *kOpenaiResponses.decode_request(R"({"model":"m","input":"x","tools":[
    {"type":"custom","name":"patch"},{"type":"namespace","name":"a","tools":[{"type":"function","name":"f"}]},
    {"type":"tool_search","execution":"client"},{"type":"function","name":"get_weather","parameters":{}}]})");
  return r;
}

void request(const std::string& text) {
  auto r = kOpenaiResponses.decode_request(text);
  if (!r) {
    std::string error;
    kOpenaiResponses.encode_error(r.error(), "req", error);
    must_be_json(error);
    return;
  }
  (void)kOpenaiResponses.needs_no_state(*r);
  for (const bool foreign : {false, true}) {
    if (foreign) r->format = "other";
    Dropped dropped;
    std::string out;
    if (kOpenaiResponses.encode_request(*r, {.model = "gpt-5.4", .quirks = {}}, dropped, out))
      must_be_json(out);
  }
}

void response(const std::string& text) {
  auto r = kOpenaiResponses.decode_response(text);
  Peek peek;
  kOpenaiResponses.peek_response(text, peek);
  if (!r) return;
  CallRestorer(asked()).restore(*r);
  for (const Request* request : {static_cast<const Request*>(nullptr), &asked()}) {
    Dropped dropped;
    std::string out;
    kOpenaiResponses.encode_response(*r, {.id = "id", .model = {}, .created = 0, .request = request}, dropped,
                                     out);
    must_be_json(out);
  }
}

void stream(std::string_view text) {
  auto decoder = kOpenaiResponses.stream_decoder();
  auto encoder = kOpenaiResponses.stream_encoder(
      {.id = "id", .model = "m", .created = 0, .include_usage = true, .request = &asked()});
  CallRestorer calls(asked());
  SseReader reader;
  std::vector<Event> events;
  std::string out;
  Peek peek;
  auto drain = [&] {
    calls.restore(events);
    for (const Event& e : events) encoder->encode(e, out);
    events.clear();
  };
  auto feed = [&](const SseEvent& e) {
    kOpenaiResponses.peek_event(e.name, e.data, peek);
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
    ended = e.name == "response.completed" || e.name == "response.incomplete" ||
            e.name == "response.failed" || e.name == "error";
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
      const Error e = kOpenaiResponses.decode_error(400 + data[0], text);
      std::string out;
      kOpenaiResponses.encode_error(e, {}, out);
      must_be_json(out);
    }
  }
  return 0;
}
