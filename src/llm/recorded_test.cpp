// Recorded answers of real providers: each decodes, whole and streamed, and reaches clients of every format with its
// text, calls, reasoning and usage intact.
#include <algorithm>
#include <set>

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

struct Source {
  const char* folder;
  const Dialect* dialect;
};
const Source kSources[] = {{"openai-chat", &kOpenaiChat}, {"deepseek", &kOpenaiChat},
                           {"groq", &kOpenaiChat},        {"mistral", &kMistral},
                           {"perplexity", &kOpenaiChat},  {"xai-chat", &kOpenaiChat},
                           {"anthropic", &kAnthropic},    {"gemini", &kGemini},
                           {"cohere", &kCohere},          {"openai-responses", &kOpenaiResponses}};
const std::span<const Dialect* const> kTargets = dialects();

// What must survive any translation.
struct Essence {
  std::string text, thinking;
  std::vector<std::pair<std::string, std::string>> calls;  // name, arguments as canonical JSON
  std::set<std::string> ids;
  bool opaque = false;  // it holds what only its own format can say
  Stop stop = Stop::unset;
  Usage usage;

  bool says_something() const { return !text.empty() || !calls.empty() || opaque || stop == Stop::refusal; }
};

// The free text of a custom tool, as formats without them have it.
std::string as_function(std::string_view input) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("input", input);
  w.end_object();
  return out;
}

void add_call(Essence& e, std::string_view id, std::string_view name, std::string_view arguments) {
  e.calls.emplace_back(name,
                       canonical(arguments.empty() ? "{}" : arguments));  // providers may leave them out
  e.ids.emplace(id);
}

Essence essence(const Response& r) {
  Essence e;
  REQUIRE(r.choices.size() >= 1);
  for (const Block& b : r.choices[0].content) {
    if (b.kind == Kind::text || b.kind == Kind::refusal) e.text += b.text;
    if (b.kind == Kind::thinking) e.thinking += b.text;
    if (b.kind == Kind::tool_call)
      add_call(e, b.id, b.name, b.custom ? as_function(b.text) : std::string(b.arguments));
    e.opaque |= b.kind == Kind::opaque;
  }
  e.stop = r.choices[0].stop;
  e.usage = r.usage;
  return e;
}

Essence essence(const Assembled& a) {
  Essence e;
  CHECK_MESSAGE(!a.failed, a.error);
  CHECK(a.ended);
  REQUIRE(a.choices.size() >= 1);
  for (const auto& p : a.choices[0].parts) {
    if (p.kind == Kind::text || p.kind == Kind::refusal) e.text += p.text;
    if (p.kind == Kind::thinking) e.thinking += p.text;
    if (p.kind == Kind::tool_call) add_call(e, p.id, p.name, p.custom ? as_function(p.text) : p.text);
    e.opaque |= p.kind == Kind::opaque;
  }
  e.stop = a.choices[0].stop;
  e.usage = a.usage;
  return e;
}

// Formats name a refusal differently: a filtered answer here, a refusal there.
Stop plain(Stop stop) { return stop == Stop::content_filter ? Stop::refusal : stop; }

// What a format that has neither calls nor reasoning is to keep of an answer: its words.
Essence in_words(const Dialect& to, Essence e) {
  if (note_of(to, "tool_calls").starts_with("kept")) return e;
  e.thinking.clear();
  e.calls.clear();
  e.ids.clear();
  if (e.stop == Stop::tool_use || e.stop == Stop::pause) e.stop = Stop::end;
  return e;
}

void check_same(const Essence& a, const Essence& b) {
  CHECK(a.text == b.text);
  CHECK(a.thinking == b.thinking);
  CHECK(a.calls == b.calls);
  CHECK(a.ids == b.ids);
  CHECK(plain(a.stop) == plain(b.stop));
  CHECK(a.usage.known == b.usage.known);
  CHECK(a.usage.input == b.usage.input);
  CHECK(a.usage.output == b.usage.output);
  CHECK(a.usage.cache_read == b.usage.cache_read);
  CHECK(a.usage.cache_write == b.usage.cache_write);
  CHECK(a.usage.reasoning == b.usage.reasoning);
}

