// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system",
     "kept: `instructions`, or messages of role `system` and `developer` where the client wrote messages"},
    {"system in the middle", "kept; `developer` becomes `system` where a vendor does not know it"},
    {"message.name", "dropped: messages have no name"},
    {"text", "kept; consecutive texts of an answer become one part"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "kept: `refusal`"},
    {"citations",
     "emulated: `annotations` of type `url_citation` for citations with a URL in answers; others, and those "
     "in "
     "requests, dropped"},
    {"cache_control",
     "dropped: caching is automatic there; `prompt_cache_breakpoint` is kept from the same format"},
    // Media
    {"image",
     "kept: `input_image`, base64 as a `data:` URL; a picture in an answer is an `image_generation_call`"},
    {"image.url", "kept; where a vendor does not fetch them: a text that names the URL, and reported"},
    {"image.file_id",
     "kept from the same format; else dropped: file ids belong to one provider, a text stands in"},
    {"image.detail", "kept"},
    {"document", "kept: `input_file` with a `data:` URL; plain text becomes a text part headed by its title"},
    {"document.url", "kept: `file_url`"},
    {"document.file_id", "kept from the same format; else dropped: file ids belong to one provider"},
    {"assistant_media", "dropped: the model's messages hold text only"},
    {"audio", "kept: `input_audio`; dropped in results of tools"},
    // Tools
    {"tools",
     "kept; `$schema` and `$id` are left out. Namespaces are kept; towards formats without them a tool is "
     "named "
     "`space__name`, and its calls come back under both names"},
    {"tools.strict",
     "kept, and said to be off where the client did not ask for it; where a vendor is strict about "
     "strictness the schema is "
     "closed, or sent without `strict`, and reported"},
    {"custom_tools", "kept"},
    {"provider_tools",
     "kept from the same format; web search of other formats becomes `web_search`; others dropped"},
    {"tool_choice", "kept"},
    {"tool_choice.allowed_tools", "kept"},
    {"parallel_tool_calls", "kept"},
    {"tool_calls",
     "kept: `function_call`, `custom_tool_call`; arguments that are not JSON are wrapped as {\"input\": …}"},
    {"tool_result", "kept: `function_call_output`, `custom_tool_call_output`"},
    {"tool_result.images", "kept"},
    {"tool_result.is_error", "emulated: the text starts with `Error:`"},
    {"provider_blocks", "kept from the same format; else dropped: no other format has them"},
    // Reasoning
    {"reasoning_effort", "kept: `reasoning.effort`; dropped for models that do not reason"},
    {"thinking",
     "emulated: a budget up to 4096 tokens is effort `low`, up to 16384 `medium`, more `high`; adaptive is "
     "the model's "
     "default; the summary is asked for unless the client omits it. Dropped for models that do not reason"},
    {"thinking.disabled", "dropped: the model's default holds"},
    {"thinking.display", "kept: a summary is asked for or not"},
    {"thinking.text", "kept as the summary beside its encrypted content; dropped without it"},
    {"thinking.signature", "carried: `encrypted_content`, asked for and sent back"},
    {"redacted_thinking", "carried: `encrypted_content` without a summary"},
    // Parameters
    {"max_tokens", "kept: `max_output_tokens`, at least 16"},
    {"temperature", "kept"},
    {"top_p", "kept"},
    {"top_k", "dropped: not in the format"},
    {"stop", "dropped: not in the format"},
    {"frequency_penalty", "dropped: not in the format"},
    {"presence_penalty", "dropped: not in the format"},
    {"seed", "dropped: not in the format"},
    {"n", "dropped: one answer"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "kept: `include` of `message.output_text.logprobs`"},
    {"top_logprobs", "kept"},
    {"logit_bias", "dropped: not in the format"},
    {"response_format", "kept: `text.format`"},
    {"response_format.strict",
     "kept; where a vendor is strict about strictness the schema is closed as for strict tools, or sent "
     "without `strict`, and "
     "reported"},
    {"user", "kept: `safety_identifier`; over 64 bytes its beginning and a hash"},
    {"metadata", "kept"},
    {"store", "kept; off where the client did not say"},
    {"service_tier", "kept; Anthropic's `standard_only` becomes `default`"},
    {"verbosity", "kept: `text.verbosity`"},
    {"prompt_cache_key", "kept"},
    {"stream_options", "always given"},
    // Answers
    {"choices", "dropped but the first"},
    {"stop_reason",
     "kept: `status` and `incomplete_details`; emulated: a stop sequence and a pause are `completed`, a full "
     "context is "
     "`max_output_tokens`, a refusal that is not told as one `content_filter`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage",
     "kept: `input_tokens_details.cached_tokens`, `.cache_write_tokens`, "
     "`output_tokens_details.reasoning_tokens`"},
    {"system_fingerprint", "dropped: not in the format"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::openai_responses
