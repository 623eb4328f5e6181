// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "kept: messages with role `system`"},
    {"system in the middle", "kept; `developer` becomes `system` where a vendor does not know it"},
    {"message.name", "kept"},
    {"text", "kept"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "kept: `refusal`"},
    {"citations",
     "emulated: `annotations` of type `url_citation` for citations with a URL in answers; others, and those "
     "in requests, dropped"},
    {"cache_control",
     "kept on parts and tools for OpenRouter; dropped elsewhere: caching is automatic there"},
    // Media
    {"image", "kept: `image_url`, base64 as a `data:` URL"},
    {"image.url", "emulated: a text that names the URL, and reported"},
    {"image.file_id", "dropped: file ids belong to one provider, a text stands in"},
    {"image.detail", "kept"},
    {"document",
     "kept: a `file` part with a `data:` URL; plain text becomes a text part headed by its title"},
    {"document.url", "kept for OpenRouter; else a text that names the URL stands in, and reported"},
    {"document.file_id", "kept from the same format; else dropped: file ids belong to one provider"},
    {"assistant_media", "dropped: assistant messages hold text only"},
    {"audio", "kept"},
    // Tools
    {"tools", "kept; `$schema` and `$id` are left out"},
    {"tools.strict",
     "kept; where a vendor is strict about strictness the schema is closed, optional properties become "
     "nullable; a schema that cannot be said that way is sent without `strict`, and reported"},
    {"custom_tools",
     "kept for OpenAI; else emulated: a function with one string `input`, its grammar in the description, "
     "whose calls come "
     "back as the custom tool's"},
    {"provider_tools", "dropped: OpenAI's chat format has none"},
    {"tool_choice", "kept"},
    {"tool_choice.allowed_tools",
     "kept where the provider has free-text tools too; emulated elsewhere: only those are offered"},
    {"parallel_tool_calls", "kept; dropped where a vendor refuses the parameter"},
    {"tool_calls",
     "kept; streamed one call after another; arguments that are not JSON are wrapped as {\"input\": …}"},
    {"tool_result", "kept: role `tool`"},
    {"tool_result.images", "emulated: the result says so and a user message after the results carries them"},
    {"tool_result.is_error", "emulated: the text starts with `Error: `"},
    {"provider_blocks", "dropped: no other format has them"},
    // Reasoning
    {"reasoning_effort",
     "kept: `reasoning_effort` (OpenRouter: `reasoning.effort`); dropped where a vendor refuses it"},
    {"thinking",
     "emulated: a budget up to 4096 tokens is effort `low`, up to 16384 `medium`, more `high` (OpenRouter: "
     "`reasoning.max_tokens`); adaptive is the model's default"},
    {"thinking.disabled",
     "kept for OpenRouter (`reasoning.enabled` false); else dropped: the model's default holds"},
    {"thinking.display", "dropped: the provider decides"},
    {"thinking.text",
     "kept in the field the vendor uses (`reasoning_content`, `reasoning`); dropped where it has none"},
    {"thinking.signature",
     "kept: `reasoning_details` in answers and towards OpenRouter, with whose it is in `format`; those of "
     "other formats come back "
     "from clients that send it back; else dropped"},
    {"redacted_thinking", "kept: `reasoning_details`, as above; else dropped"},
    // Parameters
    {"max_tokens", "kept: `max_completion_tokens` where a vendor wants it, else `max_tokens`"},
    {"temperature", "kept"},
    {"top_p", "kept"},
    {"top_k", "kept for OpenRouter; else dropped: not in the format"},
    {"stop", "kept"},
    {"frequency_penalty", "kept"},
    {"presence_penalty", "kept"},
    {"seed", "kept"},
    {"n", "kept"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "kept"},
    {"top_logprobs", "kept"},
    {"logit_bias", "kept"},
    {"response_format",
     "kept; where a vendor does not know `json_schema`: `json_object` and the schema as an instruction"},
    {"response_format.strict",
     "kept; where a vendor is strict about strictness the schema is closed as for strict tools, or sent "
     "without `strict`, and reported"},
    {"user", "kept: `user`"},
    {"metadata", "kept"},
    {"store", "kept"},
    {"service_tier",
     "kept: `auto`, `default`, `flex`, `scale`, `priority`; Anthropic's `standard_only` becomes `default`"},
    {"verbosity", "kept"},
    {"prompt_cache_key", "kept"},
    {"stream_options",
     "kept; always asked for from the provider where it is accepted, given to the client when it asked"},
    // Answers
    {"choices", "kept"},
    {"stop_reason",
     "kept: `stop`, `length`, `tool_calls`, `content_filter`; emulated: a stop sequence and a pause are "
     "`stop`, a full context `length`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage",
     "kept: `prompt_tokens_details.cached_tokens`, `.cache_write_tokens`, "
     "`completion_tokens_details.reasoning_tokens`"},
    {"system_fingerprint", "kept"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::openai_chat
