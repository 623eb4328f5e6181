// A provider's whole answer.
#include <algorithm>

#include "llm/fields.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;

// The logprobs of an item's text parts, all in one list.
Value logprobs_of(Value item, Value so_far, json::Arena& arena) {
  std::vector<Value> all(so_far.items().begin(), so_far.items().end());
  for (const Value& part : item["content"].items())
    for (const Value& entry : part["logprobs"].items()) all.push_back(entry);
  return all.size() == so_far.size() ? so_far : Value::array(arena, all);
}

// Members that are read, and those that only repeat the request.
constexpr Str kKnown[] = {"id",
                          "object",
                          "created_at",
                          "model",
                          "output",
                          "status",
                          "usage",
                          "error",
                          "incomplete_details",
                          "service_tier",
                          "output_text",
                          "background",
                          "completed_at",
                          "instructions",
                          "max_output_tokens",
                          "max_tool_calls",
                          "metadata",
                          "parallel_tool_calls",
                          "previous_response_id",
                          "prompt_cache_key",
                          "prompt_cache_retention",
                          "reasoning",
                          "safety_identifier",
                          "store",
                          "temperature",
                          "text",
                          "tool_choice",
                          "tools",
                          "top_logprobs",
                          "top_p",
                          "truncation",
                          "user",
                          "frequency_penalty",
                          "presence_penalty",
                          "conversation",
                          "prompt",
                          "input"};

Value unknown(Value root, json::Arena& arena) {
  std::vector<json::Member> out;
  for (const json::Member& m : root.members())
    if (!m.value.is_null() && std::find(std::begin(kKnown), std::end(kKnown), m.key) == std::end(kKnown))
      out.push_back(m);
  return out.empty() ? Value() : Value::object(arena, out);
}

}  // namespace

Stop read_stop(Value response, bool called, bool refused) {
  if (response["status"].as_string() == "incomplete") {
    const Str reason = response["incomplete_details"]["reason"].as_string();
    return reason == "content_filter" ? Stop::content_filter : Stop::max_tokens;
  }
  return called ? Stop::tool_use : refused ? Stop::refusal : Stop::end;
}

Error error_of_response(Value response) {
  Error e = openai_chat::error_of_json(0, response);
  if (response["error"].is_null()) e.message = "the provider's answer failed, and it gave no reason";
  if (e.provider_code == "rate_limit_exceeded") e.code = Code::rate_limited;
  if (e.provider_code == "server_is_overloaded" || e.provider_code == "slow_down") e.code = Code::overloaded;
  if (e.provider_code == "insufficient_quota") e.code = Code::payment_required;
  for (const Str word :
       {"invalid_", "context_length_exceeded", "image_", "unsupported_image", "empty_image", "bio_policy"})
    if (e.provider_code.starts_with(word)) e.code = Code::invalid_request;
  e.retryable = e.code != Code::invalid_request && e.code != Code::payment_required;
  return e;
}

Result<Response> decode_response(std::string body) {
  Response r;
  TRY_ASSIGN(const Value root, parse_answer(std::move(body), kName, r));
  const Str status = root["status"].as_string("completed");
  if (!root["error"].is_null() || status == "failed") {
    Error error = error_of_response(root);
    error.raw_body = *r.text;
    return std::unexpected(std::move(error));
  }
  if (status == "queued" || status == "in_progress" || status == "cancelled")
    return bad_answer("is not complete: its status is " + std::string(status), *r.text);
  const Value output = root["output"];
  if (!output.is_array()) return bad_answer("has no output", *r.text);
  r.id = root["id"].as_string();
  r.model = root["model"].as_string();
  r.created = root["created_at"].as_int();
  r.service_tier = root["service_tier"].as_string();
  r.usage = read_usage(root["usage"]);
  r.extra = unknown(root, r.arena);
  Choice choice;
  Value logprobs;
  const Path at, list(at, "output");
  for (std::size_t i = 0; i < output.size(); ++i) {
    const Value item = output.at(i);
    const Path here(list, i);
    auto read = decode_output_item(item, item["type"].as_string("message"), here, r.arena, choice.content);
    if (!read) return bad_answer("is malformed: " + read.error().message, *r.text);
    logprobs = logprobs_of(item, logprobs, r.arena);
  }
  choice.logprobs = wrap_logprobs(logprobs, r.arena);
  const auto has = [&](Block::Kind kind) {
    return std::any_of(choice.content.begin(), choice.content.end(),
                       [&](const Block& b) { return b.kind == kind; });
  };
  choice.stop = read_stop(root, has(Block::Kind::tool_call), has(Block::Kind::refusal));
  r.choices.push_back(std::move(choice));
  return r;
}

}  // namespace pb::llm::openai_responses
