// docs/tokens.md, from the table.
#include <fmt/format.h>

#include "llm/tokens/models.h"

namespace pb::llm::tokens {
namespace {

constexpr std::string_view kHead = R"(# Token counts

*Printed from `src/llm/tokens/models.cpp` by `patchbay docs tokens`.*

Patchbay counts tokens itself where nobody else does: for `count_tokens` when the provider has no such endpoint, and for the
usage that a provider leaves out of an answer. Nothing leaves the machine for it.

## What is exact and what is not

- **Texts for OpenAI's models: exact.** o200k and cl100k are counted with OpenAI's own tables, as `tiktoken` does when special
  tokens are ordinary text; the tests compare thousands of texts with the reference implementation. A run of more than 64 KB without
  a place to cut (no space, no punctuation) is counted in parts and may come out a token higher for each.
- **Other models: approximated.** Their texts are counted in one of the two encodings, by kind of text, and each kind has a factor
  for the family. The table below gives the errors in per cent over whole texts of 60 KB; a single short text may be further off.
- **What providers add** (roles, the framing of messages, tools and calls) is published in part. OpenAI's tools are counted as the
  TypeScript declarations that its models see, which gives the known counts of its API for messages and functions to the
  token. Anthropic's counts of what a model is told about tools are those of its documentation (Claude 5 and later: of Sonnet 5).
  The rest is taken from recorded answers, or assumed.
- **Pictures** go by their size and the provider's published rule: area for Claude, tiles or patches for OpenAI, cells of 258 for
  Gemini; other models are counted by area. PDFs are guessed at 2,000 tokens a page, a page at 60 KB. Audio, encrypted
  reasoning and files given by address are guesses too.

## Families

A model belongs to the first row of the [list of names](#names) that its name contains.

| family | encoding | errors in per cent |
|---|---|---|
)";

constexpr std::string_view kFactors = R"(
Tokens of the family for each token of the encoding, by the kind of piece:

| family | word | latin | Cyrillic, Greek | Han | kana | Hangul | other scripts | number | symbol | space | each digit |
|---|---|---|---|---|---|---|---|---|---|---|---|
)";

constexpr std::string_view kMeasured = R"(
The factors were fitted in November 2026 to 57 texts (English prose and manuals, seven programming languages, JSON, logs, program
messages and manuals in 33 languages), counted by the published tokenizers of Gemini 1.5, Llama 3.1, Qwen 2.5, DeepSeek V3, Mistral
Nemo and Command R+; newer models of a family are assumed to count alike. Anthropic publishes none: the texts were counted by
a public reconstruction that agrees to the token with the usage of all recorded answers it could be held against.

Tokens beside the texts:

| family | prompt | message | system message | tool | call in a prompt | result | call in an answer | answer |
|---|---|---|---|---|---|---|---|---|
)";

constexpr std::string_view kUse = R"(
## Where counts are used

- `POST /v1/messages/count_tokens`: the provider's own count where it has such an endpoint, else ours, for the model that the
  request would go to.
- **Usage that a provider leaves out.** When an answer, whole or streamed, carries no usage, the ledger's row gets our count and
  is marked `usage_estimated`; a translated answer tells it to the client too. An answer that passes in its own format is never
  changed: only the row is filled. `patchbay usage` shows sums with estimates in them as `~`.
- The simulator's usage.

Conversations of more than 16 KB are decoded and counted on threads of their own, at a lower priority than the event loops, so that a
burst of counts (Claude Code sends 25 at once) does not hold up other requests.

## Names

`.`, `-` and `_` are the same, capitals too; a name must begin a word of the model's (`openai/gpt-5.4` contains `gpt-`). Earlier rows win.

| name | family | pictures | tools (one must be called) |
|---|---|---|---|
)";

std::string picture(const Picture& p) {
  switch (p.rule) {
    case Picture::Rule::area:
      return "area";
    case Picture::Rule::tiles:
      return fmt::format("{} + {} a tile", p.base, p.each);
    case Picture::Rule::patches:
      return fmt::format("patches × {:.2f}", p.factor);
    case Picture::Rule::cells:
      return fmt::format("{} a cell", p.each);
  }
  return {};
}

std::string encoding(const Family& f) { return f.encoding == Encoding::o200k ? "o200k" : "cl100k"; }

}  // namespace

std::string page() {
  std::string out(kHead);
  for (const Family* f : families())
    out += fmt::format("| {}: {} | {} | {} |\n", f->name, f->title, encoding(*f), f->measured);
  out += kFactors;
  for (const Family* f : families()) {
    if (f->exact || f->digit == 0) {
      bool plain = true;
      for (const float factor : f->factors) plain = plain && factor == 1;
      if (plain) continue;
    }
    out += fmt::format("| {} |", f->name);
    for (const float factor : f->factors) out += fmt::format(" {:.2f} |", factor);
    out += fmt::format(" {:.2f} |\n", f->digit);
  }
  out += kMeasured;
  for (const Family* f : families()) {
    const Frame& x = f->frame;
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", f->name, x.request, x.message,
                       x.system, f->typed_tools ? "declared" : std::to_string(x.tool), x.call, x.result,
                       x.called, x.answer);
  }
  out += kUse;
  for (const Model& m : models())
    out += fmt::format("| {} | {} | {} | {} ({}) |\n", m.name.empty() ? "(any)" : fmt::format("`{}`", m.name),
                       m.family->name, picture(m.picture), m.tools, m.tools_forced);
  return out;
}

}  // namespace pb::llm::tokens
