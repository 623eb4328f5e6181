// Local token counts, for count_tokens where the provider has no endpoint of its own.
#pragma once
#include <cstdint>
#include <string_view>

#include "llm/chat.h"

namespace pb::llm {

// Tokens of a text: an estimate without rank tables, within 10 % of OpenAI's o200k on code, JSON and most prose,
// within 15 % on the rest; the measured errors stand in count.cpp.
std::int64_t count_text(std::string_view text);
// Tokens of a whole request: messages, tools, images (by their size where the format says) and framing.
std::int64_t count_request(const Request& request);

}  // namespace pb::llm
