// Every feature through every ordered pair of formats: what a client of one format says must reach a provider of the other, or be
// reported, or be written down as emulated; and the same for answers on their way back. docs/translation.md's tables are made
// from what was seen here.
#include <algorithm>
#include <map>

#include "llm/llm_test_support.h"
#include "llm/probes_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

// A provider that knows everything of its format.
EncodeOptions wide(const Dialect& d) {
  EncodeOptions o;
  o.model = d.name == "anthropic" ? "claude-opus-4-5" : "m";
  o.quirks.max_completion_tokens = true;
  o.quirks.developer_role = true;
  o.quirks.custom_tools = true;
  o.quirks.openrouter = true;
  return o;
}

ResponseOptions answer_options() { return {"id-of-ours", "m", 1'700'000'000, nullptr}; }

bool names(const Dropped& dropped, std::string_view feature) {
  return std::any_of(dropped.names().begin(), dropped.names().end(), [&](std::string_view n) {
    return n == feature || (n.starts_with(feature) && n[feature.size()] == '.') ||
           feature.starts_with(std::string(n) + ".");
  });
}

Result<Request> as_client_sends(const Dialect& client, Request request, const RequestProbe& probe) {
  request.format = client.name;
  Dropped dropped;
  std::string text;
  if (auto written = client.encode_request(request, wide(client), dropped, text); !written)
    return std::unexpected(written.error());
  auto read = client.decode_request(text);
  if (!read) return read;
  if (!probe.holds(*read)) return fail(Code::invalid_request, "cannot be said");
  return read;
}

// "kept", "dropped", "emulated", "refused", "" when the client's format cannot say it, "LOST" when nothing says so.
std::string request_cell(const Dialect& client, const Dialect& provider, const RequestProbe& probe) {
  Request x = plain_request();
  probe.put(x);
  auto sent = as_client_sends(client, std::move(x), probe);
  if (!sent) return {};
  Dropped dropped;
  std::string text;
  if (auto written = provider.encode_request(*sent, wide(provider), dropped, text); !written)
    return "refused";
  auto got = provider.decode_request(text);
  REQUIRE_MESSAGE(got, got.error().message << " in " << text);
  if (probe.holds(*got)) return "kept";
  if (names(dropped, probe.feature)) return "dropped";
  return note_of(provider, probe.feature).contains("emulated") ? "emulated" : "LOST";
}

std::string answer_cell(const Dialect& client, const Dialect& provider, const AnswerProbe& probe) {
  Response x = plain_answer();
  probe.put(x);
  x.format = provider.name;
  Dropped ignored, dropped;
  std::string text;
  provider.encode_response(x, answer_options(), ignored, text);
  auto got = provider.decode_response(text);
  REQUIRE_MESSAGE(got, got.error().message << " in " << text);
  if (!probe.holds(*got)) return {};
  std::string to_client;
  client.encode_response(*got, answer_options(), dropped, to_client);
  auto seen = client.decode_response(to_client);
  REQUIRE_MESSAGE(seen, seen.error().message << " in " << to_client);
  if (probe.holds(*seen)) return "kept";
  if (names(dropped, probe.feature)) return "dropped";
  return note_of(client, probe.feature).contains("emulated") ? "emulated" : "LOST";
}

// ---------------------------------------------------------------- reasoning, there and back

// The client's next request, made of the answer's own JSON as clients do it; "" for formats not listed.
std::string echo(std::string_view client, const std::string& answer) {
  json::Arena arena;
  const json::Value root = *json::parse(answer, arena);
  const auto first = [](json::Value list) { return list.size() == 0 ? json::Value() : list.items()[0]; };
  std::string call_id = "none";
  std::string out;
  if (client == "anthropic") {
    for (const json::Value& b : root["content"].items())
      if (b["type"].as_string() == "tool_use") call_id = b["id"].as_string();
    return R"({"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":)" +
           json::to_text(root["content"]) +
           R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" + call_id +
           R"(","content":"rain"}]}]})";
  }
  if (client == "openai_chat" || client == "mistral") {
    const json::Value message = first(root["choices"])["message"];
    call_id = first(message["tool_calls"])["id"].as_string("none");
    return R"({"model":"m","messages":[{"role":"user","content":"hello"},)" + json::to_text(message) +
           R"(,{"role":"tool","tool_call_id":")" + call_id + R"(","content":"rain"}]})";
  }
  if (client == "openai_responses") {
    out = R"({"model":"m","input":[{"role":"user","content":"hello"})";
    for (const json::Value& item : root["output"].items()) {
      out += "," + json::to_text(item);
      if (item["type"].as_string() == "function_call") call_id = item["call_id"].as_string();
    }
    return out + R"(,{"type":"function_call_output","call_id":")" + call_id + R"(","output":"rain"}]})";
  }
  if (client == "gemini")
    return R"({"contents":[{"role":"user","parts":[{"text":"hello"}]},)" +
           json::to_text(first(root["candidates"])["content"]) +
           R"(,{"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"result":"rain"}}}]}]})";
  return {};
}

