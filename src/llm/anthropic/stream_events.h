// What the stream encoder writes: the frame of an event and the beginning of a block.
#pragma once
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {

// "event: NAME", "data: {" and the type: the event's members go into the open object.
json::Writer begin(std::string& out, Str name);
void finish(json::Writer& w);
// Whether a block has a counterpart in this format.
bool can_say(const Block& b);
// The `content_block` of content_block_start; what the block holds already follows as deltas, as clients are used to.
void write_empty(json::Writer& w, const Block& b);

}  // namespace pb::llm::anthropic
