// What decoders of streams of JSON values have in common: each event is one value; one that is none ends the stream with an error,
// and so does a stream that ends early.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "llm/dialect.h"

namespace pb::llm {

class JsonStreamDecoder : public StreamDecoder {
 protected:
  using Out = std::vector<Event>;

  // The event's value, which lives until the next one is parsed; nullopt: there is nothing in it, or the stream has failed.
  std::optional<json::Value> parse(std::string_view data, Out& out);
  void push_error(Error error, Out& out);  // the stream's last event
  void fail(std::string message, Out& out);
  // The body has ended without `last`, the event that ends a stream of this format.
  void fail_early(bool started, std::string_view last, Out& out);

  json::Arena arena_;
  bool over_ = false;
};

}  // namespace pb::llm
