// Texts as vectors, from a provider's embeddings, for comparing answers by what they mean.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tools/tools.h"

namespace pb::tools::panel {

struct Vectors {
  std::vector<std::vector<double>> of;  // in the texts' order
  std::int64_t tokens = 0;              // that they took, as far as the provider says
};
// Of an answer in OpenAI's format. Error: it has not `n` vectors of one length. Pure.
Result<Vectors> read_vectors(std::string_view body, std::size_t n);

// Through the gateway, with the caller's key and limits. Error: as clients get it, or timeout.
Task<Result<Vectors>> embed(const Deps& deps, mcp::Context& context, std::string model,
                            std::vector<std::string> texts, int timeout_ms);

}  // namespace pb::tools::panel
