// What a conversation can hold, one probe a feature: how to put it into a request or an answer, and how to see that it is
// still there. pairs_test.cpp sends every probe through every ordered pair of formats.
#pragma once
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "llm/chat.h"

namespace pb::llm::testing {

struct RequestProbe {
  std::string_view feature;  // a name of features()
  std::string_view what;     // distinguishes probes of one feature; "" = the feature itself
  std::function<void(Request&)> put;
  std::function<bool(const Request&)> holds;
};

struct AnswerProbe {
  std::string_view feature;
  std::string_view what;
  std::function<void(Response&)> put;
  std::function<bool(const Response&)> holds;
};

const std::vector<RequestProbe>& request_probes();
void add_completion_probes(std::vector<RequestProbe>& to);  // those of text completions, which are among them
const std::vector<AnswerProbe>& answer_probes();

// A user's question and nothing else.
Request plain_request();
// A text and an ordinary end.
Response plain_answer();

// The first block of a kind, in a message of the conversation, in its results' content too; null when there is none.
const Block* find_block(const Request& r, Block::Kind kind);
const Block* find_block(const Response& r, Block::Kind kind);

// ---- what the probes share ----

inline json::Value parsed(json::Arena& arena, Str text) { return *json::parse(text, arena); }

inline Block text_block(Str text) {
  Block b;
  b.text = text;
  return b;
}

inline Block call_block(Str id, Str name, Str arguments) {
  Block b;
  b.kind = Block::Kind::tool_call;
  b.id = id;
  b.name = name;
  b.arguments = arguments;
  return b;
}

inline bool any_block(const std::vector<Block>& content, const std::function<bool(const Block&)>& is) {
  return std::any_of(content.begin(), content.end(),
                     [&](const Block& b) { return is(b) || any_block(b.content, is); });
}

inline bool any_block(const Request& r, const std::function<bool(const Block&)>& is) {
  return std::any_of(r.messages.begin(), r.messages.end(),
                     [&](const Message& m) { return any_block(m.content, is); });
}

inline bool any_block(const Response& r, const std::function<bool(const Block&)>& is) {
  return !r.choices.empty() && any_block(r.choices[0].content, is);
}

inline std::string canonical_or_empty(Str text) {
  json::Arena arena;
  auto v = json::parse(text, arena);
  return v ? json::canonical_text(*v) : std::string();
}

}  // namespace pb::llm::testing
