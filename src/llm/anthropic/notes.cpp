// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "kept: `system`"},
    {"system in the middle", "kept as a `system` message or moved, in order, to `system`"},
    {"message.name", "dropped: messages have no name"},
    {"text", "kept"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "emulated: text, with `stop_reason` `refusal` in answers"},
    {"citations", "kept from Anthropic; annotations of other formats dropped"},
    {"cache_control", "kept; `prompt_cache_breakpoint` becomes one, without its ttl"},
    // Media
    {"image", "kept: `url` or `base64` source"},
    {"image.url", "kept"},
    {"image.file_id", "kept from Anthropic, else dropped"},
    {"image.detail", "dropped: not in the format"},
    {"document", "kept: `document` block; base64 that is no PDF is dropped"},
    {"document.url", "kept"},
    {"document.file_id", "kept from the same format, else dropped"},
    {"assistant_media", "dropped: assistant messages hold no media"},
    {"audio", "dropped: not in the format"},
    // Tools
    {"tools", "kept; `$schema` stays"},
    {"tools.strict", "kept: `strict`"},
    {"custom_tools", "emulated: a function with one string `input`; the grammar goes into the description"},
    {"provider_tools", "kept from Anthropic, else dropped"},
    {"tool_choice", "kept: `auto`, `none`, `any`, `tool`"},
    {"tool_choice.allowed_tools", "emulated: only those are offered"},
    {"parallel_tool_calls", "kept: `disable_parallel_tool_use`"},
    {"tool_calls", "kept: `tool_use`; arguments that are not an object are wrapped"},
    {"tool_result", "kept: `tool_result`"},
    {"tool_result.images", "kept"},
    {"tool_result.is_error", "kept"},
    {"provider_blocks", "kept from Anthropic, else dropped"},
    // Reasoning
    {"reasoning_effort",
     "kept: `output_config.effort`, emulated: a thinking budget for models before it (`low` 2048, `medium` "
     "8192, "
     "`high` 16384); dropped where the API would refuse it"},
    {"thinking",
     "kept, as budget or as effort by the model's generation; dropped where the API would refuse it"},
    {"thinking.disabled", "kept"},
    {"thinking.display", "kept"},
    {"thinking.text", "kept when signed, else dropped"},
    {"thinking.signature",
     "kept; those of other formats' providers are carried to clients, packed into `signature` or a "
     "`redacted_thinking` block (but for that of a streamed answer's last text, which is dropped), "
     "and dropped towards Anthropic"},
    {"redacted_thinking", "kept; that of other formats' providers as above"},
    // Parameters
    {"max_tokens", "kept; a default where the client gave none, as the format requires one"},
    {"temperature", "kept, at most 1; dropped for models that refuse it"},
    {"top_p", "kept; dropped for models that refuse it"},
    {"top_k", "kept; dropped for models that refuse it"},
    {"stop", "kept: `stop_sequences`; those of white space alone are dropped"},
    {"frequency_penalty", "dropped: not in the format"},
    {"presence_penalty", "dropped: not in the format"},
    {"seed", "dropped: not in the format"},
    {"n", "dropped: one answer"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "dropped: not in the format"},
    {"top_logprobs", "dropped: not in the format"},
    {"logit_bias", "dropped: not in the format"},
    {"response_format",
     "kept: json_schema as `output_config.format`; json_object emulated by an instruction"},
    {"response_format.strict", "always held to"},
    {"user", "kept: `metadata.user_id`"},
    {"metadata", "dropped: only `user_id` exists there"},
    {"store", "dropped: not in the format"},
    {"service_tier", "kept: `auto` and `standard_only` (from `default`); others dropped"},
    {"verbosity", "dropped: not in the format"},
    {"prompt_cache_key", "dropped: marks do this there"},
    {"stream_options", "always given"},
    // Answers
    {"choices", "dropped but the first"},
    {"stop_reason", "kept; emulated: a content filter is `refusal`"},
    {"stop_sequence", "kept"},
    {"stop_details", "kept"},
    {"usage", "kept"},
    {"system_fingerprint", "dropped: not in the format"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::anthropic
