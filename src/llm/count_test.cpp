#include "llm/count.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "base/base64.h"
#include "llm/count_tools.h"
#include "llm/dialects.h"
#include "llm/llm_test_support.h"
#include "llm/tokens/models.h"

using namespace pb;
using namespace pb::llm;

namespace {

Request decode(const Dialect& dialect, std::string_view body) {
  auto request = dialect.decode_request(std::string(body));
  REQUIRE_MESSAGE(request, request.error().message);
  return std::move(*request);
}

std::int64_t count(const Dialect& dialect, std::string_view body) {
  return count_request(decode(dialect, body));
}

std::int64_t image(std::string_view model, std::string_view data, std::string_view detail = {}) {
  Request r;
  r.model = model;
  r.messages.emplace_back();
  const std::int64_t empty = count_request(r);
  Block& b = r.messages[0].content.emplace_back();
  b.kind = Block::Kind::image;
  b.data = data;
  b.detail = detail;
  return count_request(r) - empty;
}

// The frame of a PNG file of that size, without pixels.
std::string png(int width, int height) {
  const auto number = [](int n) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(n >> shift);
    return bytes;
  };
  const auto chunk = [&](std::string_view kind, const std::string& data) {
    return number(static_cast<int>(data.size())) + std::string(kind) + data + number(0);
  };
  return base64_encode("\x89PNG\r\n\x1a\n" +
                       chunk("IHDR", number(width) + number(height) + std::string("\x08\x02\0\0\0", 5)) +
                       chunk("IDAT", "x") + chunk("IEND", ""));
}

}  // namespace

TEST_SUITE_BEGIN("count");

TEST_CASE("texts by model: OpenAI's exactly, others by factors") {
  const Str text = "Den gamle fyrvaktaren hade inte väntat besök den kvällen.";
  CHECK(count_text(text) == 16);
  CHECK(count_text(text, "gpt-5.4") == 16);
  CHECK(count_text(text, "openai/gpt-4o-mini") == 16);
  CHECK(count_text(text, "gpt-4-0613") == 18);
  CHECK(count_text(text, "some-model") == 16);
  CHECK(count_text(text, "claude-sonnet-4-5-20250929") > 16);
  CHECK(count_text(text, "claude-sonnet-5") > count_text(text, "claude-sonnet-4-5"));
  CHECK(count_text("灯台守は窓の外を眺めながら", "gemini-3-pro") < count_text("灯台守は窓の外を眺めながら"));
  CHECK(count_text("1234567890", "qwen3-max") > count_text("1234567890"));
}

