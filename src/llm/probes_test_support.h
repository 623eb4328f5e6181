// What a conversation can hold, one probe a feature: how to put it into a request or an answer, and how to see that it is
// still there. pairs_test.cpp sends every probe through every ordered pair of formats.
#pragma once
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
const std::vector<AnswerProbe>& answer_probes();

// A user's question and nothing else.
Request plain_request();
// A text and an ordinary end.
Response plain_answer();

// The first block of a kind, in a message of the conversation, in its results' content too; null when there is none.
const Block* find_block(const Request& r, Block::Kind kind);
const Block* find_block(const Response& r, Block::Kind kind);

}  // namespace pb::llm::testing
