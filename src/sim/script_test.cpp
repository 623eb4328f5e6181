#include "sim/script.h"

#include <doctest/doctest.h>

#include "llm/count.h"

using namespace pb;
using namespace pb::sim;
using llm::Block;
using llm::Role;

namespace {

Block block(Block::Kind kind, llm::Str text) {
  Block b;
  b.kind = kind;
  b.text = text;
  return b;
}

void say(llm::Request& request, Role role, llm::Str text) {
  request.messages.emplace_back().role = role;
  request.messages.back().content.push_back(block(Block::Kind::text, text));
}

void call(llm::Request& request, llm::Str id, llm::Str name) {
  request.messages.emplace_back().role = Role::assistant;
  Block b = block(Block::Kind::tool_call, "");
  b.id = id;
  b.name = name;
  request.messages.back().content.push_back(b);
}

void result(llm::Request& request, llm::Str id, llm::Str text) {
  request.messages.emplace_back().role = Role::tool;
  Block b = block(Block::Kind::tool_result, "");
  b.id = id;
  b.content.push_back(block(Block::Kind::text, text));
  request.messages.back().content.push_back(std::move(b));
}

void tool(llm::Request& request, llm::Str name, std::string_view schema) {
  llm::Tool t;
  t.name = name;
  t.parameters = *json::parse(schema, request.arena);
  request.tools.push_back(std::move(t));
}

Plan plan_of(llm::Request& request, std::string_view model, Facts facts = {"openai_chat", "id-1", 0, false}) {
  request.model = model;
  const auto behaviour = parse_model(model);
  REQUIRE(behaviour);
  return make_plan(request, *behaviour, {}, facts);
}

std::string text_of(const Plan& plan) {
  REQUIRE_FALSE(plan.error);
  std::string out;
  for (const Block& b : plan.response.choices.at(0).content)
    if (b.kind == Block::Kind::text) out += b.text;
  return out;
}

constexpr std::string_view kCity = R"({"type":"object","properties":{"city":{"type":"string"}}})";

}  // namespace

TEST_SUITE_BEGIN("sim/script");

TEST_CASE("echo answers the last user message") {
  llm::Request r;
  say(r, Role::user, "first");
  say(r, Role::assistant, "answer");
  say(r, Role::user, "last – ü");
  const Plan plan = plan_of(r, "echo");
  CHECK(text_of(plan) == "last – ü");
  CHECK(plan.response.choices[0].stop == llm::Stop::end);
  CHECK(plan.response.usage.input == llm::count_request(r));
  CHECK(plan.response.usage.output == llm::count_text("last – ü"));
}

TEST_CASE("an unknown model says who answers") {
  llm::Request r;
  say(r, Role::user, "hi");
  const std::string text = text_of(plan_of(r, "gpt-5.4"));
  CHECK(text.contains("simulator"));
  CHECK(text.contains("OPENAI_API_KEY"));
  CHECK(text.contains("gpt-5.4"));
}

TEST_CASE("tools are called for as many turns as asked, then their results are quoted") {
  llm::Request r;
  say(r, Role::user, "weather?");
  tool(r, "get_time", kCity);
  tool(r, "get_weather", kCity);
  const Plan first = plan_of(r, "sim-tools-2");
  const Block called = first.response.choices.at(0).content.at(0);
  CHECK(called.kind == Block::Kind::tool_call);
  CHECK(called.name == "get_time");
  CHECK(called.arguments == R"({"city":"Paris"})");
  CHECK(first.response.choices[0].stop == llm::Stop::tool_use);
  call(r, "call_1", "get_time");
  result(r, "call_1", "noon");
  const Plan second = plan_of(r, "sim-tools-2");
  CHECK(second.response.choices.at(0).content.at(0).arguments == R"({"city":"Oslo"})");
  CHECK(second.response.choices.at(0).content.at(0).id != called.id);
  call(r, "call_2", "get_weather");
  result(r, "call_2", "sunny");
  CHECK(text_of(plan_of(r, "sim-tools-2")) == "get_time answered: noon\nget_weather answered: sunny");
}

