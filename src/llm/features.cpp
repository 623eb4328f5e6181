// The table behind docs/translation.md: every feature of the formats, by the name that x-patchbay-dropped uses, and
// what becomes of it towards each. A test checks that every name an encoder drops has its row here.
#include "llm/dialect.h"

namespace pb::llm {
namespace {

constexpr std::string_view kKept = "kept";

constexpr Feature kFeatures[] = {
    // Messages
    {"system", "system text before the conversation", "kept: messages with role `system`", "kept: `system`"},
    {"system in the middle", "system and developer messages inside the conversation",
     "kept; `developer` becomes `system` where a vendor does not know it",
     "kept as a `system` message or moved, in order, to `system`"},
    {"message.name", "a participant's name", kKept, "dropped: messages have no name"},
    {"text", "text", kKept, kKept},
    {"refusal", "a refusal as its own kind of text", "kept: `refusal`",
     "emulated: text, with `stop_reason` `refusal` in answers"},
    {"citations", "sources of a text",
     "emulated: `annotations` of type `url_citation` for citations with a URL in answers; others, and those "
     "in requests, dropped",
     "kept from Anthropic; annotations of other formats dropped"},
    {"cache_control", "prompt-cache marks on blocks and tools",
     "kept on parts and tools for OpenRouter; dropped elsewhere: caching is automatic there",
     "kept; `prompt_cache_breakpoint` becomes one, without its ttl"},
    // Media
    {"image", "images by URL or base64", "kept: `image_url`, base64 as a `data:` URL",
     "kept: `url` or `base64` source"},
    {"image.url", "images by URL, towards a vendor that does not fetch them",
     "emulated: a text that names the URL, and reported", kKept},
    {"image.file_id", "images by file id", "dropped: file ids belong to one provider, a text stands in",
     "kept from Anthropic, else dropped"},
    {"image.detail", "how closely to look at an image", kKept, "dropped: not in the format"},
    {"document", "documents: PDF as base64 or URL, plain text",
     "kept: a `file` part with a `data:` URL; plain text becomes a text part headed by its title",
     "kept: `document` block; base64 that is no PDF is dropped"},
    {"document.url", "documents by URL",
     "kept for OpenRouter; else a text that names the URL stands in, and reported", "kept"},
    {"document.file_id", "documents by file id",
     "kept from the same format; else dropped: file ids belong to one provider",
     "kept from the same format, else dropped"},
    {"assistant_media", "images, documents and audio in the assistant's own messages",
     "dropped: assistant messages hold text only", "dropped: assistant messages hold no media"},
    {"audio", "audio input (`input_audio`) and audio of earlier answers", kKept,
     "dropped: not in the format"},
    // Tools
    {"tools", "function tools with JSON Schema", "kept; `$schema` and `$id` are left out",
     "kept; `$schema` stays"},
    {"tools.strict", "strict tools",
     "kept; where a vendor is strict about strictness the schema is closed, optional properties become "
     "nullable; "
     "a schema that cannot be said that way is sent without `strict`, and reported",
     "kept: `strict`"},
    {"custom_tools", "free-text tools with an optional grammar", kKept,
     "emulated: a function with one string `input`; the grammar goes into the description"},
    {"provider_tools", "a provider's own server tools (web search, code execution, …)",
     "dropped: OpenAI's chat format has none", "kept from Anthropic, else dropped"},
    {"tool_choice", "auto, none, required, one named tool", kKept, "kept: `auto`, `none`, `any`, `tool`"},
    {"tool_choice.allowed_tools", "a choice among some of the tools", "kept from the same format",
     "dropped: any tool may be called; `mode` is kept"},
    {"parallel_tool_calls", "whether several tools may be called at once",
     "kept; dropped where a vendor refuses the parameter", "kept: `disable_parallel_tool_use`"},
    {"tool_calls", "calls, several at once too, with streamed arguments",
     "kept; streamed one call after another; arguments that are not JSON are wrapped as {\"input\": …}",
     "kept: `tool_use`; arguments that are not an object are wrapped"},
    {"tool_result", "results of calls", "kept: role `tool`", "kept: `tool_result`"},
    {"tool_result.images", "images, documents and audio in a tool's result",
     "emulated: the result says so and a user message after the results carries them", kKept},
    {"tool_result.is_error", "results that are errors", "emulated: the text starts with `Error: `", kKept},
    {"provider_blocks",
     "content that only one provider knows (server tool calls and their results, tool references, …)",
     "dropped: no other format has them", "kept from Anthropic, else dropped"},
    // Reasoning
    {"reasoning_effort", "how hard to think",
     "kept: `reasoning_effort` (OpenRouter: `reasoning.effort`); dropped where a vendor refuses it",
     "kept: `output_config.effort`, or a thinking budget for models before it (`low` 2048, `medium` 8192, "
     "`high` 16384); dropped where the API would refuse it"},
    {"thinking", "thinking switched on, with a budget or adaptive",
     "emulated: a budget up to 4096 tokens is effort `low`, up to 16384 `medium`, more `high` (OpenRouter: "
     "`reasoning.max_tokens`); adaptive is the "
     "model's default",
     "kept, as budget or as effort by the model's generation; dropped where the API would refuse it"},
    {"thinking.disabled", "thinking switched off",
     "kept for OpenRouter (`reasoning.enabled` false); else dropped: the model's default holds", kKept},
    {"thinking.display", "whether thinking is summarised or left out", "dropped: the provider decides",
     kKept},
    {"thinking.text", "reasoning of earlier answers sent back",
     "kept in the field the vendor uses (`reasoning_content`, `reasoning`); dropped where it has none",
     "kept when signed, else dropped"},
    {"thinking.signature", "the signature that lets a provider trust its own reasoning",
     "kept in `reasoning_details` in answers and towards OpenRouter; else dropped", kKept},
    {"redacted_thinking", "reasoning only the provider can read",
     "kept in `reasoning_details` in answers and towards OpenRouter; else dropped", kKept},
    // Parameters
    {"max_tokens", "the limit of the answer",
     "kept: `max_completion_tokens` where a vendor wants it, else `max_tokens`",
     "kept; a default where the client gave none, as the format requires one"},
    {"temperature", "sampling temperature", kKept, "kept, at most 1; dropped for models that refuse it"},
    {"top_p", "nucleus sampling", kKept, "kept; dropped for models that refuse it"},
    {"top_k", "sampling among the k best tokens", "kept for OpenRouter; else dropped: not in the format",
     "kept; dropped for models that refuse it"},
    {"stop", "stop sequences", kKept, "kept: `stop_sequences`; those of white space alone are dropped"},
    {"frequency_penalty", "penalty on repetition", kKept, "dropped: not in the format"},
    {"presence_penalty", "penalty on repetition", kKept, "dropped: not in the format"},
    {"seed", "repeatable sampling", kKept, "dropped: not in the format"},
    {"n", "several answers at once", kKept, "dropped: one answer"},
    {"logprobs", "probabilities of tokens", kKept, "dropped: not in the format"},
    {"top_logprobs", "probabilities of the best tokens", kKept, "dropped: not in the format"},
    {"logit_bias", "weights of tokens", kKept, "dropped: not in the format"},
    {"response_format", "JSON answers, with or without a schema",
     "kept; where a vendor does not know `json_schema`: `json_object` and the schema as an instruction",
     "json_schema kept: `output_config.format`; json_object emulated by an instruction"},
    {"response_format.strict", "the promise that an answer holds to its schema",
     "kept; where a vendor is strict about strictness the schema is closed as for strict tools, or sent "
     "without `strict`, and reported",
     "always held to"},
    {"user", "the end user's id", "kept: `user`", "kept: `metadata.user_id`"},
    {"metadata", "the client's own map of strings", kKept, "dropped: only `user_id` exists there"},
    {"store", "whether the provider keeps the conversation", kKept, "dropped: not in the format"},
    {"service_tier", "which tier serves the request",
     "kept: `auto`, `default`, `flex`, `scale`, `priority`; Anthropic's `standard_only` becomes `default`",
     "kept: `auto` and `standard_only` (from `default`); others dropped"},
    {"verbosity", "how long the answer should be", kKept, "dropped: not in the format"},
    {"prompt_cache_key", "which cache a prompt belongs to", kKept, "dropped: marks do this there"},
    {"stream_options", "usage in the stream",
     "kept; always asked for from the provider where it is accepted, given to the client when it asked",
     "always given"},
    // Answers
    {"choices", "several answers in a response", kKept, "dropped but the first"},
    {"stop_reason", "why the answer ended",
     "kept: `stop`, `length`, `tool_calls`, `content_filter`; a stop sequence and a pause are `stop`, a full "
     "context `length`",
     kKept},
    {"stop_sequence", "which stop sequence was met", "dropped: not in the format", kKept},
    {"stop_details", "details of a refusal", "dropped: not in the format", kKept},
    {"usage", "tokens, with cached, cache-write and reasoning ones",
     "kept: `prompt_tokens_details.cached_tokens`, `.cache_write_tokens`, "
     "`completion_tokens_details.reasoning_tokens`",
     kKept},
    {"system_fingerprint", "the provider's configuration", kKept, "dropped: not in the format"},
};

void cell(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
}

}  // namespace

std::span<const Feature> features() { return kFeatures; }

std::string translation_page() {
  std::string out =
      "# Translation between formats\n\n"
      "This page is made from the code (`src/llm/features.cpp`); `PATCHBAY_GOLDEN=write` before the unit "
      "tests rewrites it.\n\n"
      "When a provider speaks the client's own format nothing is translated: bytes are forwarded, and "
      "unknown members survive.\n"
      "When it speaks another, each feature below is kept, emulated or dropped towards that format. What was "
      "dropped from a request\n"
      "or an answer is named in the `x-patchbay-dropped` header of the answer, by the name in the first "
      "column; members that no\n"
      "format here knows are dropped under their own names.\n\n"
      "| name | what | towards OpenAI Chat Completions | towards Anthropic Messages |\n"
      "|---|---|---|---|\n";
  for (const Feature& f : kFeatures) {
    out += "| `";
    cell(out, f.name);
    out += "` | ";
    cell(out, f.what);
    out += " | ";
    cell(out, f.openai_chat);
    out += " | ";
    cell(out, f.anthropic);
    out += " |\n";
  }
  return out;
}

}  // namespace pb::llm
