// What a request asks of the answer: tools, sampling, format, thinking. Members without a place in the canonical request go
// into `extra`, those of generationConfig as "generationConfig.NAME".
#include <algorithm>

#include "llm/gemini/gemini.h"
#include "llm/schema_openapi.h"

namespace pb::llm::gemini {
namespace {

constexpr std::initializer_list<Str> kConfig = {"temperature",
                                                "topP",
                                                "topK",
                                                "candidateCount",
                                                "maxOutputTokens",
                                                "stopSequences",
                                                "seed",
                                                "logprobs",
                                                "presencePenalty",
                                                "frequencyPenalty",
                                                "responseMimeType",
                                                "responseSchema",
                                                "responseJsonSchema",
                                                "_responseJsonSchema",
                                                "responseLogprobs",
                                                "thinkingConfig"};

// "generationConfig.NAME"
void keep_config(Str name, json::Value value, Request& r, std::vector<json::Member>& extra) {
  extra.push_back({r.arena.keep("generationConfig." + std::string(name)), value});
}

Result<Tool> decode_function(json::Value v, const Path& at, json::Arena& arena) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  Tool t;
  t.format = kName;
  t.raw = v;  // goes back to this format as it came
  TRY_ASSIGN(t.name, get_string(v, "name", at));
  if (t.name.empty()) return Path(at, "name").fail("is required");
  TRY_ASSIGN(t.description, get_string(v, "description", at));
  const bool openapi = !get(v, "parameters").is_null();
  const Str member = openapi ? "parameters" : "parametersJsonSchema";
  t.parameters = get(v, member);
  if (!t.parameters.is_null() && !t.parameters.is_object())
    return Path(at, member).wrong_type("a schema (an object)", t.parameters);
  t.parameters = json_schema_of_openapi(t.parameters, arena);
  t.extra = others(v, {"name", "description", "parameters", "parametersJsonSchema"}, arena);
  return t;
}

Result<void> decode_tool(json::Value v, const Path& at, Request& r) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  for (const json::Member& m : v.members()) {
    if (is_named(m.key, "functionDeclarations")) {
      const Path here(at, "functionDeclarations");
      const auto list = as_list(m.value);
      for (std::size_t i = 0; i < list.size(); ++i) {
        TRY_ASSIGN(Tool t, decode_function(list[i], Path(here, i), r.arena));
        r.tools.push_back(std::move(t));
      }
    } else if (!m.value.is_null()) {  // googleSearch, codeExecution, urlContext, …
      Tool t;
      t.kind = Tool::Kind::opaque;
      t.name = m.key;
      t.format = kName;
      t.raw = json::Value::object(r.arena, {&m, 1});
      r.tools.push_back(std::move(t));
    }
  }
  return {};
}

// A choice among some of the tools, and modes that only this format has, go back as they came.
Result<void> decode_choice(json::Value config, const Path& at, Request& r, std::vector<json::Member>& extra) {
  using Kind = ToolChoice::Kind;
  const json::Value calling = get(config, "functionCallingConfig");
  const Path here(at, "functionCallingConfig");
  if (!calling.is_null() && !calling.is_object()) return here.wrong_type("an object", calling);
  TRY_ASSIGN(const Str mode, get_string(calling, "mode", here));
  const json::Value allowed = get(calling, "allowedFunctionNames");
  if (!allowed.is_null() && !allowed.is_array())
    return Path(here, "allowedFunctionNames").wrong_type("an array", allowed);
  bool exact = others(config, {"functionCallingConfig"}, r.arena).is_null() &&
               others(calling, {"mode", "allowedFunctionNames"}, r.arena).is_null();
  if (mode == "AUTO" || mode == "VALIDATED")
    r.tool_choice.kind = Kind::automatic;
  else if (mode == "NONE")
    r.tool_choice.kind = Kind::none;
  else if (mode == "ANY")
    r.tool_choice.kind = Kind::required;
  else if (!mode.empty() && mode != "MODE_UNSPECIFIED")
    return Path(here, "mode").fail("must be AUTO, ANY, NONE or VALIDATED");
  exact = exact && mode != "VALIDATED";
  const bool named = mode == "ANY" && allowed.size() == 1;
  if (named) {
    r.tool_choice.kind = Kind::named;
    r.tool_choice.name = allowed.at(0).as_string();
  }
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    const Path list(here, "allowedFunctionNames");
    if (!allowed.at(i).is_string()) return Path(list, i).wrong_type("a string", allowed.at(i));
    if (!named) r.tool_choice.allowed.push_back(allowed.at(i).as_string());
  }
  // Where the model may choose, other formats are offered only the tools that are named.
  if (!exact || (!r.tool_choice.allowed.empty() && mode != "ANY")) extra.push_back({"toolConfig", config});
  return {};
}

Result<void> decode_stop(json::Value config, const Path& at, Request& r) {
  const json::Value stop = get(config, "stopSequences");
  const Path here(at, "stopSequences");
  const auto list = as_list(stop);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_string()) return Path(here, i).wrong_type("a string", list[i]);
    r.stop.push_back(list[i].as_string());
  }
  return {};
}

