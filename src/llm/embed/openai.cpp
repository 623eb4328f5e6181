// OpenAI's POST /v1/embeddings, which most vendors speak (types of openai 7.55.0).
#include "llm/embed/support.h"

namespace pb::llm {
namespace {

using namespace embed;

constexpr Str kName = "openai_embeddings";

bool is_tokens(json::Value v) {
  if (v.size() == 0) return false;
  const json::Value first = v.at(0);
  return first.is_number() || (first.is_array() && first.size() > 0 && first.at(0).is_number());
}

Result<EmbedRequest> decode_request(std::string body) {
  EmbedRequest r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_request(std::move(body), r));
  const Path at;
  TRY_ASSIGN(r.model, need_string(root, "model", at));
  if (is_tokens(root["input"]))
    r.tokens = root["input"];
  else
    TRY(decode_inputs(root["input"], Path(at, "input"), r));
  TRY_ASSIGN(const auto dimensions, maybe_int(root, "dimensions", at));
  r.dimensions = dimensions.value_or(0);
  TRY_ASSIGN(const Str encoding, maybe_string(root, "encoding_format", at));
  if (!encoding.empty() && encoding != "float" && encoding != "base64")
    return Path(at, "encoding_format").fail("must be float or base64");
  r.base64 = encoding == "base64";
  TRY_ASSIGN(r.user, maybe_string(root, "user", at));
  TRY_ASSIGN(r.input_type,
             maybe_string(root, "input_type", at));  // several vendors have it beside OpenAI's members
  r.extra = rest_of(root, {"model", "input", "dimensions", "encoding_format", "user", "input_type"}, r.arena);
  return r;
}

void encode_response(const EmbedRequest& q, const EmbedResponse& r, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.field("object", "list");
  w.key("data");
  w.begin_array();
  std::int64_t index = 0;
  for (const Embedding& e : r.vectors) {
    w.begin_object();
    w.field("object", "embedding");
    w.field("index", index++);
    w.key("embedding");
    q.base64 ? write_base64(w, e) : write_numbers(w, e);
    w.end_object();
  }
  w.end_array();
  w.field("model", q.model.empty() ? r.model : q.model);
  w.key("usage");
  w.begin_object();
  w.field("prompt_tokens", r.usage.input);
  w.field("total_tokens", r.usage.input);
  w.end_object();
  w.end_object();
}

Result<void> encode_request(const EmbedRequest& r, const EmbedEncodeOptions& o, Dropped& dropped,
                            std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.field("model", o.model.empty() ? r.model : o.model);
  w.key("input");
  if (!r.tokens.is_null())
    w.write(r.tokens);
  else
    w.strings(part_of(r, o));
  if (r.dimensions != 0) w.field("dimensions", r.dimensions);
  w.field("encoding_format", "float");
  if (!r.user.empty()) w.field("user", r.user);
  if (!r.input_type.empty()) dropped.add("input_type");
  if (!r.title.empty()) dropped.add("title");
  if (r.truncate) dropped.add("truncate");
  drop_extra(r, kName, dropped);
  w.end_object();
  return {};
}

Result<EmbedResponse> decode_response(std::string body) {
  EmbedResponse r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_response(std::move(body), r));
  r.model = root["model"].as_string();
  if (!root["data"].is_array()) return nonsense("it holds no vectors");
  std::vector<std::pair<std::int64_t, Embedding>> found;
  for (const json::Value& item : root["data"].items()) {
    const json::Value v = item["embedding"];
    if (!v.is_array() && !v.is_string()) return nonsense("a vector is neither an array nor base64");
    found.emplace_back(item["index"].as_int(static_cast<std::int64_t>(found.size())),
                       Embedding{v.is_array() ? v : json::Value(), v.as_string()});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [index, e] : found) r.vectors.push_back(e);
  r.usage.known = root["usage"].is_object();
  r.usage.input = root["usage"]["prompt_tokens"].as_int();
  return r;
}

}  // namespace

const EmbedDialect kOpenaiEmbeddings{.name = kName,
                                     .chat = "openai_chat",
                                     .path = "/embeddings",
                                     .inputs_max = 2048,
                                     .decode_request = decode_request,
                                     .encode_response = encode_response,
                                     .encode_request = encode_request,
                                     .decode_response = decode_response};

}  // namespace pb::llm
