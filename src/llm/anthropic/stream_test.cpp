#include "llm/anthropic/anthropic_test_util.h"

using namespace pb;
using namespace pb::llm;
using namespace pb::llm::test;

namespace {

std::string start_line() {
  return R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}})"
         "\n";
}

// Events are valid until the decoder's next call; these copies stay for the whole run of the tests.
void own(Event& e) {
  static std::deque<std::string> strings;
  static json::Arena arena;
  for (Str* s : {&e.text, &e.id, &e.model, &e.stop_sequence, &e.service_tier, &e.block.text, &e.block.id,
                 &e.block.name, &e.block.arguments, &e.block.signature, &e.block.data})
    *s = strings.emplace_back(*s);
  for (json::Value* v : {&e.value, &e.block.raw, &e.block.extra, &e.block.citations})
    *v = *json::parse(strings.emplace_back(json::to_text(*v)), arena);
}

std::vector<Event> decode(std::string_view lines) {
  auto decoder = kAnthropic.stream_decoder();
  std::vector<Event> out;
  std::istringstream in{std::string(lines)};
  std::size_t owned = 0;
  for (std::string line; std::getline(in, line);) {
    decoder->feed("", line, out);
    for (; owned < out.size(); ++owned) own(out[owned]);
  }
  decoder->finish(out);
  return out;
}

bool ends_in_error(std::string_view lines) {
  const auto events = decode(lines);
  return !events.empty() && events.back().kind == Event::Kind::error &&
         events.back().error.code == Code::bad_upstream;
}

Event event(Event::Kind kind, int index = 0, Str text = {}) {
  Event e;
  e.kind = kind;
  e.index = index;
  e.text = text;
  return e;
}

Event block_start(int index, Block::Kind kind, Str id = {}, Str name = {}) {
  Event e = event(Event::Kind::block_start, index);
  e.block.kind = kind;
  e.block.id = id;
  e.block.name = name;
  return e;
}

std::vector<std::string> encode_all(const std::vector<Event>& events) {
  auto encoder =
      kAnthropic.stream_encoder({.id = "gen-1", .model = "asked", .created = 0, .include_usage = false});
  std::string out;
  for (const Event& e : events) encoder->encode(e, out);
  return data_of(out);
}

// "start0 text_delta0 stop0 …" for a sequence of events: kinds and indices only.
std::string shape(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& text : events) {
    json::Arena arena;
    const json::Value v = *json::parse(text, arena);
    Str type = v["type"].as_string();
    if (type == "content_block_delta") type = v["delta"]["type"].as_string();
    if (type == "content_block_start") type = "start";
    if (type == "content_block_stop") type = "stop";
    if (!out.empty()) out += ' ';
    out += type;
    if (v.has("index")) out += std::to_string(v["index"].as_int());
  }
  return out;
}

using Kind = Event::Kind;

}  // namespace

TEST_SUITE_BEGIN("anthropic stream");

TEST_CASE("recorded streams come out as they went in") {
  const auto dir = recorded_dir("anthropic");
  if (dir.empty()) return;
  int n = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (!entry.path().string().ends_with(".chunks.txt")) continue;
    ++n;
    CAPTURE(entry.path().string());
    const std::string in = as_sse(slurp(entry.path()));
    const std::string out = through(in);
    std::vector<std::string> want = data_of(in), got = data_of(out);
    if (entry.path().filename() == "duplicate-message-start.chunks.txt") want.erase(want.begin());
    REQUIRE(got.size() == want.size());
    for (std::size_t i = 0; i < want.size(); ++i) CHECK(missing_text(got[i], want[i]) == "");
    if (in.size() < 5000) {
      for (std::size_t step = 1; step < 8; ++step) CHECK(through(in, {}, step) == out);
    }
    CHECK(through(in, {}, 977) == out);
  }
  CHECK(n == 9);
}

TEST_CASE("a small stream split at every byte") {
  const std::string in = as_sse(
      start_line() + R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H\u00e9 \"llo"}}
{"type":"content_block_stop","index":0}
{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"X"},"usage":{"output_tokens":5}}
{"type":"message_stop"}
)");
  const std::string want = through(in);
  CHECK(want.find("\"stop_sequence\":\"X\"") != std::string::npos);
  for (std::size_t at = 1; at < in.size(); ++at) {
    auto decoder = kAnthropic.stream_decoder();
    auto encoder = kAnthropic.stream_encoder({.id = "x", .model = "", .created = 0, .include_usage = true});
    SseReader reader;
    std::string out;
    for (std::string_view part : {std::string_view(in).substr(0, at), std::string_view(in).substr(at)}) {
      reader.append(part);
      for (SseEvent e; reader.next(e);) {
        std::vector<Event> events;
        decoder->feed(e.name, e.data, events);
        for (const Event& one : events) encoder->encode(one, out);
      }
    }
    REQUIRE(out == want);
  }
}

