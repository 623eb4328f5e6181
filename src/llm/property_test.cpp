// Made-up conversations through every pair of formats: what every format can say (texts, calls, results, their order) arrives
// whole wherever it goes; and streams of every format mean the same however the network cuts them.
#include <algorithm>
#include <random>

#include "llm/llm_test_support.h"
#include "llm/probes_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;
using Kind = Block::Kind;

constexpr int kConversations = 25;  // for each pair of formats

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  // Never blank at its ends: formats may trim or refuse white space.
  std::string text() {
    static constexpr std::string_view kPieces[] = {"word", " ",      "\n",   "\"",     "\\",      "ö",
                                                   "漢字", "😀",     "\t",   "</b>",   "{",       "}",
                                                   "[",    "]",      ":",    ",",      "0",       "'",
                                                   "\x01", "data: ", "\r\n", "\\u",    "%",       "&",
                                                   "=",    "null",   "--",   "\u2028", "<think>", "~"};
    std::string out = "a";
    const int n = below(12) == 0 ? 400 : below(12);
    for (int i = 0; i < n; ++i) out += kPieces[static_cast<std::size_t>(below(std::size(kPieces)))];
    return out + "z";
  }

  std::string arguments() {
    std::string out;
    json::Writer w(out);
    w.begin_object();
    for (int i = below(4); i > 0; --i) w.field("k" + std::to_string(i), std::string_view(text()));
    if (below(2) == 0) w.field("n", static_cast<std::int64_t>(below(1000)) - 500);
    if (below(3) == 0) {
      w.key("list");
      w.begin_array();
      w.boolean(true);
      w.null();
      w.real(0.25);
      w.end_array();
    }
    w.end_object();
    return out;
  }

  Request request() {
    Request r = plain_request();
    r.messages.clear();
    if (below(2) == 0) {
      say(r, Role::system, text());
      r.messages.back().top_level = true;
    }
    int calls = 0;
    const int turns = 1 + below(5);
    for (int turn = 0; turn < turns; ++turn) {
      say(r, Role::user, text());
      if (below(2) == 0) assistant(r, 1 + below(3), calls);
      say(r, Role::assistant, text());
    }
    say(r, Role::user, text());
    for (int i = 0; i < 3; ++i) {
      Tool& t = r.tools.emplace_back();
      t.name = kTools[i];
      t.description = keep(r.arena, text());
      t.parameters = *json::parse(R"({"type":"object","properties":{"k1":{"type":"string"}}})", r.arena);
    }
    return r;
  }

  // `speaks`: words are all that may be in it.
  Response response(bool speaks = false) {
    Response r = plain_answer();
    std::vector<Block>& content = r.choices[0].content;
    content.clear();
    if (below(2) == 0) add(r, Kind::thinking, text());
    if (below(4) != 0 || speaks) add(r, Kind::text, text());
    const int calls = speaks ? 0 : content.empty() ? 1 + below(3) : below(3);
    for (int i = 0; i < calls; ++i) add_call(r.arena, content, i);
    r.choices[0].stop = calls > 0 ? Stop::tool_use : below(4) == 0 ? Stop::max_tokens : Stop::end;
    return r;
  }

 private:
  static constexpr const char* kTools[] = {"look", "read_file", "run-it"};

  static Str keep(json::Arena& arena, std::string text) { return arena.keep(std::move(text)); }

  void say(Request& r, Role role, std::string text) {
    Message& m = r.messages.emplace_back();
    m.role = role;
    m.content.emplace_back().text = keep(r.arena, std::move(text));
  }

  void add(Response& r, Kind kind, std::string text) {
    Block& b = r.choices[0].content.emplace_back();
    b.kind = kind;
    b.text = keep(r.arena, std::move(text));
  }

  void add_call(json::Arena& arena, std::vector<Block>& content, int number) {
    Block& b = content.emplace_back();
    b.kind = Kind::tool_call;
    b.id = keep(arena, "call_" + std::to_string(number));
    b.name = kTools[below(3)];
    b.arguments = keep(arena, arguments());
  }

  void assistant(Request& r, int n, int& calls) {
    Message m;
    m.role = Role::assistant;
    for (int i = 0; i < n; ++i) add_call(r.arena, m.content, calls++);
    std::vector<Str> ids;
    for (const Block& b : m.content) ids.push_back(b.id);
    r.messages.push_back(std::move(m));
    for (Str id : ids) {
      Message& result = r.messages.emplace_back();
      result.role = Role::tool;
      Block& b = result.content.emplace_back();
      b.kind = Kind::tool_result;
      b.id = id;
      b.content.emplace_back().text = keep(r.arena, text());
    }
  }

  std::mt19937 random_;
};

