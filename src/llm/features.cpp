// The features of the formats, and docs/translation.md made from them and from each dialect's notes. A test checks that every
// name an encoder drops has its row here and its note there.
#include <algorithm>

#include "llm/dialect.h"

namespace pb::llm {
namespace {

constexpr Feature kFeatures[] = {
    // Messages
    {"system", "system text before the conversation"},
    {"system in the middle", "system and developer messages inside the conversation"},
    {"message.name", "a participant's name"},
    {"text", "text"},
    {"suffix", "a text behind the gap that is to be filled (text completions)"},
    {"echo", "the prompt repeated before its answer (text completions)"},
    {"refusal", "a refusal as its own kind of text"},
    {"citations", "sources of a text"},
    {"cache_control", "prompt-cache marks on blocks and tools"},
    // Media
    {"image", "images by URL or base64"},
    {"image.url", "images by URL, towards a vendor that does not fetch them"},
    {"image.file_id", "images by file id"},
    {"image.detail", "how closely to look at an image"},
    {"document", "documents: PDF as base64 or URL, plain text"},
    {"document.url", "documents by URL"},
    {"document.file_id", "documents by file id"},
    {"assistant_media", "images, documents and audio in the assistant's own messages"},
    {"audio", "audio input (`input_audio`) and audio of earlier answers"},
    // Tools
    {"tools", "function tools with JSON Schema"},
    {"tools.strict", "strict tools"},
    {"custom_tools", "free-text tools with an optional grammar"},
    {"provider_tools", "a provider's own server tools (web search, code execution, …)"},
    {"tool_choice", "auto, none, required, one named tool"},
    {"tool_choice.allowed_tools", "a choice among some of the tools"},
    {"parallel_tool_calls", "whether several tools may be called at once"},
    {"tool_calls", "calls, several at once too, with streamed arguments"},
    {"tool_result", "results of calls"},
    {"tool_result.images", "images, documents and audio in a tool's result"},
    {"tool_result.is_error", "results that are errors"},
    {"provider_blocks",
     "content that only one provider knows (server tool calls and their results, tool references, …)"},
    // Reasoning
    {"reasoning_effort", "how hard to think"},
    {"thinking", "thinking switched on, with a budget or adaptive"},
    {"thinking.disabled", "thinking switched off"},
    {"thinking.display", "whether thinking is summarised or left out"},
    {"thinking.text", "reasoning of earlier answers sent back"},
    {"thinking.signature", "the signature that lets a provider trust its own reasoning"},
    {"redacted_thinking", "reasoning only the provider can read"},
    // Parameters
    {"max_tokens", "the limit of the answer"},
    {"temperature", "sampling temperature"},
    {"top_p", "nucleus sampling"},
    {"top_k", "sampling among the k best tokens"},
    {"stop", "stop sequences"},
    {"frequency_penalty", "penalty on repetition"},
    {"presence_penalty", "penalty on repetition"},
    {"seed", "repeatable sampling"},
    {"n", "several answers at once"},
    {"best_of", "the best of several answers (text completions)"},
    {"logprobs", "probabilities of tokens"},
    {"top_logprobs", "probabilities of the best tokens"},
    {"logit_bias", "weights of tokens"},
    {"response_format", "JSON answers, with or without a schema"},
    {"response_format.strict", "the promise that an answer holds to its schema"},
    {"user", "the end user's id"},
    {"metadata", "the client's own map of strings"},
    {"store", "whether the provider keeps the conversation"},
    {"service_tier", "which tier serves the request"},
    {"verbosity", "how long the answer should be"},
    {"prompt_cache_key", "which cache a prompt belongs to"},
    {"stream_options", "usage in the stream"},
    // Answers
    {"choices", "several answers in a response"},
    {"stop_reason", "why the answer ended"},
    {"stop_sequence", "which stop sequence was met"},
    {"stop_details", "details of a refusal"},
    {"usage", "tokens, with cached, cache-write and reasoning ones"},
    {"system_fingerprint", "the provider's configuration"},
};

void cell(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
}

}  // namespace

std::span<const Feature> features() { return kFeatures; }

std::string_view note_of(const Dialect& dialect, std::string_view feature) {
  if (dialect.notes == nullptr) return {};
  for (const FeatureNote& n : dialect.notes())
    if (n.feature == feature) return n.text;
  return {};
}

std::string translation_page() {
  std::string out =
      "# Translation between formats\n\n"
      "This page is made from the code (`notes` of each dialect in `src/llm`); `./dev golden` rewrites "
      "it.\n\n"
      "When a provider speaks the client's own format nothing is translated: bytes are forwarded, and "
      "unknown members survive.\n"
      "When it speaks another, each feature below is kept, emulated or dropped towards that format. What was "
      "dropped from a request\n"
      "or an answer is named in the `x-patchbay-dropped` header of the answer, by the name in the first "
      "column; members that no\n"
      "format here knows are dropped under their own names.\n\n"
      "Before that, images and PDFs given by URL are fetched for a provider that takes no URLs, and images "
      "are "
      "made to fit\n"
      "([images.md](images.md)): what `image.url` and `document.url` say below holds where that is not "
      "done.\n";
  for (const Dialect* d : dialects()) {
    out += "\n## Towards `" + std::string(d->name) +
           "`\n\n| name | what | what becomes of it |\n|---|---|---|\n";
    for (const Feature& f : kFeatures) {
      const std::string_view note = note_of(*d, f.name);
      out += "| `";
      cell(out, f.name);
      out += "` | ";
      cell(out, f.what);
      out += " | ";
      cell(out, note.empty() ? "–" : note);
      out += " |\n";
    }
  }
  return out;
}

}  // namespace pb::llm