TEST_CASE("names of models") {
  const auto family = [](Str name) { return tokens::model_of(name).family->name; };
  for (const Str name : {"gpt-5.4", "gpt-4.1-mini", "gpt-4o-2024-08-06", "GPT-4o", "o3-mini", "o1",
                         "gpt-oss-120b", "azure/gpt-4.5-preview", "gpt-5.3-codex", "ft:gpt-4o:acme"})
    CHECK(family(name) == "o200k");
  for (const Str name : {"gpt-4", "gpt-4-turbo", "gpt-4-1106-preview", "gpt-3.5-turbo", "gpt-35-turbo-16k",
                         "text-embedding-3-small", "openai/gpt-4"})
    CHECK(family(name) == "cl100k");
  for (const Str name : {"claude-3-5-haiku-latest", "claude-opus-4-6", "anthropic/claude-opus-4.5",
                         "us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-haiku-4-5", "claude-2.1"})
    CHECK(family(name) == "claude-3");
  for (const Str name : {"claude-opus-4-7", "claude-opus-4.8-fast", "claude-sonnet-5", "claude-fable-5"})
    CHECK(family(name) == "claude-4.7");
  CHECK(family("deepseek-r1-distill-llama-70b") == "llama");
  CHECK(family("deepseek-r1-distill-qwen-32b") == "qwen");
  CHECK(family("deepseek/deepseek-chat") == "deepseek");
  CHECK(family("meta-llama/llama-3.3-70b-instruct") == "llama");
  CHECK(family("models/gemini-3-flash") == "gemini");
  CHECK(family("mixtral-8x22b") == "mistral");
  CHECK(family("command-a-03-2025") == "command");
  CHECK(family("sim-echo") == "other");
  CHECK(family("") == "other");
  CHECK(family("proto1") == "other");  // no "o1"
  CHECK(family(std::string(100'000, '-')) == "other");
}

// What providers have said of answers that are recorded elsewhere: prose, JSON, code with tool calls, mathematics.
TEST_CASE("recorded usage") {
  const char* folder = std::getenv("PATCHBAY_RECORDED");
  const std::filesystem::path root =
      folder != nullptr ? std::filesystem::path(folder) : testing::source_dir() / "../shared/recorded";
  if (!std::filesystem::exists(root)) return;
  struct Answer {
    const char* file;
    const Dialect& dialect;
    double within;
  };
  for (const Answer& a : {Answer{"anthropic/anthropic-claude-opus-5-reasoning-high.1.json", kAnthropic, 0.1},
                          Answer{"anthropic/anthropic-json-output-format.1.json", kAnthropic, 0.1},
                          Answer{"anthropic/anthropic-text.json", kAnthropic, 0.15},
                          Answer{"anthropic/anthropic-tool-no-args.json", kAnthropic, 0.15},
                          Answer{"deepseek/deepseek-reasoning.json", kOpenaiChat, 0.05},
                          Answer{"deepseek/deepseek-tool-call.json", kOpenaiChat, 0.1},
                          Answer{"mistral/mistral-text.json", kOpenaiChat, 0.05},
                          Answer{"groq/groq-tool-call.json", kOpenaiChat, 0.15},
                          Answer{"openai-chat/openai-text.json", kOpenaiChat, 0.005},
                          Answer{"perplexity/perplexity-citations.json", kOpenaiChat, 0.03}}) {
    CAPTURE(a.file);
    const auto response = a.dialect.decode_response(testing::read_file(root / a.file));
    REQUIRE(response.has_value());
    const auto said = static_cast<double>(response->usage.output);
    const auto ours = static_cast<double>(count_answer(*response, response->model).output);
    CHECK(std::abs(ours / said - 1) <= a.within);
  }
}

TEST_CASE("pictures by their size and the model's rule") {
  CHECK(image("claude-sonnet-5", png(300, 150)) == 60);
  CHECK(image("claude-sonnet-5", png(15000, 750)) == 164);
  CHECK(image("claude-sonnet-5", "") == 1600);
  CHECK(image("claude-sonnet-5", "!!!") == 1600);
  CHECK(image("gpt-4o", png(1024, 1024)) == 765);  // the three examples of OpenAI's documentation
  CHECK(image("gpt-4o", png(2048, 4096)) == 1105);
  CHECK(image("gpt-4o", png(4096, 8192), "low") == 85);
  CHECK(image("gpt-4o-mini", png(512, 512)) == 2833 + 5667);
  CHECK(image("gpt-4.1-mini", png(1024, 1024)) == 1659);
  CHECK(image("gemini-2.5-pro", png(300, 300)) == 258);
  CHECK(image("gemini-2.5-pro", png(1536, 700)) == 516);
}

TEST_CASE("a request: messages, tools, results, schemas") {
  const auto anthropic = [](std::string_view body) { return count(kAnthropic, body); };
  const std::int64_t plain =
      anthropic(R"({"model":"m","messages":[{"role":"user","content":"Hello, world!"}]})");
  CHECK(plain == 3 + 4 + 4);
  const std::int64_t tools = anthropic(
      R"({"model":"m","messages":[{"role":"user","content":"Hello, world!"}],"tools":[{"name":"get_weather","description":"Weather of a city","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]})");
  CHECK(tools > plain + 30);
  CHECK(tools < plain + 60);
  const std::int64_t calls = anthropic(
      R"({"model":"m","system":"Be brief.","messages":[{"role":"user","content":"Hello, world!"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"fine"}]}]})");
  CHECK(calls > plain + 25);
  CHECK(calls < plain + 50);
  const std::int64_t document = anthropic(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}},{"type":"server_thing","x":"y"}]}]})");
  CHECK(document > 2000);
  CHECK(document < 2100);
}

