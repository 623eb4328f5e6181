// Streams to and from this format, errors, and reasoning of other formats on its way through these clients.
#include "llm/llm_test_support.h"
#include "llm/mistral/mistral.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

fs::path golden(std::string_view name) { return source_dir() / "tests" / "golden" / name; }

// What a client makes of a stream: the message it sends back, all chunks as they came.
std::string message_of(const std::string& sse) {
  EventReader reader(Framing::sse);
  reader.append(sse);
  SseEvent e;
  std::string content, calls;
  while (reader.next(e)) {
    if (e.data == "[DONE]") continue;
    json::Arena arena;
    const json::Value delta = (*json::parse(e.data, arena))["choices"].items()[0]["delta"];
    for (const json::Value& chunk : delta["content"].items()) content += json::to_text(chunk) + ",";
    if (!delta["content"].as_string().empty())
      content += R"({"type":"text","text":)" + json::to_text(delta["content"]) + "},";
    for (const json::Value& call : delta["tool_calls"].items()) {
      CHECK(!call["function"]["name"].as_string().empty());
      canonical(call["function"]["arguments"].as_string());
      calls += json::to_text(call) + ",";
    }
  }
  if (!content.empty()) content.pop_back();
  if (!calls.empty()) calls.pop_back();
  return R"({"role":"assistant","content":[)" + content + R"(],"tool_calls":[)" + calls + "]}";
}

}  // namespace

TEST_SUITE("mistral stream") {
  TEST_CASE("each call goes out whole, however it came") {
    const auto lines = lines_of(read_file(golden("openai_chat/parallel_calls.stream.txt")));
    const std::string sse = translate_stream(kOpenaiChat, kMistral, lines, {"id", "m", 1, true});
    Assembled a = assemble_sse(kMistral, sse);
    REQUIRE(a.choices.size() == 1);
    CHECK(a.choices[0].parts.size() == 3);
    message_of(sse);
  }

  TEST_CASE("the bytes may come in any pieces") {
    for (const char* name : {"calls", "reasoning"}) {
      const auto lines = lines_of(read_file(golden("mistral") / (std::string(name) + ".stream.txt")));
      std::string sse;
      for (const std::string& line : lines) write_sse(sse, "", line);
      for (std::size_t cut = 0; cut <= sse.size(); ++cut) {
        EventReader reader(kMistral.framing);
        std::vector<std::string> events;
        SseEvent e;
        for (auto part : {std::string_view(sse).substr(0, cut), std::string_view(sse).substr(cut)}) {
          reader.append(part);
          while (reader.next(e)) events.emplace_back(e.data);
        }
        REQUIRE(events == lines);
      }
    }
  }

  TEST_CASE("reasoning of another provider comes back with the pieces of its stream") {
    const auto lines = lines_of(read_file(golden("anthropic/mixed.stream.txt")));
    const std::string sse = translate_stream(kAnthropic, kMistral, lines, {"id", "m", 1, true});
    const Assembled original = assemble(kAnthropic, lines);
    auto next = kMistral.decode_request(R"({"model":"m","messages":[{"role":"user","content":"x"},)" +
                                        message_of(sse) + R"(,{"role":"user","content":"y"}]})");
    REQUIRE_MESSAGE(next, next.error().message);
    const auto& content = next->messages[1].content;
    std::size_t thinking = 0, redacted = 0;
    for (const auto& p : original.choices[0].parts) {
      if (p.kind != Kind::thinking && p.kind != Kind::redacted_thinking) continue;
      for (const Block& b : content) {
        if (b.kind != p.kind || b.format != "anthropic") continue;
        if (p.kind == Kind::thinking && b.text == p.text && b.signature == p.signature) ++thinking;
        if (p.kind == Kind::redacted_thinking && b.data == p.data) ++redacted;
      }
    }
    CHECK(thinking == 1);
    CHECK(redacted == 1);
  }

  TEST_CASE("its own reasoning in pieces is one thought with its signature") {
    const auto lines = lines_of(read_file(golden("mistral/reasoning.stream.txt")));
    const std::string sse = translate_stream(kMistral, kMistral, lines, {"id", "m", 1, true});
    auto next = kMistral.decode_request(R"({"model":"m","messages":[{"role":"user","content":"x"},)" +
                                        message_of(sse) + R"(,{"role":"user","content":"y"}]})");
    REQUIRE(next);
    const Block& b = next->messages[1].content[0];
    CHECK(b.text == "Ten threes, seven threes.");
    CHECK(b.signature == "c2lnbmVkLWhlcmU=");
    CHECK(b.format == "mistral");
  }

  TEST_CASE("arguments without an end are an error, not a growing buffer") {
    auto encoder = kMistral.stream_encoder({"id", "m", 1, true});
    std::string out;
    Event start;
    start.kind = Event::Kind::block_start;
    start.block.kind = Kind::tool_call;
    encoder->encode(start, out);
    const std::string piece(1 << 20, 'x');
    Event delta;
    delta.kind = Event::Kind::arguments_delta;
    delta.text = piece;
    for (std::size_t sent = 0; sent <= limits::kSseEventBytesMax; sent += piece.size())
      encoder->encode(delta, out);
    CHECK(out.contains(R"("object":"error")"));
    CHECK(out.ends_with("data: [DONE]\n\n"));
    const std::size_t size = out.size();
    encoder->encode(delta, out);
    CHECK(out.size() == size);
  }

  TEST_CASE("errors of the API, in its shapes") {
    Error order = kMistral.decode_error(
        400,
        R"({"object":"error","message":"Unexpected role 'user' after role 'tool'","type":"invalid_request_message_order","param":null,"code":"3230"})");
    CHECK(order.message == "Unexpected role 'user' after role 'tool'");
    CHECK(order.type == "invalid_request_message_order");
    CHECK(order.provider_code == "3230");
    Error invalid = kMistral.decode_error(
        422,
        R"({"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]})");
    CHECK(invalid.message == "messages: Field required");
    CHECK(invalid.param == "messages");
    Error nested = kMistral.decode_error(
        422,
        R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","user"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"})");
    CHECK(nested.param == "user");
    std::string out;
    kMistral.encode_error(fail(Code::rate_limited, "slow down").error(), "r", out);
    CHECK(
        canonical(out) ==
        canonical(
            R"({"object":"error","message":"slow down","type":"rate_limited","param":null,"code":null,"raw_status_code":429})"));
  }
}

}  // namespace pb::llm
