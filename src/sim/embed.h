// Made-up vectors: the same for the same text, close for texts that share words, so that a search over them finds something.
#pragma once
#include <string>

#include "llm/embed/embed.h"

namespace pb::sim {

// The answer to a request for embeddings; 16 numbers a vector unless `dimensions` asks for another number.
// Errors: what the model's name asks for ("sim-error-500", "sim-429-3").
Result<std::string> embed_body(const llm::EmbedDialect& dialect, std::string body, std::string_view model);

}  // namespace pb::sim