TEST_CASE("the user's text chooses the tool and its arguments") {
  llm::Request r;
  say(r, Role::user, R"(please get_weather({"city": "Rome"}) now)");
  tool(r, "get_time", kCity);
  tool(r, "get_weather", kCity);
  const Plan plan = plan_of(r, "sim-tools");
  CHECK(plan.response.choices.at(0).content.at(0).name == "get_weather");
  CHECK(plan.response.choices.at(0).content.at(0).arguments == R"({"city": "Rome"})");
}

TEST_CASE("parallel calls, unless the request forbids them; tool_choice none and named") {
  llm::Request r;
  say(r, Role::user, "both");
  tool(r, "a_tool", kCity);
  tool(r, "b_tool", kCity);
  const Plan both = plan_of(r, "sim-tools-parallel");
  REQUIRE(both.response.choices.at(0).content.size() == 2);
  CHECK(both.response.choices[0].content[1].name == "b_tool");
  r.parallel_tool_calls = false;
  CHECK(plan_of(r, "sim-tools-parallel").response.choices.at(0).content.size() == 1);
  r.tool_choice = {llm::ToolChoice::Kind::named, "b_tool", {}};
  CHECK(plan_of(r, "sim-tools").response.choices.at(0).content.at(0).name == "b_tool");
  r.tool_choice = {llm::ToolChoice::Kind::none, "", {}};
  CHECK(text_of(plan_of(r, "sim-tools")) == "No tool was called.");
}

TEST_CASE("thinking is signed, and a replay is checked") {
  llm::Request r;
  say(r, Role::user, "think");
  const Plan plan = plan_of(r, "sim-thinking");
  const Block thought = plan.response.choices.at(0).content.at(0);
  REQUIRE(thought.kind == Block::Kind::thinking);
  CHECK(thought.signature == signature_of(thought.text));
  CHECK(plan.response.usage.reasoning == llm::count_text(thought.text));
  r.messages.emplace_back().role = Role::assistant;
  r.messages.back().content.push_back(thought);
  say(r, Role::user, "again");
  CHECK(text_of(plan_of(r, "sim-thinking")) ==
        "Replayed thinking: 1 intact, 0 changed, 0 unsigned, 0 redacted.");
  r.messages[1].content[0].text = "something else";
  CHECK(text_of(plan_of(r, "sim-thinking")) ==
        "Replayed thinking: 0 intact, 1 changed, 0 unsigned, 0 redacted.");
}

TEST_CASE("stop sequences and max_tokens end the text") {
  llm::Request r;
  say(r, Role::user, "one two STOP three");
  r.stop.push_back("STOP");
  Plan plan = plan_of(r, "echo");
  CHECK(text_of(plan) == "one two ");
  CHECK(plan.response.choices[0].stop == llm::Stop::stop_sequence);
  CHECK(plan.response.choices[0].stop_sequence == "STOP");
  r.stop.clear();
  r.max_tokens = 2;
  plan = plan_of(r, "echo");
  CHECK(plan.response.choices[0].stop == llm::Stop::max_tokens);
  CHECK(text_of(plan).size() < 12);
  CHECK(plan.response.usage.output <= 2);
}

TEST_CASE("a sized answer keeps its size whatever max_tokens says") {
  llm::Request r;
  say(r, Role::user, "x");
  r.max_tokens = 2;
  CHECK(text_pieces(text_of(plan_of(r, "sim-stream-100"))).size() == 100);
  CHECK(text_of(plan_of(r, "sim-size-5000")).size() == 5000);
}

TEST_CASE("errors carry status, type and the vendor's rate-limit headers") {
  llm::Request r;
  say(r, Role::user, "x");
  const Plan limited = plan_of(r, "sim-429-3");
  REQUIRE(limited.error);
  CHECK(limited.error->code == Code::rate_limited);
  CHECK(limited.error->retry_after_ms == 3000);
  CHECK(limited.headers.at(0) == std::pair<std::string, std::string>("retry-after", "3"));
  CHECK(limited.headers.at(1).first == "x-ratelimit-limit-requests");
  CHECK(plan_of(r, "sim-429-3", {"anthropic", "i", 0, false}).headers.at(1).first ==
        "anthropic-ratelimit-requests-limit");
  CHECK(http_status(*plan_of(r, "sim-error-529").error) == 529);
  CHECK(plan_of(r, "sim-fail-2", {"openai_chat", "i", 1, false}).error);
  CHECK_FALSE(plan_of(r, "sim-fail-2", {"openai_chat", "i", 2, false}).error);
}

