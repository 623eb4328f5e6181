#include "gateway/body_edit.h"

#include "base/json.h"

namespace pb::gateway {

Result<void> BodyEdit::apply(bool ask_usage) {
  const llm::ToolRules& rules = x_.route.upstream->provider->tool_rules;
  if (!rules.empty()) {
    std::string before = x_.may_switch ? x_.request.body : std::string();
    peek_ = x_.peek;
    if (llm::apply_tool_rules(rules, x_.request.body, x_.dropped)) {
      whole_ = std::move(before);
      TRY_ASSIGN(x_.peek, peek_body(x_.client, x_.request.body, peek_.model, peek_.stream));
    }
  }
  if (ask_usage) ask();
  put_model();  // stands before what was inserted, so its place is still right
  return {};
}

void BodyEdit::ask() {
  std::string& body = x_.request.body;
  const llm::RequestPeek& p = x_.peek;
  const config::Provider& provider = *x_.route.upstream->provider;
  if (!p.stream || p.has_stream_options || x_.client.ask_usage.empty() || !provider.stream_usage ||
      !provider.quirks.stream_options)
    return;
  const bool empty = body.find_last_not_of(" \t\r\n", p.object_end - 1) == body.find('{');
  const std::string more = (empty ? "" : ",") + std::string(x_.client.ask_usage);
  body.insert(p.object_end, more);
  asked_at_ = p.object_end;
  asked_bytes_ = more.size();
}

void BodyEdit::put_model() {
  const llm::RequestPeek& p = x_.peek;
  if (p.model == x_.route.model || p.model_bytes == 0) return;
  std::string token = "\"";
  json::append_escaped(token, x_.route.model);
  token += '"';
  model_token_ = x_.request.body.substr(p.model_at, p.model_bytes);
  model_bytes_ = token.size();
  x_.request.body.replace(p.model_at, p.model_bytes, token);
}

void BodyEdit::undo() {
  std::string& body = x_.request.body;
  if (!model_token_.empty()) body.replace(x_.peek.model_at, model_bytes_, model_token_);
  if (asked_bytes_ != 0) body.erase(asked_at_, asked_bytes_);
  if (!whole_.empty()) {
    body = std::move(whole_);
    x_.peek = std::move(peek_);
    x_.dropped = {};
  }
  model_token_.clear();
  whole_.clear();
  asked_bytes_ = 0;
}

}  // namespace pb::gateway
