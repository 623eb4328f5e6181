// Questions that mean the same: what of a request is the question, and the vector of its text.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "config/config.h"
#include "gateway/cache/similar.h"
#include "gateway/caller.h"
#include "llm/dialect.h"

namespace pb::gateway {
class Gateway;
}

namespace pb::gateway::cache {

struct Question {
  std::string text;  // of the last message, a user's
  std::string rest;  // the request with something else in its place: what must be the same
};
// nullopt where the last message is not a user's, or holds more than text; or the format cannot be written. Pure.
std::optional<Question> question_of(const llm::Dialect& client, std::string_view body);

// The vector of an answer of the OpenAI embeddings API; empty when there is none. Pure.
Vector vector_of(std::string body);

// Asks the embedding model that the options name, as a request of the caller that is booked like any other. Empty when it fails or
// takes longer than the options say.
Task<Vector> embed_text(Gateway& gateway, std::string caller, std::string text,
                        config::SemanticCache options);

}  // namespace pb::gateway::cache
