// A request to a provider: everything but its messages.
#include <algorithm>

#include "llm/openai_chat/openai_chat.h"
#include "llm/schema.h"

namespace pb::llm::openai_chat {
namespace {

using json::Writer;

constexpr std::int64_t kLowBudget = 4096;      // thinking budgets up to this are effort "low"
constexpr std::int64_t kMediumBudget = 16384;  // up to this "medium", above "high"
constexpr std::size_t kNameMax = 64;           // of a response format

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  Writer& w;
  json::Arena scratch;  // cleaned schemas
  bool same = r.format == kName;

  void sampling();
  void tools();
  void tool(const Tool& t);
  void function(const Tool& t);
  void tool_choice();
  void reasoning();
  void response_format();
  void service_tier();
  void rest();
  // Writes `schema` and, where it holds, `strict`. `name` is what is dropped when it cannot hold.
  void schema(std::string_view key, json::Value schema, std::optional<bool> strict, std::string_view name);
};

void Encoder::sampling() {
  auto number = [&](std::string_view name, const auto& v) {
    if (v) w.field(name, *v);
  };
  number(options.quirks.max_completion_tokens ? "max_completion_tokens" : "max_tokens", r.max_tokens);
  number("temperature", r.temperature);
  number("top_p", r.top_p);
  number("frequency_penalty", r.frequency_penalty);
  number("presence_penalty", r.presence_penalty);
  if (r.top_k) {
    if (options.quirks.openrouter)
      w.field("top_k", *r.top_k);
    else
      dropped.add("top_k");
  }
  number("seed", r.seed);
  number("n", r.n);
  number("logprobs", r.logprobs);
  number("top_logprobs", r.top_logprobs);
  number("store", r.store);
  if (!r.logit_bias.is_null()) w.field("logit_bias", r.logit_bias);
  if (r.stop.empty()) return;
  w.key("stop");
  w.begin_array();
  for (Str s : r.stop) w.string(s);
  w.end_array();
}

void Encoder::schema(std::string_view key, json::Value given, std::optional<bool> strict,
                     std::string_view name) {
  if (strict.value_or(false) && options.quirks.strict_schema) {
    if (auto closed = openai_strict_schema(given, scratch)) {
      w.field(key, *closed);
      w.field("strict", true);
      return;
    }
    dropped.add(name);
    strict = false;
  }
  w.field(key, tool_schema(given, scratch));
  if (strict) w.field("strict", *strict);
}

void Encoder::function(const Tool& t) {
  w.field("type", "function");
  w.key("function");
  w.begin_object();
  w.field("name", t.name);
  if (!t.description.empty()) w.field("description", t.description);
  bool bare = same && t.parameters.is_null();
  if (!bare)
    schema("parameters", t.parameters, t.strict, "tools.strict");
  else if (t.strict)
    w.field("strict", *t.strict);
  if (same)
    write_extra(w, t.extra);
  else
    drop_extra(t.extra, dropped);
  w.end_object();
  if (!t.cache.on) return;
  if (!options.quirks.openrouter) return dropped.add("cache_control");
  w.key("cache_control");
  w.begin_object();
  w.field("type", "ephemeral");
  if (!t.cache.ttl.empty()) w.field("ttl", t.cache.ttl);
  w.end_object();
}

void Encoder::tool(const Tool& t) {
  w.begin_object();
  if (t.kind == Tool::Kind::custom) {
    w.field("type", "custom");
    w.field("custom", t.raw);
  } else {
    function(t);
  }
  w.end_object();
}

void Encoder::tools() {
  auto carried = [&](const Tool& t) { return t.kind != Tool::Kind::opaque || t.format == kName; };
  bool any = std::any_of(r.tools.begin(), r.tools.end(), carried);
  if (std::any_of(r.tools.begin(), r.tools.end(), [&](const Tool& t) { return !carried(t); }))
    dropped.add("provider_tools");
  if (!any) return;  // an empty list, or a choice without tools, is an error there
  w.key("tools");
  w.begin_array();
  for (const Tool& t : r.tools) {
    if (t.kind == Tool::Kind::opaque) {
      if (t.format == kName) w.write(t.raw);
    } else {
      tool(t);
    }
  }
  w.end_array();
  tool_choice();
  if (!r.parallel_tool_calls) return;
  if (options.quirks.parallel_tool_calls)
    w.field("parallel_tool_calls", *r.parallel_tool_calls);
  else
    dropped.add("parallel_tool_calls");
}

void Encoder::tool_choice() {
  if (same && r.extra.has("tool_choice.allowed_tools"))
    return w.field("tool_choice", r.extra["tool_choice.allowed_tools"]);
  using Kind = ToolChoice::Kind;
  switch (r.tool_choice.kind) {
    case Kind::unset:
      return;
    case Kind::automatic:
      return w.field("tool_choice", "auto");
    case Kind::none:
      return w.field("tool_choice", "none");
    case Kind::required:
      return w.field("tool_choice", "required");
    case Kind::named:
      break;
  }
  auto named = std::find_if(r.tools.begin(), r.tools.end(),
                            [&](const Tool& t) { return t.name == r.tool_choice.name; });
  if (named != r.tools.end() && named->kind == Tool::Kind::opaque) return;  // the tool itself was dropped
  bool custom = named != r.tools.end() && named->kind == Tool::Kind::custom;
  std::string_view type = custom ? "custom" : "function";
  w.key("tool_choice");
  w.begin_object();
  w.field("type", type);
  w.key(type);
  w.begin_object();
  w.field("name", r.tool_choice.name);
  w.end_object();
  w.end_object();
}

Str effort_of_budget(std::int64_t budget) {
  if (budget <= kLowBudget) return "low";
  return budget <= kMediumBudget ? "medium" : "high";
}

void Encoder::reasoning() {
  const Thinking& t = r.thinking;
  if (options.quirks.openrouter) {
    bool omitted = t.display == "omitted";
    if (r.effort.empty() && t.kind == Thinking::Kind::unset && !omitted) return;
    w.key("reasoning");
    w.begin_object();
    if (t.kind == Thinking::Kind::disabled)
      w.field("enabled", false);
    else if (!r.effort.empty())
      w.field("effort", r.effort);
    else if (t.budget_tokens > 0)
      w.field("max_tokens", t.budget_tokens);
    else if (t.kind != Thinking::Kind::unset)
      w.field("enabled", true);
    if (omitted) w.field("exclude", true);
    w.end_object();
    return;
  }
  if (!t.display.empty()) dropped.add("thinking.display");
  if (t.kind == Thinking::Kind::disabled && r.effort.empty()) return dropped.add("thinking.disabled");
  Str effort = r.effort;
  bool from_budget = effort.empty() && t.kind == Thinking::Kind::enabled;
  if (from_budget) effort = t.budget_tokens > 0 ? effort_of_budget(t.budget_tokens) : Str("medium");
  if (effort.empty()) return;
  if (options.quirks.reasoning_effort)
    w.field("reasoning_effort", effort);
  else
    dropped.add(from_budget ? "thinking" : "reasoning_effort");
}

std::string format_name(Str name) {
  std::string out;
  for (char c : name.substr(0, kNameMax)) {
    bool safe =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out += safe ? c : '_';
  }
  return out.empty() ? "response" : out;
}

void Encoder::response_format() {
  const ResponseFormat& f = r.response_format;
  using Kind = ResponseFormat::Kind;
  if (f.kind == Kind::unset) return;
  w.key("response_format");
  w.begin_object();
  if (f.kind == Kind::text) {
    w.field("type", "text");
  } else if (f.kind == Kind::json_object || !options.quirks.json_schema) {
    w.field("type", "json_object");  // encode_messages() adds the schema as an instruction
  } else {
    w.field("type", "json_schema");
    w.key("json_schema");
    w.begin_object();
    w.field("name", format_name(f.name));
    if (!f.description.empty()) w.field("description", f.description);
    // Formats without the switch always hold to the schema.
    std::optional<bool> strict = f.strict;
    if (!strict && !same) strict = true;
    if (!f.schema.is_null())
      schema("schema", f.schema, strict, "response_format.strict");
    else if (strict)
      w.field("strict", *strict);
    w.end_object();
  }
  w.end_object();
}

void Encoder::service_tier() {
  if (r.service_tier.empty()) return;
  if (r.service_tier == "standard_only")
    w.field("service_tier", "default");
  else
    w.field("service_tier", r.service_tier);
}

void Encoder::rest() {
  auto text = [&](std::string_view name, Str value) {
    if (!value.empty()) w.field(name, value);
  };
  text("user", r.user);
  text("verbosity", r.verbosity);
  text("prompt_cache_key", r.prompt_cache_key);
  if (!r.metadata.is_null()) w.field("metadata", r.metadata);
  if (!same) return drop_extra(r.extra, dropped);
  for (const json::Member& m : r.extra.members())
    if (m.key != "tool_choice.allowed_tools") w.field(m.key, m.value);
}

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  Writer w(out);
  Encoder e{r, options, dropped, w, {}};
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  encode_messages(r, options, dropped, w);
  e.tools();
  e.sampling();
  e.reasoning();
  e.response_format();
  e.service_tier();
  if (r.stream) {
    w.field("stream", true);
    if (options.quirks.stream_options) {  // usage is always wanted, for the ledger
      w.key("stream_options");
      w.begin_object();
      w.field("include_usage", true);
      w.end_object();
    }
  }
  e.rest();
  w.end_object();
  return {};
}

}  // namespace pb::llm::openai_chat