// Formats without a field to carry it: the gateway does (gateway/recall.h).
constexpr Str kRemembered[] = {"ollama", "cohere"};

void put_reasoning(Response& r, const Dialect& provider, bool redacted) {
  Block b;
  b.kind = redacted ? Kind::redacted_thinking : Kind::thinking;
  (redacted ? b.data : b.text) = redacted ? Str("c2VjcmV0") : Str("hm, rain");
  if (!redacted) b.signature = "c2lnbmVk";
  b.format = provider.name == "openai_chat" ? "anthropic" : provider.name;  // as OpenRouter passes it on
  r.choices[0].content.insert(r.choices[0].content.begin(), std::move(b));
  Block call;
  call.kind = Kind::tool_call;
  call.id = "call_a1";
  call.name = "get_weather";
  call.arguments = R"({"city":"Oslo"})";
  r.choices[0].content.push_back(std::move(call));
  r.choices[0].stop = Stop::tool_use;
}

// The signature (or the data) wherever a provider's decoder finds it.
bool has_signature(const std::vector<Block>& content, Str signature) {
  return std::any_of(content.begin(), content.end(),
                     [&](const Block& b) { return b.signature == signature || b.data == signature; });
}

std::string signature_cell(const Dialect& client, const Dialect& provider, bool redacted) {
  const Str signature = redacted ? "c2VjcmV0" : "c2lnbmVk";
  Response x = plain_answer();
  put_reasoning(x, provider, redacted);
  x.format = provider.name;
  Dropped ignored, dropped;
  std::string text;
  provider.encode_response(x, answer_options(), ignored, text);
  auto got = provider.decode_response(text);
  REQUIRE(got);
  if (!has_signature(got->choices[0].content, signature)) return {};
  std::string to_client;
  client.encode_response(*got, answer_options(), dropped, to_client);
  const std::string next = echo(client.name, to_client);
  const bool lasts =
      std::find(std::begin(kRemembered), std::end(kRemembered), client.name) != std::end(kRemembered);
  if (next.empty() && lasts) return "remembered";
  if (next.empty())  // nothing follows an answer in this format
    return names(dropped, "redacted_thinking") || names(dropped, "thinking.signature") ? "dropped" : "LOST";
  auto request = client.decode_request(next);
  REQUIRE_MESSAGE(request, request.error().message << " in " << next);
  std::string to_provider;
  REQUIRE(provider.encode_request(*request, wide(provider), dropped, to_provider));
  auto back = provider.decode_request(to_provider);
  REQUIRE_MESSAGE(back, back.error().message << " in " << to_provider);
  for (const Message& m : back->messages)
    if (m.role == Role::assistant && has_signature(m.content, signature))
      return to_client.contains(signature) ? "kept" : "carried";
  return names(dropped, redacted ? "redacted_thinking" : "thinking.signature") ? "dropped" : "LOST";
}

