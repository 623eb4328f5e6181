// What Ollama's clients send, and what its providers are sent.
#include "llm/ollama/ollama.h"

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

Request decode(const std::string& body) {
  auto r = kOllama.decode_request(body);
  REQUIRE_MESSAGE(r, r.error().message);
  return std::move(*r);
}

Request generate(const std::string& body) {
  auto r = kOllamaGenerate.decode_request(body);
  REQUIRE_MESSAGE(r, r.error().message);
  return std::move(*r);
}

std::string fault(const std::string& body) {
  auto r = kOllama.decode_request(body);
  if (r) return "no error";
  CHECK(r.error().code == Code::invalid_request);
  return r.error().message;
}

// As a client of another format would have it.
std::string encode(Request& r, std::string_view want_dropped = "", std::string_view format = "openai_chat") {
  r.format = format;
  Dropped dropped;
  std::string out;
  REQUIRE(kOllama.encode_request(r, {"m", {}}, dropped, out));
  CHECK(dropped.header() == want_dropped);
  return out;
}

std::string body(const std::string& members) {
  return R"({"model":"m","messages":[{"role":"user","content":"x"}])" +
         (members.empty() ? "" : "," + members) + "}";
}

Request asked(std::vector<Block> content, Role role = Role::user) {
  Request r;
  r.model = "m";
  Message& m = r.messages.emplace_back();
  m.role = role;
  m.content = std::move(content);
  return r;
}

Block text(Str t) {
  Block b;
  b.text = t;
  return b;
}

Block bytes(Kind kind, Str data) {
  Block b;
  b.kind = kind;
  b.data = data;
  return b;
}

json::Value member(const std::string& text, std::string_view name, json::Arena& arena) {
  auto v = json::parse(text, arena);
  REQUIRE(v);
  return (*v)[name];
}

}  // namespace

