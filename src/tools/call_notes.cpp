#include "tools/call_notes.h"

#include "base/utf8.h"

namespace pb::tools {
namespace {

constexpr std::string_view kLogger = "models";

// Of "provider/model"; the names of routes and models do not tell who is to answer.
bool asked_of_another(const gateway::Snapshot& snapshot, const ModelQuestion& q, const ModelAnswer& a) {
  const std::string_view provider = std::string_view(q.model).substr(0, q.model.find('/'));
  return provider.size() < q.model.size() && provider != a.provider && !snapshot.names().contains(q.model) &&
         snapshot.find_upstream(provider) != nullptr;
}

}  // namespace

void note_answer(mcp::Context& context, const gateway::Snapshot& snapshot, const ModelQuestion& question,
                 const ModelAnswer& answer) {
  const bool other = asked_of_another(snapshot, question, answer), kept = !answer.cache.empty();
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.field("event", other ? "failed_over" : kept ? "answered_from_cache" : "answered");
  w.field("asked", question.model);
  w.field("provider", answer.provider);
  w.field("model", answer.model);
  if (kept) w.field("cache", answer.cache);
  w.field("ms", static_cast<double>(answer.latency_us) / 1000);
  if (answer.cost_known) w.field("cost_usd", answer.cost);
  w.end_object();
  context.log(other  ? mcp::LogLevel::notice
              : kept ? mcp::LogLevel::info
                     : mcp::LogLevel::debug,
              kLogger, data);
}

void note_failure(mcp::Context& context, const ModelQuestion& question, const Error& error) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.field("event", error.code == Code::rate_limited ? "limit_reached" : "not_answered");
  w.field("asked", question.model);
  w.field("error", to_string(error.code));
  w.field("message", utf8::beginning(std::string_view(error.message), 500));
  if (error.retry_after_ms >= 0) w.field("retry_after_ms", error.retry_after_ms);
  w.end_object();
  context.log(mcp::LogLevel::warning, kLogger, data);
}

}  // namespace pb::tools
