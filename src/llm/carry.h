// Reasoning that only one provider can read (signatures, encrypted reasoning) travels through clients of other formats inside
// an opaque field that they send back: here it is packed into such a text and unpacked again. Pure.
//
// Towards a client, an encoder whose format has an opaque field (Anthropic `signature` and `data`, Responses
// `encrypted_content`, Gemini `thoughtSignature`) writes pack() of what a provider of another format signed; the decoder of the
// client's next request sees is_packed() and puts unpack()'s blocks where the packed text stood. Formats without such a field rely
// on the gateway's memory.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat.h"

namespace pb::llm {

// Every packed text begins with this, and nothing else is likely to. The whole text is valid standard base64.
inline constexpr std::string_view kCarryMark = "PBqZ";

// One text for the blocks' opaque parts: thinking (its text too when `with_text`, because the target has no visible place for
// it), redacted thinking, and the signatures of text and tool_call blocks. `format` is the dialect whose provider wrote them.
// "" when the blocks hold nothing opaque.
std::string pack(Str format, std::span<const Block> blocks, bool with_text);

bool is_packed(Str text);

// The blocks again, with `format` set, in their order; a signature of a text or tool_call block comes as a block of that kind
// with nothing else in it but a call's id (see attach_signatures). Views live on the arena. nullopt when pack() did not write the text.
std::optional<std::vector<Block>> unpack(Str text, json::Arena& arena);

// Whether the block holds something that only a provider of another format than `own` can read.
bool is_foreign(const Block& block, Str own);
// One block whose opaque parts, foreign to `own`, are packed for `own`'s clients: thinking with a packed signature, or redacted
// thinking with packed data (which also stands for the signature of a text or a tool_call). Views live on the arena.
Block packed_block(const Block& foreign, Str own, json::Arena& arena);
// Puts the blocks of every packed text in a message's content where it stood, and attaches signatures. A thinking block's
// visible text goes to the first thinking block that was packed with it; what cannot be unpacked is left out.
void restore_packed(std::vector<Block>& content, json::Arena& arena);

// Gives the signatures that unpack() left as blocks of their own to the next block of their kind (else the
// last before them), and removes those blocks.
void attach_signatures(std::vector<Block>& content);

// Whether a request body holds a packed text: such a body is not passed on untouched, since its provider cannot read it.
bool holds_packed(std::string_view body);

}  // namespace pb::llm
