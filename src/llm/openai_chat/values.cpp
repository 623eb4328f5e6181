// The vocabulary that requests, answers and streams share.
#include <algorithm>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {

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
  json::Value details = u["completion_tokens_details"];
  out.cache_read = count(in["cached_tokens"].as_int());
  if (out.cache_read == 0) out.cache_read = count(u["prompt_cache_hit_tokens"].as_int());  // DeepSeek
  if (out.cache_read == 0) out.cache_read = count(u["cached_tokens"].as_int());            // Moonshot
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
  if (s == "length" || s == "max_tokens" || s == "model_length") return Stop::max_tokens;
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

Str write_tier(Str tier) { return tier == "standard" || tier == "batch" ? Str("default") : tier; }

namespace {

// Signatures of Anthropic are the ones other formats can carry; those of other makers mean something only here.
bool anthropic_format(Str format) {
  return format.empty() || format.starts_with("anthropic") || format == "unknown";
}

// True when the entry brought readable text.
bool read_detail(json::Value d, json::Arena& arena, std::vector<Block>& out) {
  static constexpr std::string_view kText[] = {"type",      "text",   "summary",
                                               "signature", "format", "index"};  // written anew
  static constexpr std::string_view kOwn[] = {"type", "text", "summary"};
  static constexpr std::string_view kData[] = {"type", "data", "format", "index"};
  Str type = d["type"].as_string();
  bool ours = anthropic_format(d["format"].as_string());
  Block b;
  if (type == "reasoning.encrypted") {
    b.kind = ours ? Block::Kind::redacted_thinking : Block::Kind::opaque;
    if (ours)
      b.data = d["data"].as_string();
    else
      b.raw = d;
    b.format = kName;
    b.extra = ours ? unknown_members(d, kData, arena) : json::Value{};
    out.push_back(std::move(b));
    return false;
  }
  if (type != "reasoning.text" && type != "reasoning.summary") return false;
  b.kind = Block::Kind::thinking;
  b.text = type == "reasoning.text" ? d["text"].as_string() : d["summary"].as_string();
  if (ours) b.signature = d["signature"].as_string();
  b.format = kName;
  b.detail = type == "reasoning.summary" ? "summary" : "";
  b.extra = ours ? unknown_members(d, kText, arena) : unknown_members(d, kOwn, arena);
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
  if (extra) write_extra(w, b.extra);
  if (!extra || !b.extra.has("format"))
    if (!b.signature.empty() || b.kind == Block::Kind::redacted_thinking)
      w.field("format", "anthropic-claude-v1");
  if (!extra || !b.extra.has("index")) w.field("index", index);
  w.end_object();
}

Str json_arguments(json::Value arguments, json::Arena& arena) {
  if (arguments.is_null()) return {};
  if (!arguments.is_string()) return arena.keep(json::to_text(arguments));
  Str text = arguments.as_string();
  if (text.find_first_not_of(" \t\r\n") == Str::npos) return {};
  json::Arena scratch;
  if (json::parse(text, scratch)) return text;
  std::string wrapped;
  json::Writer w(wrapped);
  w.begin_object();
  w.field("input", text);
  w.end_object();
  return arena.keep(std::move(wrapped));
}

json::Value unknown_members(json::Value object, std::span<const std::string_view> known, json::Arena& arena) {
  std::vector<json::Member> out;
  for (const json::Member& m : object.members())
    if (std::find(known.begin(), known.end(), m.key) == known.end()) out.push_back(m);
  return out.empty() ? json::Value{} : json::Value::object(arena, out);
}

void write_call(json::Writer& w, const Block& call) {
  w.field("id", call.id);
  w.field("type", call.custom ? "custom" : "function");
  w.key(call.custom ? "custom" : "function");
  w.begin_object();
  w.field("name", call.name);
  if (call.custom)
    w.field("input", call.text);
  else
    w.field("arguments", call.arguments.empty() ? Str("{}") : call.arguments);
  w.end_object();
}

void write_extra(json::Writer& w, json::Value extra) {
  for (const json::Member& m : extra.members()) w.field(m.key, m.value);
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