// The same things found by searching the file for them, without the code under test's reading of it.
void check_against_raw(const Essence& e, std::string_view raw) {
  json::Arena arena;
  json::Value root = *json::parse(raw, arena);
  json::Value m = root["choices"].items()[0]["message"];
  if (m["content"].is_string()) CHECK(e.text == m["content"].as_string());
  if (m["reasoning_content"].is_string()) CHECK(e.thinking == m["reasoning_content"].as_string());
  CHECK(e.calls.size() == m["tool_calls"].size());
  CHECK(e.usage.input == root["usage"]["prompt_tokens"].as_int());
  CHECK(e.usage.cache_read == root["usage"]["prompt_tokens_details"]["cached_tokens"].as_int());
  CHECK(e.usage.reasoning == root["usage"]["completion_tokens_details"]["reasoning_tokens"].as_int());
  CHECK(e.usage.input + e.usage.output == root["usage"]["total_tokens"].as_int());
}

std::vector<fs::path> files(const fs::path& dir, std::string_view ending) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(dir))
    if (entry.path().filename().string().ends_with(ending)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

void whole(const Dialect& from, const fs::path& path) {
  CAPTURE(path.filename().string());
  std::string raw = read_file(path);
  auto r = from.decode_response(raw);
  REQUIRE_MESSAGE(r, r.error().message);
  Essence expected = essence(*r);
  CHECK(expected.says_something());
  CHECK(expected.stop != Stop::unset);
  CHECK(expected.usage.known);
  if (&from == &kOpenaiChat) check_against_raw(expected, raw);
  Peek peek;
  from.peek_response(raw, peek);
  CHECK(peek.usage.input == expected.usage.input);
  CHECK(peek.usage.output == expected.usage.output);
  for (const Dialect* to : kTargets) {
    CAPTURE(to->name);
    Dropped dropped;
    std::string body;
    to->encode_response(*r, {"id", "", 1700000000}, dropped, body);
    auto again = to->decode_response(body);
    REQUIRE_MESSAGE(again, again.error().message);
    check_same(essence(*again), in_words(*to, expected));
  }
}

void streamed(const Dialect& from, const fs::path& path) {
  CAPTURE(path.filename().string());
  auto lines = lines_of(read_file(path));
  if (from.done_marker) lines.emplace_back("[DONE]");
  Assembled a = assemble(from, lines);
  Essence expected = essence(a);
  CHECK(expected.says_something());
  CHECK(expected.stop != Stop::unset);
  CHECK(expected.usage.known);
  Peek peek;
  for (const std::string& line : lines) {
    json::Arena arena;
    auto v = json::parse(line, arena);
    from.peek_event(from.done_marker || !v ? "" : (*v)["type"].as_string(), line, peek);
    if (peek.done) break;  // some files hold the answers of a whole loop of tools
  }
  CHECK(peek.done);
  CHECK(peek.usage.input == expected.usage.input);
  CHECK(peek.usage.output == expected.usage.output);
  for (const Dialect* to : kTargets) {
    CAPTURE(to->name);
    std::string sse = translate_stream(from, *to, lines, {"id", "alias", 1700000000, true});
    Assembled again = assemble_sse(*to, sse);
    check_same(essence(again), in_words(*to, expected));
    if (to != &kOpenaiChat) continue;
    for (const auto& p :
         again.choices[0].parts)  // clients of this format parse the arguments, so they must be JSON
      if (p.kind == Kind::tool_call && !p.custom) canonical(p.text);
  }
}

}  // namespace

