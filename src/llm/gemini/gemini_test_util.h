// For the tests of the Gemini dialect.
#pragma once
#include "llm/gemini/gemini.h"
#include "llm/llm_test_support.h"

namespace pb::llm::gemini::testing {

using namespace pb::llm::testing;

inline Result<Request> decode(std::string text) { return kGemini.decode_request(std::move(text)); }

inline std::string error_of(std::string text) {
  auto r = decode(std::move(text));
  return r ? std::string("no error") : r.error().message;
}

// A conversation of one user's text, and the members given.
inline std::string body(std::string_view members) {
  return R"({"contents":[{"parts":[{"text":"q"}]}],)" + std::string(members) + "}";
}

struct Encoded {
  std::string text, dropped;
  json::Arena arena;
  json::Value root;
};

inline Encoded encode(const Request& r, std::string_view model = "gemini-3.8-flash", Quirks quirks = {}) {
  Encoded e;
  Dropped d;
  auto done = kGemini.encode_request(r, {.model = model, .quirks = quirks}, d, e.text);
  REQUIRE_MESSAGE(done, (done ? std::string() : done.error().message));
  e.dropped = d.header();
  e.root = *json::parse(e.text, e.arena);
  return e;
}

// The request of an OpenAI client, towards Gemini.
inline Encoded from_openai(std::string text, std::string_view model = "gemini-3.8-flash",
                           Quirks quirks = {}) {
  auto r = kOpenaiChat.decode_request(std::move(text));
  REQUIRE_MESSAGE(r, (r ? std::string() : r.error().message));
  return encode(*r, model, quirks);
}

inline const json::Value at(json::Value v, std::size_t i) {
  return i < v.size() ? v.items()[i] : json::Value();
}

}  // namespace pb::llm::gemini::testing
