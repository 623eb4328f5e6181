// The vocabulary that requests, answers and streams share.
#include <algorithm>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

// What is no JSON, or a free-text tool's input, as arguments.
std::string as_input(Str text) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("input", text);
  w.end_object();
  return out;
}

}  // namespace

Usage read_usage(json::Value u) {
  Usage out;
  if (!u.is_object()) return out;
  const json::Value* prompt = u.find("prompt_tokens");
  const json::Value* completion = u.find("completion_tokens");
  if (!prompt && !completion) return out;
  auto count = [](std::int64_t n) { return std::max<std::int64_t>(n, 0); };
  out.known = true;
  out.input = prompt ? count(prompt->as_int()) : 0;
  out.output = completion ? count(completion->as_int()) : 0;
  json::Value in = u["prompt_tokens_details"];
  if (in.is_null()) in = u["prompt_token_details"];  // Mistral has both
  json::Value details = u["completion_tokens_details"];
  out.cache_read = count(in["cached_tokens"].as_int());
  if (out.cache_read == 0) out.cache_read = count(u["prompt_cache_hit_tokens"].as_int());  // DeepSeek
  if (out.cache_read == 0) out.cache_read = count(u["cached_tokens"].as_int());            // Moonshot
  if (out.cache_read == 0) out.cache_read = count(u["num_cached_tokens"].as_int());        // Mistral
  out.cache_write = count(in["cache_write_tokens"].as_int());
  out.audio_input = count(in["audio_tokens"].as_int());
  out.reasoning = count(details["reasoning_tokens"].as_int());
  if (out.reasoning == 0) out.reasoning = count(u["reasoning_tokens"].as_int());  // Perplexity
  out.audio_output = count(details["audio_tokens"].as_int());
  // xAI counts reasoning beside completion_tokens; only the total shows it.
  if (out.reasoning > 0 && u["total_tokens"].as_int() - out.reasoning >= out.input + out.output)
    out.output += out.reasoning;
  return out;
}

void write_usage(json::Writer& w, const Usage& u) {
  w.begin_object();
  w.field("prompt_tokens", u.input);
  w.field("completion_tokens", u.output);
  w.field("total_tokens", u.input + u.output);
  w.key("prompt_tokens_details");
  w.begin_object();
  w.field("cached_tokens", u.cache_read);
  w.field("audio_tokens", u.audio_input);
  if (u.cache_write > 0) w.field("cache_write_tokens", u.cache_write);
  w.end_object();
  w.key("completion_tokens_details");
  w.begin_object();
  w.field("reasoning_tokens", u.reasoning);
  w.field("audio_tokens", u.audio_output);
  w.field("accepted_prediction_tokens", 0);
  w.field("rejected_prediction_tokens", 0);
  w.end_object();
  w.end_object();
}

Stop read_finish(std::string_view s) {
  if (s.empty()) return Stop::unset;
  if (s == "length" || s == "max_tokens") return Stop::max_tokens;
  if (s == "model_length") return Stop::context_full;  // Mistral
  if (s == "tool_calls" || s == "function_call" || s == "tool_use") return Stop::tool_use;
  if (s == "content_filter" || s == "sensitive" || s == "SAFETY") return Stop::content_filter;
  if (s == "refusal") return Stop::refusal;
  return Stop::end;  // "stop", "eos", "end_turn" and what vendors may invent
}

std::string_view write_finish(Stop stop, bool refused) {
  switch (stop) {
    case Stop::max_tokens:
    case Stop::context_full:
      return "length";
    case Stop::tool_use:
      return "tool_calls";
    case Stop::content_filter:
      return "content_filter";
    case Stop::refusal:
      return refused ? "stop" : "content_filter";
    case Stop::unset:
    case Stop::end:
    case Stop::stop_sequence:
    case Stop::pause:
      return "stop";
  }
  return "stop";
}

Str effort_of_budget(std::int64_t budget) {
  constexpr std::int64_t kLow = 4096, kMedium = 16384;
  return budget <= 0 ? "medium" : budget <= kLow ? "low" : budget <= kMedium ? "medium" : "high";
}

std::string schema_name(Str name) {
  constexpr std::size_t kNameMax = 64;
  std::string out;
  for (char c : name.substr(0, kNameMax)) {
    bool safe =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out += safe ? c : '_';
  }
  return out.empty() ? "response" : out;
}

