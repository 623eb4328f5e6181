// Google's endpoints: conversations, token counts, and its own list of models.
#include "api/endpoints.h"
#include "api/models.h"
#include "base/strings.h"

namespace pb::api {
namespace {

constexpr std::string_view kModels = "models/";

Task<void> unknown_method(Call& c, std::string_view method) {
  Error e;
  e.code = Code::not_found;
  e.message = "no such endpoint: " + c.request.method + " " + std::string(c.request.path());
  if (!method.empty()) e.message += " (methods are generateContent, streamGenerateContent, countTokens)";
  co_await send_error(c, "gemini", e);
}

// `named`: "MODEL:METHOD". Model names may hold slashes and colons.
Task<void> call_method(Call& c, std::string_view model, std::string_view method) {
  const llm::Dialect& gemini = *llm::find_dialect("gemini");
  gateway::FromPath from;
  from.model = model;
  if (method == "countTokens") {
    co_await c.deps.gateway.count_tokens(gemini, c.request, c.out, c.caller, from);
    co_return;
  }
  from.stream = method == "streamGenerateContent";
  from.array = from.stream && query_value(c.request.query(), "alt") != "sse";
  if (!from.stream && method != "generateContent") {
    co_await unknown_method(c, method);
    co_return;
  }
  co_await c.deps.gateway.chat(gemini, c.request, c.out, c.caller, from);
}

// Cuts ":METHOD" off; "" when there is none.
std::string_view take_method(std::string_view& named) {
  const std::size_t colon = named.rfind(':');
  if (colon == named.npos) return {};
  const std::string_view method = named.substr(colon + 1);
  named = named.substr(0, colon);
  return method;
}

}  // namespace

Task<void> gemini_method(Call& c) {
  // The row of the table may have taken the method off already. SDKs leave "models/" out when a name holds a slash.
  std::string_view path = c.request.path(), model = c.argument;
  const std::string_view method = take_method(path);
  if (model.ends_with(method) && model.size() > method.size() &&
      model[model.size() - method.size() - 1] == ':')
    model.remove_suffix(method.size() + 1);
  if (model.starts_with(kModels)) model.remove_prefix(kModels.size());
  co_await call_method(c, model, method);
}

// "google/models/MODEL" is MODEL, "anthropic/models/MODEL" is "anthropic/MODEL".
Task<void> gemini_publisher(Call& c) {
  std::string_view named = c.argument;
  const std::string_view method = take_method(named);
  if (const std::size_t at = named.find("/publishers/"); at != named.npos) named.remove_prefix(at + 12);
  const std::size_t slash = named.find("/models/");
  if (slash == named.npos) {
    co_await unknown_method(c, {});
    co_return;
  }
  const std::string_view publisher = named.substr(0, slash), model = named.substr(slash + 8);
  const std::string full =
      publisher == "google" ? std::string(model) : std::string(publisher) + "/" + std::string(model);
  co_await call_method(c, full, method);
}

Task<void> gemini_models(Call& c) {
  gateway::Gateway& gateway = c.deps.gateway;
  co_await gateway::freshen(gateway.model_lists(), gateway.snapshot_in_use());
  co_await send_json(
      c, 200,
      gemini_list(list_models(gateway.snapshot(), gateway.model_lists(), &c.caller), c.request.query()));
}

Task<void> gemini_model(Call& c) {
  std::string_view id = c.argument;
  if (id.starts_with(kModels)) id.remove_prefix(kModels.size());
  if (auto found = find_listed(c.deps.gateway.snapshot(), c.deps.gateway.model_lists(), id, &c.caller)) {
    co_await send_json(c, 200, gemini_model_text(*found));
    co_return;
  }
  Error e;
  e.code = Code::not_found;
  e.message = "model `" + std::string(id) + "` is not known here";
  e.provider_code = "model_not_found";
  co_await send_error(c, "gemini", e);
}

}  // namespace pb::api