// What was said, in order; ids only by which call they name.
std::vector<std::string> said(const Request& r) {
  std::vector<std::string> out;
  std::vector<Str> ids;
  for (const Message& m : r.messages)
    for (const Block& b : m.content) {
      const char* who = m.role == Role::assistant ? "assistant: "
                        : m.role == Role::user    ? "user: "
                                                  : "system: ";
      if (b.kind == Kind::text) {
        out.push_back(who + std::string(b.text));
      } else if (b.kind == Kind::tool_call) {
        out.push_back("call " + std::string(b.name) + canonical(b.arguments.empty() ? "{}" : b.arguments));
        ids.push_back(b.id);
      } else if (b.kind == Kind::tool_result) {
        const auto call = std::find(ids.rbegin(), ids.rend(), b.id);
        std::string text = "result " + std::to_string(call == ids.rend() ? -1 : ids.rend() - call) + ": ";
        for (const Block& inner : b.content) text += inner.text;
        out.push_back(std::move(text));
      }
    }
  return out;
}

std::vector<std::string> tools_of(const Request& r) {
  std::vector<std::string> out;
  for (const Tool& t : r.tools) out.push_back(std::string(t.name) + ": " + std::string(t.description));
  return out;
}

std::vector<std::string> said(const Assembled& a) {
  std::vector<std::string> out;
  for (const auto& p : a.choices.empty() ? std::vector<Assembled::Part>() : a.choices[0].parts) {
    if (p.kind == Kind::tool_call)
      out.push_back("call " + p.name + canonical(p.text.empty() ? "{}" : p.text));
    else if (!p.text.empty())
      out.push_back((p.kind == Kind::thinking ? "thought: " : "text: ") + p.text);
  }
  return out;
}

std::vector<std::string> said(const Response& r) {
  std::vector<std::string> out;
  for (const Block& b : r.choices.at(0).content) {
    if (b.kind == Kind::tool_call)
      out.push_back("call " + std::string(b.name) + canonical(b.arguments.empty() ? "{}" : b.arguments));
    else if (!b.text.empty())
      out.push_back((b.kind == Kind::thinking ? "thought: " : "text: ") + std::string(b.text));
  }
  return out;
}

// Formats that say nothing about tools or show no reasoning are asked only for what they can say.
bool has_calls(const Dialect& d) { return note_of(d, "tool_calls").starts_with("kept"); }
bool shows_thinking(const Dialect& d) { return note_of(d, "thinking.text").starts_with("kept"); }

std::vector<std::string> without(std::vector<std::string> list, std::string_view prefix) {
  std::erase_if(list, [&](const std::string& s) { return s.starts_with(prefix); });
  return list;
}

// The answer as a stream: each block in pieces of three characters or so.
std::vector<Event> events_of(const Response& r) {
  std::vector<Event> out;
  auto add = [&](Event::Kind kind, int index) -> Event& {
    Event& e = out.emplace_back();
    e.kind = kind;
    e.index = index;
    return e;
  };
  Event& start = add(Event::Kind::start, 0);
  start.id = r.id;
  start.model = r.model;
  int index = 0;
  for (const Block& b : r.choices[0].content) {
    const bool call = b.kind == Kind::tool_call;
    Event& begin = add(Event::Kind::block_start, index);
    begin.block.kind = b.kind;
    begin.block.id = b.id;
    begin.block.name = b.name;
    const Str all = call ? b.arguments : b.text;
    for (std::size_t at = 0; at < all.size();) {
      std::size_t n = std::min<std::size_t>(3, all.size() - at);
      while (at + n < all.size() && (static_cast<unsigned char>(all[at + n]) & 0xc0) == 0x80) ++n;
      add(call                       ? Event::Kind::arguments_delta
          : b.kind == Kind::thinking ? Event::Kind::thinking_delta
                                     : Event::Kind::text_delta,
          index)
          .text = all.substr(at, n);
      at += n;
    }
    add(Event::Kind::block_stop, index++);
  }
  add(Event::Kind::stop, 0).stop = r.choices[0].stop;
  add(Event::Kind::usage, 0).usage = r.usage;
  add(Event::Kind::end, 0);
  return out;
}

Assembled read_cut(const Dialect& d, std::string_view bytes, std::size_t piece) {
  EventReader reader(d.framing);
  auto decoder = d.stream_decoder();
  Assembled a;
  std::vector<Event> events;
  SseEvent e;
  auto take = [&] {
    for (const Event& event : events) a.take(event);
    events.clear();
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.append(bytes.substr(at, piece));
    while (reader.next(e)) {
      decoder->feed(e.name, e.data, events);
      take();
    }
  }
  if (reader.rest(e) && !e.data.empty()) decoder->feed(e.name, e.data, events);
  take();
  if (!a.ended && !a.failed) decoder->finish(events);
  take();
  CHECK(a.broken == std::vector<std::string>{});
  return a;
}

}  // namespace