Str write_tier(Str tier) { return tier == "standard" || tier == "batch" ? Str("default") : tier; }

namespace {

// Whose signatures an entry of reasoning_details holds, as OpenRouter names formats.
struct FormatWord {
  Str prefix;  // of `format`
  Str dialect;
  Str word;  // what we write
};
constexpr FormatWord kFormatWords[] = {{"anthropic", "anthropic", "anthropic-claude-v1"},
                                       {"google-gemini", "gemini", "google-gemini-v1"},
                                       {"openai-responses", "openai_responses", "openai-responses-v1"},
                                       {"mistral", "mistral", "mistral-v1"},
                                       {"azure-openai-responses", "openai_responses", "openai-responses-v1"}};

// "" for formats that mean something only here.
Str dialect_of(Str format) {
  if (format.empty() || format == "unknown") return "anthropic";
  for (const FormatWord& f : kFormatWords)
    if (format.starts_with(f.prefix)) return f.dialect;
  return {};
}

Str word_of(Str dialect) {
  for (const FormatWord& f : kFormatWords)
    if (f.dialect == dialect) return f.word;
  return dialect.empty() || dialect == kName ? kFormatWords[0].word : Str("unknown");
}

// True when the entry brought readable text.
bool read_detail(json::Value d, json::Arena& arena, std::vector<Block>& out) {
  static constexpr std::string_view kOwn[] = {"type", "text", "summary"};
  Str type = d["type"].as_string();
  Str dialect = dialect_of(d["format"].as_string());
  Block b;
  b.format = dialect.empty() ? kName : dialect;
  if (type == "reasoning.encrypted") {
    b.kind = dialect.empty() ? Block::Kind::opaque : Block::Kind::redacted_thinking;
    if (dialect.empty()) b.raw = d;
    b.data = d["data"].as_string();
    b.item_id = d["id"].as_string();
    out.push_back(std::move(b));
    return false;
  }
  if (type != "reasoning.text" && type != "reasoning.summary") return false;
  b.kind = Block::Kind::thinking;
  b.text = type == "reasoning.text" ? d["text"].as_string() : d["summary"].as_string();
  b.detail = type == "reasoning.summary" ? "summary" : "";
  if (!dialect.empty()) b.signature = d["signature"].as_string();
  if (b.signature.empty()) {  // nothing that another format could read: the entry goes back as it came
    b.format = kName;
    b.extra = unknown_members(d, kOwn, arena);
  } else {
    b.item_id = d["id"].as_string();
  }
  bool text = !b.text.empty();
  out.push_back(std::move(b));
  return text;
}

}  // namespace

void read_reasoning(json::Value m, json::Arena& arena, std::vector<Block>& out) {
  std::size_t first = out.size();
  bool text = false;
  for (const json::Value& d : m["reasoning_details"].items()) text |= read_detail(d, arena, out);
  if (text) return;
  Str plain = m["reasoning_content"].as_string();
  if (plain.empty()) plain = m["reasoning"].as_string();
  if (plain.empty()) return;
  for (std::size_t i = first; i < out.size(); ++i) {  // a signature that stands apart from its text
    if (out[i].kind != Block::Kind::thinking) continue;
    out[i].text = plain;
    return;
  }
  Block b;
  b.kind = Block::Kind::thinking;
  b.text = plain;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(first), std::move(b));
}

void write_reasoning_detail(json::Writer& w, const Block& b, int index, bool same_format) {
  if (b.kind == Block::Kind::opaque) return w.write(b.raw);
  bool extra = same_format && b.format == kName && b.extra.is_object();
  w.begin_object();
  if (b.kind == Block::Kind::redacted_thinking) {
    w.field("type", "reasoning.encrypted");
    w.field("data", b.data);
  } else {
    bool summary = b.detail == "summary";
    w.field("type", summary ? "reasoning.summary" : "reasoning.text");
    w.field(summary ? "summary" : "text", b.text);
    if (!b.signature.empty()) w.field("signature", b.signature);
  }
  if (!b.item_id.empty()) w.field("id", b.item_id);
  if (extra) write_extra(w, b.extra);
  if (!extra || !b.extra.has("format"))
    if (!b.signature.empty() || b.kind == Block::Kind::redacted_thinking)
      w.field("format", word_of(b.format));
  if (!extra || !b.extra.has("index")) w.field("index", index);
  w.end_object();
}

