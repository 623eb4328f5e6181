// Requests to the Gemini API: everything but the conversation.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/gemini/contents_encode.h"
#include "llm/schema.h"
#include "llm/schema_openapi.h"

namespace pb::llm::gemini {
namespace {

constexpr std::size_t kStopsMax = 5;
constexpr Str kConfigPrefix = "generationConfig.";
constexpr Str kJsonObject =
    "Respond with one valid JSON object and nothing else: no code fence, no text around it.";
constexpr Str kJsonSchema =
    "Respond with JSON that follows this JSON Schema and nothing else: no code fence, no text around it.\n";

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  json::Writer w;
  json::Arena scratch;
  bool same;
  Plan plan;

  Encoder(const Request& request, const EncodeOptions& o, Dropped& d, std::string& out)
      : r(request),
        options(o),
        dropped(d),
        w(out),
        same(request.format == kName),
        plan(make_plan(request, o, d)) {}

  std::string instruction() const {
    if (plan.json_mode) return {};
    if (r.response_format.kind == ResponseFormat::Kind::json_object) return std::string(kJsonObject);
    if (r.response_format.kind == ResponseFormat::Kind::json_schema)
      return std::string(kJsonSchema) + json::to_text(r.response_format.schema);
    return {};
  }

  // ---- tools ----

  void write_parameters(const Tool& t) {
    if (t.kind == Tool::Kind::custom) {
      w.key("parametersJsonSchema");
      return w.raw(R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})");
    }
    if (t.parameters.is_null()) return;
    if (plan.json_schema)
      return w.field("parametersJsonSchema", same ? t.parameters : tool_schema(t.parameters, scratch));
    const json::Value schema = openapi_schema(tool_schema(t.parameters, scratch), scratch, false);
    if (schema["properties"].size() > 0)
      w.field("parameters", schema);  // an object without any is refused there
  }

  void write_function(const Tool& t) {
    if (same && t.format == kName && t.raw.is_object()) return w.write(t.raw);
    w.begin_object();
    w.field("name", t.name);
    std::string description(t.description);
    if (t.kind == Tool::Kind::custom) {
      const json::Value format = t.raw.has("custom") ? t.raw["custom"]["format"] : t.raw["format"];
      if (!format.is_null())
        description.append("\nThe input must follow this format: ").append(json::to_text(format));
    }
    if (!description.empty()) w.field("description", std::string_view(description));
    write_parameters(t);
    w.end_object();
    if (t.cache.on) dropped.add("cache_control");
    if (t.strict.value_or(false) && !plan.validated) dropped.add("tools.strict");
    if (t.format != kName)
      for (const json::Member& m : t.extra.members()) dropped.add(m.key);
  }

  void write_tools() {
    const bool narrows = same || r.tool_choice.kind == ToolChoice::Kind::required;  // the choice says it
    const auto is_function = [&](const Tool& t) {
      return t.kind != Tool::Kind::opaque && (narrows || may_be_called(r, t));
    };
    const auto is_own = [](const Tool& t) { return t.kind == Tool::Kind::opaque; };
    const bool functions = std::any_of(r.tools.begin(), r.tools.end(), is_function);
    const bool own = std::any_of(r.tools.begin(), r.tools.end(),
                                 [&](const Tool& t) { return is_own(t) && t.format == kName; });
    for (const Tool& t : r.tools)
      if (is_own(t) && t.format != kName) dropped.add("provider_tools");
    if (functions || own) {
      w.key("tools");
      w.begin_array();
      if (functions) {
        w.begin_object();
        w.key("functionDeclarations");
        w.begin_array();
        for (const Tool& t : r.tools)
          if (is_function(t)) write_function(t);
        w.end_array();
        w.end_object();
      }
      for (const Tool& t : r.tools)
        if (is_own(t) && t.format == kName) w.write(t.raw);
      w.end_array();
    }
    write_choice(functions);
    if (r.parallel_tool_calls.has_value() && !*r.parallel_tool_calls && functions)
      dropped.add("parallel_tool_calls");
  }

  void write_choice(bool functions) {
    if (same && r.extra.has("toolConfig")) return w.field("toolConfig", r.extra["toolConfig"]);
    using Kind = ToolChoice::Kind;
    const Kind kind = r.tool_choice.kind;
    const bool validated = plan.validated && (kind == Kind::unset || kind == Kind::automatic);
    if ((kind == Kind::unset && !validated) || (!functions && !same)) return;
    w.key("toolConfig");
    w.begin_object();
    w.key("functionCallingConfig");
    w.begin_object();
    w.field("mode", validated                                       ? "VALIDATED"
                    : kind == Kind::none                            ? "NONE"
                    : kind == Kind::required || kind == Kind::named ? "ANY"
                                                                    : "AUTO");
    const bool some = kind == Kind::required && !r.tool_choice.allowed.empty();
    if (kind == Kind::named || some) {
      w.key("allowedFunctionNames");
      w.begin_array();
      if (!some) w.string(r.tool_choice.name);
      for (const Str name : r.tool_choice.allowed)
        if (same || find_tool(&r, name) != nullptr) w.string(name);
      w.end_array();
    }
    w.end_object();
    w.end_object();
  }

