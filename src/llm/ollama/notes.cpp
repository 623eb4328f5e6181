// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "kept: messages with role `system`"},
    {"system in the middle", "kept; `developer` becomes `system`"},
    {"message.name", "dropped: not in the format"},
    {"text", "kept; the texts of one message are joined by an empty line"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "emulated: text; in answers `done_reason` is `content_filter`"},
    {"citations", "dropped: not in the format"},
    {"cache_control", "dropped: the server caches prompts by itself"},
    // Media
    {"image", "kept: `images`, as base64; images and texts that alternate become one message each"},
    {"image.url", "emulated: a text that names the URL, and reported"},
    {"image.file_id", "dropped: file ids belong to one provider, a text stands in"},
    {"image.detail", "dropped: not in the format"},
    {"document", "emulated: plain text becomes text headed by its title; others dropped, a text stands in"},
    {"document.url", "dropped: a text that names the URL stands in"},
    {"document.file_id", "dropped: file ids belong to one provider, a text stands in"},
    {"assistant_media", "kept where it has bytes: `images`; audio of earlier answers dropped"},
    {"audio", "kept: among `images`, where the server takes it"},
    // Tools
    {"tools",
     "kept; parameters are said with the keywords the server reads (references are unfolded, `const` becomes "
     "`enum`, "
     "`oneOf` `anyOf`), other keywords go into the description"},
    {"tools.strict", "dropped: not in the format"},
    {"custom_tools", "emulated: a function with one string `input`; the grammar goes into the description"},
    {"provider_tools", "dropped: the format has none"},
    {"tool_choice",
     "emulated: `none` offers no tools, a named tool is the only one offered; that a tool must be called is "
     "dropped"},
    {"tool_choice.allowed_tools", "emulated: only those are offered"},
    {"parallel_tool_calls", "dropped: not in the format"},
    {"tool_calls",
     "kept, each call whole in one line; arguments that are not an object are wrapped as {\"input\": …}"},
    {"tool_result", "kept: role `tool` with `tool_name` and `tool_call_id`"},
    {"tool_result.images", "kept: `images` of the message"},
    {"tool_result.is_error", "emulated: the text starts with `Error: `"},
    {"provider_blocks", "dropped: no other format has them"},
    // Reasoning
    {"reasoning_effort",
     "kept: `think` (`none` is false, `minimal` `low`, `xhigh` `max`); sent again without where the model "
     "does not "
     "think, and reported"},
    {"thinking",
     "emulated: a budget up to 4096 tokens is `think` `low`, up to 16384 `medium`, more `high`, none true; "
     "adaptive "
     "is the model's default; sent again without where the model does not think, and reported"},
    {"thinking.disabled", "kept: `think` false"},
    {"thinking.display", "dropped: the provider decides"},
    {"thinking.text", "kept: `thinking`"},
    {"thinking.signature", "dropped: the format has no field for it"},
    {"redacted_thinking", "dropped: the format has no field for it"},
    // Parameters
    {"max_tokens", "kept: `options.num_predict`"},
    {"temperature", "kept: `options.temperature`"},
    {"top_p", "kept: `options.top_p`"},
    {"top_k", "kept: `options.top_k`"},
    {"stop", "kept: `options.stop`"},
    {"frequency_penalty", "kept: `options.frequency_penalty`"},
    {"presence_penalty", "kept: `options.presence_penalty`"},
    {"seed", "kept: `options.seed`"},
    {"n", "dropped: one answer"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "kept; in streams as lines of their own"},
    {"top_logprobs", "kept"},
    {"logit_bias", "dropped: not in the format"},
    {"response_format", "kept: `format`"},
    {"response_format.strict", "always: the server holds answers to the schema"},
    {"user", "dropped: not in the format"},
    {"metadata", "dropped: not in the format"},
    {"store", "dropped: not in the format"},
    {"service_tier", "dropped: not in the format"},
    {"verbosity", "dropped: not in the format"},
    {"prompt_cache_key", "dropped: not in the format"},
    {"stream_options", "always: a stream's last line has the counts"},
    // Answers
    {"choices", "dropped: one answer"},
    {"stop_reason",
     "kept: `done_reason` `stop` (with calls too), `length`, and `content_filter`, which the server itself "
     "does not send; emulated: a stop sequence and a pause are `stop`, a full context is `length`, a refusal "
     "`content_filter`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage",
     "kept: `prompt_eval_count`, `eval_count`; cached, cache-write, reasoning and audio tokens in an added "
     "member "
     "`usage`, as OpenAI writes it; durations are those the gateway measured: `total_duration`, and in "
     "streams "
     "`prompt_eval_duration` up to the first words and `eval_duration` from there"},
    {"system_fingerprint", "dropped: not in the format"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::ollama
