// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "emulated: a paragraph of the transcript, at its beginning"},
    {"system in the middle", "emulated: a paragraph of the transcript"},
    {"message.name", "dropped: not in the format"},
    {"text",
     "kept as `prompt` when it is all there is; else emulated: a transcript with the labels `User:` and "
     "`Assistant:` on lines of their own, which goes on where the assistant's turn begins. What is written "
     "in a "
     "message can imitate the labels"},
    {"suffix", "kept"},
    {"echo", "kept"},
    {"refusal", "emulated: text"},
    {"citations", "dropped: not in the format"},
    {"cache_control", "dropped: not in the format"},
    // Media
    {"image", "dropped: the text `[image]` stands in"},
    {"image.url", "dropped: a text names the URL"},
    {"image.file_id", "dropped: the text `[image]` stands in"},
    {"image.detail", "dropped with its image"},
    {"document", "emulated: plain text stands in the transcript; others dropped, a text names them"},
    {"document.url", "dropped: a text names the URL"},
    {"document.file_id", "dropped: a text names it"},
    {"assistant_media", "dropped: a text stands in"},
    {"audio", "dropped: the text `[audio]` stands in"},
    // Tools
    {"tools", "dropped: not in the format"},
    {"tools.strict", "dropped with its tool"},
    {"custom_tools", "dropped: not in the format"},
    {"provider_tools", "dropped: not in the format"},
    {"tool_choice", "emulated: with `none` or `auto` no tools are there to be called; else dropped"},
    {"tool_choice.allowed_tools", "dropped: not in the format"},
    {"parallel_tool_calls", "dropped: not in the format"},
    {"tool_calls",
     "emulated in requests: the transcript tells them, as `[calls NAME: ARGUMENTS]`; dropped from answers, "
     "where "
     "nobody can have asked for one"},
    {"tool_result", "emulated: a paragraph of the transcript, headed `Result of NAME:`"},
    {"tool_result.images", "dropped: a text stands in"},
    {"tool_result.is_error", "emulated: the text starts with `Error: `"},
    {"provider_blocks", "dropped: not in the format"},
    // Reasoning
    {"reasoning_effort", "dropped: not in the format"},
    {"thinking", "dropped: not in the format"},
    {"thinking.disabled", "dropped: not in the format"},
    {"thinking.display", "dropped: not in the format"},
    {"thinking.text", "dropped: not in the format"},
    {"thinking.signature", "dropped: not in the format"},
    {"redacted_thinking", "dropped: not in the format"},
    // Parameters
    {"max_tokens",
     "kept; a conversation without a limit gets 2048, as this API would stop after 16. The other way round "
     "its "
     "clients' requests without a limit mean 16 everywhere"},
    {"temperature", "kept"},
    {"top_p", "kept"},
    {"top_k", "kept from the same format, else dropped: not in the format"},
    {"stop", "kept; a transcript's answer ends before the next `User:` too, unless there are four already"},
    {"frequency_penalty", "kept"},
    {"presence_penalty", "kept"},
    {"seed", "kept"},
    {"n", "kept"},
    {"best_of", "kept"},
    {"logprobs", "kept: `logprobs`, from 0"},
    {"top_logprobs", "kept: `logprobs`"},
    {"logit_bias", "kept"},
    {"response_format", "emulated: an instruction before the transcript"},
    {"response_format.strict", "dropped: an instruction promises nothing"},
    {"user", "kept"},
    {"metadata", "dropped: not in the format"},
    {"store", "dropped: not in the format"},
    {"service_tier", "dropped: not in the format"},
    {"verbosity", "dropped: not in the format"},
    {"prompt_cache_key", "dropped: not in the format"},
    {"stream_options", "kept"},
    // Answers
    {"choices", "kept"},
    {"stop_reason",
     "kept: `stop`, `length`, `content_filter`; emulated: a stop sequence, calls and a pause are `stop`, a "
     "full "
     "context `length`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage",
     "kept: `prompt_tokens_details.cached_tokens`, `.cache_write_tokens`, "
     "`completion_tokens_details.reasoning_tokens`"},
    {"system_fingerprint", "kept"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::openai_completions
