// Translation alone, without sockets: what it costs to decode a request of one format and encode it in another, and to pass a
// stream's event from one to the other, for every ordered pair of formats; and whether the cost grows linearly.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "base/heap.h"
#include "base/json.h"
#include "llm/dialect.h"

using namespace pb;
using namespace pb::llm;

namespace {

constexpr int kPasses = 2;  // over all pairs: what disturbs a measurement may last longer than one
constexpr int kRounds = 9;  // the best of these counts
constexpr double kRoundSeconds = 0.004;  // each at least this long
constexpr std::size_t kSmallBytes = 50'000, kLargeBytes = 10'000'000;
constexpr int kMessages = 200, kTools = 20, kEvents = 2000;

struct Row {
  const Dialect* client;
  const Dialect* provider;
  double bytes = 0, large_bytes = 0;
  double decode_us = 1e9, both_us = 1e9, large_us = 1e9, event_us = 1e9;

  double encode_us() const { return std::max(0.0, both_us - decode_us); }
  double growth() const { return large_us / large_bytes / (both_us / bytes); }
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Seconds of one call, the best of several rounds.
template <class F>
double time_of(F work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    int calls = 0;
    const double begin = now();
    double spent = 0;
    do {
      work();
      ++calls;
      spent = now() - begin;
    } while (spent < kRoundSeconds);
    best = std::min(best, spent / calls);
    if (spent > 0.5) break;
  }
  return best;
}

std::string prose(std::size_t bytes, int seed) {
  static constexpr std::string_view kWords[] = {"the ",    "gateway ", "reads ",   "\"quoted\" ",
                                                "lines\n", "of ",      "code;\n",  "päth ",
                                                "{x} ",    "and ",     "answers ", "quickly. "};
  std::string out;
  for (std::size_t i = static_cast<std::size_t>(seed); out.size() < bytes; ++i)
    out += kWords[i * 7 % std::size(kWords)];
  return out;
}

// A conversation of turns with tool calls, as an agent's is: about `bytes` of text.
Request conversation(std::size_t bytes) {
  Request r;
  r.model = "m";
  r.stream = true;
  const std::size_t each = bytes / (kMessages + kTools * 2);
  const auto keep = [&](std::string s) { return r.arena.keep(std::move(s)); };
  for (int i = 0; i < kMessages; ++i) {
    Message& m = r.messages.emplace_back();
    Block& b = m.content.emplace_back();
    switch (i % 4) {
      case 0:
        m.role = Role::user;
        b.text = keep(prose(each, i));
        break;
      case 1:
      case 3:
        m.role = Role::assistant;
        b.text = keep(prose(i % 4 == 1 ? each / 2 : each, i));
        if (i % 4 == 3) break;
        {
          Block& call = m.content.emplace_back();
          call.kind = Block::Kind::tool_call;
          call.id = keep("call_" + std::to_string(i));
          call.name = "tool_1";
          std::string arguments;
          json::Writer w(arguments);
          w.begin_object();
          w.field("path", "src/main.cpp");
          w.field("text", std::string_view(prose(each / 2, i)));
          w.end_object();
          call.arguments = keep(std::move(arguments));
        }
        break;
      case 2:
        m.role = Role::tool;
        b.kind = Block::Kind::tool_result;
        b.id = keep("call_" + std::to_string(i - 1));
        b.content.emplace_back().text = keep(prose(each, i));
        break;
    }
  }
  r.messages.emplace_back().role = Role::user;
  r.messages.back().content.emplace_back().text = "go on";
  for (int i = 0; i < kTools; ++i) {
    Tool& t = r.tools.emplace_back();
    t.name = keep("tool_" + std::to_string(i));
    t.description = keep(prose(each, i));
    t.parameters = *json::parse(
        R"({"type":"object","properties":{"path":{"type":"string","description":"where"},"text":{"type":"string"},"count":{"type":"integer","minimum":1}},"required":["path"],"additionalProperties":false})",
        r.arena);
  }
  return r;
}

// A request of about that size in a format; "" when it cannot say such a conversation.
std::string as_sent(const Dialect& d, std::size_t bytes, bool exact = true) {
  std::size_t content = bytes;
  if (exact) {  // less what is not text
    const std::string once = as_sent(d, bytes, false);
    if (once.empty()) return once;
    content = bytes > once.size() - bytes ? 2 * bytes - once.size() : bytes / 2;
  }
  Request r = conversation(content);
  r.format = d.name;
  Dropped dropped;
  std::string out;
  if (!d.encode_request(r, {.model = "m", .quirks = {}}, dropped, out)) return {};
  return out;
}

std::string streamed(const Dialect& d) {
  std::string out;
  auto encoder = d.stream_encoder({.id = "id", .model = "m", .created = 1, .include_usage = true});
  Event e;
  const auto send = [&](Event::Kind kind) {
    e.kind = kind;
    encoder->encode(e, out);
  };
  e.id = "id";
  e.model = "m";
  send(Event::Kind::start);
  send(Event::Kind::block_start);
  e.text = "a few words ";
  for (int i = 0; i < kEvents; ++i) send(Event::Kind::text_delta);
  send(Event::Kind::block_stop);
  e.stop = Stop::end;
  send(Event::Kind::stop);
  e.usage.known = true;
  send(Event::Kind::usage);
  send(Event::Kind::end);
  return out;
}

double decode_us(const Dialect& from, const std::string& body) {
  return 1e6 * time_of([&] { (void)from.decode_request(body); });
}

double request_us(const Dialect& from, const Dialect& to, const std::string& body) {
  return 1e6 * time_of([&] {
           auto r = from.decode_request(body);
           Dropped dropped;
           std::string out;
           if (!r || !to.encode_request(*r, {.model = "m", .quirks = {}}, dropped, out)) std::abort();
         });
}

double event_us(const Dialect& from, const Dialect& to, const std::string& bytes) {
  std::vector<Event> events;
  std::string out;
  const double all = time_of([&] {
    EventReader reader(from.framing);
    auto decoder = from.stream_decoder();
    auto encoder = to.stream_encoder({.id = "id", .model = "m", .created = 1, .include_usage = true});
    SseEvent e;
    for (std::size_t at = 0; at < bytes.size(); at += 4096) {
      reader.append(std::string_view(bytes).substr(at, 4096));
      while (reader.next(e)) {
        events.clear();
        decoder->feed(e.name, e.data, events);
        for (const Event& event : events) encoder->encode(event, out);
      }
      out.clear();
    }
  });
  return 1e6 * all / kEvents;
}

// Keeps the best figure of each kind.
void measure(Row& r) {
  const auto keep = [](double& best, double found) { best = std::min(best, found); };
  const std::string small = as_sent(*r.client, kSmallBytes), large = as_sent(*r.client, kLargeBytes);
  r.bytes = static_cast<double>(small.size());
  r.large_bytes = static_cast<double>(large.size());
  keep(r.decode_us, decode_us(*r.client, small));
  keep(r.both_us, request_us(*r.client, *r.provider, small));
  keep(r.large_us, request_us(*r.client, *r.provider, large));
  keep(r.event_us, event_us(*r.provider, *r.client, streamed(*r.provider)));
}

// All ordered pairs, or those of one format, or one.
std::vector<Row> pairs(std::string_view client, std::string_view provider) {
  std::vector<Row> rows;
  for (const Dialect* from : dialects())
    for (const Dialect* to : dialects()) {
      const bool wanted =
          (client.empty() || from->name == client) && (provider.empty() || to->name == provider);
      if (from == to || !wanted || as_sent(*from, 1000).empty() || as_sent(*to, 1000).empty()) continue;
      rows.push_back({.client = from, .provider = to});
    }
  return rows;
}

void print(const std::vector<Row>& rows) {
  std::printf(
      "| client -> provider | request KB | decode us | encode us | both us | MB/s | event us | 10 MB: cost a "
      "byte |\n");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  for (const Row& r : rows)
    std::printf("| %s -> %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.2f | x%.2f |\n",
                std::string(r.client->name).c_str(), std::string(r.provider->name).c_str(), r.bytes / 1e3,
                r.decode_us, r.encode_us(), r.both_us, r.bytes / r.both_us, r.event_us, r.growth());
}

std::string as_json(const std::vector<Row>& rows) {
  std::string text;
  json::Writer w(text);
  w.begin_array();
  for (const Row& r : rows) {
    w.begin_object();
    w.field("client", r.client->name);
    w.field("provider", r.provider->name);
    w.field("bytes", r.bytes);
    w.field("decode_us", r.decode_us);
    w.field("encode_us", r.encode_us());
    w.field("event_us", r.event_us);
    w.field("growth", r.growth());
    w.end_object();
  }
  w.end_array();
  return text;
}

}  // namespace

// bench_translate [CLIENT [PROVIDER]] [--json FILE]
int main(int argc, char** argv) {
  heap::set_up();  // as the program does
  const char* file = nullptr;
  std::vector<std::string_view> names;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc)
      file = argv[++i];
    else
      names.emplace_back(argv[i]);
  }
  names.resize(2);
  std::vector<Row> rows = pairs(names[0], names[1]);
  for (int pass = 0; pass < kPasses; ++pass)
    for (Row& r : rows) measure(r);
  print(rows);
  if (file != nullptr) std::ofstream(file) << as_json(rows) << '\n';
}
