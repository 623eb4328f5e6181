// What a request asks for that only a provider of this format has. Towards other formats it is refused, never ignored: an answer
// without what went before it would be wrong in ways nobody sees.
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

std::unexpected<Error> refuse(std::string message, Str param, Str code = {}) {
  auto e = fail(Code::invalid_request, std::move(message), std::string(param));
  e.error().provider_code = code;
  return e;
}

// An item that stands for something the gateway does not have; "" when there is none.
const Block* find_item(const Request& r, Str type) {
  for (const Message& m : r.messages)
    for (const Block& b : m.content)
      if (b.kind == Block::Kind::opaque && b.format == kName && b.raw["type"].as_string() == type) return &b;
  return nullptr;
}

}  // namespace

Result<void> needs_no_state(const Request& r) {
  if (!r.previous_response_id.empty()) {
    auto e = refuse("Previous response with id '" + std::string(r.previous_response_id) + "' not found.",
                    "previous_response_id", "previous_response_not_found");
    return e;
  }
  if (r.extra.has("conversation"))
    return refuse(
        "conversation: the provider of this model keeps no conversations; send the whole conversation as "
        "`input`",
        "conversation", "unsupported_parameter");
  if (r.extra.has("prompt"))
    return refuse(
        "prompt: the provider of this model has no prompt templates; send the text as `instructions` and "
        "`input`",
        "prompt", "unsupported_parameter");
  if (r.extra["background"].as_bool())
    return refuse(
        "background: the provider of this model answers at once or not at all; leave `background` out",
        "background", "unsupported_parameter");
  if (const Block* b = find_item(r, "item_reference"); b != nullptr) {
    auto e = refuse("Item with id '" + std::string(b->raw["id"].as_string()) +
                        "' not found. The provider of this model keeps no items: send the item itself.",
                    "input");
    e.error().status = 404;
    return e;
  }
  if (find_item(r, "compaction") != nullptr)
    return refuse(
        "input: a `compaction` item can be read by the provider that made it only; the provider of this "
        "model would "
        "answer without the conversation that it stands for",
        "input", "unsupported_value");
  return {};
}

}  // namespace pb::llm::openai_responses
