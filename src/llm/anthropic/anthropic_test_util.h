// For the tests of the Anthropic dialect: recorded answers, comparing JSON, running streams through.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "llm/anthropic/anthropic.h"
#include "llm/sse.h"

namespace pb::llm::test {

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The recorded answers of providers, which live beside the repository; empty when they are not there.
inline std::filesystem::path recorded_dir(const char* vendor) {
  const char* env = std::getenv("PATCHBAY_RECORDED");
  const std::filesystem::path dir =
      (env ? std::filesystem::path(env) : std::filesystem::path(PATCHBAY_SOURCE_DIR) / "../shared/recorded") /
      vendor;
  if (std::filesystem::is_directory(dir)) return dir;
  MESSAGE("skipped: no recorded answers at " << dir.string());
  return {};
}

inline std::string canonical(std::string_view text) {
  json::Arena arena;
  auto v = json::parse(text, arena);
  REQUIRE_MESSAGE(v.has_value(), (v ? std::string() : v.error().message + " in " + std::string(text)));
  return json::canonical_text(*v);
}

// Whether everything in `part` is in `whole`, which may have more members. Names the first difference.
inline std::string missing(json::Value whole, json::Value part, const std::string& at = "") {
  if (part.is_object()) {
    for (const json::Member& m : part.members()) {
      if (!whole.has(m.key)) return at + "." + std::string(m.key);
      if (auto d = missing(whole[m.key], m.value, at + "." + std::string(m.key)); !d.empty()) return d;
    }
    return whole.is_object() ? "" : at;
  }
  if (part.is_array()) {
    if (!whole.is_array() || whole.size() != part.size()) return at + " (length)";
    for (std::size_t i = 0; i < part.size(); ++i)
      if (auto d = missing(whole.items()[i], part.items()[i], at + "[" + std::to_string(i) + "]"); !d.empty())
        return d;
    return "";
  }
  return json::canonical_text(whole) == json::canonical_text(part)
             ? ""
             : at + ": " + json::to_text(whole) + " for " + json::to_text(part);
}

inline std::string missing_text(std::string_view whole, std::string_view part) {
  json::Arena arena;
  auto a = json::parse(whole, arena), b = json::parse(part, arena);
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  return missing(*a, *b);
}

// Encodes a request towards Anthropic; the dropped names go to `dropped`.
inline std::string encode(const Request& r, std::string* dropped = nullptr, std::string_view model = {},
                          Quirks quirks = {}) {
  Dropped d;
  std::string out;
  auto done = kAnthropic.encode_request(r, {.model = model, .quirks = quirks}, d, out);
  REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().message));
  if (dropped) *dropped = d.header();
  return out;
}

// The data of each event in a text of server-sent events.
inline std::vector<std::string> data_of(std::string_view sse) {
  SseReader reader;
  reader.append(sse);
  std::vector<std::string> out;
  for (SseEvent e; reader.next(e);) {
    out.emplace_back(e.data);
    json::Arena arena;
    auto v = json::parse(e.data, arena);
    REQUIRE(v.has_value());
    CHECK((*v)["type"].as_string() == e.name);
  }
  return out;
}

// An SSE text through Anthropic's decoder and encoder.
inline std::string through(std::string_view sse, std::string_view model = {}, std::size_t step = 0) {
  auto decoder = kAnthropic.stream_decoder();
  auto encoder = kAnthropic.stream_encoder({.id = "x", .model = model, .created = 0, .include_usage = true});
  SseReader reader;
  std::vector<Event> events;
  std::string out;
  auto drain = [&] {
    for (const Event& e : events) encoder->encode(e, out);
    events.clear();
  };
  if (step == 0) step = sse.size() + 1;
  for (std::size_t i = 0; i < sse.size(); i += step) {
    reader.append(sse.substr(i, step));
    for (SseEvent e; reader.next(e);) {
      decoder->feed(e.name, e.data, events);
      drain();
    }
  }
  decoder->finish(events);
  drain();
  return out;
}

// JSON lines (one event's data each) as server-sent events named by their `type`.
inline std::string as_sse(std::string_view lines) {
  std::string out;
  std::istringstream in{std::string(lines)};
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    json::Arena arena;
    auto v = json::parse(line, arena);
    write_sse(out, v ? (*v)["type"].as_string() : "", line);
  }
  return out;
}

}  // namespace pb::llm::test