Result<void> decode_format(json::Value config, const Path& at, Request& r, std::vector<json::Member>& extra) {
  TRY_ASSIGN(const Str type, get_string(config, "responseMimeType", at));
  json::Value schema;
  for (const Str name : {"responseSchema", "responseJsonSchema", "_responseJsonSchema"}) {
    const json::Value v = get(config, name);
    if (v.is_null()) continue;
    if (!v.is_object()) return Path(at, name).wrong_type("a schema (an object)", v);
    schema = v;
  }
  ResponseFormat& f = r.response_format;
  using Kind = ResponseFormat::Kind;
  if (type == "text/plain") f.kind = Kind::text;
  if (type == "application/json") f.kind = Kind::json_object;
  if (!schema.is_null() && (type.empty() || type == "application/json")) {
    f.kind = Kind::json_schema;
    f.schema = json_schema_of_openapi(schema, r.arena);
  } else if (!type.empty() && f.kind == Kind::unset) {  // text/x.enum, and what may come
    keep_config("responseMimeType", json::Value::string(type), r, extra);
    if (!schema.is_null()) keep_config("responseSchema", schema, r, extra);
  }
  return {};
}

Result<void> decode_thinking(json::Value config, const Path& root, Request& r,
                             std::vector<json::Member>& extra) {
  const json::Value v = get(config, "thinkingConfig");
  if (v.is_null()) return {};
  const Path at(root, "thinkingConfig");
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY_ASSIGN(const std::optional<bool> include, get_bool(v, "includeThoughts", at));
  TRY_ASSIGN(const std::optional<std::int64_t> budget, get_int(v, "thinkingBudget", at));
  TRY_ASSIGN(const Str level, get_string(v, "thinkingLevel", at));
  using Kind = Thinking::Kind;
  if (include) r.thinking.display = *include ? "summarized" : "omitted";
  if (budget && *budget == 0) {
    r.thinking.kind = Kind::disabled;
  } else if (budget && *budget > 0) {
    r.thinking.kind = Kind::enabled;
    r.thinking.budget_tokens = *budget;
  } else if (budget || include.value_or(false)) {
    r.thinking.kind = Kind::adaptive;
  }
  if (!level.empty() && level != "THINKING_LEVEL_UNSPECIFIED") {
    std::string effort(level);
    for (char& c : effort)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    r.effort = r.arena.keep(std::move(effort));
  }
  const json::Value rest = others(v, {"includeThoughts", "thinkingBudget", "thinkingLevel"}, r.arena);
  if (!rest.is_null()) keep_config("thinkingConfig", rest, r, extra);
  return {};
}

// ["TEXT"] is what is done anyway.
bool says_nothing(const json::Member& m) {
  return is_named(m.key, "responseModalities") &&
         (m.value.size() == 0 || (m.value.size() == 1 && m.value.at(0).as_string() == "TEXT"));
}

}  // namespace

Result<void> decode_tools(json::Value body, const Path& root, Request& r, std::vector<json::Member>& extra) {
  const json::Value tools = get(body, "tools");
  const Path at(root, "tools");
  const auto list = as_list(tools);
  for (std::size_t i = 0; i < list.size(); ++i) TRY(decode_tool(list[i], Path(at, i), r));
  const json::Value config = get(body, "toolConfig");
  if (config.is_null()) return {};
  const Path here(root, "toolConfig");
  if (!config.is_object()) return here.wrong_type("an object", config);
  return decode_choice(config, here, r, extra);
}

Result<void> decode_config(json::Value body, const Path& root, Request& r, std::vector<json::Member>& extra) {
  TRY_ASSIGN(r.service_tier, get_string(body, "serviceTier", root));
  TRY_ASSIGN(r.store, get_bool(body, "store", root));
  const json::Value config = get(body, "generationConfig");
  if (config.is_null()) return {};
  const Path at(root, "generationConfig");
  if (!config.is_object()) return at.wrong_type("an object", config);
  TRY_ASSIGN(r.temperature, get_double(config, "temperature", at));
  TRY_ASSIGN(r.top_p, get_double(config, "topP", at));
  TRY_ASSIGN(r.top_k, get_int(config, "topK", at));
  TRY_ASSIGN(r.n, get_int(config, "candidateCount", at));
  TRY_ASSIGN(r.max_tokens, get_int(config, "maxOutputTokens", at));
  TRY_ASSIGN(r.seed, get_int(config, "seed", at));
  TRY_ASSIGN(r.presence_penalty, get_double(config, "presencePenalty", at));
  TRY_ASSIGN(r.frequency_penalty, get_double(config, "frequencyPenalty", at));
  TRY_ASSIGN(r.logprobs, get_bool(config, "responseLogprobs", at));
  TRY_ASSIGN(r.top_logprobs, get_int(config, "logprobs", at));
  TRY(decode_stop(config, at, r));
  TRY(decode_format(config, at, r, extra));
  TRY(decode_thinking(config, at, r, extra));
  const json::Value rest = others(config, kConfig, r.arena);
  for (const json::Member& m : rest.members())
    if (!says_nothing(m)) keep_config(m.key, m.value, r, extra);
  return {};
}

}  // namespace pb::llm::gemini
