// Gemini's batchEmbedContents and embedContent (types of @google/genai 3.1.0, which asks for batches only).
#include "llm/embed/support.h"

namespace pb::llm {
namespace {

using namespace embed;

constexpr Str kName = "gemini_batch_embed", kSingle = "gemini_embed";

Str input_type_of(Str task) {
  for (const InputType& t : kInputTypes)
    if (t.gemini == task) return t.name;
  return {};
}

Str task_of(Str input_type) {
  for (const InputType& t : kInputTypes)
    if (t.name == input_type) return t.gemini;
  return {};
}

// The text of a Content: {parts:[{text}]}, or what the SDK makes of a plain string.
Result<void> content(json::Value v, const Path& at, EmbedRequest& r) {
  if (v.is_string()) {
    r.inputs.push_back(v.as_string());
    return {};
  }
  const Path parts_at(at, "parts");
  const json::Value parts = v["parts"];
  if (!parts.is_array() || parts.size() == 0) return parts_at.fail("must hold a text");
  std::string all;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const json::Value text = parts.at(i)["text"];
    if (!text.is_string()) return Path(parts_at, i).fail("must be a text; nothing else can be embedded here");
    all += text.as_string();
  }
  r.inputs.push_back(r.arena.keep(std::move(all)));
  return {};
}

Result<void> one_request(json::Value v, const Path& at, EmbedRequest& r) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY(content(v["content"], Path(at, "content"), r));
  const auto first_of = [&](Str camel, Str snake) { return v.has(camel) ? v[camel] : v[snake]; };
  r.input_type = input_type_of(first_of("taskType", "task_type").as_string());
  r.title = v["title"].as_string();
  r.dimensions = first_of("outputDimensionality", "output_dimensionality").as_int();
  return {};
}

Result<EmbedRequest> decode_request(std::string body) {
  EmbedRequest r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_request(std::move(body), r));
  const Path at, list(at, "requests");
  const json::Value requests = root["requests"];
  if (requests.is_null()) return list.fail("is required");
  if (!requests.is_array() || requests.size() == 0)
    return list.fail("must be an array of at least one request");
  for (std::size_t i = 0; i < requests.size(); ++i) TRY(one_request(requests.at(i), Path(list, i), r));
  return r;
}

Result<EmbedRequest> decode_single_request(std::string body) {
  EmbedRequest r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_request(std::move(body), r));
  TRY(one_request(root, Path(), r));
  r.single = true;
  return r;
}

void values(json::Writer& w, const Embedding& e) {
  w.begin_object();
  w.key("values");
  write_numbers(w, e);
  w.end_object();
}

void encode_response(const EmbedRequest&, const EmbedResponse& r, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.key("embeddings");
  w.begin_array();
  for (const Embedding& e : r.vectors) values(w, e);
  w.end_array();
  if (r.usage.known) {
    w.key("usageMetadata");
    w.begin_object();
    w.field("promptTokenCount", r.usage.input);
    w.end_object();
  }
  w.end_object();
}

void encode_single_response(const EmbedRequest&, const EmbedResponse& r, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.key("embedding");
  values(w, r.vectors.empty() ? Embedding() : r.vectors[0]);
  w.end_object();
}

Result<void> encode_request(const EmbedRequest& r, const EmbedEncodeOptions& o, Dropped& dropped,
                            std::string& out) {
  TRY(texts_only(r, kName));
  const std::string model = "models/" + std::string(o.model.empty() ? r.model : o.model);
  json::Writer w(out);
  w.begin_object();
  w.key("requests");
  w.begin_array();
  for (Str text : part_of(r, o)) {
    w.begin_object();
    w.field("model", std::string_view(model));
    w.key("content");
    w.begin_object();
    w.key("parts");
    w.begin_array();
    w.begin_object();
    w.field("text", text);
    w.end_object();
    w.end_array();
    w.end_object();
    if (const Str task = task_of(r.input_type); !task.empty()) w.field("taskType", task);
    if (!r.title.empty()) w.field("title", r.title);
    if (r.dimensions != 0) w.field("outputDimensionality", r.dimensions);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  if (!r.input_type.empty() && task_of(r.input_type).empty()) dropped.add("input_type");
  if (!r.user.empty()) dropped.add("user");
  if (r.truncate) dropped.add("truncate");
  drop_extra(r, kName, dropped);
  return {};
}

Result<EmbedResponse> decode_response(std::string body) {
  EmbedResponse r;
  r.format = kName;
  TRY_ASSIGN(const json::Value root, parse_response(std::move(body), r));
  if (!root["embeddings"].is_array()) return nonsense("it holds no vectors");
  for (const json::Value& e : root["embeddings"].items()) {
    if (!e["values"].is_array()) return nonsense("a vector has no values");
    r.vectors.push_back({e["values"], {}});
  }
  const json::Value usage = root["usageMetadata"];
  r.usage.known = usage.is_object();
  r.usage.input = usage["promptTokenCount"].as_int();
  return r;
}

}  // namespace

const EmbedDialect kGeminiBatchEmbed{.name = kName,
                                     .chat = "gemini",
                                     .path = "/models/{model}:batchEmbedContents",
                                     .model_in_path = true,
                                     .inputs_max = 100,
                                     .decode_request = decode_request,
                                     .encode_response = encode_response,
                                     .encode_request = encode_request,
                                     .decode_response = decode_response};

const EmbedDialect kGeminiEmbed{.name = kSingle,
                                .chat = "gemini",
                                .path = "/models/{model}:embedContent",
                                .model_in_path = true,
                                .decode_request = decode_single_request,
                                .encode_response = encode_single_response};

}  // namespace pb::llm
