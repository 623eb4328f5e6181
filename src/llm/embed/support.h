// What the formats of embeddings share; only the files of this folder include it.
#pragma once
#include <algorithm>

#include "llm/embed/embed.h"
#include "llm/fields.h"

namespace pb::llm::embed {

// The request's body as an object; takes the text over.
inline Result<json::Value> parse_request(std::string body, EmbedRequest& r) {
  r.text = std::make_unique<std::string>(std::move(body));
  auto root = json::parse(*r.text, r.arena);
  if (!root) {
    root.error().message = "the request body is not JSON: " + root.error().message;
    return root;
  }
  if (!root->is_object()) return Path().wrong_type("a JSON object", *root);
  return root;
}

inline std::unexpected<Error> nonsense(std::string message) {
  return std::unexpected(upstream_fault("the provider's answer cannot be read: " + std::move(message)));
}

inline Result<json::Value> parse_response(std::string body, EmbedResponse& r) {
  r.text = std::make_unique<std::string>(std::move(body));
  auto root = json::parse(*r.text, r.arena);
  if (!root) return nonsense(root.error().message);
  if (!root->is_object()) return nonsense("it is no object");
  return root;
}

// Arrays of numbers, one a text.
inline Result<void> take_vectors(json::Value list, EmbedResponse& r) {
  if (!list.is_array()) return nonsense("it holds no vectors");
  for (const json::Value& v : list.items()) {
    if (!v.is_array()) return nonsense("a vector is no array");
    r.vectors.push_back({v, {}});
  }
  return {};
}

inline std::span<const Str> part_of(const EmbedRequest& r, const EmbedEncodeOptions& o) {
  const std::size_t first = std::min(o.first, r.inputs.size());
  return std::span(r.inputs).subspan(first, std::min(o.count, r.inputs.size() - first));
}

inline Result<void> texts_only(const EmbedRequest& r, std::string_view target) {
  if (r.tokens.is_null()) return {};
  return fail(
      Code::invalid_request,
      "input: token numbers mean something to OpenAI's models only; send texts to a provider that speaks " +
          std::string(target),
      "input");
}

inline void drop_extra(const EmbedRequest& r, Str own, Dropped& dropped) {
  if (r.format == own) return;
  for (const json::Member& m : r.extra.members()) dropped.add(m.key);
}

// Kinds of input, as Cohere names them and as Gemini does.
struct InputType {
  Str name, gemini;
};
inline constexpr InputType kInputTypes[] = {{"search_document", "RETRIEVAL_DOCUMENT"},
                                            {"search_query", "RETRIEVAL_QUERY"},
                                            {"classification", "CLASSIFICATION"},
                                            {"clustering", "CLUSTERING"}};

}  // namespace pb::llm::embed
