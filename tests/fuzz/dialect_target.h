// What every wire format's fuzz target does with arbitrary bytes: each of its decoders reads them, and what was read goes
// through the encoders of all formats. Nothing crashes, JSON that leaves is JSON, what a format writes it can read, and streams
// that have an end reach it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llm/custom_tools.h"
#include "llm/dialects.h"
#include "llm/tool_rules.h"

namespace pb::llm::fuzz {

// `what` does not hold, and the text it was seen in: for the report.
inline void require(bool holds, std::string_view what = {}, std::string_view text = {}) {
  if (holds) return;
  std::fprintf(stderr, "%.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(text.size()), text.data());
  std::abort();
}

inline void must_be_json(std::string_view text) {
  json::Arena arena;
  require(json::parse(text, arena, {.depth_max = 512}).has_value(), "this is JSON", text);
}

inline Quirks quirks_of(std::uint8_t bits) {
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

// What the answers answer: a request with tools of every kind.
inline const Request& asked() {
  static const Request r = *kOpenaiResponses.decode_request(R"({"model":"m","input":"x","tools":[
    {"type":"custom","name":"patch"},{"type":"namespace","name":"a","tools":[{"type":"function","name":"f"}]},
    {"type":"tool_search","execution":"client"},{"type":"function","name":"get_weather","parameters":{}}]})");
  return r;
}

// To clients of every format, doors included.
inline std::vector<const Dialect*> towards_clients() {
  std::vector<const Dialect*> all(dialects().begin(), dialects().end());
  all.insert(all.end(), doors().begin(), doors().end());
  return all;
}

inline void errors(const Error& e) {
  std::string out;
  for (const Dialect* d : towards_clients()) {
    out.clear();
    d->encode_error(e, "req", out);
    must_be_json(out);
  }
}

// Tools cut out of a body that is forwarded: what was JSON stays JSON.
inline void tool_rules(std::string_view body) {
  static const ToolRules rules{.exclude_tools = {"get_*", "a"}, .strip_schema_formats = {"uri", "date-time"}};
  std::string edited(body);
  Dropped dropped;
  json::Arena arena;
  if (apply_tool_rules(rules, edited, dropped) && json::parse(body, arena)) must_be_json(edited);
}

inline void request(const Dialect& own, std::string_view body, std::uint8_t bits) {
  tool_rules(body);
  auto r = own.decode_request(std::string(body));
  if (!r) return errors(r.error());
  if (own.needs_no_state != nullptr) (void)own.needs_no_state(*r);
  // Some encoders tell models apart by their names.
  static constexpr std::string_view kModels[] = {"model",          "gemini-2.0-flash", "gemini-2.5-pro",
                                                 "gemini-4-argon", "gpt-5.4",          "claude-opus-4-5"};
  const std::string_view model = kModels[bits % std::size(kModels)];
  for (const bool foreign : {false, true}) {
    if (foreign) r->format = "other";
    for (const Dialect* d : dialects()) {
      Dropped dropped;
      std::string out;
      const bool done = d->encode_request(*r, {model, quirks_of(bits)}, dropped, out).has_value();
      if (done) must_be_json(out);
      for (const char c : dropped.header()) require(c >= ' ' && c <= '~');
      if (done && d->name == own.name && !foreign) {
        const auto again = d->decode_request(out);
        require(again.has_value(), again ? "" : again.error().message, out);
      }
    }
  }
}

inline void response(const Dialect& own, std::string_view body, std::uint8_t bits) {
  Peek peek;
  own.peek_response(body, peek);
  auto r = own.decode_response(std::string(body));
  if (!r) return errors(r.error());
  const Request* const request = bits & 1 ? &asked() : nullptr;
  if (request != nullptr) CallRestorer(*request).restore(*r);
  for (const bool foreign : {false, true}) {
    if (foreign) r->format = "other";
    for (const Dialect* d : towards_clients()) {
      Dropped dropped;
      std::string out;
      d->encode_response(*r, {.id = "id", .model = "model", .created = 1, .request = request}, dropped, out);
      must_be_json(out);
    }
  }
}

// An encoder and what it has written.
struct Written {
  const Dialect* dialect = nullptr;
  bool array = false;
  std::unique_ptr<StreamEncoder> encoder;
  std::string text;
};

// Formats whose streams end with an event of a name: nothing may be missing before it, nothing may follow it.
inline bool has_end(const Dialect& d) { return &d == &kAnthropic || &d == &kOpenaiResponses; }
inline bool is_end(const Dialect& d, std::string_view name) {
  if (&d == &kAnthropic) return name == "message_stop" || name == "error";
  return name == "response.completed" || name == "response.incomplete" || name == "response.failed";
}

inline void check(const Written& w) {
  if (w.array) return must_be_json(w.text);
  EventReader reader(w.dialect->framing);
  reader.append(w.text);
  SseEvent e;
  bool ended = false;
  while (reader.next(e)) {
    require(!ended || !has_end(*w.dialect), "nothing follows the end", w.text);
    ended = is_end(*w.dialect, e.name);
    if (e.data != "[DONE]" && !e.data.empty()) must_be_json(e.data);
  }
  require(ended || !has_end(*w.dialect), "the stream ends", w.text);
  require(!reader.rest(e) || e.data.empty(), "the last event is whole", w.text);
}

// The bytes as the provider frames them, or (an odd `bits`) each line as one event.
inline void stream(const Dialect& own, std::string_view body, std::uint8_t bits, Framing framing) {
  const Request* const request = bits & 2 ? &asked() : nullptr;
  CallRestorer calls(asked());
  auto decoder = own.stream_decoder();
  std::vector<Written> outs;
  for (const Dialect* d : towards_clients())
    for (const bool array : {false, true}) {
      if (array && d != &kGemini) continue;
      outs.push_back({d,
                      array,
                      d->stream_encoder({.id = "id",
                                         .model = "model",
                                         .created = 1,
                                         .include_usage = (bits & 4) == 0,
                                         .array = array,
                                         .request = request}),
                      {}});
    }
  std::vector<Event> events;
  auto pass_on = [&] {
    if (request != nullptr) calls.restore(events);
    for (const Event& e : events)
      for (Written& w : outs) w.encoder->encode(e, w.text);
    events.clear();
  };
  Peek peek;
  auto feed = [&](std::string_view name, std::string_view data) {
    own.peek_event(name, data, peek);
    decoder->feed(name, data, events);
    pass_on();
  };
  if (bits & 1) {
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = std::min(body.find('\n', at), body.size());
      feed({}, body.substr(at, end - at));
      at = end + 1;
    }
  } else {
    EventReader reader(framing);
    reader.append(body);
    SseEvent e;
    while (reader.next(e)) feed(e.name, e.data);
    if (reader.rest(e) && !e.data.empty()) feed(e.name, e.data);
  }
  decoder->finish(events);
  pass_on();
  for (const Written& w : outs) check(w);
}

// The first byte says which decoder (its lowest two bits) reads, the second one how; the rest is what it reads.
inline void run(const Dialect& own, const std::uint8_t* data, std::size_t size) {
  if (size < 2) return;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] & 3) {
    case 0:
      return request(own, body, data[1]);
    case 1:
      return response(own, body, data[1]);
    case 2:
      return stream(own, body, data[1], data[0] & 4 ? Framing::json_array : own.framing);
    default:
      return errors(own.decode_error(400 + data[1], body));
  }
}

}  // namespace pb::llm::fuzz
