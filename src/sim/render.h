// From a plan to the bytes of an answer in one wire format, and when they leave. Pure.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/dialect.h"
#include "sim/script.h"

namespace pb::sim {

struct Step {
  int wait_ms = 0;  // before the bytes
  std::string bytes;
};

enum class Ending : std::uint8_t {
  finish,
  cut,   // the connection closes without the body's proper end
  hang,  // nothing at all is sent
};

struct Rendered {
  int status = 200;
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  int first_ms = 0;   // before the head
  bool whole = true;  // steps[0].bytes with a Content-Length; else steps are written one by one, chunked
  int byte_ms = -1;   // each byte of the steps by itself, this far apart; -1 = off
  Ending ending = Ending::finish;
  std::vector<Step> steps;
};

struct RenderOptions {
  bool stream = false;
  bool include_usage = false;  // of a stream
  std::string_view id;
  std::string_view request_id;
  std::int64_t created = 0;  // Unix seconds
  bool array = false;        // a stream is one JSON array
  const llm::Request* request = nullptr;
};

Rendered render(const Plan& plan, const llm::Dialect& dialect, const RenderOptions& options);

// The events of a response, in the order chat.h demands; a text becomes at most about `pieces_max` deltas.
std::vector<llm::Event> events_of(const llm::Response& response, const llm::Dialect& dialect,
                                  std::size_t pieces_max);

}  // namespace pb::sim
