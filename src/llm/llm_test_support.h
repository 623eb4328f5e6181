// What the tests of the dialects share: files, golden comparison, and a reader of event streams that checks their rules.
#pragma once
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "llm/dialects.h"
#include "llm/sse.h"

namespace pb::llm::testing {

namespace fs = std::filesystem;

inline std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool golden_write() {
  const char* mode = std::getenv("PATCHBAY_GOLDEN");
  return mode && std::string_view(mode) == "write";
}

inline fs::path source_dir() { return PATCHBAY_SOURCE_DIR; }

// The text must equal the file; PATCHBAY_GOLDEN=write writes it instead.
inline void check_golden(const fs::path& path, const std::string& text) {
  if (golden_write()) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  CAPTURE(path.string());
  REQUIRE_MESSAGE(fs::exists(path), "no golden file; PATCHBAY_GOLDEN=write makes it");
  CHECK(read_file(path) == text);
}

// The folder of recorded answers, or empty after a note when it is not there.
inline fs::path recorded_dir() {
  const char* env = std::getenv("PATCHBAY_RECORDED");
  fs::path dir = env ? fs::path(env) : source_dir() / ".." / "shared" / "recorded";
  if (fs::exists(dir)) return dir;
  std::cout << "note: no recorded answers at " << dir << ", skipped\n";
  return {};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

inline std::string canonical(std::string_view text) {
  json::Arena arena;
  auto v = json::parse(text, arena);
  REQUIRE_MESSAGE(v, text);
  return json::canonical_text(*v);
}

inline std::string pretty(std::string_view text);

// A streamed answer put together. Reading it checks that the events keep to chat.h's rules.
struct Assembled {
  struct Part {
    Block::Kind kind;
    std::string text, id, name, signature, data;
    bool custom = false, stopped = false;
  };
  struct OneChoice {
    std::vector<Part> parts;
    Stop stop = Stop::unset;
    bool stopped = false;
    std::string logprobs;
  };
  std::string id, model;
  std::vector<OneChoice> choices;
  Usage usage;
  std::string error;
  Code error_code = Code::internal;
  bool started = false, ended = false, failed = false;
  std::size_t events = 0;
  std::vector<std::string> broken;  // rules that were broken

  void take(const Event& e) {
    ++events;
    auto rule = [&](bool holds, const char* what) {
      if (!holds) broken.emplace_back(what);
    };
    rule(!ended && !failed, "nothing follows end or error");
    using K = Event::Kind;
    if (e.kind == K::start) {
      rule(!started, "one start");
      started = true;
      id = e.id;
      model = e.model;
      usage.merge(e.usage);
      return;
    }
    if (e.kind == K::error) {
      failed = true;
      error = e.error.message;
      error_code = e.error.code;
      return;
    }
    if (e.kind == K::ping) return;
    rule(started, "start comes first");
    if (e.kind == K::usage) return usage.merge(e.usage);
    if (e.kind == K::end) {
      ended = true;
      for (const OneChoice& c : choices) rule(c.stopped, "every choice stops before the end");
      return;
    }
    while (choices.size() <= static_cast<std::size_t>(e.choice)) choices.emplace_back();
    OneChoice& c = choices[static_cast<std::size_t>(e.choice)];
    if (e.kind == K::logprobs) {
      c.logprobs += json::to_text(e.value);
      return;
    }
    rule(!c.stopped, "nothing follows a choice's stop");
    if (e.kind == K::stop) {
      for (const Part& p : c.parts) rule(p.stopped, "every block stops before its choice");
      c.stopped = true;
      c.stop = e.stop;
      return;
    }
    if (e.kind == K::block_start) {
      rule(static_cast<std::size_t>(e.index) == c.parts.size(), "blocks are numbered in order");
      rule(c.parts.empty() || c.parts.back().stopped, "blocks do not interleave");
      const Block& b = e.block;
      c.parts.push_back({b.kind, std::string(b.text), std::string(b.id), std::string(b.name),
                         std::string(b.signature), std::string(b.data), b.custom});
      c.parts.back().text += b.arguments;
      return;
    }
    rule(static_cast<std::size_t>(e.index) + 1 == c.parts.size() && !c.parts.back().stopped,
         "deltas belong to the live block");
    if (c.parts.empty()) return;
    Part& p = c.parts.back();
    if (e.kind == K::block_stop)
      p.stopped = true;
    else if (e.kind == K::signature_delta)
      p.signature += e.text;
    else if (e.kind == K::citation)
      return;
    else
      p.text += e.text;
  }

  std::string all(Block::Kind kind, std::size_t choice = 0) const {
    std::string out;
    if (choice < choices.size())
      for (const Part& p : choices[choice].parts)
        if (p.kind == kind) out += p.text;
    return out;
  }
};

// Feeds `data` lines (names "" unless the data has a `type`, as Anthropic's have) through a dialect's decoder.
inline Assembled assemble(const Dialect& d, const std::vector<std::string>& events) {
  auto decoder = d.stream_decoder();
  Assembled a;
  std::vector<Event> out;
  auto drain = [&] {
    for (const Event& e : out) a.take(e);
    out.clear();
  };
  for (const std::string& data : events) {
    std::string name;
    if (!d.done_marker) {
      json::Arena arena;
      if (auto v = json::parse(data, arena)) name = (*v)["type"].as_string();
    }
    decoder->feed(name, data, out);
    drain();
  }
  if (!a.ended && !a.failed) {
    decoder->finish(out);
    drain();
  }
  CHECK(a.broken == std::vector<std::string>{});
  return a;
}

// The same for what an encoder wrote.
inline Assembled assemble_sse(const Dialect& d, const std::string& text) {
  EventReader reader(d.framing);
  reader.append(text);
  std::vector<std::string> events;
  SseEvent e;
  while (reader.next(e)) events.emplace_back(e.data);
  if (reader.rest(e) && !e.data.empty()) events.emplace_back(e.data);
  return assemble(d, events);
}

// Decodes with one dialect, encodes with another.
inline std::string translate_stream(const Dialect& from, const Dialect& to,
                                    const std::vector<std::string>& events, const StreamOptions& options) {
  auto decoder = from.stream_decoder();
  auto encoder = to.stream_encoder(options);
  std::vector<Event> out;
  std::string text;
  auto drain = [&] {
    for (const Event& e : out) encoder->encode(e, text);
    out.clear();
  };
  for (const std::string& data : events) {
    std::string name;
    if (!from.done_marker) {
      json::Arena arena;
      if (auto v = json::parse(data, arena)) name = (*v)["type"].as_string();
    }
    decoder->feed(name, data, out);
    drain();
  }
  decoder->finish(out);
  drain();
  return text;
}

// JSON with line breaks, so that a golden file's diff can be read.
inline void pretty_value(std::string& out, json::Value v, int depth) {
  auto pad = [&](int n) { out.append("\n").append(static_cast<std::size_t>(n) * 2, ' '); };
  bool first = true;
  if (v.is_object() && v.size() > 0) {
    out += '{';
    for (const json::Member& m : v.members()) {
      if (!first) out += ',';
      first = false;
      pad(depth + 1);
      out += '"';
      json::append_escaped(out, m.key);
      out += "\": ";
      pretty_value(out, m.value, depth + 1);
    }
    pad(depth);
    out += '}';
  } else if (v.is_array() && v.size() > 0) {
    out += '[';
    for (const json::Value& item : v.items()) {
      if (!first) out += ',';
      first = false;
      pad(depth + 1);
      pretty_value(out, item, depth + 1);
    }
    pad(depth);
    out += ']';
  } else {
    out += json::to_text(v);
  }
}

inline std::string pretty(std::string_view text) {
  json::Arena arena;
  auto v = json::parse(text, arena);
  REQUIRE_MESSAGE(v, text);
  std::string out;
  pretty_value(out, *v, 0);
  return out + "\n";
}

}  // namespace pb::llm::testing
