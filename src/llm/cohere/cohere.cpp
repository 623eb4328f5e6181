#include "llm/cohere/cohere.h"

#include "llm/dialects.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm {
namespace cohere {
namespace {

void encode_error(const Error& e, std::string_view request_id, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  if (!request_id.empty()) w.field("id", request_id);
  w.field("message", e.message);
  w.end_object();
}

void peek_end(json::Value finish, json::Value usage, Peek& peek) {
  peek.usage.merge(read_usage(usage));
  peek.stop = read_finish(finish.as_string());
  peek.done = true;
}

void peek_response(std::string_view body, Peek& peek) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (root) peek_end((*root)["finish_reason"], (*root)["usage"], peek);
  peek.error = root && !root->has("finish_reason") && root->has("message") && (*root)["message"].is_string();
  peek.done = true;
}

// Only the last event says anything; the others are not parsed.
void peek_event(std::string_view name, std::string_view data, Peek& peek) {
  peek.usage_only = false;
  if (name != "message-end" && !data.contains("\"message-end\"")) return;
  json::Arena arena;
  const auto root = json::parse(data, arena);
  if (!root || (name != "message-end" && (*root)["type"].as_string() != "message-end")) return;
  const json::Value delta = (*root)["delta"];
  peek_end(delta["finish_reason"], delta["usage"], peek);
  if (!delta["error"].as_string().empty()) peek.error = true;
}

}  // namespace
}  // namespace cohere

constinit const Dialect kCohere = {
    .name = cohere::kName,
    .path = "/v2/chat",
    .stream_path = {},
    .content_type = "text/event-stream",
    .id_prefix = {},
    .ask_usage = {},
    .notes = cohere::notes,
    .decode_request = cohere::decode_request,
    .encode_response = cohere::encode_response,
    .stream_encoder = cohere::stream_encoder,
    .encode_error = cohere::encode_error,
    .encode_request = cohere::encode_request,
    .decode_response = cohere::decode_response,
    .stream_decoder = cohere::stream_decoder,
    .decode_error = openai_chat::decode_error,
    .peek_response = cohere::peek_response,
    .peek_event = cohere::peek_event,
};

}  // namespace pb::llm