TEST_CASE("the examples of Anthropic's documentation, within a tenth") {
  const std::int64_t hello = count(
      kAnthropic,
      R"({"model":"claude-sonnet-4-5","system":"You are a scientist","messages":[{"role":"user","content":"Hello, Claude"}]})");
  CHECK(std::abs(hello - 14) <= 1);
  const std::int64_t tool = count(
      kAnthropic,
      R"({"model":"claude-3-7-sonnet","tools":[{"name":"get_weather","description":"Get the current weather in a given location","input_schema":{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"}},"required":["location"]}}],"messages":[{"role":"user","content":"What's the weather like in San Francisco?"}]})");
  CHECK(std::abs(tool - 403) <= 40);
}

TEST_CASE("OpenAI's models see tools as declarations") {
  const Request r =
      decode(kOpenaiChat, R"({"model":"gpt-4o","messages":[{"role":"user","content":"hello"}],"tools":[
    {"type":"function","function":{"name":"bing_bong","description":"Do a bing bong","parameters":{"type":"object",
      "required":["foo"],"properties":{
        "foo":{"type":"object","properties":{"bar":{"type":"string","enum":["a","b"],"description":"inner"},"baz":{"type":"boolean"}}},
        "qux":{"type":"array","items":{"type":"number"},"description":"Numbers"},
        "any":{},"two":{"type":["string","null"]},"one":{"anyOf":[{"type":"integer"},{"type":"array"}]}}}}},
    {"type":"function","function":{"name":"nothing"}}]})");
  CHECK(tool_declarations(r.tools) == R"(namespace functions {

// Do a bing bong
type bing_bong = (_: {
foo: {
  bar?: "a" | "b",
  baz?: boolean,
},
// Numbers
qux?: number[],
any?: any,
two?: string | null,
one?: number | any[],
}) => any;

type nothing = () => any;

} // namespace functions)");
  CHECK(tool_declarations({}).empty());
}

TEST_CASE("answers: whole and streamed count alike") {
  const std::string_view body =
      R"({"id":"x","model":"gpt-4o","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","reasoning_content":"The user wants the weather.","content":"Let me look that up for you.","tool_calls":[{"id":"c","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]}}]})";
  const auto response = kOpenaiChat.decode_response(std::string(body));
  REQUIRE(response.has_value());
  const Usage whole = count_answer(*response, "gpt-4o");
  CHECK(whole.known);
  CHECK(whole.reasoning == 6);
  CHECK(whole.output == 6 + 8 + 2 + 5 + 9);

  AnswerCount streamed("gpt-4o");
  CHECK(streamed.empty());
  const auto add = [&](Event::Kind kind, Str text, Block::Kind block = Block::Kind::text, Str name = {}) {
    Event e;
    e.kind = kind;
    e.text = text;
    e.block.kind = block;
    e.block.name = name;
    streamed.add(e);
  };
  using Kind = Event::Kind;
  add(Kind::start, {});
  CHECK(streamed.empty());
  add(Kind::block_start, {}, Block::Kind::thinking);
  for (const Str part : {"The us", "er wants", " the weather."}) add(Kind::thinking_delta, part);
  add(Kind::block_stop, {});
  add(Kind::block_start, {});
  for (const Str part : {"Let me", " lo", "ok that up for you."}) add(Kind::text_delta, part);
  add(Kind::block_stop, {});
  add(Kind::block_start, {}, Block::Kind::tool_call, "get_weather");
  add(Kind::block_stop, {});
  for (const Str part : {"{\"ci", "ty\":\"Par", "is\"}"}) add(Kind::arguments_delta, part);
  CHECK(!streamed.empty());
  CHECK(streamed.usage().output == whole.output);
  CHECK(streamed.usage().reasoning == whole.reasoning);
}

TEST_CASE("counting stops when asked to") {
  Request r;
  r.model = "gpt-4o";
  const std::string text(3'000'000, 'x');
  r.messages.emplace_back().content.emplace_back().text = text;
  std::stop_source stop;
  stop.request_stop();
  CHECK(!count_request(r, "gpt-4o", stop.get_token()).has_value());
}

TEST_CASE("docs/tokens.md is what the program prints") {
  const auto path = testing::source_dir() / "docs" / "tokens.md";
  testing::check_golden(path, tokens::page());
}

TEST_SUITE_END();
