// What becomes of each feature towards this format, for docs/translation.md.
#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

constexpr FeatureNote kNotes[] = {
    // Messages
    {"system", "kept: `systemInstruction`"},
    {"system in the middle", "emulated: in its place, as text of the user between `<system>` tags"},
    {"message.name", "dropped: contents have no name"},
    {"text", "kept"},
    {"suffix", "emulated: the message tells both texts and asks for what is missing between them"},
    {"echo", "emulated: Patchbay puts the prompt before the answer"},
    {"refusal", "emulated: text, with `finishReason` `SAFETY` in answers"},
    {"citations",
     "kept from Gemini (`groundingMetadata`, `citationMetadata`); emulated: `citationMetadata` for others "
     "with a URL in answers; others, and those in requests, dropped"},
    {"cache_control", "dropped: caching is automatic there, or by `cachedContent`"},
    // Media
    {"image", "kept: `inlineData`"},
    {"image.url", "kept: `fileData`, which models from 2.5 on fetch"},
    {"image.file_id", "kept from Gemini (`fileData`); else dropped, a text stands in"},
    {"image.detail", "dropped: not in the format"},
    {"document", "kept: `inlineData`; plain text becomes a text headed by its title"},
    {"document.url", "kept: `fileData`, which models from 2.5 on fetch"},
    {"document.file_id", "kept from Gemini; else dropped, a text stands in"},
    {"assistant_media", "kept: `inlineData`"},
    {"audio", "kept: `inlineData`; audio of earlier answers by what it said, and reported"},
    // Tools
    {"tools",
     "kept: `parametersJsonSchema`, without `$schema` and `$id`; before 2.5 OpenAPI's subset, with what it "
     "cannot say in the descriptions"},
    {"tools.strict",
     "emulated: mode `VALIDATED` for all tools, where the model may choose; dropped before 2.5"},
    {"custom_tools", "emulated: a function with one string `input`; the grammar goes into the description"},
    {"provider_tools", "kept from Gemini (`googleSearch`, `codeExecution`, …); else dropped"},
    {"tool_choice", "kept: `AUTO`, `NONE`, `ANY`, `allowedFunctionNames`"},
    {"tool_choice.allowed_tools",
     "kept: `allowedFunctionNames`; emulated where the model may choose: only those are offered"},
    {"parallel_tool_calls", "dropped: not in the format"},
    {"tool_calls", "kept: `functionCall`, told whole; arguments that are no object are wrapped"},
    {"tool_result", "kept: `functionResponse` with the text under `output`"},
    {"tool_result.images", "kept: `parts` of the response; for models before 3 after the response"},
    {"tool_result.is_error", "kept: the text stands under `error`"},
    {"provider_blocks", "kept from Gemini (code execution, server tools, video); else dropped"},
    // Reasoning
    {"reasoning_effort",
     "kept: `thinkingLevel`, or for 2.5 a budget (`low` 1024, `medium` 8192, `high` 24576 tokens); emulated: "
     "the "
     "nearest level a model has"},
    {"thinking",
     "kept: `thinkingBudget`; emulated from 3 on: up to 4096 tokens are level `LOW`, up to 16384 "
     "`MEDIUM`, more `HIGH`; adaptive is the model's default"},
    {"thinking.disabled",
     "kept: `thinkingBudget` 0; dropped from 3 on and for 2.5 pro, which think as little as "
     "they can"},
    {"thinking.display", "kept: `includeThoughts`"},
    {"thinking.text", "kept: parts with `thought`; clients that did not ask for thoughts are not shown them"},
    {"thinking.signature",
     "kept: `thoughtSignature`; those of other formats' providers are carried to clients, packed into it on "
     "the "
     "text and the call that follow, and dropped towards Gemini, where calls without one get the word that "
     "stands for it"},
    {"redacted_thinking",
     "carried to clients as above; dropped towards Gemini, but for its own (from "
     "`reasoning_details`), which signs what follows"},
    // Parameters
    {"max_tokens", "kept: `maxOutputTokens`"},
    {"temperature", "kept, at most 2"},
    {"top_p", "kept"},
    {"top_k", "kept"},
    {"stop", "kept: `stopSequences`, at most 5"},
    {"frequency_penalty", "kept"},
    {"presence_penalty", "kept"},
    {"seed", "kept"},
    {"n", "kept: `candidateCount`"},
    {"best_of", "dropped: not in the format"},
    {"logprobs", "kept: `responseLogprobs`, `logprobsResult`"},
    {"top_logprobs", "kept: `logprobs`"},
    {"logit_bias", "dropped: not in the format"},
    {"response_format",
     "kept: `responseMimeType`, `responseJsonSchema`; before 2.5 `responseSchema` in OpenAPI's "
     "subset; emulated by an instruction for models before 3 when there are tools"},
    {"response_format.strict", "always held to"},
    {"user", "dropped: not in the format"},
    {"metadata", "dropped: not in the format"},
    {"store", "kept"},
    {"service_tier",
     "kept: `flex`, `priority`, `standard` (from `default`, `standard_only`); others dropped"},
    {"verbosity", "dropped: not in the format"},
    {"prompt_cache_key", "dropped: not in the format"},
    {"stream_options", "always given"},
    // Answers
    {"choices", "kept: `candidates`"},
    {"stop_reason",
     "kept: `STOP`, `MAX_TOKENS`, `SAFETY`; emulated: a stop sequence and a pause are `STOP`, a full "
     "context `MAX_TOKENS`, a refusal `SAFETY`"},
    {"stop_sequence", "dropped: not in the format"},
    {"stop_details", "dropped: not in the format"},
    {"usage", "kept; tokens written to a cache as `cacheWriteTokenCount`, which is ours"},
    {"system_fingerprint", "dropped: not in the format"},
};

}  // namespace

std::span<const FeatureNote> notes() { return kNotes; }

}  // namespace pb::llm::gemini
