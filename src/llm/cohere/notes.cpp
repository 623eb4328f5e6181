// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/cohere/cohere.h"

namespace pb::llm::cohere {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "kept: messages with role `system`"},
    {"system in the middle", "kept; `developer` becomes `system`"},
    {"message.name", "dropped: messages have no name"},
    {"text", "kept; before calls it is the `tool_plan` of an earlier answer"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "emulated: text, with `finish_reason` `ERROR_TOXIC` in answers"},
    {"citations",
     "kept from the same format; in answers emulated for citations with a URL or a title: `citations` whose "
     "source is a document; others, and those in requests, dropped"},
    {"cache_control", "dropped: caching is automatic there"},
    // Media
    {"image", "kept: `image_url`, base64 as a `data:` URL"},
    {"image.url",
     "emulated where the configuration says that the provider fetches none: a text names the URL, and "
     "reported"},
    {"image.file_id", "dropped: file ids belong to one provider, a text stands in"},
    {"image.detail", "kept"},
    {"document",
     "kept: plain text goes to `documents`, or into the message when the answer shall be JSON; others are "
     "dropped, and a text names them"},
    {"document.url", "dropped: a text names the URL"},
    {"document.file_id", "dropped: file ids belong to one provider"},
    {"assistant_media", "dropped: assistant messages hold text and thinking only"},
    {"audio", "dropped: not in the format, a text stands in"},
    // Tools
    {"tools", "kept; `$schema` and `$id` are left out"},
    {"tools.strict",
     "kept as `strict_tools` when all tools are strict and have a required parameter, else dropped"},
    {"custom_tools", "emulated: a function with one string `input`; the grammar goes into the description"},
    {"provider_tools", "dropped: there are none"},
    {"tool_choice",
     "kept: `NONE`, `REQUIRED`; emulated for one named tool: it is sent alone, with `REQUIRED`"},
    {"tool_choice.allowed_tools", "emulated: only those are offered"},
    {"parallel_tool_calls", "dropped when calls shall come one by one: not in the format"},
    {"tool_calls", "kept; arguments that are not JSON are wrapped as {\"input\": …}"},
    {"tool_result", "kept: role `tool`"},
    {"tool_result.images", "emulated: the result says so and the next user's message carries them"},
    {"tool_result.is_error", "emulated: the text starts with `Error: `"},
    {"provider_blocks", "dropped: no other format has them"},
    // Reasoning
    {"reasoning_effort",
     "emulated: `thinking` with a `token_budget` of 1024 (`minimal`), 2048 (`low`), 8192 (`medium`), none "
     "for "
     "more; `none` switches it off; dropped for models that do not reason"},
    {"thinking", "kept: `thinking` with `token_budget`; dropped for models that do not reason"},
    {"thinking.disabled", "kept"},
    {"thinking.display", "dropped: not in the format"},
    {"thinking.text", "kept: `thinking` blocks; dropped for models that do not reason"},
    {"thinking.signature", "dropped: not in the format; in answers the gateway keeps it for the next turn"},
    {"redacted_thinking", "dropped: not in the format; in answers the gateway keeps it for the next turn"},
    // Parameters
    {"max_tokens", "kept"},
    {"temperature", "kept, at most 1"},
    {"top_p", "kept: `p`, between 0.01 and 0.99"},
    {"top_k", "kept: `k`, at most 500"},
    {"stop", "kept: `stop_sequences`, at most five; the others dropped"},
    {"frequency_penalty", "kept, at most 1; negative ones dropped"},
    {"presence_penalty", "kept, at most 1; negative ones dropped"},
    {"seed", "kept; negative ones dropped"},
    {"n", "dropped: one answer"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "kept"},
    {"top_logprobs", "dropped: not in the format"},
    {"logit_bias", "dropped: not in the format"},
    {"response_format", "kept: `json_object`, with its schema as `json_schema`"},
    {"response_format.strict", "always held to"},
    {"user", "dropped: not in the format"},
    {"metadata", "dropped: not in the format"},
    {"store", "dropped: not in the format"},
    {"service_tier", "dropped: not in the format"},
    {"verbosity", "dropped: not in the format"},
    {"prompt_cache_key", "dropped: not in the format"},
    {"stream_options", "always given"},
    // Answers
    {"choices", "dropped but the first"},
    {"stop_reason",
     "kept: `COMPLETE`, `STOP_SEQUENCE`, `MAX_TOKENS`, `TOOL_CALL`, `ERROR_TOXIC` for a filtered answer; "
     "emulated: a pause is `COMPLETE`, a full context `MAX_TOKENS`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage", "kept: `tokens`, `cached_tokens`, and `cache_write_tokens` and `reasoning_tokens` beside them"},
    {"system_fingerprint", "dropped: not in the format"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::cohere
