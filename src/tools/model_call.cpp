#include "tools/model_call.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <limits>

#include "base/limits_mcp.h"
#include "base/utf8.h"
#include "gateway/route.h"
#include "net/together.h"
#include "tools/answer.h"
#include "tools/call_notes.h"

namespace pb::tools {
namespace {

// Members that a question has elsewhere, or that are not for it.
constexpr std::string_view kNotMore[] = {"model", "messages", "stream", "stream_options"};

constexpr std::string_view kUsedUp = "tool_allowance";  // the code of such an error

std::optional<Error> used_up(const Allowance& left) {
  const char* what = left.calls <= 0     ? "mcp.tools.calls"
                     : left.tokens <= 0  ? "mcp.tools.tokens"
                     : left.dollars <= 0 ? "mcp.tools.dollars"
                                         : nullptr;
  if (what == nullptr) return std::nullopt;
  Error e = fail(Code::rate_limited, "this call of the tool has used up what the option " +
                                         std::string(what) + " grants it; ask for less in one call")
                .error();
  e.provider_code = kUsedUp;
  return e;
}

// In a provider's own format the request's bytes are passed on, so the limit must have the name that this provider knows.
std::string_view limit_name(const gateway::Snapshot& snapshot, std::string_view model) {
  const auto route = gateway::choose(snapshot, model, *llm::find_dialect("openai_chat"));
  return route && route->upstream->provider->quirks.max_completion_tokens ? "max_completion_tokens"
                                                                          : "max_tokens";
}

llm::Usage usage_of(const store::UsageRow& row) {
  llm::Usage usage;
  usage.input = row.input;
  usage.output = row.output;
  usage.cache_read = row.cache_read;
  usage.cache_write = row.cache_write;
  usage.reasoning = row.reasoning;
  usage.known = row.usage_known;
  return usage;
}

// `more` is not read before the rest is known to be JSON, which the gateway looks at.
Result<std::string> body_of(const gateway::Snapshot& snapshot, const ModelQuestion& q, bool stream) {
  json::Arena arena;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("model", q.model);
  TRY_ASSIGN(const json::Value messages, json::parse(q.messages, arena));
  if (!messages.is_array() || messages.size() == 0)
    return fail(Code::invalid_request, "messages must be a list of one message or more", "messages");
  w.key("messages");
  w.raw(q.messages);
  if (q.temperature >= 0) w.field("temperature", q.temperature);
  if (q.max_tokens > 0) w.field(limit_name(snapshot, q.model), q.max_tokens);
  if (stream)
    w.field("stream", true);  // the gateway asks for its usage where the provider knows how to tell it
  if (!q.more.empty()) {
    TRY_ASSIGN(const json::Value more, json::parse(q.more, arena));
    for (const json::Member& m : more.members())
      if (std::ranges::find(kNotMore, m.key) == std::end(kNotMore)) w.field(m.key, m.value);
  }
  w.end_object();
  return out;
}

// The caller's own: what is left of a key's limits is told to this one request.
gateway::Caller copy_of_caller(const mcp::Context& context) {
  gateway::Caller caller = caller_of(context.principal());
  if (caller.name.empty()) caller.name = context.principal().name;
  return caller;
}

std::string text_of(json::Value content) {
  if (content.is_string()) return std::string(content.as_string());
  std::string out;
  for (const json::Value part : content.items()) out += part["text"].as_string();
  return out;
}

Result<ModelAnswer> answer_of(std::string body, const store::UsageRow& row) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root || (*root)["choices"].size() == 0)
    return std::unexpected(upstream_fault("the model's answer is no completion"));
  const json::Value choice = (*root)["choices"].at(0), message = choice["message"];
  ModelAnswer a;
  a.text = text_of(message["content"]);
  if (a.text.empty()) a.text = message["refusal"].as_string();
  a.reasoning = message[message.has("reasoning_content") ? "reasoning_content" : "reasoning"].as_string();
  a.finish_reason = choice["finish_reason"].as_string();
  a.provider = row.provider;
  a.model = row.model;
  a.cache = row.cache;
  a.usage_known = row.usage_known;
  a.usage_estimated = row.usage_estimated;
  a.input = row.usage_known ? row.input : 0;
  a.output = row.usage_known ? row.output : 0;
  a.cost = row.cost_known ? row.cost : 0;
  a.cost_known = row.cost_known;
  a.latency_us = row.latency_us;
  a.first_token_us = row.first_token_us;
  a.body = std::move(body);
  return a;
}

struct Asked {
  net::Request request;
  gateway::Caller caller;
  store::UsageRow row;
  Answer answer;
};

Task<void> send(gateway::Gateway& gateway, Asked& asked) {
  return gateway.chat(*llm::find_dialect("openai_chat"), asked.request, asked.answer, asked.caller, {},
                      &asked.row);
}

