// Embeddings: texts in, vectors out. As with conversations (llm/dialect.h), each wire format is a struct of pure functions over one
// canonical request and answer; the gateway uses one side, the simulator the other.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "llm/chat.h"
#include "llm/dialect.h"

namespace pb::llm {

struct EmbedRequest {
  Str model;
  std::vector<Str> inputs;
  json::Value
      tokens;  // inputs given as arrays of token numbers (OpenAI): one array, or an array of arrays; null = texts
  bool single = false;          // one text, not a list of one
  std::int64_t dimensions = 0;  // 0 = the model's own
  bool base64 = false;          // vectors as base64 of little-endian 32-bit floats
  Str input_type;  // "search_document", "search_query", "classification", "clustering"; "" = not given
  Str title;       // of a document (Gemini)
  Str user;
  std::optional<bool> truncate;  // inputs that are too long are cut
  json::Value extra;             // unknown members, of `format`
  Str format;

  json::Arena arena;
  std::unique_ptr<std::string> text;
};

// One vector as it came: numbers keep their text, so that nothing is rounded on the way.
struct Embedding {
  json::Value numbers;  // an array; null when `base64` holds it
  Str base64;
};

struct EmbedResponse {
  Str id;
  Str model;
  std::vector<Embedding> vectors;
  Usage usage;
  Str format;

  json::Arena arena;
  std::unique_ptr<std::string> text;
};

struct EmbedEncodeOptions {
  std::string_view model;  // the name the provider knows
  std::size_t first = 0;   // of the inputs
  std::size_t count = SIZE_MAX;
};

struct EmbedDialect {
  std::string_view name;  // "openai_embeddings": in the ledger and metrics
  std::string_view
      chat;  // the dialect of the same API: a provider that speaks it has this too; the shape of errors
  std::string_view path;  // below the base URL; "{model}" stands for the model
  bool model_in_path = false;
  std::size_t inputs_max = 0;  // of one request; 0 = no limit of its own

  Result<EmbedRequest> (*decode_request)(std::string body) = nullptr;
  void (*encode_response)(const EmbedRequest&, const EmbedResponse&, std::string& out) = nullptr;
  // Of the inputs [first, first+count). Null: providers are not asked in this format.
  Result<void> (*encode_request)(const EmbedRequest&, const EmbedEncodeOptions&, Dropped&,
                                 std::string& out) = nullptr;
  Result<EmbedResponse> (*decode_response)(std::string body) = nullptr;
};

std::span<const EmbedDialect* const> embed_dialects();
const EmbedDialect* find_embed_dialect(std::string_view name);

// What stood for "{model}" in a path that ends as `pattern` says; false when it does not.
bool match_path_end(std::string_view pattern, std::string_view path, std::string_view& model);

// A vector as JSON numbers or as a base64 string, whichever it came as.
void write_numbers(json::Writer& w, const Embedding& e);
void write_base64(json::Writer& w, const Embedding& e);
// 32-bit floats of base64, little-endian; nullopt when it is not that.
std::optional<std::vector<float>> floats_of(std::string_view base64);

// One text or several: `value` is a string or an array of strings (at least one).
Result<void> decode_inputs(json::Value value, const struct Path& at, EmbedRequest& r);

extern const EmbedDialect kOpenaiEmbeddings;  // POST /embeddings
extern const EmbedDialect kGeminiBatchEmbed;  // POST /models/{model}:batchEmbedContents
extern const EmbedDialect kGeminiEmbed;       // POST /models/{model}:embedContent
extern const EmbedDialect kCohereEmbed;       // POST /v2/embed
extern const EmbedDialect kOllamaEmbed;       // POST /api/embed
extern const EmbedDialect
    kOllamaEmbeddings;  // POST /api/embeddings, the older one: one text, towards clients only

}  // namespace pb::llm
