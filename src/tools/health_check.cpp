// health_check: asks every provider for its list of models, all at once.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>

#include "base/json.h"
#include "base/utf8.h"
#include "gateway/model_lists.h"
#include "net/wake.h"
#include "tools/tool.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{"provider":{"type":"string","description":"Only this provider, by its name in the configuration"}},
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "status":{"type":"string","enum":["healthy","degraded","unhealthy"]},
    "version":{"type":"string"},
    "providers":{"type":"array","items":{"type":"object","properties":{
      "name":{"type":"string"},"status":{"type":"string","enum":["healthy","unhealthy"]},"available":{"type":"boolean"},
      "host":{"type":"string"},"latency_ms":{"type":"integer"},"models_count":{"type":"integer"},"error":{"type":"string"}},
      "required":["name","status","available","host","latency_ms"]}}
  },
  "required":["status","version","providers"]
})";

struct Checked {
  std::string name, host, error;  // "" = it answered
  std::size_t models = 0;
  std::int64_t ms = 0;
};

// Shared by the checks, which may end after a call that was cancelled.
struct Round {
  Round(boost::asio::any_io_executor executor, std::shared_ptr<const gateway::Snapshot> s)
      : wake(std::move(executor)), snapshot(std::move(s)) {}
  net::Wake wake;
  std::shared_ptr<const gateway::Snapshot> snapshot;  // shared with the gateway, which may take a newer one
  std::vector<Checked> checked;
};

Task<void> check(gateway::Gateway& gateway, std::shared_ptr<Round> round, const gateway::Upstream& upstream) {
  const auto begin = std::chrono::steady_clock::now();
  Checked c;
  c.name = upstream.provider->name;
  c.host = upstream.provider->base_url;
  if (upstream.provider->formats.empty()) {
    c.error = "the provider has no format that can be asked";
  } else {
    const llm::Dialect& dialect = *upstream.provider->formats.front().dialect;
    auto page = co_await gateway.page(upstream, dialect, gateway::model_list_path(dialect), {});
    auto models = page ? gateway::read_model_list(*page)
                       : Result<std::vector<gateway::ToldModel>>(std::unexpected(std::move(page.error())));
    if (models)
      c.models = models->size();
    else
      c.error = models.error().message;
  }
  c.ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  round->checked.push_back(std::move(c));
  round->wake.bell().ring();
}

std::string told(const std::vector<Checked>& checked) {
  std::size_t good = 0;
  for (const Checked& c : checked) good += c.error.empty() ? 1 : 0;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("status", good == checked.size() ? "healthy" : good != 0 ? "degraded" : "unhealthy");
  w.field("version", PATCHBAY_VERSION);
  w.key("providers");
  w.begin_array();
  for (const Checked& c : checked) {
    w.begin_object();
    w.field("name", c.name);
    w.field("status", c.error.empty() ? "healthy" : "unhealthy");
    w.field("available", c.error.empty());
    w.field("host", c.host);
    w.field("latency_ms", c.ms);
    if (c.error.empty())
      w.field("models_count", static_cast<std::int64_t>(c.models));
    else
      w.field("error", c.error);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

void note(mcp::Context& context, const Checked& c) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.field("event", "provider_unhealthy");
  w.field("provider", c.name);
  w.field("error", c.error);
  w.field("ms", c.ms);
  w.end_object();
  context.log(mcp::LogLevel::warning, "health", data);
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value arguments) {
  const std::string_view only = arguments["provider"].as_string();
  auto round = std::make_shared<Round>(deps.executor, deps.gateway.snapshot_in_use());
  std::size_t begun = 0;
  for (const gateway::Upstream& upstream : round->snapshot->upstreams()) {
    if (!only.empty() && upstream.provider->name != only) continue;
    ++begun;
    boost::asio::co_spawn(deps.executor, check(deps.gateway, round, upstream),
                          [](const std::exception_ptr&) {});
  }
  if (begun == 0 && !only.empty())
    co_return mcp::error_result("there is no provider `" + std::string(utf8::beginning(only, 100)) + "`");
  std::size_t shown = 0;
  while (round->checked.size() < begun) {
    co_await round->wake.wait();
    for (; shown < round->checked.size(); ++shown)
      context.progress(static_cast<double>(shown + 1), static_cast<double>(begun),
                       round->checked[shown].name);
  }
  std::ranges::sort(round->checked, {}, &Checked::name);
  for (const Checked& c : round->checked)
    if (!c.error.empty()) note(context, c);
  co_return mcp::structured_result(told(round->checked));
}

}  // namespace

mcp::Tool health_check(const Deps& deps) {
  return make_tool<run>(deps,
                        {.name = "health_check",
                         .title = "Health check",
                         .description = "Asks every configured provider whether it answers, and how fast.",
                         .input = kInput,
                         .output = kOutput,
                         .hints = {mcp::Hint::yes, mcp::Hint::no, mcp::Hint::yes, mcp::Hint::yes}});
}

}  // namespace pb::tools
