// Arbitrary bytes through every decoder of openai_completions, and what was read through every format's encoders: no crash,
// and whatever is written is JSON.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "llm/dialects.h"

using namespace pb;
using namespace pb::llm;

namespace {

void must_be_json(std::string_view text) {
  json::Arena arena;
  if (!json::parse(text, arena)) std::abort();
}

Quirks quirks_of(std::uint8_t bits) {
  Quirks q;
  q.max_completion_tokens = bits & 1;
  q.developer_role = bits & 2;
  q.stream_options = bits & 4;
  q.json_schema = bits & 8;
  q.strict_schema = bits & 16;
  q.openrouter = bits & 32;
  q.image_url = bits & 64;
  if (bits & 128) q.reasoning_field = "";
  return q;
}

void request(std::string_view body, std::uint8_t bits) {
  auto r = kOpenaiCompletions.decode_request(std::string(body));
  if (!r) {
    std::string out;
    for (const Dialect* d : dialects()) {
      out.clear();
      d->encode_error(r.error(), "req", out);
      must_be_json(out);
    }
    return;
  }
  for (const Dialect* d : dialects()) {
    Dropped dropped;
    std::string out;
    if (d->encode_request(*r, {"model", quirks_of(bits)}, dropped, out)) must_be_json(out);
    for (char c : dropped.header())
      if (c < ' ' || c > '~') std::abort();
    if (d == &kOpenaiCompletions && !d->decode_request(out)) std::abort();  // what we write we can read
  }
}

void response(std::string_view body) {
  Peek peek;
  kOpenaiCompletions.peek_response(body, peek);
  auto r = kOpenaiCompletions.decode_response(std::string(body));
  if (!r) return;
  for (const Dialect* d : dialects()) {
    Dropped dropped;
    std::string out;
    d->encode_response(*r, {"id", "model", 1}, dropped, out);
    must_be_json(out);
  }
}

// Each line is one event.
void stream(std::string_view body) {
  auto decoder = kOpenaiCompletions.stream_decoder();
  std::vector<std::unique_ptr<StreamEncoder>> encoders;
  for (const Dialect* d : dialects()) encoders.push_back(d->stream_encoder({"id", "model", 1, true}));
  std::vector<std::string> out(encoders.size());
  std::vector<Event> events;
  auto pass_on = [&] {
    for (const Event& e : events)
      for (std::size_t i = 0; i < encoders.size(); ++i) encoders[i]->encode(e, out[i]);
    events.clear();
  };
  Peek peek;
  for (std::size_t at = 0; at < body.size();) {
    std::size_t end = std::min(body.find('\n', at), body.size());
    std::string_view line = body.substr(at, end - at);
    kOpenaiCompletions.peek_event("", line, peek);
    decoder->feed("", line, events);
    pass_on();
    at = end + 1;
  }
  decoder->finish(events);
  pass_on();
  for (const std::string& text : out)
    for (std::size_t at = 0; (at = text.find("data: ", at)) != std::string::npos; ++at) {
      if (at > 0 && text[at - 1] != '\n') continue;
      std::string_view data = std::string_view(text).substr(at + 6, text.find("\n\n", at) - at - 6);
      if (data != "[DONE]") must_be_json(data);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] & 3) {
    case 0:
      request(body, data[1]);
      break;
    case 1:
      response(body);
      break;
    case 2:
      stream(body);
      break;
    default: {
      Error e = kOpenaiCompletions.decode_error(400 + data[1], body);
      for (const Dialect* d : dialects()) {
        std::string out;
        d->encode_error(e, "req", out);
        must_be_json(out);
      }
    }
  }
  return 0;
}
