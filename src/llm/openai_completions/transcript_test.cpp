// What becomes of conversations for a provider that completes texts.
#include <map>

#include "llm/llm_test_support.h"
#include "llm/openai_completions/completions.h"
#include "llm/probes_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;

struct Sent {
  std::string text;
  json::Arena arena;
  json::Value body;
  Dropped dropped;
  Str prompt() const { return body["prompt"].as_string(); }
};

void send(const Request& r, Sent& s) {
  auto done = kOpenaiCompletions.encode_request(r, {.model = "m", .quirks = {}}, s.dropped, s.text);
  REQUIRE_MESSAGE(done, done.error().message);
  s.body = *json::parse(s.text, s.arena);
}

void send(const Dialect& from, std::string body, Sent& s) {
  auto r = from.decode_request(std::move(body));
  REQUIRE_MESSAGE(r, r.error().message);
  send(*r, s);
}

bool named(const Dropped& dropped, std::string_view feature) {
  for (const std::string_view n : dropped.names())
    if (n == feature || feature.starts_with(std::string(n) + ".")) return true;
  return false;
}

// What must be in the prompt of a feature that is neither kept nor dropped: its "feature what". No text: there is nothing to say.
const std::map<std::string, std::vector<std::string>> kTold = {
    {"system ", {"be brief\n\nUser:\nhello\n\nAssistant:\n"}},
    {"system in the middle ",
     {"User:\nhello\n\nAssistant:\nyes\n\nfrom now on\n\nUser:\nmore\n\nAssistant:\n"}},
    {"text an assistant's text", {"User:\nhello\n\nAssistant:\nan answer\n\nUser:\ngo on\n\nAssistant:\n"}},
    {"refusal ", {"Assistant:\nI will not\n\nUser:\ngo on"}},
    {"tool_choice none", {}},
    {"tool_calls ",
     {R"([calls get_weather: {"city":"Oslo"}])", R"([calls get_weather: {"city":"Rome \"x\""}])",
      "\n\nResult of get_weather:\nrain\n\nResult of get_weather:\nsun\n\nAssistant:\n"}},
    {"tool_result.is_error ", {"Result of get_weather:\nError: rain"}},
    {"response_format a JSON schema", {R"("required":["city"])", "\n\nhello"}},
    {"response_format any JSON object", {"one JSON object", "\n\nhello"}},
};

}  // namespace

TEST_SUITE("openai_completions transcript") {
  TEST_CASE("whatever a conversation holds is kept, told in the transcript, or named as dropped") {
    std::size_t told = 0;
    for (const RequestProbe& p : request_probes()) {
      CAPTURE(p.feature);
      CAPTURE(p.what);
      Request x = plain_request();
      p.put(x);
      x.format = p.feature == "suffix" || p.feature == "echo" || p.feature == "best_of" ? "openai_completions"
                                                                                        : "openai_chat";
      Sent s;
      send(x, s);
      auto got = kOpenaiCompletions.decode_request(s.text);
      REQUIRE(got);
      if (p.holds(*got)) continue;
      const auto row = kTold.find(std::string(p.feature) + " " + std::string(p.what));
      if (named(s.dropped, p.feature)) {
        CHECK(row == kTold.end());
        continue;
      }
      REQUIRE((row != kTold.end()));
      ++told;
      for (const std::string& words : row->second) {
        CAPTURE(words);
        CAPTURE(s.prompt());
        CHECK(s.prompt().contains(words));
      }
    }
    CHECK(told == kTold.size());
  }

  TEST_CASE("the answer ends before the next turn, and has room") {
    Sent chat;
    send(
        kOpenaiChat,
        R"({"model":"m","stop":["a"],"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]})",
        chat);
    CHECK(json::to_text(chat.body["stop"]) == R"(["a","\nUser:"])");
    CHECK(chat.body["max_tokens"].as_int() == 2048);
    Sent full;
    send(
        kOpenaiChat,
        R"({"model":"m","stop":["a","b","c","d"],"max_tokens":7,"messages":[{"role":"assistant","content":"s"},{"role":"user","content":"u"}]})",
        full);
    CHECK(json::to_text(full.body["stop"]) == R"(["a","b","c","d"])");
    CHECK(full.body["max_tokens"].as_int() == 7);
    Sent alone;  // one message is a prompt, not a transcript
    send(kAnthropic, R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Once upon"}]})",
         alone);
    CHECK(alone.prompt() == "Once upon");
    CHECK(alone.body["stop"].is_null());
  }

  TEST_CASE("what the assistant has begun goes on") {
    Sent s;
    send(
        kAnthropic,
        R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a haiku"},{"role":"assistant","content":"Old pond,"}]})",
        s);
    CHECK(s.prompt() == "User:\na haiku\n\nAssistant:\nOld pond,");
  }

  TEST_CASE("media, tools and reasoning leave a word and a name") {
    Sent s;
    send(kAnthropic, R"({"model":"m","max_tokens":5,"thinking":{"type":"enabled","budget_tokens":1024},
      "tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}],
      "tool_choice":{"type":"any","disable_parallel_tool_use":true},"top_k":4,
      "messages":[{"role":"user","content":[{"type":"text","text":"see","cache_control":{"type":"ephemeral"}},
        {"type":"image","source":{"type":"url","url":"https://e.example/a.png"}},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
        {"type":"document","title":"notes","source":{"type":"text","media_type":"text/plain","data":"plain"}},
        {"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}}]},
      {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},
        {"type":"redacted_thinking","data":"c2Vj"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"no"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"and?"}]}]})",
         s);
    CHECK(s.prompt() ==
          "User:\nsee\n\n[image: https://e.example/a.png]\n\n[image]\n\n[document: "
          "notes]\n\nplain\n\n[document: a.pdf]"
          "\n\nAssistant:\n[calls f: {\"a\":1}]\n\nResult of f:\nError: "
          "no\n\n[image]\n\nUser:\nand?\n\nAssistant:\n");
    for (const char* name : {"cache_control", "image.url", "image", "document", "thinking.text",
                             "thinking.signature", "redacted_thinking", "tool_result.images", "tools",
                             "provider_tools", "tool_choice", "parallel_tool_calls", "thinking", "top_k"}) {
      CAPTURE(name);
      CHECK(named(s.dropped, name));
    }
  }

  TEST_CASE("a conversation without a word cannot be asked") {
    auto r = kOpenaiChat.decode_request(R"({"model":"m","messages":[{"role":"user","content":""}]})");
    REQUIRE(r);
    Dropped dropped;
    std::string out;
    auto done = kOpenaiCompletions.encode_request(*r, {.model = "m", .quirks = {}}, dropped, out);
    REQUIRE_FALSE(done);
    CHECK(done.error().param == "messages");
  }
}

}  // namespace pb::llm