TEST_CASE("usage counts cached tokens as input, and parts add up") {
  const auto events = decode(
      R"({"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"output_tokens":1}}}
{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":12,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}}
{"type":"message_stop"}
)");
  CHECK(events.front().usage.input == 160);
  const auto usage =
      std::find_if(events.begin(), events.end(), [](const Event& e) { return e.kind == Kind::usage; });
  REQUIRE(usage != events.end());
  CHECK(usage->usage.input == 162);
  CHECK(usage->usage.cache_read == 100);
  CHECK(usage->usage.cache_write == 50);
  CHECK(usage->usage.cache_write_1h == 30);
  CHECK(usage->usage.output == 7);
  CHECK(usage->usage.reasoning == 3);
}

TEST_CASE("streams out of order end in an error") {
  const std::string text =
      R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
      "\n";
  CHECK(ends_in_error(
      start_line() + R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})"));
  CHECK(
      ends_in_error(start_line() + text +
                    R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"x"}})"));
  CHECK(ends_in_error(start_line() + text +
                      R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}})"));
  CHECK(ends_in_error(start_line() + text +
                      R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":7}})"));
  CHECK(ends_in_error(start_line() + text + text));
  CHECK(ends_in_error(start_line() + R"({"type":"content_block_stop","index":0})"));
  CHECK(ends_in_error(
      start_line() +
      R"({"type":"content_block_start","index":"a","content_block":{"type":"text","text":""}})"));
  CHECK(ends_in_error(
      start_line() +
      R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"f"}})"));
  CHECK(ends_in_error(start_line() + R"({"type":"content_block_start","index":0})"));
  CHECK(ends_in_error(start_line() + "{\"type\":"));
  CHECK(ends_in_error(start_line() + "[]"));
  CHECK(ends_in_error(start_line() + text));  // cut short
  CHECK(ends_in_error(start_line()));
  CHECK(ends_in_error(""));
  CHECK(ends_in_error(R"({"type":"message_stop"})"));
}

TEST_CASE("an error in the stream, and nothing after it") {
  const auto events =
      decode(start_line() + R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
{"type":"message_stop"}
)");
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == Kind::error);
  CHECK(events[1].error.code == Code::overloaded);
  CHECK(events[1].error.message == "Overloaded");
  CHECK(events[1].error.retryable);

  const auto out = encode_all(events);
  CHECK(shape(out) == "message_start error");
  CHECK(
      canonical(out[1]) ==
      canonical(
          R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":null})"));
}

TEST_CASE("tolerated: no message_start, open blocks, no message_stop, unknown events and deltas") {
  const auto events = decode(
      R"({"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}
{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{}"}}
{"type":"content_block_delta","index":4,"delta":{"type":"hologram_delta","x":1}}
{"type":"news"}
{"type":"message_delta","delta":{"stop_reason":"tool_use"}}
)");
  std::vector<Kind> kinds;
  for (const Event& e : events) kinds.push_back(e.kind);
  CHECK(kinds == std::vector<Kind>{Kind::start, Kind::block_start, Kind::arguments_delta, Kind::block_stop,
                                   Kind::stop, Kind::usage, Kind::end});
  CHECK(events[1].index == 0);
  CHECK(events[1].block.arguments.empty());
}

TEST_CASE("arguments given whole, an unknown stop reason") {
  const auto events = decode(
      start_line() +
      R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":1}}}
{"type":"content_block_stop","index":0}
{"type":"message_delta","delta":{"stop_reason":"compaction","stop_sequence":null},"usage":{"output_tokens":2}}
{"type":"message_stop"}
)");
  CHECK(events[1].block.arguments == R"({"a":1})");
  const auto out = encode_all(events);
  CHECK(shape(out) == "message_start start0 input_json_delta0 stop0 message_delta message_stop");
  CHECK(missing_text(out[2], R"({"delta":{"partial_json":"{\"a\":1}"}})") == "");
  CHECK(missing_text(out[4], R"({"delta":{"stop_reason":"compaction"}})") == "");
}

