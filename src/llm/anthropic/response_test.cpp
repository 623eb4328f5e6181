#include "llm/anthropic/anthropic_test_util.h"

using namespace pb;
using namespace pb::llm;
using namespace pb::llm::test;

namespace {

std::string encode_answer(const Response& r, std::string* dropped = nullptr,
                          ResponseOptions options = {.id = "gen-1", .model = "asked", .created = 0}) {
  Dropped d;
  std::string out;
  kAnthropic.encode_response(r, options, d, out);
  if (dropped) *dropped = d.header();
  return out;
}

Block block(Block::Kind kind, Str text = {}) {
  Block b;
  b.kind = kind;
  b.text = text;
  return b;
}

Block call(Str id, Str name, Str arguments) {
  Block b = block(Block::Kind::tool_call);
  b.id = id;
  b.name = name;
  b.arguments = arguments;
  return b;
}

Response foreign(std::vector<Block> content, Stop stop = Stop::end) {
  Response r;
  r.format = "openai_chat";
  r.id = "chatcmpl-1";
  r.model = "gpt";
  Choice c;
  c.content = std::move(content);
  c.stop = stop;
  r.choices.push_back(std::move(c));
  return r;
}

Error error_of(int status, std::string_view body) { return kAnthropic.decode_error(status, body); }

}  // namespace

TEST_SUITE_BEGIN("anthropic response");

TEST_CASE("recorded answers come out as they went in") {
  const auto dir = recorded_dir("anthropic");
  if (dir.empty()) return;
  int n = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() != ".json") continue;
    ++n;
    CAPTURE(entry.path().string());
    const std::string in = slurp(entry.path());
    auto r = kAnthropic.decode_response(in);
    REQUIRE(r.has_value());
    std::string dropped;
    const std::string out = encode_answer(*r, &dropped, {});
    CHECK(dropped == "");
    CHECK(missing_text(out, in) == "");

    Peek peek;
    kAnthropic.peek_response(in, peek);
    CHECK(peek.stop == r->choices[0].stop);
    CHECK(peek.done);
    CHECK(peek.usage.input == r->usage.input);
    CHECK(peek.usage.output == r->usage.output);
    CHECK(peek.usage.reasoning == r->usage.reasoning);
  }
  CHECK(n == 9);
}

TEST_CASE("the canonical form of an answer") {
  auto r = kAnthropic.decode_response(
      R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}],
    "stop_reason":"tool_use","stop_sequence":null,"container":{"id":"c"},
    "usage":{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"service_tier":"priority","output_tokens_details":{"thinking_tokens":2},"server_tool_use":{"web_search_requests":1}}})");
  REQUIRE(r.has_value());
  CHECK(r->usage.input == 160);
  CHECK(r->usage.cache_write_1h == 30);
  CHECK(r->usage.reasoning == 2);
  CHECK(r->service_tier == "priority");
  CHECK(r->choices[0].stop == Stop::tool_use);
  CHECK(r->choices[0].content[0].arguments == R"({"a":1})");
  CHECK(json::canonical_text(r->extra) ==
        canonical(R"({"container":{"id":"c"},"usage":{"server_tool_use":{"web_search_requests":1}}})"));
}

TEST_CASE("every stop reason, and one to come") {
  for (const char* reason : {"end_turn", "max_tokens", "tool_use", "refusal", "pause_turn",
                             "model_context_window_exceeded", "compaction"}) {
    CAPTURE(reason);
    const std::string in =
        std::string(
            R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":")") +
        reason + R"(","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}})";
    auto r = kAnthropic.decode_response(in);
    REQUIRE(r.has_value());
    CHECK(missing_text(encode_answer(*r, nullptr, {}), in) == "");
  }
}

TEST_CASE("malformed answers") {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"content":"x"})", R"({"content":[7]})",
                           R"({"content":[{"type":"text"}]})", R"({"content":[],"stop_reason":7})"}) {
    CAPTURE(body);
    auto r = kAnthropic.decode_response(body);
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().code == Code::bad_upstream);
  }
  auto r =
      kAnthropic.decode_response(R"({"type":"error","error":{"type":"overloaded_error","message":"later"}})");
  REQUIRE_FALSE(r.has_value());
  CHECK(r.error().code == Code::overloaded);
}

TEST_CASE("an answer of another format in the whole vendor shape") {
  Response r = foreign(
      {block(Block::Kind::thinking, "hm"), block(Block::Kind::text, "Hello"), block(Block::Kind::text, "")});
  r.usage = {.input = 30,
             .output = 9,
             .cache_read = 10,
             .cache_write = 0,
             .cache_write_1h = 0,
             .reasoning = 0,
             .audio_input = 0,
             .audio_output = 0,
             .known = true};
  r.service_tier = "default";
  CHECK(canonical(encode_answer(r)) ==
        canonical(R"({"id":"msg_chatcmpl-1","type":"message","role":"assistant","model":"asked",
    "content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"Hello"}],
    "stop_reason":"end_turn","stop_sequence":null,"stop_details":null,
    "usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":10,
             "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":9,"service_tier":"standard"}})"));
}

