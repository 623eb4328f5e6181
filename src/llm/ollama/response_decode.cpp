// A provider's whole answer, of either endpoint.
#include "llm/fields.h"
#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Value;
using Kind = Block::Kind;

void add(std::vector<Block>& out, Kind kind, Str text) {
  if (text.empty()) return;
  Block& b = out.emplace_back();
  b.kind = kind;
  b.text = text;
}

void add_calls(Response& r, Value list, Str created_at, std::vector<Block>& out) {
  std::size_t number = 0;
  for (const Value& c : list.items()) {
    const Value f = c["function"];
    if (!f.is_object()) continue;
    Block& b = out.emplace_back();
    b.kind = Kind::tool_call;
    b.name = f["name"].as_string();
    b.arguments = read_arguments(f["arguments"], r.arena);
    b.id = c["id"].as_string();
    if (b.id.empty()) b.id = r.arena.keep(call_id(created_at, b.name, b.arguments, number));
    ++number;
  }
}

}  // namespace

Result<Response> decode_response(std::string body) {
  Response r;
  TRY_ASSIGN(const Value root, parse_answer(std::move(body), kName, r));
  if (const Value e = root["error"]; !e.is_null()) {  // an error under status 200
    Error error = error_of_line(root);
    error.raw_body = *r.text;
    return std::unexpected(std::move(error));
  }
  const bool chat = root["message"].is_object();
  if (!chat && !root["response"].is_string()) return bad_answer("has no message", *r.text);
  const Value m = chat ? root["message"] : root;
  const Str created_at = root["created_at"].as_string();
  Choice choice;
  add(choice.content, Kind::thinking, m["thinking"].as_string());
  add(choice.content, Kind::text, chat ? m["content"].as_string() : m["response"].as_string());
  add_calls(r, m["tool_calls"], created_at, choice.content);
  for (const Value& image : m["images"].items()) {
    if (image.as_string().empty()) continue;
    Block& b = choice.content.emplace_back();
    b.kind = Kind::image;
    b.data = image.as_string();
  }
  choice.stop = read_done_reason(root["done_reason"].as_string(), m["tool_calls"].size() > 0);
  choice.logprobs = read_logprobs(root["logprobs"], r.arena);
  r.choices.push_back(std::move(choice));
  r.model = root["model"].as_string();
  r.created = read_time(created_at);
  r.usage = read_usage(root);
  r.extra = rest_of(root,
                    {"model", "created_at", "message", "response", "thinking", "tool_calls", "images", "done",
                     "done_reason", "prompt_eval_count", "eval_count", "logprobs", "usage"},
                    r.arena);
  return r;
}

}  // namespace pb::llm::ollama
