// The vocabulary that requests, answers and streams share.
#include <algorithm>

#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {

using json::Value;

Usage read_usage(Value u) {
  Usage out;
  if (!u.is_object() || (!u.has("input_tokens") && !u.has("output_tokens"))) return out;
  const auto count = [](Value v) { return std::max<std::int64_t>(v.as_int(), 0); };
  out.known = true;
  out.input = count(u["input_tokens"]);
  out.output = count(u["output_tokens"]);
  const Value in = u["input_tokens_details"];
  out.cache_read = count(in["cached_tokens"]);
  out.cache_write = count(in["cache_write_tokens"]);
  out.reasoning = count(u["output_tokens_details"]["reasoning_tokens"]);
  return out;
}

void write_usage(json::Writer& w, const Usage& u) {
  w.begin_object();
  w.field("input_tokens", u.input);
  w.key("input_tokens_details");
  w.begin_object();
  w.field("cached_tokens", u.cache_read);
  w.field("cache_write_tokens", u.cache_write);
  w.end_object();
  w.field("output_tokens", u.output);
  w.key("output_tokens_details");
  w.begin_object();
  w.field("reasoning_tokens", u.reasoning);
  w.end_object();
  w.field("total_tokens", u.input + u.output);
  w.end_object();
}

std::string answer_id(Str id, Str fallback) {
  if (id.starts_with("resp_")) return std::string(id);
  if (fallback.starts_with("resp_")) return std::string(fallback);
  std::string out = "resp_";
  for (const char c : id.empty() ? fallback : id) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    out += plain ? c : '_';
  }
  return out;
}

std::string made_item_id(Str prefix, Str answer, int n) {
  if (answer.starts_with("resp_")) answer.remove_prefix(5);
  return std::string(prefix).append(answer).append("_").append(std::to_string(n));
}

namespace {

void write_url(json::Writer& w, Value from, Str url, std::int64_t start, std::int64_t end) {
  w.begin_object();
  w.field("type", "url_citation");
  w.field("start_index", start);
  w.field("end_index", end);
  w.field("title", from["title"].as_string());
  w.field("url", url);
  w.end_object();
}

}  // namespace

bool write_annotation(json::Writer& w, Value c, Str format, std::int64_t start, std::int64_t end) {
  if (format == kName) {
    if (start == 0 || !c["start_index"].is_number()) {
      w.write(c);
      return true;
    }
    w.begin_object();  // its block was appended to others
    for (const json::Member& m : c.members()) {
      if (m.key == "start_index" || m.key == "end_index")
        w.field(m.key, m.value.as_int() + start);
      else
        w.field(m.key, m.value);
    }
    w.end_object();
    return true;
  }
  if (const Value inner = c["url_citation"]; inner.is_object()) {  // OpenAI's chat format
    const Str url = inner["url"].as_string();
    if (url.empty()) return false;
    write_url(w, inner, url, start + inner["start_index"].as_int(0),
              start + inner["end_index"].as_int(end - start));
    return true;
  }
  Str url = c["url"].as_string();
  if (url.empty()) url = c["uri"].as_string();
  if (url.empty()) return false;
  write_url(w, c, url, start, end);
  return true;
}

void write_item_extra(json::Writer& w, Value extra) {
  for (const json::Member& m : extra.members())
    if (m.key.starts_with(kItemPrefix)) w.field(m.key.substr(kItemPrefix.size()), m.value);
}

void write_part_extra(json::Writer& w, Value extra) {
  for (const json::Member& m : extra.members())
    if (!m.key.starts_with(kItemPrefix)) w.field(m.key, m.value);
}

Value wrap_logprobs(Value list, json::Arena& arena) {
  if (list.size() == 0) return {};
  const json::Member members[] = {{"content", list}, {"refusal", {}}};
  return Value::object(arena, members);
}

bool may_reason(Str model) {
  if (const std::size_t slash = model.rfind('/'); slash != Str::npos) model.remove_prefix(slash + 1);
  for (const Str prefix : {"gpt-4", "gpt-3.5", "chatgpt", "gpt-audio"})
    if (model.starts_with(prefix)) return false;
  return !model.contains("-chat");
}

bool asks_compaction(const Request* r) {
  if (r == nullptr || r->messages.empty() || r->messages.back().content.empty()) return false;
  return r->messages.back().content.back().raw["type"].as_string() == "compaction_trigger";
}

}  // namespace pb::llm::openai_responses
