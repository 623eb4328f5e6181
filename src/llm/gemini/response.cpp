// A provider's whole answer.
#include <algorithm>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

std::unexpected<Error> malformed(const Error& e) {
  return std::unexpected(upstream_fault("the provider's answer is malformed: " + e.message));
}

bool calls(const std::vector<Block>& content) {
  return std::any_of(content.begin(), content.end(),
                     [](const Block& b) { return b.kind == Kind::tool_call; });
}

void put_citations(json::Value candidate, json::Arena& arena, std::vector<Block>& content) {
  const json::Value found = read_citations(candidate, arena);
  if (found.is_null()) return;
  for (Block& b : content)
    if (b.kind == Kind::text) {
      b.citations = found;
      return;
    }
}

Result<Choice> decode_candidate(json::Value v, const Path& at, int index, Response& r) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  Choice c;
  TurnReader turn(r.arena, c.content, true);
  const json::Value content = get(v, "content");
  const json::Value parts = get(content, "parts");
  const auto list = as_list(parts);
  std::size_t count = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Block b;
    TRY(decode_part(list[i], Path(Path(Path(at, "content"), "parts"), i), r.arena, b));
    if (b.kind == Kind::tool_call && b.id.empty()) b.id = r.arena.keep(made_up_id(r.id, index, count, b));
    count += b.kind == Kind::tool_call;
    turn.add(std::move(b));
  }
  turn.finish();
  put_citations(v, r.arena, c.content);
  TRY_ASSIGN(const Str reason, get_string(v, "finishReason", at));
  c.stop = read_finish(reason);
  if (c.stop == Stop::end && calls(c.content)) c.stop = Stop::tool_use;
  c.logprobs = read_logprobs(get(v, "logprobsResult"), r.arena);
  c.extra = candidate_rest(v, r.arena);
  const json::Member kept{"finishReason", json::Value::string(reason)};
  if (write_finish(c.stop) != reason && !reason.empty())
    c.extra = join(c.extra, json::Value::object(r.arena, {&kept, 1}), r.arena);
  return c;
}

// A prompt that was refused has no candidates.
Choice blocked(json::Value feedback, Response& r) {
  Choice c;
  c.stop = Stop::content_filter;
  Block& b = c.content.emplace_back();
  b.kind = Kind::refusal;
  b.format = kName;
  const Str said = get(feedback, "blockReasonMessage").as_string();
  b.text = r.arena.keep(
      "The provider blocked the prompt: " + std::string(get(feedback, "blockReason").as_string()) +
      (said.empty() ? "" : " (" + std::string(said) + ")"));
  return c;
}

Result<void> decode_body(json::Value body, Response& r) {
  const Path root;
  if (!body.is_object()) return root.wrong_type("a JSON object", body);
  TRY_ASSIGN(r.id, get_string(body, "responseId", root));
  TRY_ASSIGN(r.model, get_string(body, "modelVersion", root));
  const json::Value usage = get(body, "usageMetadata");
  r.usage = read_usage(usage);
  r.extra = response_rest(body, r.arena);
  const json::Member kept{"usage", usage_rest(usage, r.arena)};
  if (!kept.value.is_null()) r.extra = join(r.extra, json::Value::object(r.arena, {&kept, 1}), r.arena);
  const json::Value candidates = get(body, "candidates");
  const json::Value feedback = get(body, "promptFeedback");
  if (candidates.size() == 0) {
    if (get(feedback, "blockReason").is_null())
      return root.fail("has neither candidates nor a reason for it");
    r.choices.push_back(blocked(feedback, r));
    return {};
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    TRY_ASSIGN(Choice c,
               decode_candidate(candidates.at(i), Path(Path(root, "candidates"), i), static_cast<int>(i), r));
    r.choices.push_back(std::move(c));
  }
  return {};
}

}  // namespace

Error failure(Str reason, Str message) {
  Error e = upstream_fault("the model's answer is of no use: " + std::string(reason));
  if (!message.empty()) e.message.append(": ").append(message);
  e.provider_code = std::string(reason);
  return e;
}

Result<Response> decode_response(std::string text) {
  Response r;
  r.format = kName;
  r.text = std::make_unique<std::string>(std::move(text));
  auto body = json::parse(*r.text, r.arena);
  if (!body) return malformed(body.error());
  if ((*body)["error"].is_object()) return std::unexpected(read_error((*body)["error"], 0));
  if (auto done = decode_body(*body, r); !done) return malformed(done.error());
  const Choice& first = r.choices[0];
  const Str reason = first.extra["finishReason"].as_string();
  if (r.choices.size() == 1 && first.content.empty() && is_failure(reason))
    return std::unexpected(failure(reason, first.extra["finishMessage"].as_string()));
  return r;
}

}  // namespace pb::llm::gemini
