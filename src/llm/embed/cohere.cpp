// Cohere's POST /v2/embed (types of cohere-ai 8.1.0).
#include "llm/embed/support.h"

namespace pb::llm {
namespace {

using namespace embed;

constexpr Str kName = "cohere_embed";

Result<EmbedRequest> decode_request(std::string body) {
  EmbedRequest r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_request(std::move(body), r));
  const Path at;
  TRY_ASSIGN(r.model, need_string(root, "model", at));
  if (!root["images"].is_null()) return Path(at, "images").fail("cannot be embedded here; send texts");
  if (const json::Value inputs = root["inputs"]; inputs.is_array()) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Path list(at, "inputs"), here(list, i);
      const json::Value content = inputs.at(i)["content"];
      if (content.size() != 1 || content.at(0)["type"].as_string() != "text")
        return here.fail("must hold one text; images cannot be embedded here");
      r.inputs.push_back(content.at(0)["text"].as_string());
    }
  } else {
    TRY(decode_inputs(root["texts"], Path(at, "texts"), r));
  }
  TRY_ASSIGN(r.input_type, maybe_string(root, "input_type", at));
  TRY_ASSIGN(const auto dimensions, maybe_int(root, "output_dimension", at));
  r.dimensions = dimensions.value_or(0);
  TRY_ASSIGN(const Str truncate, maybe_string(root, "truncate", at));
  if (!truncate.empty()) r.truncate = truncate != "NONE";
  const json::Value types = root["embedding_types"];
  for (std::size_t i = 0; i < types.size(); ++i) {
    const Str type = types.at(i).as_string();
    if (type != "float" && type != "base64") {
      const Path list(at, "embedding_types");
      return Path(list, i).fail("must be float or base64 here");
    }
    r.base64 |= type == "base64" && types.size() == 1;
  }
  r.extra = rest_of(
      root,
      {"model", "texts", "inputs", "images", "input_type", "output_dimension", "truncate", "embedding_types"},
      r.arena);
  return r;
}

void encode_response(const EmbedRequest& q, const EmbedResponse& r, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.field("id", r.id);
  w.key("embeddings");
  w.begin_object();
  w.key(q.base64 ? "base64" : "float");
  w.begin_array();
  for (const Embedding& e : r.vectors) q.base64 ? write_base64(w, e) : write_numbers(w, e);
  w.end_array();
  w.end_object();
  w.strings("texts", q.inputs);
  w.key("meta");
  w.begin_object();
  w.key("api_version");
  w.begin_object();
  w.field("version", "2");
  w.end_object();
  w.key("billed_units");
  w.begin_object();
  w.field("input_tokens", r.usage.input);
  w.end_object();
  w.end_object();
  w.field("response_type", "embeddings_by_type");
  w.end_object();
}

Result<void> encode_request(const EmbedRequest& r, const EmbedEncodeOptions& o, Dropped& dropped,
                            std::string& out) {
  TRY(texts_only(r, kName));
  json::Writer w(out);
  w.begin_object();
  w.field("model", o.model.empty() ? r.model : o.model);
  w.strings("texts", part_of(r, o));
  w.field("input_type", r.input_type.empty() ? Str("search_document") : r.input_type);  // required
  w.key("embedding_types");
  w.begin_array();
  w.string("float");
  w.end_array();
  if (r.dimensions != 0) w.field("output_dimension", r.dimensions);
  if (r.truncate) w.field("truncate", *r.truncate ? "END" : "NONE");
  if (!r.title.empty()) dropped.add("title");
  if (!r.user.empty()) dropped.add("user");
  drop_extra(r, kName, dropped);
  w.end_object();
  return {};
}

Result<EmbedResponse> decode_response(std::string body) {
  EmbedResponse r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_response(std::move(body), r));
  r.id = root["id"].as_string();
  const json::Value all = root["embeddings"];
  if (all["base64"].is_array() && !all["float"].is_array()) {
    for (const json::Value& v : all["base64"].items()) r.vectors.push_back({{}, v.as_string()});
  } else {
    TRY(take_vectors(all.is_array() ? all : all["float"], r));
  }
  const json::Value units = root["meta"]["billed_units"];
  r.usage.known = units.is_object();
  r.usage.input = units["input_tokens"].as_int();
  return r;
}

}  // namespace

const EmbedDialect kCohereEmbed{.name = kName,
                                .chat = "cohere",
                                .path = "/v2/embed",
                                .inputs_max = 96,
                                .decode_request = decode_request,
                                .encode_response = encode_response,
                                .encode_request = encode_request,
                                .decode_response = decode_response};

}  // namespace pb::llm
