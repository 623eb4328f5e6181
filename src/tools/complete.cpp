// Completions: names for somebody who types an argument of a prompt or a part of a resource's address.
#include <algorithm>

#include "base/limits_conversations.h"
#include "base/limits_mcp.h"
#include "gateway/listed_models.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/conversations/conversations.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

using Names = Task<mcp::Outcome<mcp::Completed>>;

bool same_letter(char a, char b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return lower(a) == lower(b);
}

// Those that begin with the text, then those that contain it, each in their order; without regard to ASCII's case.
mcp::Completed fitting(std::vector<std::string> names, std::string_view text) {
  mcp::Completed out;
  std::vector<std::string> inside;
  for (std::string& name : names) {
    const auto at = std::ranges::search(name, text, same_letter);
    if (text.empty() || at.begin() == name.begin())
      out.values.push_back(std::move(name));
    else if (!at.empty())
      inside.push_back(std::move(name));
  }
  std::ranges::move(inside, std::back_inserter(out.values));
  out.total = out.values.size();
  out.values.resize(std::min(out.values.size(), limits::kMcpCompletionsMax));
  return out;
}

Names providers(Deps deps, const mcp::Context& context, const mcp::CompletionQuery& query) {
  const VisibleProviders visible(deps, context);
  std::vector<std::string> names;
  for (const gateway::Upstream& u : deps.gateway.snapshot().upstreams())
    if (visible.has(u.provider->name)) names.push_back(u.provider->name);
  co_return fitting(std::move(names), query.value);
}

// Of the address model://{provider}/{+model}: names without the provider, and only its own once it has been chosen.
std::vector<std::string> model_names(const Deps& deps, const mcp::Context& context,
                                     const mcp::CompletionQuery& query) {
  const std::string_view provider = query.known["provider"].as_string();
  const bool address = !query.resource_template.empty();
  std::vector<std::string> names;
  for (gateway::ListedModel& m : gateway::list_models(deps.gateway.snapshot(), deps.gateway.model_lists(),
                                                      &caller_of(context.principal()))) {
    if (!provider.empty() && m.owner != provider) continue;
    if (address && m.id.starts_with(m.owner + "/")) m.id.erase(0, m.owner.size() + 1);
    names.push_back(std::move(m.id));
  }
  if (address) std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

Names models(Deps deps, const mcp::Context& context, const mcp::CompletionQuery& query) {
  co_return fitting(model_names(deps, context, query), query.value);
}

// Several with commas between them: the last one is completed.
Names model_list(Deps deps, const mcp::Context& context, const mcp::CompletionQuery& query) {
  const std::size_t comma = query.value.rfind(',');
  std::size_t begin = comma == query.value.npos ? 0 : comma + 1;
  while (begin < query.value.size() && query.value[begin] == ' ') ++begin;
  const std::string_view before = query.value.substr(0, begin);
  mcp::Completed out = fitting(model_names(deps, context, query), query.value.substr(begin));
  for (std::string& name : out.values) name.insert(0, before);
  co_return out;
}

// Ids, by their beginning or by a part of the title.
Names conversations(Deps deps, const mcp::Context& context, const mcp::CompletionQuery& query) {
  mcp::Completed out;
  if (deps.conversations == nullptr) co_return out;
  const auto found = co_await deps.conversations->complete(context.principal().name, std::string(query.value),
                                                           limits::kConversationsFoundMax);
  if (!found) co_return mcp::fault(mcp::kInternalError, found.error().message);
  for (const store::Conversation& c : found->found) out.values.push_back(c.id);
  out.total = static_cast<std::size_t>(found->total);
  co_return out;
}

// Who completes what: by the argument's name, and where that says too little, by the resource's address.
struct Source {
  std::string_view argument, resource;  // "" = any
  Names (*names)(Deps, const mcp::Context&, const mcp::CompletionQuery&);
};
constexpr Source kSources[] = {
    {"provider", "", providers},
    {"model", "", models},
    {"models", "", model_list},
    {"conversation", "", conversations},
    {"id", kConversationUri, conversations},
    {"id", kBenchmarkUri, bench::complete_ids},
    {"benchmark", "", bench::complete_ids},
};

Names complete(Deps deps, const mcp::Context& context, mcp::CompletionQuery query) {
  for (const Source& s : kSources)
    if (s.argument == query.argument && (s.resource.empty() || s.resource == query.resource_template))
      co_return co_await s.names(deps, context, query);
  co_return mcp::Completed();
}

}  // namespace

mcp::Complete completions(const Deps& deps) {
  return [deps](mcp::Context& c, mcp::CompletionQuery q) { return complete(deps, c, q); };
}

}  // namespace pb::tools
