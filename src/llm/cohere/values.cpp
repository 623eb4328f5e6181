// The vocabulary that requests, answers and streams share.
#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "llm/cohere/cohere.h"

namespace pb::llm::cohere {
namespace {

using json::Value;

struct StopRow {
  Stop stop;
  Str name;
};

// The first row of a Stop is how it is written. ERROR_TOXIC is version 1's word for a filtered answer.
constexpr StopRow kStops[] = {
    {Stop::end, "COMPLETE"},
    {Stop::stop_sequence, "STOP_SEQUENCE"},
    {Stop::max_tokens, "MAX_TOKENS"},
    {Stop::tool_use, "TOOL_CALL"},
    {Stop::content_filter, "ERROR_TOXIC"},
    {Stop::refusal, "ERROR_TOXIC"},
    {Stop::context_full, "MAX_TOKENS"},
    {Stop::context_full, "ERROR_LIMIT"},
};

std::int64_t count(Value v) { return std::max<std::int64_t>(0, v.as_int(std::llround(v.as_double(0)))); }

// The bytes of `text` between two positions in characters.
Str part_of(Str text, std::int64_t from, std::int64_t to) {
  std::size_t begin = text.size(), end = text.size();
  std::int64_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (n == from) begin = i;
    if (n == to) end = i;
    ++n;
  }
  return begin < end ? text.substr(begin, end - begin) : Str();
}

}  // namespace

Stop read_finish(Str reason) {
  for (const StopRow& row : kStops)
    if (row.name == reason) return row.stop;
  return Stop::unset;
}

Str write_finish(Stop stop) {
  for (const StopRow& row : kStops)
    if (row.stop == stop) return row.name;
  return "COMPLETE";
}

Usage read_usage(Value u) {
  Usage out;
  Value tokens = u["tokens"];
  if (!tokens.has("input_tokens") && !tokens.has("output_tokens")) tokens = u["billed_units"];
  if (!tokens.has("input_tokens") && !tokens.has("output_tokens")) return out;
  out.known = true;
  out.input = count(tokens["input_tokens"]);
  out.output = count(tokens["output_tokens"]);
  out.cache_read = std::min(count(u["cached_tokens"]), out.input);
  out.cache_write = count(u["cache_write_tokens"]);
  out.reasoning = count(u["reasoning_tokens"]);
  return out;
}

void write_usage(json::Writer& w, const Usage& u) {
  w.begin_object();
  for (const Str key : {Str("billed_units"), Str("tokens")}) {
    w.key(key);
    w.begin_object();
    w.field("input_tokens", u.input);
    w.field("output_tokens", u.output);
    w.end_object();
  }
  w.field("cached_tokens", u.cache_read);
  if (u.cache_write > 0) w.field("cache_write_tokens", u.cache_write);  // not Cohere's own, and harmless
  if (u.reasoning > 0) w.field("reasoning_tokens", u.reasoning);        // likewise
  w.end_object();
}

Result<Block> read_document(Value v, const Path& at, json::Arena& arena) {
  Block b;
  b.kind = Block::Kind::document;
  b.media_type = "text/plain";
  b.format = kName;
  b.raw = v;
  if (v.is_string()) {
    b.text = v.as_string();
    return b;
  }
  if (!v.is_object()) return at.wrong_type("a string or an object", v);
  TRY_ASSIGN(b.id, maybe_string(v, "id", at));
  const Value data = v["data"];
  if (data.is_string()) {
    b.text = data.as_string();
    return b;
  }
  if (!data.is_object()) return Path(at, "data").wrong_type("an object", data);
  b.name = data["title"].as_string();
  for (Str key : {Str("text"), Str("content"), Str("snippet")})
    if (b.text.empty()) b.text = data[key].as_string();
  if (b.text.empty()) b.text = json::to_text(data, arena);
  return b;
}

std::string document_text(const Block& document) {
  std::string text(document.text);
  for (const Block& b : document.content) {
    if (b.kind != Block::Kind::text) continue;
    if (!text.empty()) text += '\n';
    text += b.text;
  }
  return text;
}

void write_document(json::Writer& w, const Block& b, std::size_t number) {
  if (b.format == kName && !b.raw.is_null()) return w.write(b.raw);
  const std::string id = b.id.empty() ? "doc-" + std::to_string(number) : std::string(b.id);
  w.begin_object();
  w.field("id", std::string_view(id));
  w.key("data");
  w.begin_object();
  if (!b.name.empty()) w.field("title", b.name);
  w.field("text", std::string_view(document_text(b)));
  w.end_object();
  w.end_object();
}

bool reasons(Str model) { return model.contains("reasoning") || model.starts_with("command-a-plus"); }

Value read_logprobs(Value items, json::Arena& arena) {
  if (items.size() == 0) return {};
  std::vector<Value> tokens;
  for (const Value& item : items.items()) {
    double sum = 0;
    for (const Value& p : item["logprobs"].items()) sum += p.as_double();
    const json::Member members[] = {{"token", Value::string(item["text"].as_string())},
                                    {"logprob", Value::real(arena, sum)},
                                    {"bytes", Value()},
                                    {"top_logprobs", Value::array(arena, {})}};
    tokens.push_back(Value::object(arena, members));
  }
  const json::Member members[] = {{"content", Value::array(arena, tokens)}, {"refusal", Value()}};
  return Value::object(arena, members);
}

void write_logprob(json::Writer& w, Value token) {
  w.begin_object();
  w.field("text", token["token"].as_string());
  w.key("token_ids");
  w.begin_array();
  w.end_array();
  w.key("logprobs");
  w.begin_array();
  w.write(token["logprob"]);
  w.end_array();
  w.end_object();
}

bool write_citation(json::Writer& w, Value c, Str format, Str text, std::int64_t offset, int index) {
  if (format == kName) {
    w.write(c);
    return true;
  }
  const Value from = c["url_citation"].is_object() ? c["url_citation"] : c;
  const Str url = from["url"].as_string();
  Str title = from["title"].as_string();
  if (title.empty()) title = from["document_title"].as_string();
  if (url.empty() && title.empty()) return false;
  std::int64_t start = 0, end = utf8::characters(text);
  if (from["start_index"].is_number() && from["end_index"].is_number()) {
    start = std::clamp<std::int64_t>(from["start_index"].as_int(), 0, end);
    end = std::clamp<std::int64_t>(from["end_index"].as_int(), start, end);
  }
  w.begin_object();
  w.field("start", offset + start);
  w.field("end", offset + end);
  w.field("text", part_of(text, start, end));
  w.key("sources");
  w.begin_array();
  w.begin_object();
  w.field("type", "document");
  w.field("id", url.empty() ? title : url);
  w.key("document");
  w.begin_object();
  w.field("id", url.empty() ? title : url);
  if (!title.empty()) w.field("title", title);
  if (!url.empty()) w.field("url", url);
  if (Str cited = from["cited_text"].as_string(); !cited.empty()) w.field("snippet", cited);
  w.end_object();
  w.end_object();
  w.end_array();
  w.field("content_index", index);
  w.field("type", "TEXT_CONTENT");
  w.end_object();
  return true;
}

}  // namespace pb::llm::cohere
