// Ollama's POST /api/embed and the older POST /api/embeddings (types of ollama 0.6.4).
#include "llm/embed/support.h"

namespace pb::llm {
namespace {

using namespace embed;

constexpr Str kName = "ollama_embed", kOlder = "ollama_embeddings";

Result<EmbedRequest> decode_request(std::string body) {
  EmbedRequest r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_request(std::move(body), r));
  const Path at;
  TRY_ASSIGN(r.model, need_string(root, "model", at));
  TRY(decode_inputs(root["input"], Path(at, "input"), r));
  TRY_ASSIGN(r.truncate, maybe_bool(root, "truncate", at));
  TRY_ASSIGN(const auto dimensions, maybe_int(root, "dimensions", at));
  r.dimensions = dimensions.value_or(0);
  r.extra = rest_of(root, {"model", "input", "truncate", "dimensions"}, r.arena);
  return r;
}

void encode_response(const EmbedRequest& q, const EmbedResponse& r, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.field("model", q.model.empty() ? r.model : q.model);
  w.key("embeddings");
  w.begin_array();
  for (const Embedding& e : r.vectors) write_numbers(w, e);
  w.end_array();
  w.field("total_duration", 0);  // nanoseconds: not known here
  w.field("load_duration", 0);
  w.field("prompt_eval_count", r.usage.input);
  w.end_object();
}

Result<void> encode_request(const EmbedRequest& r, const EmbedEncodeOptions& o, Dropped& dropped,
                            std::string& out) {
  TRY(texts_only(r, kName));
  json::Writer w(out);
  w.begin_object();
  w.field("model", o.model.empty() ? r.model : o.model);
  w.strings("input", part_of(r, o));
  if (r.truncate) w.field("truncate", *r.truncate);
  if (r.dimensions != 0) w.field("dimensions", r.dimensions);
  if (!r.input_type.empty()) dropped.add("input_type");
  if (!r.title.empty()) dropped.add("title");
  if (!r.user.empty()) dropped.add("user");
  if (r.format == kName) write_rest(w, r.extra);
  drop_extra(r, kName, dropped);
  w.end_object();
  return {};
}

Result<EmbedResponse> decode_response(std::string body) {
  EmbedResponse r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_response(std::move(body), r));
  r.model = root["model"].as_string();
  TRY(take_vectors(root["embeddings"], r));
  r.usage.known = root["prompt_eval_count"].is_number();
  r.usage.input = root["prompt_eval_count"].as_int();
  return r;
}

// ---- the older endpoint: one prompt, one vector ----

Result<EmbedRequest> decode_older_request(std::string body) {
  EmbedRequest r;
  r.format = kName;  // its members beyond the prompt are the newer one's
  TRY_ASSIGN(const json::Value root, parse_request(std::move(body), r));
  const Path at;
  TRY_ASSIGN(r.model, need_string(root, "model", at));
  TRY_ASSIGN(const Str prompt, need_string(root, "prompt", at));
  r.inputs.push_back(prompt);
  r.single = true;
  // What only the newer endpoint knows is nothing to the older one, whatever it is.
  r.extra = rest_of(root, {"model", "prompt", "input", "truncate", "dimensions"}, r.arena);
  return r;
}

void encode_older_response(const EmbedRequest&, const EmbedResponse& r, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.key("embedding");
  write_numbers(w, r.vectors.empty() ? Embedding() : r.vectors[0]);
  w.end_object();
}

}  // namespace

const EmbedDialect kOllamaEmbed{.name = kName,
                                .chat = "ollama",
                                .path = "/api/embed",
                                .decode_request = decode_request,
                                .encode_response = encode_response,
                                .encode_request = encode_request,
                                .decode_response = decode_response};

const EmbedDialect kOllamaEmbeddings{.name = kOlder,
                                     .chat = "ollama",
                                     .path = "/api/embeddings",
                                     .decode_request = decode_older_request,
                                     .encode_response = encode_older_response};

}  // namespace pb::llm