TEST_SUITE("ollama requests") {
  TEST_CASE("a stream is what comes unless it is refused") {
    CHECK(decode(body("")).stream);
    CHECK(decode(body(R"("stream":null)")).stream);
    CHECK_FALSE(decode(body(R"("stream":false)")).stream);
    CHECK(decode(body("")).stream_usage);
  }

  TEST_CASE("options: the known ones are parameters, the rest keep their names") {
    Request r = decode(body(
        R"("options":{"num_predict":5,"temperature":0.5,"top_p":0.25,"top_k":7,"seed":3,"stop":["a"],"frequency_penalty":1,"presence_penalty":2,"num_ctx":4096,"min_p":0.1,"mirostat":null})"));
    CHECK(r.max_tokens == 5);
    CHECK(r.temperature == 0.5);
    CHECK(r.top_p == 0.25);
    CHECK(r.top_k == 7);
    CHECK(r.seed == 3);
    CHECK(r.stop == std::vector<Str>{"a"});
    CHECK(r.frequency_penalty == 1);
    CHECK(r.presence_penalty == 2);
    CHECK(r.extra.size() == 2);
    Dropped dropped;
    std::string out;
    REQUIRE(kOpenaiChat.encode_request(r, {"m", {}}, dropped, out));
    CHECK(dropped.header() == "top_k, options.num_ctx, options.min_p");
    // No limit is said by a negative number, which no other format knows.
    r = decode(body(R"("options":{"num_predict":-2,"seed":-1})"));
    CHECK_FALSE(r.max_tokens.has_value());
    CHECK_FALSE(r.seed.has_value());
    CHECK(canonical(json::to_text(r.extra)) == R"({"options.num_predict":-2,"options.seed":-1})");
  }

  TEST_CASE("think and format") {
    CHECK(decode(body(R"("think":true)")).thinking.kind == Thinking::Kind::enabled);
    CHECK(decode(body(R"("think":false)")).thinking.kind == Thinking::Kind::disabled);
    CHECK(decode(body(R"("think":null)")).thinking.kind == Thinking::Kind::unset);
    CHECK(decode(body(R"("think":"max")")).effort == "max");
    CHECK(decode(body(R"("format":"")")).response_format.kind == ResponseFormat::Kind::unset);
    CHECK(decode(body(R"("format":"json")")).response_format.kind == ResponseFormat::Kind::json_object);
    CHECK(decode(body(R"("format":{"type":"object"})")).response_format.kind ==
          ResponseFormat::Kind::json_schema);
  }

  TEST_CASE("calls without ids and results without the ids of theirs find each other") {
    Request r = decode(R"({"model":"m","messages":[{"role":"user","content":"x"},
      {"role":"assistant","tool_calls":[{"function":{"name":"a","arguments":{}}},{"function":{"name":"b","arguments":{"x":1}}},{"function":{"name":"a","arguments":"{\"y\":2}"}}]},
      {"role":"tool","tool_name":"b","content":"1"},{"role":"tool","content":"2"},{"role":"tool","tool_name":"a","content":"3"},
      {"role":"assistant","tool_calls":[{"id":"given","function":{"name":"a"}}]},
      {"role":"tool","tool_call_id":"given","content":"4"}]})");
    const auto& calls = r.messages[1].content;
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].id == "call_1_0");
    CHECK(calls[2].arguments == R"({"y":2})");
    CHECK(r.messages[2].content[0].id == calls[1].id);
    CHECK(r.messages[3].content[0].id == calls[0].id);
    CHECK(r.messages[4].content[0].id == calls[2].id);
    CHECK(r.messages[6].content[0].id == "given");
  }

  TEST_CASE("images are told by their first bytes; sounds among them") {
    Request r = decode(
        R"({"model":"m","messages":[{"role":"user","content":"","images":["iVBORw0KGgoAAA","/9j/4AAQ","R0lGODlh",
      "UklGRgABAgNXRUJQVlA4IA==","UklGRv/+EABXQVZFZm10IA==","//uQxAAA","AAAA","data:image/x;base64,AAAA"]}]})");
    std::string seen;
    for (const Block& b : r.messages[0].content)
      seen += std::string(b.kind == Kind::audio ? "audio " : "") + std::string(b.media_type) + ";";
    CHECK(seen == "image/png;image/jpeg;image/gif;image/webp;audio audio/wav;audio audio/mpeg;;image/x;");
  }

  TEST_CASE("what is wrong is said with its place") {
    CHECK(fault("[]") == "the request body must be an object, found array");
    CHECK(fault(R"({"messages":[{"role":"user","content":"x"}]})") ==
          "model must be given: a string that names the model");
    CHECK(fault(R"({"model":"m"})") == "messages must be an array of messages, found null");
    CHECK(fault(R"({"model":"m","messages":[]})") == "messages must not be empty");
    CHECK(fault(R"({"model":"m","messages":[{"role":"ghost"}]})") ==
          "messages[0].role must be one of system, user, assistant and tool");
    CHECK(fault(R"({"model":"m","messages":[{"content":"x"}]})") == "messages[0].role is required");
    CHECK(fault(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]})") ==
          "messages[0].content must be a string, found array");
    CHECK(fault(R"({"model":"m","messages":[{"role":"user","images":["https://x/y.png"]}]})") ==
          "messages[0].images[0] must be base64: this format takes no URLs");
    CHECK(fault(R"({"model":"m","messages":[{"role":"user","images":[""]}]})") ==
          "messages[0].images[0] must not be empty");
    CHECK(fault(R"({"model":"m","messages":[{"role":"user","images":"x"}]})") ==
          "messages[0].images must be an array, found string");
    CHECK(fault(R"({"model":"m","messages":[{"role":"tool","content":"x"}]})") ==
          "messages[0] is a tool's result, but no call before it is without one; give its tool_call_id");
    CHECK(
        fault(
            R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":[1]}}]}]})") ==
        "messages[0].tool_calls[0].function.arguments must be an object, found array");
    CHECK(fault(R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"name":"f"}]}]})") ==
          "messages[0].tool_calls[0].function must be an object, found null");
    CHECK(fault(R"({"model":"m","messages":[{"role":"user","tool_calls":[{"function":{"name":"f"}}]}]})") ==
          "messages[0].tool_calls may stand in assistant messages only");
    CHECK(fault(body(R"("tools":[{"type":"function","function":{"name":""}}])")) ==
          "tools[0].function.name must not be empty");
    CHECK(fault(body(R"("tools":[{"type":"function"}])")) ==
          "tools[0].function must be an object, found null");
    CHECK(fault(body(R"("options":{"top_k":"x"})")) == "options.top_k must be a whole number, found string");
    CHECK(fault(body(R"("options":{"num_predict":1.5})")) == "options.num_predict must be a whole number");
    CHECK(fault(body(R"("options":{"stop":[1]})")) == "options.stop[0] must be a string, found number");
    CHECK(fault(body(R"("options":[])")) == "options must be an object, found array");
    CHECK(fault(body(R"("think":"hard")")) ==
          R"(think must be true, false, "low", "medium", "high" or "max")");
    CHECK(fault(body(R"("format":"xml")")) == R"(format must be "json" or a JSON Schema (an object))");
    CHECK(fault(body(R"("stream":"no")")) == "stream must be true or false, found string");
    CHECK(fault(body(R"("top_logprobs":21)")) == "top_logprobs must be a whole number from 0 to 20");
    CHECK(fault(body(R"("x":)")).contains("line 1"));
  }

  TEST_CASE("generate: a prompt is a conversation of one message") {
    Request r = generate(
        R"({"model":"m","prompt":"p","system":"s","images":["iVBORw0KGgoAAA"],"raw":true,"template":"","context":[1,2],"keep_alive":0,"options":{"num_predict":3}})");
    REQUIRE(r.messages.size() == 2);
    CHECK(r.messages[0].role == Role::system);
    CHECK(r.messages[0].content[0].text == "s");
    CHECK(r.messages[1].content[0].text == "p");
    CHECK(r.messages[1].content[1].kind == Kind::image);
    CHECK(r.max_tokens == 3);
    CHECK(r.stream);
    Dropped dropped;
    std::string out;
    REQUIRE(kOllama.encode_request(r, {"m", {}}, dropped, out));
    CHECK(dropped.header() == "raw, context, keep_alive");
    auto bad = kOllamaGenerate.decode_request(R"({"model":"m","prompt":["p"]})");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().message == "prompt must be a string, found array");
    bad = kOllamaGenerate.decode_request(R"({"model":"m"})");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().message == "prompt must not be empty");
  }

  TEST_CASE("generate: a gap is told in words, and reported") {
    Request r = generate(R"({"model":"m","prompt":"def f(","suffix":"return x"})");
    REQUIRE(r.messages.size() == 2);
    CHECK(r.messages[0].role == Role::system);
    CHECK(r.messages[0].content[0].text.contains("Answer with that and nothing else"));
    CHECK(r.messages[1].content[0].text == "<before>def f(</before>\n<after>return x</after>");
    CHECK(r.extra.has("suffix"));
  }

  TEST_CASE("to a provider: media") {
    Block url;
    url.kind = Kind::image;
    url.url = "https://x/y.png";
    Request r =
        asked({text("first:"), bytes(Kind::image, "AAAA"), text("second:"), bytes(Kind::image, "BBBB"), url});
    json::Arena arena;
    CHECK(
        json::to_text(member(encode(r, "image.url"), "messages", arena)) ==
        R"([{"role":"user","content":"first:"},{"role":"user","content":"second:","images":["AAAA"]},{"role":"user","content":"[image: https://x/y.png]","images":["BBBB"]}])");
    r = asked({text("look"), bytes(Kind::image, "AAAA"), bytes(Kind::audio, "CCCC")});
    CHECK(encode(r).contains(R"({"role":"user","content":"look","images":["AAAA","CCCC"]})"));
    Block pdf = bytes(Kind::document, "JVBERi0=");
    pdf.name = "a.pdf";
    Block plain;
    plain.kind = Kind::document;
    plain.name = "notes";
    plain.text = "words";
    r = asked({pdf, plain});
    CHECK(
        encode(r, "document")
            .contains(
                R"("content":"[a document that cannot be shown here: a.pdf]\n\n[document: notes]\n\nwords")"));
  }

  TEST_CASE("to a provider: calls, results and reasoning of other formats") {
    Request r;
    r.model = "m";
    r.messages.resize(3);
    r.messages[0].role = Role::developer;
    r.messages[0].content = {text("be brief"), text("and kind")};
    r.messages[1].role = Role::assistant;
    Block thought = text("hm");
    thought.kind = Kind::thinking;
    thought.signature = "sig";
    Block hidden;
    hidden.kind = Kind::redacted_thinking;
    hidden.data = "x";
    Block call;
    call.kind = Kind::tool_call;
    call.id = "c1";
    call.name = "ns__f";
    call.name_space = "ns";
    call.arguments = "{\n \"a\": 1}";
    Block custom = call;
    custom.id = "c2";
    custom.name = "f";
    custom.name_space = {};
    custom.custom = true;
    custom.text = "*** patch";
    r.messages[1].content = {thought, hidden, text("calling"), call, custom};
    r.messages[2].role = Role::tool;
    Block result;
    result.kind = Kind::tool_result;
    result.id = "c1";
    result.is_error = true;
    result.content = {text("no"), bytes(Kind::image, "AAAA")};
    r.messages[2].content = {result};
    json::Arena arena;
    CHECK(
        json::to_text(member(encode(r, "thinking.signature, redacted_thinking"), "messages", arena)) ==
        R"([{"role":"system","content":"be brief\n\nand kind"},{"role":"assistant","content":"calling","thinking":"hm","tool_calls":[)"
        R"({"id":"c1","function":{"index":0,"name":"ns__f","arguments":{"a":1}}},)"
        R"({"id":"c2","function":{"index":1,"name":"f","arguments":{"input":"*** patch"}}}]},)"
        R"({"role":"tool","content":"Error: no","images":["AAAA"],"tool_name":"ns__f","tool_call_id":"c1"}])");
  }

  TEST_CASE("to a provider: effort, budgets, tool choice") {
    auto think = [](std::string_view effort, Thinking::Kind kind, std::int64_t budget) {
      Request r = asked({text("x")});
      r.effort = effort;
      r.thinking.kind = kind;
      r.thinking.budget_tokens = budget;
      json::Arena arena;
      return json::to_text(member(encode(r), "think", arena));
    };
    using T = Thinking::Kind;
    CHECK(think("none", T::unset, 0) == "false");
    CHECK(think("minimal", T::unset, 0) == R"("low")");
    CHECK(think("xhigh", T::unset, 0) == R"("max")");
    CHECK(think("medium", T::adaptive, 0) == R"("medium")");
    CHECK(think("", T::enabled, 2000) == R"("low")");
    CHECK(think("", T::enabled, 10000) == R"("medium")");
    CHECK(think("", T::enabled, 30000) == R"("high")");
    CHECK(think("", T::enabled, 0) == "true");
    CHECK(think("", T::adaptive, 0) == "null");
    CHECK(think("high", T::disabled, 0) == "false");
    Request r = asked({text("x")});
    r.tools.resize(2);
    r.tools[0].name = "a";
    r.tools[1].name = "b";
    r.tool_choice = {ToolChoice::Kind::named, "b", {}};
    std::string out = encode(r, "tool_choice");
    CHECK_FALSE(out.contains(R"("name":"a")"));
    CHECK(out.contains(R"("name":"b")"));
    r.tool_choice = {ToolChoice::Kind::none, {}, {}};
    CHECK_FALSE(encode(r).contains("tools"));
  }

  TEST_CASE("a model that does not think is asked again without, for clients of other formats") {
    Error error;
    error.message = "\"llama3\" does not support thinking";
    Dropped dropped;
    Request r = asked({text("x")});
    r.format = "openai_chat";
    CHECK_FALSE(kOllama.relax(error, r, dropped));
    r.effort = "high";
    CHECK(kOllama.relax(error, r, dropped));
    CHECK(r.effort.empty());
    CHECK(dropped.header() == "reasoning_effort");
    CHECK_FALSE(kOllama.relax(error, r, dropped));
    r.thinking.kind = Thinking::Kind::enabled;
    r.format = "ollama";
    CHECK_FALSE(kOllama.relax(error, r, dropped));
    r.format = "anthropic";
    error.message = "model not found";
    CHECK_FALSE(kOllama.relax(error, r, dropped));
  }

  TEST_CASE("tool parameters are said with what the server reads") {
    auto cleaned = [](std::string_view schema) {
      json::Arena arena;
      return json::to_text(ollama::tool_parameters(*json::parse(schema, arena), arena));
    };
    CHECK(cleaned("null") == R"({"type":"object","properties":{}})");
    CHECK(
        cleaned(
            R"({"type":["object","null"],"properties":{"a":true,"b":{"const":5},"c":{"type":5}},"required":["a",1]})") ==
        R"({"type":"object","properties":{"a":{},"b":{"enum":[5]},"c":{"description":"{type: 5}"}},"required":["a"]})");
    CHECK(
        cleaned(
            R"({"$schema":"x","type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","minimum":1,"maximum":9,"description":"how many"},"l":{"type":"array","items":{"$ref":"#/$defs/i"},"minItems":1}},"$defs":{"i":{"oneOf":[{"type":"string"},{"type":"null"}],"description":"an item"}}})") ==
        R"({"type":"object","properties":{"n":{"type":"integer","description":"how many\n\n{minimum: 1, maximum: 9}"},"l":{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"null"}],"description":"an item"},"description":"{minItems: 1}"}}})");
    CHECK(
        cleaned(
            R"({"type":"object","properties":{"a":{"description":"mine","allOf":[{"$ref":"#/$defs/i"}]}},"$defs":{"i":{"type":"string","enum":["x"],"description":"its"}}})") ==
        R"({"type":"object","properties":{"a":{"type":"string","enum":["x"],"description":"mine"}}})");
    // A tree refers to itself: unfolded once, then named.
    CHECK(
        cleaned(
            R"({"type":"object","properties":{"t":{"$ref":"#/$defs/t"}},"$defs":{"t":{"type":"object","properties":{"sub":{"$ref":"#/$defs/t"}}}}})") ==
        R"({"type":"object","properties":{"t":{"type":"object","properties":{"sub":{"description":"{$ref: \"#/$defs/t\"}"}}}}})");
    // References that double at every step stay small.
    std::string wide = R"({"type":"object","properties":{"r":{"$ref":"#/$defs/d0"}},"$defs":{)";
    for (int i = 0; i < 40; ++i) {
      const std::string next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
      wide += "\"d" + std::to_string(i) + R"(":{"properties":{"a":)" + next + R"(,"b":)" + next + "}},";
    }
    CHECK(cleaned(wide + R"("d40":{}}})").size() < 100'000);
  }
}

}  // namespace pb::llm
