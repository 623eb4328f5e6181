// free_chat: a conversation with whichever free model is the best choice at this moment.
#include <algorithm>

#include "tools/chat/answering.h"
#include "tools/chat/chat_tools.h"
#include "tools/chat/free_models.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "message":{"description":"Text, or parts as OpenAI's chat format has them","anyOf":[
      {"type":"string","minLength":1},{"type":"array","minItems":1,"items":{"type":"object","required":["type"]}}]},
    "system_prompt":{"type":"string"},
    "conversation_history":{"type":"array","items":{"type":"object","properties":{
      "role":{"type":"string","enum":["system","user","assistant"]}},"required":["role","content"]}},
    "max_tokens":{"type":"integer","minimum":1,"default":4096},
    "temperature":{"type":"number","minimum":0,"maximum":2,"default":0.7},
    "preferred_models":{"type":"array","maxItems":20,"items":{"type":"string","minLength":1},"description":"Parts of names, the one liked best first"},
    "stream":{"type":"boolean","default":false,"description":"Tell the answer's text piece by piece as progress"}
  },
  "required":["message"],
  "additionalProperties":false
})";
constexpr std::string_view kMore = R"(,
    "model_used":{"type":"string"},
    "task_type":{"type":"string"},
    "streamed":{"type":"boolean"},
    "attempts":{"type":"array","description":"Models that were asked before and did not answer","items":{"type":"object",
      "properties":{"model":{"type":"string"},"error":{"type":"string"}},"required":["model","error"]}},
    "quota":{"type":"object"})";

constexpr std::size_t kTries = 4;  // the first, and three after failures

std::string conversation(json::Value arguments) {
  std::string out;
  json::Writer w(out);
  w.begin_array();
  if (const auto system = arguments["system_prompt"].as_string(); !system.empty()) {
    w.begin_object();
    w.field("role", "system");
    w.field("content", system);
    w.end_object();
  }
  for (const json::Value m : arguments["conversation_history"].items()) w.write(m);
  w.begin_object();
  w.field("role", "user");
  w.field("content", arguments["message"]);
  w.end_object();
  w.end_array();
  return out;
}

// What the message says, for guessing what it is about; and whether there is a picture in it.
std::string words_of(json::Value message, bool& picture) {
  if (message.is_string()) return std::string(message.as_string());
  std::string out;
  for (const json::Value part : message.items()) {
    out.append(part["text"].as_string()).append("\n");
    picture = picture || part["type"].as_string() == "image_url";
  }
  return out;
}

// Another model may do better.
bool passes_on(Code code) {
  return code != Code::invalid_request && code != Code::unauthenticated && code != Code::permission_denied &&
         code != Code::cancelled && code != Code::too_large;
}

struct Tried {
  std::string model, error;
};

std::string more_of(const std::string& name, route::Kind kind, bool stream, const std::vector<Tried>& tried,
                    FreeUse use, const config::McpFree& limits) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("model_used", name);
  w.field("task_type", route::name_of(kind));
  w.field("streamed", stream);
  w.key("attempts");
  w.begin_array();
  for (const Tried& t : tried) {
    w.begin_object();
    w.field("model", t.model);
    w.field("error", t.error);
    w.end_object();
  }
  w.end_array();
  if (name.ends_with(":free")) ++use.day, ++use.minute;
  write_quota(w, use, limits);
  w.end_object();
  return out.substr(1, out.size() - 2);
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value arguments) {
  constexpr double kTemperature = 0.7;
  constexpr std::int64_t kMaxTokens = 4096;
  const config::McpFree limits = deps.gateway.snapshot().config().mcp.free;
  const FreeUse use = co_await free_use(deps);
  const std::string full = quota_fault(use, limits);

  bool picture = false;
  const std::string words = words_of(arguments["message"], picture);
  route::Facts facts;
  facts.words = words;
  const route::Kind kind = picture ? route::Kind::vision : route::guess(facts).kind;
  std::vector<std::string> preferred;
  for (const json::Value name : arguments["preferred_models"].items())
    preferred.emplace_back(name.as_string());
  auto known = co_await known_models(deps, context);
  std::erase_if(known, [&](const KnownModel& m) {
    return (picture && !m.vision) || (!full.empty() && m.model.ends_with(":free"));
  });
  const auto snapshot = deps.gateway.snapshot_in_use();
  const auto order = free_order(
      std::move(known), [&](const KnownModel& m) { return standing_of(*snapshot, m); }, kind, preferred);
  if (order.empty())
    co_return mcp::error_result(!full.empty() ? full
                                              : "no free model can be asked at this moment; list_free_models "
                                                "tells which there are");

  ModelQuestion q;
  q.messages = conversation(arguments);
  q.temperature = arguments["temperature"].as_double(kTemperature);
  q.max_tokens = arguments["max_tokens"].as_int(kMaxTokens);
  const bool stream = arguments["stream"].as_bool() && context.wants_progress();
  int pieces = 0;
  OnText on_text;
  if (stream) on_text = [&](std::string_view piece) { context.progress(++pieces, 0, piece); };
  Allowance left = allowance(deps);
  std::vector<Tried> tried;
  std::optional<Error> last;
  for (const KnownModel& m : std::span(order).first(std::min(order.size(), kTries))) {
    q.model = m.name;
    auto answer = co_await ask_model(deps, context, q, left, on_text);
    if (answer) {
      Telling telling;
      telling.more = [&](const ModelAnswer&) { return more_of(m.name, kind, stream, tried, use, limits); };
      co_return answer_result(*answer, telling);
    }
    tried.push_back({m.name, answer.error().message});
    last = std::move(answer.error());
    if (!passes_on(last->code) || pieces > 0) break;
  }
  last->message = tried.back().model + ": " + last->message;
  if (tried.size() > 1) last->message += "; " + std::to_string(tried.size() - 1) + " before it failed too";
  co_return error_result(*last);
}

}  // namespace

mcp::Tool free_chat(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "free_chat",
             .title = "Chat with a free model",
             .description = "Asks a model that costs nothing: the best one for the task that is not over its "
                            "limits, and another one where it fails.",
             .input = kInput,
             .output = answer_schema(kMore, R"(,"model_used","task_type","streamed","attempts","quota")"),
             .hints = kAsksModels});
}

}  // namespace pb::tools