TEST_CASE("interleaved calls leave one after the other") {
  Event stop = event(Kind::stop);
  stop.stop = Stop::end;  // some providers say so even when tools are called
  const auto out = encode_all(
      {event(Kind::start), block_start(0, Block::Kind::tool_call, "a:1", "f"),
       block_start(1, Block::Kind::tool_call, "b", "g"), event(Kind::arguments_delta, 1, "{\"y\""),
       event(Kind::arguments_delta, 0, "{\"x\""), block_start(2, Block::Kind::text),
       event(Kind::text_delta, 2, "hi"), event(Kind::block_stop, 2), event(Kind::arguments_delta, 1, ":2}"),
       event(Kind::arguments_delta, 0, ":1}"), event(Kind::block_stop, 0),
       event(Kind::arguments_delta, 1, ""), event(Kind::block_stop, 1), stop, event(Kind::end)});
  CHECK(shape(out) ==
        "message_start start0 input_json_delta0 input_json_delta0 stop0 start1 input_json_delta1 "
        "input_json_delta1 input_json_delta1 stop1 "
        "start2 text_delta2 stop2 message_delta message_stop");
  json::Arena arena;
  CHECK((*json::parse(out[1], arena))["content_block"]["id"].as_string() ==
        std::string(anthropic::safe_id("a:1")));
  CHECK((*json::parse(out[0], arena))["message"]["id"].as_string() == "msg_gen-1");
  CHECK((*json::parse(out[0], arena))["message"]["model"].as_string() == "asked");
  CHECK(missing_text(out[13], R"({"delta":{"stop_reason":"tool_use","stop_sequence":null}})") == "");
}

TEST_CASE("usage after the stop reason still reaches the client") {
  Event stop = event(Kind::stop), usage = event(Kind::usage);
  stop.stop = Stop::max_tokens;
  usage.usage = {.input = 30,
                 .output = 9,
                 .cache_read = 10,
                 .cache_write = 0,
                 .cache_write_1h = 0,
                 .reasoning = 4,
                 .audio_input = 0,
                 .audio_output = 0,
                 .known = true};
  const auto out = encode_all({event(Kind::start), stop, usage, event(Kind::end)});
  CHECK(shape(out) == "message_start message_delta message_stop");
  CHECK(
      missing_text(
          out[1],
          R"({"delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":20,"cache_read_input_tokens":10,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}})") ==
      "");
}

TEST_CASE("refusals, free-text tools, thinking given whole, blocks of others") {
  Event custom = block_start(1, Block::Kind::tool_call, "c", "patch");
  custom.block.custom = true;
  Event thinking = block_start(2, Block::Kind::thinking);
  thinking.block.text = "hm";
  thinking.block.signature = "sig";
  Event foreign = block_start(3, Block::Kind::opaque);
  foreign.block.format = "other";
  const auto out = encode_all(
      {event(Kind::start), block_start(0, Block::Kind::refusal), event(Kind::refusal_delta, 0, "no"),
       event(Kind::block_stop, 0), custom, event(Kind::arguments_delta, 1, "a \"b\"\n"),
       event(Kind::block_stop, 1), thinking, event(Kind::block_stop, 2), foreign,
       event(Kind::arguments_delta, 3, "x"), event(Kind::block_stop, 3), event(Kind::end)});
  CHECK(shape(out) ==
        "message_start start0 text_delta0 stop0 start1 input_json_delta1 input_json_delta1 input_json_delta1 "
        "stop1 "
        "start2 thinking_delta2 signature_delta2 stop2 message_delta message_stop");
  std::string json_text;
  json::Arena arena;
  for (int i : {5, 6, 7})
    json_text += (*json::parse(out[static_cast<std::size_t>(i)], arena))["delta"]["partial_json"].as_string();
  CHECK(canonical(json_text) == canonical(R"({"input":"a \"b\"\n"})"));
  CHECK(missing_text(out[13], R"({"delta":{"stop_reason":"refusal"}})") == "");
}

TEST_CASE("an answer always begins and ends properly") {
  CHECK(shape(encode_all({event(Kind::end)})) == "message_start message_delta message_stop");
  CHECK(shape(encode_all({event(Kind::start), block_start(0, Block::Kind::text),
                          event(Kind::text_delta, 0, "x"), event(Kind::end), event(Kind::end)})) ==
        "message_start start0 text_delta0 stop0 message_delta message_stop");
  CHECK(shape(encode_all({event(Kind::text_delta, 0, "x"), event(Kind::block_stop, 7), event(Kind::end)})) ==
        "message_start message_delta message_stop");
}

TEST_SUITE_END();