Task<Result<ModelAnswer>> ask(const Deps& deps, mcp::Context& context, const ModelQuestion& question,
                              Allowance& left, OnText on_text) {
  if (auto fault = used_up(left)) co_return std::unexpected(std::move(*fault));
  const bool stream = on_text != nullptr;
  CO_TRY_ASSIGN(std::string body, body_of(deps.gateway.snapshot(), question, stream));
  if (const std::size_t most = deps.gateway.snapshot().config().server.body_bytes_max; body.size() > most)
    co_return fail(Code::too_large, "the request to the model has " + std::to_string(body.size()) +
                                        " bytes, more than server.body_bytes_max allows");
  Asked asked{{}, copy_of_caller(context), {}, Answer(std::move(on_text))};
  asked.request.method = "POST";
  asked.request.target = "/v1/chat/completions";
  asked.request.body = std::move(body);
  net::Headers& headers = asked.request.headers;
  headers.add("Content-Type", "application/json");
  headers.add("Accept", stream ? "text/event-stream" : "application/json");
  headers.add("Accept-Encoding", "identity");
  headers.add("User-Agent", "patchbay/" PATCHBAY_VERSION);
  if (question.fresh) headers.add("Cache-Control", "no-store");
  --left.calls;
  bool in_time = true;
  try {
    if (question.timeout_ms > 0)
      in_time = co_await net::within(question.timeout_ms, send(deps.gateway, asked));
    else
      co_await send(deps.gateway, asked);
  } catch (const boost::system::system_error&) {
    if (!asked.answer.fault()) throw;  // the call was cancelled
  }
  if (asked.row.usage_known) left.tokens -= asked.row.input + asked.row.output;
  if (asked.row.cost_known) left.dollars -= asked.row.cost;
  if (!in_time)
    co_return fail(Code::timeout, std::string(utf8::beginning(question.model, 200)) +
                                      " did not answer within " + std::to_string(question.timeout_ms) +
                                      " ms");
  CO_TRY_ASSIGN(std::string whole, asked.answer.completion(usage_of(asked.row)));
  co_return answer_of(std::move(whole), asked.row);
}

// What the workers of ask_models share; in its frame, which outlives them.
struct Asking {
  const Deps& deps;
  mcp::Context& context;
  const std::vector<ModelQuestion>& questions;
  Allowance& left;
  const OnDone& on_done;
  std::vector<Result<ModelAnswer>> answers;
  std::size_t next = 0;
};

Task<void> work(Asking& all) {
  while (all.next < all.questions.size()) {
    const std::size_t i = all.next++;
    all.answers[i] = co_await ask_model(all.deps, all.context, all.questions[i], all.left);
    if (all.on_done) all.on_done(i, all.answers[i]);
  }
}

}  // namespace

std::string plain_messages(std::string_view system, std::string_view user) {
  std::string out;
  json::Writer w(out);
  w.begin_array();
  for (const auto& [role, text] : {std::pair("system", system), std::pair("user", user)}) {
    if (text.empty() && std::string_view(role) == "system") continue;
    w.begin_object();
    w.field("role", role);
    w.field("content", text);
    w.end_object();
  }
  w.end_array();
  return out;
}

bool never_asked(const Error& error) { return error.provider_code == kUsedUp; }

Allowance allowance(const Deps& deps) {
  const config::McpTools& options = deps.gateway.snapshot().config().mcp.tools;
  Allowance out;
  out.calls = static_cast<int>(options.calls > 0 ? options.calls : std::numeric_limits<int>::max());
  out.tokens = options.tokens > 0 ? options.tokens : std::numeric_limits<std::int64_t>::max();
  out.dollars = options.dollars > 0 ? options.dollars : std::numeric_limits<double>::infinity();
  return out;
}

Task<Result<ModelAnswer>> ask_model(const Deps& deps, mcp::Context& context, const ModelQuestion& question,
                                    Allowance& left, OnText on_text) {
  auto answer = co_await ask(deps, context, question, left, std::move(on_text));
  if (answer)
    note_answer(context, deps.gateway.snapshot(), question, *answer);
  else
    note_failure(context, question, answer.error());
  co_return answer;
}

Task<std::vector<Result<ModelAnswer>>> ask_models(const Deps& deps, mcp::Context& context,
                                                  std::vector<ModelQuestion> questions, Allowance& left,
                                                  int parallel, OnDone on_done) {
  const int granted = deps.gateway.snapshot().config().mcp.tools.parallel;
  const int wanted = parallel > 0 ? std::min(parallel, granted) : granted;
  const std::size_t lanes = std::min(questions.size(), static_cast<std::size_t>(wanted));
  Asking all{deps, context, questions, left, on_done, std::vector<Result<ModelAnswer>>(questions.size())};
  std::vector<Task<void>> tasks;
  tasks.reserve(lanes);
  for (std::size_t i = 0; i < lanes; ++i) tasks.push_back(work(all));
  co_await net::together(std::move(tasks));
  co_return std::move(all.answers);
}

void write_answer(json::Writer& w, const ModelAnswer& answer) {
  w.field("model", answer.model);
  w.field("provider", answer.provider);
  w.field("response", answer.text);
  if (!answer.reasoning.empty()) w.field("reasoning", answer.reasoning);
  w.field("finish_reason", answer.finish_reason);
  if (answer.usage_known) {
    w.key("usage");
    w.begin_object();
    w.field("prompt_tokens", answer.input);
    w.field("completion_tokens", answer.output);
    w.field("total_tokens", answer.input + answer.output);
    if (answer.usage_estimated) w.field("estimated", true);
    w.end_object();
  }
  if (answer.cost_known) w.field("cost", answer.cost);
  w.field("latency_ms", static_cast<double>(answer.latency_us) / 1000);
  if (answer.first_token_us >= 0)
    w.field("first_token_ms", static_cast<double>(answer.first_token_us) / 1000);
  if (!answer.cache.empty()) w.field("cache", answer.cache);
}

mcp::ToolResult error_result(const Error& error) {
  std::string text = error.param.empty() || error.message.starts_with(error.param)
                         ? error.message
                         : error.param + ": " + error.message;
  text += " (" + std::string(to_string(error.code));
  if (error.retry_after_ms >= 0)
    text += "; try again in " + std::to_string((error.retry_after_ms + 999) / 1000) + " s";
  return mcp::error_result(text + ")");
}

}  // namespace pb::tools
