// A provider's whole answer.
#include <algorithm>

#include "llm/cohere/cohere.h"
#include "llm/fields.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::cohere {
namespace {

using json::Value;
using Kind = Block::Kind;

// Each citation goes to the text it counts characters in; those of other content have no place.
void citations(Value list, const std::vector<std::size_t>& places, json::Arena& arena,
               std::vector<Block>& out) {
  if (list.size() == 0) return;
  std::vector<std::vector<Value>> by_block(out.size());
  for (const Value& c : list.items()) {
    std::size_t at = out.size();
    const std::int64_t index = c["content_index"].as_int(-1);
    if (index >= 0 && static_cast<std::size_t>(index) < places.size())
      at = places[static_cast<std::size_t>(index)];
    if (at >= out.size() || out[at].kind != Kind::text)
      at = static_cast<std::size_t>(
          std::find_if(out.begin(), out.end(), [](const Block& b) { return b.kind == Kind::text; }) -
          out.begin());
    if (at < out.size()) by_block[at].push_back(c);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (by_block[i].empty()) continue;
    out[i].citations = Value::array(arena, by_block[i]);
    out[i].format = kName;
  }
}

}  // namespace

void read_message(Value m, json::Arena& arena, std::vector<Block>& out) {
  std::vector<std::size_t> places;  // of content blocks among the blocks
  const auto text = [&](Kind kind, Str words, Str detail) {
    if (words.empty()) return;
    Block& b = out.emplace_back();
    b.kind = kind;
    b.text = words;
    b.detail = detail;
  };
  if (m["content"].is_string()) text(Kind::text, m["content"].as_string(), {});
  for (const Value& part : m["content"].items()) {
    places.push_back(out.size());
    const Str type = part["type"].as_string();
    if (type == "text") {
      text(Kind::text, part["text"].as_string(), {});
    } else if (type == "thinking") {
      text(Kind::thinking, part["thinking"].as_string(), {});
    } else if (part.is_object()) {
      Block& b = out.emplace_back();
      b.kind = Kind::opaque;
      b.raw = part;
      b.format = kName;
    }
  }
  text(Kind::text, m["tool_plan"].as_string(), kPlan);
  std::size_t number = 0;
  for (const Value& c : m["tool_calls"].items()) {
    if (!c.is_object()) continue;
    Block& b = out.emplace_back();
    b.kind = Kind::tool_call;
    b.id = c["id"].as_string();
    if (b.id.empty()) b.id = arena.keep("call_" + std::to_string(number));
    b.name = c["function"]["name"].as_string();
    b.arguments = openai_chat::json_arguments(c["function"]["arguments"], arena);
    ++number;
  }
  citations(m["citations"], places, arena, out);
}

Result<Response> decode_response(std::string body) {
  Response r;
  TRY_ASSIGN(const Value root, parse_answer(std::move(body), kName, r));
  const Value message = root["message"];
  if (message.is_string()) return std::unexpected(openai_chat::error_of_json(502, root));
  if (!message.is_object()) return bad_answer("has no message", *r.text);
  r.id = root["id"].as_string();
  r.usage = read_usage(root["usage"]);
  Choice& choice = r.choices.emplace_back();
  read_message(message, r.arena, choice.content);
  const Str reason = root["finish_reason"].as_string();
  choice.stop = read_finish(reason);
  if (choice.stop == Stop::unset && (reason.starts_with("ERROR") || reason == "TIMEOUT") &&
      choice.content.empty())
    return bad_answer("ended with finish_reason " + std::string(reason), *r.text);
  const bool calls = std::any_of(choice.content.begin(), choice.content.end(),
                                 [](const Block& b) { return b.kind == Kind::tool_call; });
  if (choice.stop == Stop::unset || (choice.stop == Stop::end && calls))
    choice.stop = calls ? Stop::tool_use : Stop::end;
  choice.logprobs = read_logprobs(root["logprobs"], r.arena);
  r.extra = rest_of(root, {"id", "message", "finish_reason", "usage", "logprobs"}, r.arena);
  return r;
}

}  // namespace pb::llm::cohere
