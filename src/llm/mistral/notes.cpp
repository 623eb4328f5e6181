// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "kept: messages with role `system`"},
    {"system in the middle",
     "kept after a user's message; else emulated: after an assistant's or a tool's, and at the end, it "
     "becomes a user's "
     "message, as the API refuses it there"},
    {"message.name", "dropped: only tool messages have one"},
    {"text", "kept"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "emulated: text"},
    {"citations", "dropped: references there point into tool results only"},
    {"cache_control", "dropped: caching is automatic there, by `prompt_cache_key`"},
    // Media
    {"image", "kept: `image_url`, base64 as a `data:` URL"},
    {"image.url",
     "emulated where the configuration says that the provider fetches none: a text names the URL, and "
     "reported"},
    {"image.file_id", "dropped: file ids belong to one provider, a text stands in"},
    {"image.detail", "kept"},
    {"document",
     "kept: `document_url`, base64 as a `data:` URL; plain text becomes a text chunk headed by its title"},
    {"document.url", "kept"},
    {"document.file_id", "kept from the same format; else dropped: file ids belong to one provider"},
    {"assistant_media", "dropped: assistant messages hold text and thinking only"},
    {"audio", "kept: `input_audio`"},
    // Tools
    {"tools", "kept; `$schema` and `$id` are left out"},
    {"tools.strict", "kept"},
    {"custom_tools", "emulated: a function with one string `input`; the grammar goes into the description"},
    {"provider_tools", "kept from the same format (`web_search`, connectors, …), else dropped"},
    {"tool_choice", "kept: `auto`, `none`, `any`, a named function"},
    {"tool_choice.allowed_tools", "emulated: only those are offered"},
    {"parallel_tool_calls", "kept"},
    {"tool_calls",
     "kept; ids that are not nine letters and digits become such, the same for a call and its result; in "
     "streams each call comes whole"},
    {"tool_result",
     "kept: role `tool`; before a user's message that follows, a short assistant's message stands in"},
    {"tool_result.images", "kept as chunks; dropped from results that are errors"},
    {"tool_result.is_error", "emulated: the text starts with `Error: `"},
    {"provider_blocks", "kept from the same format (`reference`), else dropped"},
    // Reasoning
    {"reasoning_effort",
     "kept: `reasoning_effort`, in the words the model knows (most: `none`, `high`); dropped for models that "
     "do not reason"},
    {"thinking",
     "emulated by effort: a budget up to 4096 tokens is `low`, up to 16384 `medium`, more `high`; adaptive "
     "is "
     "the model's default"},
    {"thinking.disabled", "kept: effort `none`; dropped for models that always think"},
    {"thinking.display", "dropped: not in the format"},
    {"thinking.text", "kept: `thinking` chunks; dropped for models that do not reason"},
    {"thinking.signature",
     "kept from the same format; another's is carried in the `signature` of a thinking chunk towards "
     "clients, "
     "dropped towards providers"},
    {"redacted_thinking",
     "carried in the `signature` of a thinking chunk towards clients, dropped towards providers"},
    // Parameters
    {"max_tokens", "kept"},
    {"temperature", "kept, at most 1.5"},
    {"top_p", "kept"},
    {"top_k", "dropped: not in the format"},
    {"stop", "kept"},
    {"frequency_penalty", "kept"},
    {"presence_penalty", "kept"},
    {"seed", "kept: `random_seed`; negative ones are dropped"},
    {"n", "kept"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "dropped: not in the format"},
    {"top_logprobs", "dropped: not in the format"},
    {"logit_bias", "dropped: not in the format"},
    {"response_format", "kept"},
    {"response_format.strict", "kept"},
    {"user", "dropped: not in the format"},
    {"metadata", "kept"},
    {"store", "dropped: not in the format"},
    {"service_tier", "kept: `auto` and `standard_only` (from `default`); others dropped"},
    {"verbosity", "dropped: not in the format"},
    {"prompt_cache_key", "kept"},
    {"stream_options", "always given"},
    // Answers
    {"choices", "kept"},
    {"stop_reason",
     "kept: `stop`, `length`, `model_length`, `tool_calls`, `content_filter`; emulated: a stop sequence and "
     "a "
     "pause are `stop`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage",
     "kept: `prompt_tokens_details.cached_tokens`, `.cache_write_tokens`, "
     "`completion_tokens_details.reasoning_tokens`"},
    {"system_fingerprint", "dropped: not in the format"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::mistral