TEST_CASE("tool calls: ids, arguments that are no object, the reason") {
  Block custom = call("c4", "patch", "");
  custom.custom = true;
  custom.text = "*** Begin";
  const std::string out =
      encode_answer(foreign({call("call_1", "f", R"({"a": 1})"), call("a.b", "g", "{oops"),
                             call("c3", "h", ""), call("c5", "i", "[1]"), custom}));
  const std::string want =
      R"({"stop_reason":"tool_use","content":[{"type":"tool_use","id":"call_1","name":"f","input":{"a":1}},
    {"type":"tool_use","name":"g","input":{"input":"{oops"}},{"type":"tool_use","id":"c3","input":{}},{"type":"tool_use","id":"c5","input":{"input":"[1]"}},
    {"type":"tool_use","id":"c4","input":{"input":"*** Begin"}}]})";
  CHECK(missing_text(out, want) == "");
  CHECK(anthropic::safe_id("a.b") != anthropic::safe_id("a:b"));
  CHECK(anthropic::safe_id("a.b").find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
        std::string::npos);
  CHECK(out.find("\"id\":\"" + anthropic::safe_id("a.b") + "\"") != std::string::npos);
}

TEST_CASE("refusals, what cannot be carried, an empty answer") {
  CHECK(missing_text(encode_answer(foreign({block(Block::Kind::refusal, "no")})),
                     R"({"stop_reason":"refusal","content":[{"type":"text","text":"no"}]})") == "");
  CHECK(missing_text(encode_answer(foreign({}, Stop::content_filter)),
                     R"({"stop_reason":"refusal","content":[]})") == "");
  Response r = foreign({block(Block::Kind::audio)});
  r.choices.emplace_back();
  r.system_fingerprint = "fp";
  std::string dropped;
  encode_answer(r, &dropped);
  CHECK(dropped == "choices, system_fingerprint, audio");
  CHECK(
      missing_text(
          encode_answer(Response()),
          R"({"id":"msg_gen-1","content":[],"stop_reason":"end_turn","usage":{"input_tokens":0,"output_tokens":0}})") ==
      "");
}

TEST_CASE("errors, read and written") {
  const Error e = error_of(
      529,
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"})");
  CHECK(e.code == Code::overloaded);
  CHECK(e.retryable);
  CHECK(http_status(e) == 529);
  CHECK(e.raw_body.starts_with("{\"type\":\"error\""));
  CHECK(error_of(400, R"({"error":{"type":"invalid_request_error","message":"x"}})").code ==
        Code::invalid_request);
  CHECK(error_of(429, R"({"error":{"type":"brand_new_error","message":"x"}})").code == Code::rate_limited);
  CHECK(error_of(502, "<html>Bad Gateway</html>").code == Code::bad_upstream);
  CHECK(error_of(401, "").code == Code::unauthenticated);
  CHECK(error_of(500, R"({"error":"x"})").message.find("500") != std::string::npos);

  struct Row {
    Code code;
    const char* type;
  };
  for (const Row& row :
       {Row{Code::invalid_request, "invalid_request_error"},
        Row{Code::unauthenticated, "authentication_error"}, Row{Code::payment_required, "billing_error"},
        Row{Code::permission_denied, "permission_error"}, Row{Code::not_found, "not_found_error"},
        Row{Code::too_large, "request_too_large"}, Row{Code::rate_limited, "rate_limit_error"},
        Row{Code::timeout, "timeout_error"}, Row{Code::bad_upstream, "api_error"},
        Row{Code::internal, "api_error"}, Row{Code::overloaded, "overloaded_error"},
        Row{Code::method_not_allowed, "invalid_request_error"},
        Row{Code::unsupported_media, "invalid_request_error"}, Row{Code::cancelled, "api_error"}}) {
    Error own;
    own.code = row.code;
    own.message = "say \"why\"";
    own.type = "server_error";  // another vendor's word
    std::string out;
    kAnthropic.encode_error(own, "req_1", out);
    CHECK(canonical(out) == canonical(std::string(R"({"type":"error","error":{"type":")") + row.type +
                                      R"(","message":"say \"why\""},"request_id":"req_1"})"));
    if (row.code != Code::method_not_allowed && row.code != Code::unsupported_media &&
        row.code != Code::internal && row.code != Code::cancelled)
      CHECK(error_of(0, out).code == row.code);
  }
  const Error with_path = fail(Code::invalid_request, "must be a string", "messages[0].role").error();
  std::string out;
  kAnthropic.encode_error(with_path, "", out);
  CHECK(missing_text(
            out, R"({"error":{"message":"messages[0].role: must be a string"},"request_id":null})") == "");
}

TEST_CASE("a quick look at the events of a relayed stream") {
  const auto dir = recorded_dir("anthropic");
  if (dir.empty()) return;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (!entry.path().string().ends_with(".chunks.txt")) continue;
    CAPTURE(entry.path().string());
    for (bool named : {true, false}) {
      auto decoder = kAnthropic.stream_decoder();
      std::vector<Event> events;
      Usage usage;
      Stop stop = Stop::unset;
      Peek peek;
      SseReader reader;
      reader.append(as_sse(slurp(entry.path())));
      for (SseEvent e; reader.next(e);) {
        kAnthropic.peek_event(named ? e.name : "", e.data, peek);
        decoder->feed(e.name, e.data, events);
        for (const Event& one : events) {
          usage.merge(one.usage);
          if (one.kind == Event::Kind::stop) stop = one.stop;
        }
        events.clear();
      }
      CHECK(peek.done);
      CHECK_FALSE(peek.error);
      CHECK(peek.stop == stop);
      CHECK(peek.usage.input == usage.input);
      CHECK(peek.usage.output == usage.output);
      CHECK(usage.output > 0);
    }
  }
  Peek peek;
  kAnthropic.peek_event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})",
                        peek);
  CHECK(peek.error);
  Peek whole;
  kAnthropic.peek_response(R"({"type":"error","error":{}})", whole);
  CHECK(whole.error);
  CHECK_FALSE(whole.done);
  kAnthropic.peek_response("nonsense", whole);
  kAnthropic.peek_event("message_start", "nonsense", whole);
}

TEST_SUITE_END();
