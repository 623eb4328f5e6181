// Answers of every format, from the golden files, in all their forms.
#include "gateway/cache/replay.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "llm/assemble.h"

using namespace pb;
using namespace pb::gateway::cache;

namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> golden(std::string_view format, std::string_view ending) {
  std::vector<fs::path> out;
  for (const auto& e : fs::directory_iterator(fs::path(PATCHBAY_SOURCE_DIR) / "tests" / "golden" / format))
    if (e.path().filename().string().ends_with(ending)) out.push_back(e.path());
  std::ranges::sort(out);
  return out;
}

// What a client is told, without what differs between streams and whole answers by design: ids and times.
std::string said(const llm::Response& r) {
  std::string out;
  for (const llm::Choice& c : r.choices) {
    for (const llm::Block& b : c.content)
      if (b.kind != llm::Block::Kind::text || !b.text.empty() || !b.signature.empty())
        out += std::to_string(static_cast<int>(  // Gemini's streams tell a refusal as text
                   b.kind == llm::Block::Kind::refusal ? llm::Block::Kind::text : b.kind)) +
               "|" + std::string(b.text) + "|" + std::string(b.name) + "|" +
               (b.arguments.empty() ? "{}" : std::string(b.arguments)) + "|" + std::string(b.signature) +
               "|" + std::string(b.data) + "\n";
    out += "stop " + std::to_string(static_cast<int>(c.stop)) + "\n";
  }
  return out + std::to_string(r.usage.input) + "+" + std::to_string(r.usage.output);
}

std::string asking_body(const llm::Dialect& d) {
  if (d.name == "gemini")
    return R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}})";
  if (d.name == "openai_responses") return R"({"model":"m","input":"hi"})";
  if (d.name == "openai_completions") return R"({"model":"m","prompt":"hi"})";
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
}

Entry entry(const llm::Dialect& d, Form form, std::string body) {
  Entry e;
  e.form = form;
  e.format = d.name;
  e.body = std::move(body);
  return e;
}

}  // namespace

TEST_SUITE("cache/replay") {
  TEST_CASE("which form a request wants") {
    const auto& chat = *llm::find_dialect("openai_chat");
    const auto& anthropic = *llm::find_dialect("anthropic");
    CHECK(form_wanted(chat, false, false, false) == Form::whole);
    CHECK(form_wanted(chat, true, false, false) == Form::stream_bare);
    CHECK(form_wanted(chat, true, false, true) == Form::stream);
    CHECK(form_wanted(anthropic, true, false, false) == Form::stream);
    CHECK(form_wanted(*llm::find_dialect("gemini"), true, true, false) == Form::array);
  }

  TEST_CASE("a whole answer as a stream and back says the same, in every format") {
    std::size_t count = 0;
    for (const llm::Dialect* d : llm::dialects()) {
      for (const fs::path& path : golden(d->name, ".response.json")) {
        CAPTURE(path.string());
        const auto first = d->decode_response(read_file(path));
        REQUIRE(first);
        // Beyond its extras and raw blocks, which are the other dialects' business, nothing may be lost.
        const bool plain = std::ranges::all_of(first->choices, [](const llm::Choice& c) {
          return std::ranges::all_of(c.content,
                                     [](const llm::Block& b) { return b.kind != llm::Block::Kind::opaque; });
        });
        if (!plain || first->choices.size() != 1) continue;
        std::string whole;
        llm::Dropped dropped;
        d->encode_response(*first, {}, dropped, whole);
        REQUIRE(is_complete(*d, Form::whole, whole));
        const std::string body = asking_body(*d);
        for (const Form form : {Form::stream, Form::array}) {
          if (form == Form::array && d->name != "gemini") continue;
          const auto stream = in_form(entry(*d, Form::whole, whole), *d, form, {body, "m", d->model_in_path});
          REQUIRE(stream);
          CHECK_MESSAGE(is_complete(*d, form, *stream), *stream);
          const auto back = in_form(entry(*d, form, *stream), *d, Form::whole, {body, "m", d->model_in_path});
          REQUIRE(back);
          const auto second = d->decode_response(*back);
          REQUIRE(second);
          const auto start = d->decode_response(whole);
          CHECK(said(*second) == said(*start));
          ++count;
        }
      }
    }
    CHECK(count >= 12);
  }

  TEST_CASE("a cut stream, one that tells an error and half a text are no answers") {
    const auto& d = *llm::find_dialect("openai_chat");
    std::string stream =
        "data: "
        "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":"
        "{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":null}]}\n\n";
    CHECK(!is_complete(d, Form::stream_bare, stream));
    const std::string error = stream + "data: {\"error\":{\"message\":\"no\",\"type\":\"x\"}}\n\n";
    CHECK(!is_complete(d, Form::stream_bare, error));
    stream +=
        "data: "
        "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    CHECK(is_complete(d, Form::stream_bare, stream));
    CHECK(!is_complete(d, Form::whole, stream));
    CHECK(!is_complete(d, Form::whole, ""));
    CHECK(!is_complete(d, Form::whole, "{\"id\":"));
  }

  TEST_CASE("usage is told where it is asked for, also when the kept stream was not asked for it") {
    const auto& d = *llm::find_dialect("openai_chat");
    Entry e = entry(
        d, Form::stream_bare,
        "data: {\"id\":\"c7\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":null}]}\n\ndata: "
        "{\"id\":\"c7\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    e.usage = {.input = 11, .output = 22, .known = true};
    const std::string body = asking_body(d);
    const auto with = in_form(e, d, Form::stream, {body, "m", false});
    REQUIRE(with);
    CHECK(with->contains("\"completion_tokens\":22"));
    CHECK(with->contains("\"c7\""));
    CHECK(with->ends_with("data: [DONE]\n\n"));
    const auto whole = in_form(e, d, Form::whole, {body, "m", false});
    REQUIRE(whole);
    CHECK(whole->contains("\"prompt_tokens\":11"));
    const auto bare = in_form(entry(d, Form::stream, *with), d, Form::stream_bare, {body, "m", false});
    REQUIRE(bare);
    CHECK(!bare->contains("completion_tokens"));
  }
}