  // ---- generationConfig, which is only opened when something is in it ----

  bool open = false;

  void config() {
    if (!open) {
      w.key("generationConfig");
      w.begin_object();
    }
    open = true;
  }

  template <class T>
  void number(Str name, const std::optional<T>& value) {
    if (!value) return;
    config();
    w.field(name, *value);
  }

  void write_stop() {
    if (r.stop.empty()) return;
    config();
    w.key("stopSequences");
    w.begin_array();
    const std::size_t n = same ? r.stop.size() : std::min(r.stop.size(), kStopsMax);
    for (std::size_t i = 0; i < n; ++i) w.string(r.stop[i]);
    w.end_array();
    if (n < r.stop.size()) dropped.add("stop");
  }

  void write_format() {
    using Kind = ResponseFormat::Kind;
    const ResponseFormat& f = r.response_format;
    if (f.kind == Kind::unset || !plan.json_mode) return;
    if (f.kind == Kind::text) {
      if (!same) return;
      config();
      return w.field("responseMimeType", "text/plain");
    }
    config();
    w.field("responseMimeType", "application/json");
    if (f.kind != Kind::json_schema) return;
    if (plan.json_schema)
      w.field("responseJsonSchema", f.schema);
    else
      w.field("responseSchema", openapi_schema(f.schema, scratch, true));
  }

  void write_thinking() {
    const json::Value rest = same ? r.extra["generationConfig.thinkingConfig"] : json::Value();
    if (!plan.include && !plan.budget && plan.level.empty() && rest.is_null()) return;
    config();
    w.key("thinkingConfig");
    w.begin_object();
    if (plan.include) w.field("includeThoughts", *plan.include);
    if (plan.budget) w.field("thinkingBudget", *plan.budget);
    if (!plan.level.empty()) w.field("thinkingLevel", plan.level);
    write_rest(w, rest);
    w.end_object();
  }

  void write_config() {
    std::optional<double> temperature = r.temperature;
    if (temperature && !same) temperature = std::clamp(*temperature, 0.0, 2.0);
    number("temperature", temperature);
    number("topP", r.top_p);
    number("topK", r.top_k);
    number("candidateCount", r.n);
    number("maxOutputTokens", r.max_tokens);
    number("seed", r.seed);
    number("presencePenalty", r.presence_penalty);
    number("frequencyPenalty", r.frequency_penalty);
    number("responseLogprobs", r.logprobs);
    number("logprobs", r.top_logprobs);
    write_stop();
    write_format();
    write_thinking();
    if (same)
      for (const json::Member& m : r.extra.members())
        if (m.key.starts_with(kConfigPrefix) && m.key != "generationConfig.thinkingConfig") {
          config();
          w.field(m.key.substr(kConfigPrefix.size()), m.value);
        }
    if (open) w.end_object();
  }

  // ---- the rest ----

  void write_tier() {
    if (r.service_tier.empty()) return;
    if (same || r.service_tier == "flex" || r.service_tier == "priority" || r.service_tier == "standard")
      return w.field("serviceTier", r.service_tier);
    if (r.service_tier == "default" || r.service_tier == "standard_only")
      return w.field("serviceTier", "standard");
    dropped.add("service_tier");
  }

  void drop_the_rest() {
    if (same) {
      for (const json::Member& m : r.extra.members())
        if (!m.key.starts_with(kConfigPrefix) && m.key != "toolConfig") w.field(m.key, m.value);
      return;
    }
    if (r.logit_bias.size() > 0) dropped.add("logit_bias");
    if (!r.user.empty()) dropped.add("user");
    if (r.metadata.size() > 0) dropped.add("metadata");
    if (!r.verbosity.empty()) dropped.add("verbosity");
    if (!r.prompt_cache_key.empty()) dropped.add("prompt_cache_key");
    for (const json::Member& m : r.extra.members()) dropped.add(m.key);
  }

  Result<void> run() {
    w.begin_object();
    TRY(ContentsWriter(r, options.quirks, plan, dropped, w).write(instruction()));
    write_tools();
    write_config();
    write_tier();
    if (r.store) w.field("store", *r.store);
    drop_the_rest();
    w.end_object();
    return {};
  }
};

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  const std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  return Encoder(r, options, dropped, out).run();
}

}  // namespace pb::llm::gemini
