#include "llm/json_stream.h"

namespace pb::llm {

std::optional<json::Value> JsonStreamDecoder::parse(std::string_view data, Out& out) {
  arena_.reset();
  auto root = json::parse(data, arena_);
  if (root) return *root;
  if (data.find_first_not_of(" \t\r\n") != std::string_view::npos)
    fail("the provider sent an event that is not JSON: " + root.error().message, out);
  return std::nullopt;
}

void JsonStreamDecoder::push_error(Error error, Out& out) {
  Event& event = out.emplace_back();
  event.kind = Event::Kind::error;
  event.error = std::move(error);
  over_ = true;
}

void JsonStreamDecoder::fail(std::string message, Out& out) {
  push_error(upstream_fault(std::move(message)), out);
}

void JsonStreamDecoder::fail_early(bool started, std::string_view last, Out& out) {
  fail(started ? "the provider's stream ended before its " + std::string(last)
               : "the provider's stream ended before it began",
       out);
}

}  // namespace pb::llm
