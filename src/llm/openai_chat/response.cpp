// A provider's whole answer.
#include "llm/fields.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;
using Kind = Block::Kind;

constexpr std::string_view kKnownMembers[] = {"id",      "object", "created",      "model",
                                              "choices", "usage",  "service_tier", "system_fingerprint"};

class ResponseReader {
 public:
  explicit ResponseReader(Response& r) : r_(r), arena_(r.arena) {}

  void choice(Value c) {
    Choice out;
    Value m = c["message"];
    if (!m.is_object()) m = c["delta"];  // some vendors answer a plain request with a chunk
    read_reasoning(m, arena_, out.content);
    content(m["content"], out.content);
    for (const Value& piece : c["messages"].items())  // Mistral's, around what its own tools did
      if (piece["role"].as_string() != "tool") content(piece["content"], out.content);
    annotations(m["annotations"], out.content);
    if (Str refusal = m["refusal"].as_string(); !refusal.empty()) {
      Block b;
      b.kind = Kind::refusal;
      b.text = refusal;
      out.content.push_back(std::move(b));
    }
    bool calls = false;
    std::size_t index = 0;
    for (const Value& call : m["tool_calls"].items()) calls |= tool_call(call, index++, out.content);
    if (Value f = m["function_call"]; f.is_object()) {
      std::vector<json::Member> wrapped = {{"function", f}};
      calls |= tool_call(Value::object(arena_, wrapped), index, out.content);
    }
    audio(m["audio"], out.content);
    out.stop = read_finish(c["finish_reason"].as_string());
    // Ollama and others say "stop" where they mean the calls.
    if (calls && (out.stop == Stop::end || out.stop == Stop::unset)) out.stop = Stop::tool_use;
    if (out.stop == Stop::unset) out.stop = Stop::end;
    if (out.stop == Stop::end && !m["refusal"].as_string().empty()) out.stop = Stop::refusal;
    out.logprobs = c["logprobs"];
    r_.choices.push_back(std::move(out));
  }

 private:
  void text(Str s, std::vector<Block>& out) {
    if (s.empty()) return;
    Block b;
    b.text = s;
    out.push_back(std::move(b));
  }

  void content(Value c, std::vector<Block>& out) {
    if (c.is_string()) return text(c.as_string(), out);
    for (const Value& part : c.items()) {
      Str type = part["type"].as_string();
      if (type == "text") {
        text(part["text"].as_string(), out);
      } else if (type == "thinking") {  // Mistral
        Block b;
        b.kind = Kind::thinking;
        b.text = part["thinking"].is_string() ? part["thinking"].as_string()
                                              : joined_text(part["thinking"], arena_);
        b.signature = part["signature"].as_string();
        if (!b.signature.empty()) b.format = r_.format;
        out.push_back(std::move(b));
      } else if (part.is_object()) {
        Block b;
        b.kind = Kind::opaque;
        b.raw = part;
        b.format = r_.format;
        out.push_back(std::move(b));
      }
    }
  }

  void annotations(Value list, std::vector<Block>& out) {
    if (list.size() == 0) return;
    for (Block& b : out) {
      if (b.kind != Kind::text) continue;
      b.citations = list;
      b.format = r_.format;
      return;
    }
  }

  bool tool_call(Value c, std::size_t index, std::vector<Block>& out) {
    if (!c.is_object()) return false;
    Block b;
    b.kind = Kind::tool_call;
    b.id = c["id"].as_string();
    if (b.id.empty() || b.id == "null") b.id = made_up_id(index);
    b.signature = c["extra_content"]["google"]["thought_signature"].as_string();
    if (!b.signature.empty()) b.format = "gemini";
    Value custom = c["custom"];
    b.custom = custom.is_object();
    Value f = b.custom ? custom : c["function"];
    b.name = f["name"].as_string();
    if (b.custom)
      b.text = f["input"].as_string();
    else
      b.arguments = json_arguments(f["arguments"], arena_);
    out.push_back(std::move(b));
    return true;
  }

  // Unique within a conversation, as answers have ids of their own.
  Str made_up_id(std::size_t index) {
    std::string id = "call_";
    for (char c : r_.id)
      id += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
    return arena_.keep(id + "_" + std::to_string(index));
  }

  void audio(Value a, std::vector<Block>& out) {
    if (!a.is_object()) return;
    Block b;
    b.kind = Kind::audio;
    b.data = a["data"].as_string();
    b.text = a["transcript"].as_string();
    b.raw = a;
    b.format = r_.format;
    out.push_back(std::move(b));
  }

  Response& r_;
  json::Arena& arena_;
};

}  // namespace

Result<Response> decode_response(std::string body) { return read_response(std::move(body), kName); }

Result<Response> read_response(std::string body, Str format) {
  Response r;
  TRY_ASSIGN(const Value root, parse_answer(std::move(body), format, r));
  if (Value e = root["error"]; e.is_object() || e.is_string()) {  // an error under status 200
    Error error = error_of_json(static_cast<int>(e["code"].as_int(502)), root);
    error.raw_body = *r.text;
    return std::unexpected(std::move(error));
  }
  Value choices = root["choices"];
  if (!choices.is_array()) return bad_answer("has no choices", *r.text);
  r.id = root["id"].as_string();
  r.model = root["model"].as_string();
  r.created = root["created"].as_int();
  r.service_tier = root["service_tier"].as_string();
  if (r.service_tier.empty()) r.service_tier = root["usage"]["service_tier"].as_string();  // Mistral
  r.system_fingerprint = root["system_fingerprint"].as_string();
  r.usage = read_usage(root["usage"]);
  r.extra = unknown_members(root, kKnownMembers, r.arena);
  ResponseReader reader(r);
  for (const Value& c : choices.items()) reader.choice(c);
  return r;
}

}  // namespace pb::llm::openai_chat