// ---------------------------------------------------------------- the tables

struct Row {
  std::string feature, request, answer;
};

std::string label(std::string_view feature, std::string_view what) {
  std::string out = "`" + std::string(feature) + "`";
  if (!what.empty()) out += " (" + std::string(what) + ")";
  return out;
}

std::vector<Row> rows_of(const Dialect& client, const Dialect& provider) {
  std::vector<Row> rows;
  auto row = [&](const std::string& feature) -> Row& {
    for (Row& r : rows)
      if (r.feature == feature) return r;
    return rows.emplace_back(Row{feature, {}, {}});
  };
  for (const RequestProbe& p : request_probes())
    if (std::string cell = request_cell(client, provider, p); !cell.empty())
      row(label(p.feature, p.what)).request = cell;
  for (const AnswerProbe& p : answer_probes())
    if (std::string cell = answer_cell(client, provider, p); !cell.empty())
      row(label(p.feature, p.what)).answer = cell;
  for (bool redacted : {false, true})
    if (std::string cell = signature_cell(client, provider, redacted); !cell.empty())
      row(label(redacted ? "redacted_thinking" : "thinking.signature", "and back")).answer = cell;
  return rows;
}

}  // namespace

TEST_SUITE("pairs") {
  TEST_CASE(
      "no feature is lost silently between any two formats; docs/translation.md says what becomes of each") {
    std::string page = translation_page();
    page +=
        "\n# What was seen, pair by pair\n\n"
        "Each table is made by the tests: what a client of the first format says, as the provider of the "
        "second reads it, and what "
        "the provider answers,\nas the client reads it. A row that is missing stands for what the sender's "
        "format cannot say at all; "
        "an empty cell likewise.\n\n"
        "- kept: it is there, unchanged\n- emulated: said in another way, as the notes above tell\n"
        "- carried: packed into a field that the client sends back, and unpacked for the provider\n"
        "- remembered: the client's format has no such field; Patchbay keeps it and puts it back into the "
        "next turn\n"
        "- dropped: left out, and named in `x-patchbay-dropped`\n- refused: the request is answered with an "
        "error that says so\n";
    for (const Dialect* client : dialects())
      for (const Dialect* provider : dialects()) {
        if (client == provider || client->decode_request == nullptr || provider->encode_request == nullptr)
          continue;
        CAPTURE(client->name);
        CAPTURE(provider->name);
        page += "\n## `" + std::string(client->name) + "` client, `" + std::string(provider->name) +
                "` provider\n\n| feature | request | answer |\n|---|---|---|\n";
        for (const Row& r : rows_of(*client, *provider)) {
          CAPTURE(r.feature);
          CHECK(r.request != "LOST");
          CHECK(r.answer != "LOST");
          page += "| " + r.feature + " | " + r.request + " | " + r.answer + " |\n";
        }
      }
    check_golden(source_dir() / "docs" / "translation.md", page);
  }

  TEST_CASE("what a format says to itself is kept") {
    for (const Dialect* d : dialects()) {
      CAPTURE(d->name);
      for (const RequestProbe& p : request_probes()) {
        CAPTURE(p.feature);
        CAPTURE(p.what);
        const std::string cell = request_cell(*d, *d, p);
        CHECK((cell.empty() || cell == "kept"));
      }
      for (const AnswerProbe& p : answer_probes()) {
        CAPTURE(p.feature);
        CAPTURE(p.what);
        const std::string cell = answer_cell(*d, *d, p);
        CHECK((cell.empty() || cell == "kept"));
      }
      for (bool redacted : {false, true}) {
        const std::string cell = signature_cell(*d, *d, redacted);
        CHECK((cell.empty() || cell == "kept" || cell == "remembered"));
      }
    }
  }
}

}  // namespace pb::llm