TEST_SUITE("recorded") {
  TEST_CASE("every recorded answer, whole and streamed, in every format") {
    fs::path dir = recorded_dir();
    if (dir.empty()) return;
    std::size_t count = 0;
    for (const Source& source : kSources) {
      CAPTURE(source.folder);
      for (const fs::path& path : files(dir / source.folder, ".json")) {
        if (const std::string name = path.filename().string(); name.contains("error") || name.contains("429"))
          continue;
        whole(*source.dialect, path);
        ++count;
      }
      for (const fs::path& path : files(dir / source.folder, ".chunks.txt")) {
        const std::string name = path.filename().string();
        if (name.find("error") != std::string::npos) continue;
        if (name.starts_with("parallel-tool-call-wrapper")) continue;  // two of its events are not JSON
        streamed(*source.dialect, path);
        ++count;
      }
    }
    CHECK(count >= 18);
  }

  TEST_CASE("what the recorded vendors are known to have answered") {
    fs::path dir = recorded_dir();
    if (dir.empty()) return;
    auto stream = [&](const char* file) {
      return essence(assemble(kOpenaiChat, lines_of(read_file(dir / file))));
    };
    auto body = [&](const char* file) {
      return essence(*kOpenaiChat.decode_response(read_file(dir / file)));
    };
    Essence xai = stream("xai-chat/xai-tool-call.chunks.txt");
    CHECK(xai.usage.output == 26 + 227);
    CHECK(xai.usage.reasoning == 227);
    CHECK(xai.usage.cache_read == 306);
    CHECK(xai.calls.at(0) ==
          std::pair<std::string, std::string>("weather", R"({"location":"San Francisco"})"));
    CHECK(xai.stop == Stop::tool_use);
    Essence mistral = stream("mistral/mistral-reasoning.chunks.txt");
    CHECK(mistral.text == "2 + 2 = 4");
    CHECK(mistral.thinking == "The user is asking for 2+2. This is basic arithmetic. 2+2=4.");
    CHECK(body("mistral/mistral-reasoning.json").thinking == mistral.thinking);
    Essence call = stream("mistral/mistral-tool-call.chunks.txt");
    CHECK(*call.ids.begin() == "gSIMJiOkT");
    CHECK(call.stop == Stop::tool_use);
    Essence deepseek = stream("deepseek/deepseek-tool-call.chunks.txt");
    CHECK(deepseek.usage.cache_read == 320);
    CHECK(deepseek.thinking.starts_with("The user is asking"));
    CHECK(deepseek.calls.at(0).second == R"({"location":"San Francisco"})");
    CHECK(stream("perplexity/perplexity-citations.chunks.txt").usage.output == 336);
    CHECK(stream("groq/groq-tool-call.chunks.txt").usage.input == 210);
    Essence loop = essence(assemble(
        kOpenaiResponses,
        lines_of(read_file(dir / "openai-responses/openai-reasoning-encrypted-content.1.chunks.txt"))));
    CHECK(loop.calls.at(0) ==
          std::pair<std::string, std::string>("calculator", R"({"a":12,"b":7,"op":"add"})"));
    CHECK(loop.thinking.size() > 100);
    CHECK(loop.usage.known);
    Assembled web = assemble(
        kOpenaiResponses, lines_of(read_file(dir / "openai-responses/openai-web-search-tool.1.chunks.txt")));
    CHECK(web.choices.at(0).parts.size() == 14);
    Assembled refused =
        assemble(kOpenaiResponses, lines_of(read_file(dir / "openai-responses/openai-error.1.chunks.txt")));
    CHECK(refused.failed);
    CHECK(refused.error_code == Code::payment_required);
    CHECK(refused.error.starts_with("You exceeded your current quota"));
    Error e = kOpenaiChat.decode_error(
        400, read_file(dir / "openai-chat/reasoning-model-legacy-parameter-error.json"));
    CHECK(e.param == "max_tokens");
    CHECK(e.provider_code == "unsupported_parameter");
  }
}

}  // namespace pb::llm