TEST_CASE("conversations that a provider would refuse are refused") {
  llm::Request empty;
  CHECK(plan_of(empty, "echo").error->code == Code::invalid_request);
  llm::Request orphan;
  say(orphan, Role::user, "x");
  result(orphan, "call_9", "y");
  CHECK(plan_of(orphan, "echo").error->message.contains("call_9"));
  llm::Request open;
  say(open, Role::user, "x");
  call(open, "call_1", "t");
  CHECK(plan_of(open, "echo").error->message.contains("call_1"));
  say(open, Role::user, "go on");
  CHECK(plan_of(open, "echo").error->message.contains("call_1"));
  llm::Request blank;
  say(blank, Role::user, "");
  CHECK(plan_of(blank, "echo", {"anthropic", "i", 0, false}).error);
  CHECK_FALSE(plan_of(blank, "echo").error);
}

TEST_CASE("structured output fits the schema") {
  llm::Request r;
  say(r, Role::user, "x");
  r.response_format.kind = llm::ResponseFormat::Kind::json_schema;
  r.response_format.schema = *json::parse(kCity, r.arena);
  CHECK(text_of(plan_of(r, "sim-json")) == R"({"city":"Paris"})");
  r.response_format.kind = llm::ResponseFormat::Kind::json_object;
  CHECK(text_of(plan_of(r, "sim-json")) == R"({"answer":"x"})");
  llm::Tool& tool = r.tools.emplace_back();
  tool.name = "json";
  tool.parameters = *json::parse(kCity, r.arena);
  CHECK(text_of(plan_of(r, "sim-json")) == R"({"answer":"x"})");
  r.tool_choice.kind = llm::ToolChoice::Kind::required;
  CHECK(plan_of(r, "sim-json").response.choices.at(0).content.at(0).arguments == R"({"city":"Paris"})");
}

TEST_CASE("media are described by type, size and digest") {
  llm::Request r;
  say(r, Role::user, "what is this?");
  Block image = block(Block::Kind::image, "");
  image.media_type = "image/png";
  image.data = "aGVs\nbG8=";
  r.messages[0].content.push_back(image);
  Block url = block(Block::Kind::image, "");
  url.url = "https://example.com/a.png";
  r.messages[0].content.push_back(url);
  CHECK(text_of(plan_of(r, "sim-image")) ==
        "image 1: image/png, 5 bytes, sha256 2cf24dba5fb0a30e\nimage 2: url https://example.com/a.png");
}

TEST_CASE("the prompt cache is written first and read later") {
  llm::Request r;
  say(r, Role::system, "a long system prompt that is worth keeping");
  r.messages[0].content[0].cache = {true, "1h"};
  say(r, Role::user, "x");
  const llm::Usage written = plan_of(r, "echo").response.usage;
  CHECK(written.cache_write > 0);
  CHECK(written.cache_write_1h == written.cache_write);
  CHECK(written.cache_read == 0);
  const std::uint64_t before = cache_prefix(r).hash;
  r.messages[1].content[0].text = "another question";
  CHECK(cache_prefix(r).hash == before);
  const llm::Usage read = plan_of(r, "echo", {"openai_chat", "i", 0, true}).response.usage;
  CHECK(read.cache_read == written.cache_write);
  CHECK(read.cache_write == 0);
}

TEST_CASE("pieces join to the text and are whole UTF-8") {
  for (const std::string_view text :
       {std::string_view("one two  three"), std::string_view("äöüäöüäöüäöüäöüäöü"), std::string_view("")}) {
    std::string joined;
    for (const std::string_view piece : text_pieces(text)) {
      CHECK((static_cast<unsigned char>(piece.front()) & 0xc0) != 0x80);
      joined += piece;
    }
    CHECK(joined == text);
  }
  CHECK(text_pieces(filler(10'000'000)).size() < 2500);
  CHECK(text_pieces(words(1)).size() == 1);
}

TEST_CASE("n choices and logprobs") {
  llm::Request r;
  say(r, Role::user, "a b");
  r.n = 2;
  r.logprobs = true;
  const Plan plan = plan_of(r, "echo");
  REQUIRE(plan.response.choices.size() == 2);
  CHECK(plan.response.choices[1].logprobs["content"].items().size() == 2);
}

TEST_SUITE_END();