bool is_detail(const Block& b) {
  using Kind = Block::Kind;
  if (b.kind == Kind::thinking || b.kind == Kind::redacted_thinking) return true;
  if (b.kind == Kind::text || b.kind == Kind::tool_call) return is_foreign(b, kName);
  return b.kind == Kind::opaque && b.format == kName && b.raw["type"].as_string() == "reasoning.encrypted";
}

void write_detail(json::Writer& w, const Block& b, int index, bool same_format) {
  if (b.kind != Block::Kind::text && b.kind != Block::Kind::tool_call)
    return write_reasoning_detail(w, b, index, same_format);
  json::Arena scratch;
  write_reasoning_detail(w, packed_block(b, kName, scratch), index, false);
}

Str json_arguments(json::Value arguments, json::Arena& arena) {
  if (arguments.is_null()) return {};
  if (!arguments.is_string()) return json::to_text(arguments, arena);
  Str text = arguments.as_string();
  if (text.find_first_not_of(" \t\r\n") == Str::npos) return {};
  json::Arena scratch;
  if (json::parse(text, scratch)) return text;
  return arena.keep(as_input(text));
}

json::Value unknown_members(json::Value object, std::span<const std::string_view> known, json::Arena& arena) {
  std::vector<json::Member> out;
  for (const json::Member& m : object.members())
    if (std::find(known.begin(), known.end(), m.key) == known.end()) out.push_back(m);
  return out.empty() ? json::Value{} : json::Value::object(arena, out);
}

void write_head(json::Writer& w, Str object, const Response& r, const ResponseOptions& options) {
  w.field("id", r.id.empty() ? options.id : r.id);
  w.field("object", object);
  w.field("created", r.created != 0 ? r.created : options.created);
  w.field("model", options.model.empty() ? r.model : options.model);
}

void write_call(json::Writer& w, const Block& call, bool custom_tools) {
  if (!call.custom || !custom_tools) return write_function_call(w, call, call.id);
  w.field("id", call.id);
  w.field("type", "custom");
  w.key("custom");
  w.begin_object();
  w.field("name", call.name);
  w.field("input", call.text);
  w.end_object();
}

void write_function_call(json::Writer& w, const Block& call, Str id) {
  w.field("id", id);
  w.field("type", "function");
  w.key("function");
  w.begin_object();
  w.field("name", call.name);
  if (call.custom)
    w.field("arguments", std::string_view(as_input(call.text)));
  else
    w.field("arguments", call.arguments.empty() ? Str("{}") : call.arguments);
  w.end_object();
}

std::optional<std::string> image_in_words(const Block& b, const Quirks& quirks, Dropped& dropped) {
  if (b.data.empty() && b.url.empty()) {
    dropped.add("image.file_id");
    return "[an image that cannot be shown here]";
  }
  if (!b.data.empty() || quirks.image_url) return std::nullopt;
  dropped.add("image.url");
  return std::string("[image: ").append(b.url).append("]");
}

void write_image(json::Writer& w, const Block& b) {
  w.field("type", "image_url");
  w.key("image_url");
  w.begin_object();
  w.key("url");
  write_url_or_data(w, b);
  if (!b.detail.empty()) w.field("detail", b.detail);
  w.end_object();
}

void write_extra(json::Writer& w, json::Value extra) {
  for (const json::Member& m : extra.members()) w.field(m.key, m.value);
}

void write_call_signature(json::Writer& w, Str signature) {
  w.key("extra_content");
  w.begin_object();
  w.key("google");
  w.begin_object();
  w.field("thought_signature", signature);
  w.end_object();
  w.end_object();
}

void drop_extra(json::Value extra, Dropped& dropped) {
  for (const json::Member& m : extra.members())
    if (!m.value.is_null()) dropped.add(m.key);
}

void write_url_or_data(json::Writer& w, const Block& b) {
  if (b.data.empty()) return w.string(b.url);
  w.raw("\"data:");
  std::string& out = w.out();
  json::append_escaped(out, b.media_type.empty() ? Str("application/octet-stream") : b.media_type);
  out += ";base64,";
  json::append_escaped(out, b.data);
  out += '"';
}

}  // namespace pb::llm::openai_chat