TEST_SUITE("property") {
  TEST_CASE("any conversation reaches any provider from any client, word for word") {
    for (const Dialect* client : dialects())
      for (const Dialect* provider : dialects()) {
        if (!has_calls(*client) || !has_calls(*provider)) continue;
        CAPTURE(client->name);
        CAPTURE(provider->name);
        for (std::uint32_t seed = 0; seed < kConversations; ++seed) {
          CAPTURE(seed);
          Request x = Maker(seed).request();
          x.format = client->name;
          const auto expected = said(x);
          Dropped dropped;
          std::string sent, passed;
          REQUIRE(client->encode_request(x, {.model = "m", .quirks = {}}, dropped, sent));
          auto read = client->decode_request(sent);
          REQUIRE_MESSAGE(read, read.error().message);
          CHECK(said(*read) == expected);
          REQUIRE(provider->encode_request(*read, {.model = "m", .quirks = {}}, dropped, passed));
          auto got = provider->decode_request(passed);
          REQUIRE_MESSAGE(got, got.error().message);
          CHECK(said(*got) == expected);
          CHECK(tools_of(*got) == tools_of(x));
        }
      }
  }

  TEST_CASE("any prompt reaches any provider from a client of text completions, word for word") {
    for (const Dialect* provider : dialects()) {
      CAPTURE(provider->name);
      for (std::uint32_t seed = 0; seed < kConversations; ++seed) {
        CAPTURE(seed);
        const std::string prompt = Maker(seed).text(), suffix = Maker(seed + 1000).text();
        for (const bool gap : {false, true}) {
          std::string body, passed;
          json::Writer w(body);
          w.begin_object();
          w.field("model", "m");
          w.field("prompt", std::string_view(prompt));
          if (gap) w.field("suffix", std::string_view(suffix));
          w.end_object();
          auto read = kOpenaiCompletions.decode_request(body);
          REQUIRE_MESSAGE(read, read.error().message);
          Dropped dropped;
          REQUIRE(provider->encode_request(*read, {.model = "m", .quirks = {}}, dropped, passed));
          CHECK(dropped.empty());
          auto got = provider->decode_request(passed);
          REQUIRE_MESSAGE(got, got.error().message);
          const auto heard = said(*got);
          REQUIRE(heard.size() == 1);
          if (gap) {
            const std::size_t before = heard[0].find(prompt);
            CHECK(before != std::string::npos);
            CHECK(heard[0].find(suffix, before + prompt.size()) != std::string::npos);
          } else {
            CHECK(heard[0] == "user: " + prompt);
          }
        }
      }
    }
  }

  TEST_CASE("any answer reaches any client from any provider, whole and streamed") {
    for (const Dialect* provider : dialects())
      for (const Dialect* client : dialects()) {
        const bool speaks = !has_calls(*client) || !has_calls(*provider);
        CAPTURE(client->name);
        CAPTURE(provider->name);
        for (std::uint32_t seed = 0; seed < kConversations; ++seed) {
          CAPTURE(seed);
          const Response x = Maker(seed).response(speaks);
          auto expected = said(x);
          if (!shows_thinking(*provider) || !shows_thinking(*client))
            expected = without(expected, "thought: ");
          Dropped dropped;
          std::string sent, passed;
          provider->encode_response(x, {"id", "m", 1, nullptr}, dropped, sent);
          auto read = provider->decode_response(sent);
          REQUIRE_MESSAGE(read, read.error().message);
          client->encode_response(*read, {"id", "m", 1, nullptr}, dropped, passed);
          auto got = client->decode_response(passed);
          REQUIRE_MESSAGE(got, got.error().message);
          CHECK(said(*got) == expected);
          CHECK(got->choices[0].stop == x.choices[0].stop);

          std::string upstream, downstream;
          auto provider_side = provider->stream_encoder(
              {.id = "id", .model = "m", .created = 1, .include_usage = true, .request = nullptr});
          for (const Event& e : events_of(x)) provider_side->encode(e, upstream);
          auto client_side = client->stream_encoder(
              {.id = "id", .model = "m", .created = 1, .include_usage = true, .request = nullptr});
          EventReader reader(provider->framing);
          reader.append(upstream);
          auto decoder = provider->stream_decoder();
          std::vector<Event> events;
          SseEvent e;
          auto pass = [&] {
            for (const Event& event : events) client_side->encode(event, downstream);
            events.clear();
          };
          while (reader.next(e)) {
            decoder->feed(e.name, e.data, events);
            pass();
          }
          if (reader.rest(e) && !e.data.empty()) decoder->feed(e.name, e.data, events);
          pass();
          decoder->finish(events);
          pass();
          const Assembled streamed = assemble_sse(*client, downstream);
          CHECK(said(streamed) == expected);
          CHECK(streamed.usage.input == x.usage.input);
          CHECK(streamed.usage.output == x.usage.output);
        }
      }
  }

  TEST_CASE("streams mean the same however they are cut") {
    for (const Dialect* d : dialects()) {
      CAPTURE(d->name);
      for (std::uint32_t seed = 0; seed < kConversations; ++seed) {
        CAPTURE(seed);
        const Response x = Maker(seed).response();
        std::string bytes;
        auto encoder = d->stream_encoder(
            {.id = "id", .model = "m", .created = 1, .include_usage = true, .request = nullptr});
        for (const Event& e : events_of(x)) encoder->encode(e, bytes);
        const auto whole = said(read_cut(*d, bytes, bytes.size()));
        for (std::size_t piece : {1, 2, 3, 7, 64, 1000}) {
          CAPTURE(piece);
          CHECK(said(read_cut(*d, bytes, piece)) == whole);
        }
      }
    }
  }
}

}  // namespace pb::llm
