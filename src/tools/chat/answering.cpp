#include "tools/chat/answering.h"

#include <cstdio>

#include "base/utf8.h"

namespace pb::tools {
namespace {

std::string trailer(const ModelAnswer& a) {
  std::string out = a.provider + "/" + a.model;
  if (a.usage_known) out += " | tokens: " + std::to_string(a.input) + " + " + std::to_string(a.output);
  if (a.cost_known) {
    char cost[32];
    std::snprintf(cost, sizeof cost, " | cost: $%.6f", a.cost);
    out += cost;
  }
  out += " | latency: " + std::to_string(a.latency_us / 1000) + " ms";
  if (!a.cache.empty()) out += " | from the cache";
  return out;
}

// What a model says without text: calls of tools.
std::string message_text(const ModelAnswer& answer) {
  json::Arena arena;
  const auto root = json::parse(answer.body, arena);
  return root ? json::to_text((*root)["choices"].at(0)["message"]) : std::string();
}

}  // namespace

std::string answer_schema(std::string_view more, std::string_view required) {
  return R"({"type":"object","properties":{)" + std::string(kAnswerSchema) + std::string(more) +
         R"(},"required":["model","provider","response","finish_reason","latency_ms")" +
         std::string(required) + "]}";
}

std::string members_of(json::Value object, std::initializer_list<std::string_view> names) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  bool any = false;
  for (const std::string_view name : names) {
    if (!object.has(name)) continue;
    any = true;
    w.field(name, object[name]);
  }
  w.end_object();
  return any ? out : std::string();
}

Result<std::string> model_named(const Deps& deps, std::string_view model, std::string_view provider) {
  const gateway::Snapshot& snapshot = deps.gateway.snapshot();
  if (model.empty()) {
    if (!provider.empty())
      return fail(Code::invalid_request,
                  "a provider without a model says nothing; list_models tells its models", "model");
    if (snapshot.config().default_model.empty())
      return fail(Code::invalid_request,
                  "name a model; list_models tells which there are (the configuration has no default_model)",
                  "model");
    return snapshot.config().default_model;
  }
  if (provider.empty()) return std::string(model);
  if (snapshot.find_upstream(provider) == nullptr)
    return fail(Code::not_found, "there is no provider `" + std::string(utf8::beginning(provider, 100)) + "`",
                "provider");
  const std::string start = std::string(provider) + "/";
  return model.starts_with(start) ? std::string(model) : start + std::string(model);
}

mcp::ToolResult answer_result(const ModelAnswer& answer, const Telling& telling) {
  std::string structured;
  json::Writer w(structured);
  w.begin_object();
  write_answer(w, answer);
  if (telling.completion) {
    w.key("completion");
    w.raw(answer.body);
  }
  if (telling.more)
    if (const std::string more = telling.more(answer); !more.empty()) structured.append(",").append(more);
  w.end_object();
  mcp::ToolResult result;
  result.content = "[" + mcp::text_block(answer.text.empty() ? message_text(answer) : answer.text) + "," +
                   mcp::text_block(trailer(answer)) + "]";
  result.structured = std::move(structured);
  return result;
}

Task<mcp::Outcome<mcp::ToolResult>> ask_and_tell(const Deps& deps, mcp::Context& context,
                                                 ModelQuestion question, Telling telling) {
  Allowance left = allowance(deps);
  OnText on_text;
  int pieces = 0;
  if (telling.stream && context.wants_progress())
    on_text = [&context, &pieces](std::string_view piece) { context.progress(++pieces, 0, piece); };
  auto answer = co_await ask_model(deps, context, question, left, std::move(on_text));
  if (!answer) co_return error_result(answer.error());
  co_return answer_result(*answer, telling);
}

}  // namespace pb::tools
