// A client's request: everything but its messages.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;

Result<void> read(Value v, const Path& at, std::optional<std::int64_t>& to) {
  if (!v.is_number()) return at.wrong_type("an integer", v);
  constexpr std::int64_t kNot = INT64_MIN;
  std::int64_t n = v.as_int(kNot);
  if (n == kNot) return at.fail("must be an integer");
  to = n;
  return {};
}
Result<void> read(Value v, const Path& at, std::optional<double>& to) {
  if (!v.is_number()) return at.wrong_type("a number", v);
  to = v.as_double();
  return {};
}
Result<void> read(Value v, const Path& at, std::optional<bool>& to) {
  if (!v.is_bool()) return at.wrong_type("a boolean", v);
  to = v.as_bool();
  return {};
}
Result<void> read(Value v, const Path& at, bool& to) {
  if (!v.is_bool()) return at.wrong_type("a boolean", v);
  to = v.as_bool();
  return {};
}
Result<void> read(Value v, const Path& at, Str& to) {
  if (!v.is_string()) return at.wrong_type("a string", v);
  to = v.as_string();
  return {};
}
Result<void> read_object(Value v, const Path& at, Value& to) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  to = v;
  return {};
}

Result<void> read_stop(Request& r, Value v, const Path& at) {
  if (v.is_string()) {
    r.stop.push_back(v.as_string());
    return {};
  }
  if (!v.is_array()) return at.wrong_type("a string or an array of strings", v);
  for (std::size_t i = 0; i < v.size(); ++i) {
    Str s;
    TRY(read(v.at(i), Path(at, i), s));
    r.stop.push_back(s);
  }
  return {};
}

// {name, description, parameters, strict}, as in `tools[].function` and the older `functions[]`.
Result<void> read_function(Value f, const Path& at, json::Arena& arena, Tool& tool) {
  static constexpr std::string_view kKnown[] = {"type",       "name",   "description",
                                                "parameters", "strict", "cache_control"};
  if (!f.is_object()) return at.wrong_type("an object", f);
  Value name = f["name"];
  if (!name.is_string() || name.as_string().empty())
    return Path(at, "name").fail("must be a string that is not empty");
  tool.name = name.as_string();
  if (Value d = f["description"]; !d.is_null()) TRY(read(d, Path(at, "description"), tool.description));
  if (Value p = f["parameters"]; !p.is_null()) TRY(read_object(p, Path(at, "parameters"), tool.parameters));
  if (Value s = f["strict"]; !s.is_null()) TRY(read(s, Path(at, "strict"), tool.strict));
  tool.extra = unknown_members(f, kKnown, arena);
  return {};
}

Result<void> read_tool(Request& r, Value v, const Path& at) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  Tool tool;
  tool.format = r.format;
  Str type = v["type"].as_string();
  if (type == "function" || (type.empty() && v.has("function"))) {
    bool flat = !v.has("function") && v.has("name");  // as the Responses API writes tools; vendors take both
    TRY(read_function(flat ? v : v["function"], flat ? at : Path(at, "function"), r.arena, tool));
    if (Value c = v["cache_control"]; c.is_object()) tool.cache = {true, c["ttl"].as_string()};
  } else if (type == "custom") {
    Path inner(at, "custom");
    Value c = v["custom"];
    if (!c.is_object()) return inner.wrong_type("an object", c);
    tool.kind = Tool::Kind::custom;
    tool.raw = c;
    tool.name = c["name"].as_string();
    tool.description = c["description"].as_string();
    if (tool.name.empty()) return Path(inner, "name").fail("must be a string that is not empty");
  } else if (type.empty()) {
    return Path(at, "type").fail("must be a string, as in \"function\"");
  } else {
    tool.kind = Tool::Kind::opaque;
    tool.name = v["name"].as_string();
    tool.raw = v;
  }
  r.tools.push_back(std::move(tool));
  return {};
}

Result<void> read_tools(Request& r, Value v, const Path& at) {
  if (!v.is_array()) return at.wrong_type("an array", v);
  r.tools.reserve(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) TRY(read_tool(r, v.at(i), Path(at, i)));
  return {};
}

Result<void> read_functions(Request& r, Value v, const Path& at) {
  if (!v.is_array()) return at.wrong_type("an array", v);
  for (std::size_t i = 0; i < v.size(); ++i) {
    Tool tool;
    TRY(read_function(v.at(i), Path(at, i), r.arena, tool));
    r.tools.push_back(std::move(tool));
  }
  return {};
}

Result<void> read_mode(Str mode, const Path& at, ToolChoice& choice) {
  using Kind = ToolChoice::Kind;
  if (mode == "auto")
    choice.kind = Kind::automatic;
  else if (mode == "none")
    choice.kind = Kind::none;
  else if (mode == "required" || mode == "any")
    choice.kind = Kind::required;
  else
    return at.fail("must be \"none\", \"auto\" or \"required\"");
  return {};
}

Result<void> read_named(Value v, const Path& at, ToolChoice& choice) {
  Value name = v["name"];
  if (!name.is_string() || name.as_string().empty())
    return Path(at, "name").fail("must be a string that is not empty");
  choice.kind = ToolChoice::Kind::named;
  choice.name = name.as_string();
  return {};
}

// {mode, tools: [{type, function: {name}}]}
Result<void> read_allowed(Request& r, Value v, const Path& at) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY(read_mode(v["mode"].as_string("auto"), Path(at, "mode"), r.tool_choice));
  const Path list(at, "tools");
  if (!v["tools"].is_array()) return list.wrong_type("an array", v["tools"]);
  for (std::size_t i = 0; i < v["tools"].size(); ++i) {
    const Value entry = v["tools"].at(i);
    const Str type = entry["type"].as_string();
    if (type != "function" && type != "custom") continue;
    ToolChoice one;
    TRY(read_named(entry[type], Path(Path(list, i), type), one));
    r.tool_choice.allowed.push_back(one.name);
  }
  return {};
}

Result<void> read_tool_choice(Request& r, Value v, const Path& at) {
  if (v.is_string()) return read_mode(v.as_string(), at, r.tool_choice);
  if (!v.is_object()) return at.wrong_type("a string or an object", v);
  Str type = v["type"].as_string();
  if (type == "function") {
    Path inner(at, "function");
    return read_named(v["function"].is_object() ? v["function"] : v, inner, r.tool_choice);
  }
  if (type == "custom") return read_named(v["custom"], Path(at, "custom"), r.tool_choice);
  if (type == "allowed_tools") return read_allowed(r, v["allowed_tools"], Path(at, "allowed_tools"));
  return Path(at, "type").fail("must be \"function\", \"custom\" or \"allowed_tools\"");
}

Result<void> read_function_call(Request& r, Value v, const Path& at) {
  if (v.is_string()) return read_mode(v.as_string(), at, r.tool_choice);
  if (!v.is_object()) return at.wrong_type("a string or an object", v);
  return read_named(v, at, r.tool_choice);
}

Result<void> read_response_format(Request& r, Value v, const Path& at) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  ResponseFormat& f = r.response_format;
  Str type = v["type"].as_string();
  if (type == "text")
    f.kind = ResponseFormat::Kind::text;
  else if (type == "json_object")
    f.kind = ResponseFormat::Kind::json_object;
  else if (type != "json_schema")
    return Path(at, "type").fail("must be \"text\", \"json_object\" or \"json_schema\"");
  if (type != "json_schema") return {};
  Path inner(at, "json_schema");
  Value s = v["json_schema"];
  if (!s.is_object()) return inner.wrong_type("an object", s);
  f.kind = ResponseFormat::Kind::json_schema;
  if (Value x = s["name"]; !x.is_null()) TRY(read(x, Path(inner, "name"), f.name));
  if (Value x = s["description"]; !x.is_null()) TRY(read(x, Path(inner, "description"), f.description));
  if (Value x = s["schema"]; !x.is_null()) TRY(read_object(x, Path(inner, "schema"), f.schema));
  if (Value x = s["strict"]; !x.is_null()) TRY(read(x, Path(inner, "strict"), f.strict));
  return {};
}

Result<void> read_stream_options(Request& r, Value v, const Path& at) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  if (Value u = v["include_usage"]; !u.is_null()) TRY(read(u, Path(at, "include_usage"), r.stream_usage));
  return {};
}

// OpenRouter's {effort, max_tokens, enabled, exclude}.
Result<void> read_reasoning_object(Request& r, Value v, const Path& at) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  if (Value e = v["effort"]; !e.is_null()) TRY(read(e, Path(at, "effort"), r.effort));
  std::optional<std::int64_t> budget;
  if (Value b = v["max_tokens"]; !b.is_null()) TRY(read(b, Path(at, "max_tokens"), budget));
  if (budget) r.thinking = {Thinking::Kind::enabled, *budget, {}, {}};
  if (Value e = v["enabled"]; e.is_bool() && !budget)
    r.thinking.kind = e.as_bool() ? Thinking::Kind::enabled : Thinking::Kind::disabled;
  if (v["exclude"].as_bool()) r.thinking.display = "omitted";
  return {};
}

// {type, budget_tokens}: some vendors of this format take Anthropic's member.
Result<void> read_thinking(Request& r, Value v, const Path& at) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  Str type = v["type"].as_string();
  if (type == "enabled")
    r.thinking.kind = Thinking::Kind::enabled;
  else if (type == "disabled")
    r.thinking.kind = Thinking::Kind::disabled;
  else if (type == "adaptive")
    r.thinking.kind = Thinking::Kind::adaptive;
  else
    return Path(at, "type").fail("must be \"enabled\", \"disabled\" or \"adaptive\"");
  r.thinking.budget_tokens = std::max<std::int64_t>(v["budget_tokens"].as_int(), 0);
  r.thinking.display = v["display"].as_string();
  return {};
}

struct Param {
  std::string_view name;
  Result<void> (*read)(Request&, Value, const Path&);
};

#define PB_PARAM(member) {#member, [](Request& r, Value v, const Path& at) { return read(v, at, r.member); }}
constexpr Param kParams[] = {
    PB_PARAM(model),
    PB_PARAM(stream),
    {"tools", read_tools},
    {"tool_choice", read_tool_choice},
    PB_PARAM(parallel_tool_calls),
    {"stream_options", read_stream_options},
    {"max_completion_tokens", [](Request& r, Value v, const Path& at) { return read(v, at, r.max_tokens); }},
    PB_PARAM(temperature),
    PB_PARAM(top_p),
    PB_PARAM(frequency_penalty),
    PB_PARAM(presence_penalty),
    PB_PARAM(top_k),
    PB_PARAM(seed),
    {"random_seed", [](Request& r, Value v, const Path& at) { return read(v, at, r.seed); }},  // Mistral's
    PB_PARAM(n),
    PB_PARAM(logprobs),
    PB_PARAM(top_logprobs),
    PB_PARAM(store),
    {"stop", read_stop},
    {"response_format", read_response_format},
    {"reasoning_effort", [](Request& r, Value v, const Path& at) { return read(v, at, r.effort); }},
    {"reasoning", read_reasoning_object},
    {"thinking", read_thinking},
    PB_PARAM(user),
    PB_PARAM(service_tier),
    PB_PARAM(verbosity),
    PB_PARAM(prompt_cache_key),
    {"metadata", [](Request& r, Value v, const Path& at) { return read_object(v, at, r.metadata); }},
    {"logit_bias", [](Request& r, Value v, const Path& at) { return read_object(v, at, r.logit_bias); }},
    {"functions", read_functions},
    {"function_call", read_function_call},
};
#undef PB_PARAM

const Param* find_param(std::string_view name) {
  for (const Param& p : kParams)
    if (p.name == name) return &p;
  return nullptr;
}

}  // namespace

Result<Request> decode_request(std::string body) { return read_request(std::move(body), kName); }

Result<Request> read_request(std::string body, Str format) {
  Request r;
  r.text = std::make_unique<std::string>(std::move(body));
  r.format = format;
  TRY_ASSIGN(Value root, json::parse(*r.text, r.arena));
  Path top;
  if (!root.is_object()) return top.wrong_type("an object", root);

  std::vector<json::Member> extra;
  for (const json::Member& m : root.members()) {
    if (m.key == "messages" || m.key == "max_tokens" || m.key == "safety_identifier") continue;
    const Param* p = find_param(m.key);
    if (!p)
      extra.push_back(m);
    else if (!m.value.is_null())
      TRY(p->read(r, m.value, Path(top, m.key)));  // null is as good as absent
  }
  if (r.model.empty()) return Path(top, "model").fail("must be given: a string that names the model");
  if (Value v = root["max_tokens"]; !v.is_null() && !r.max_tokens)
    TRY(read(v, Path(top, "max_tokens"), r.max_tokens));
  if (Value v = root["safety_identifier"]; !v.is_null()) {  // the newer name of `user`
    if (r.user.empty())
      TRY(read(v, Path(top, "safety_identifier"), r.user));
    else
      extra.push_back({"safety_identifier", v});
  }
  // Allowed tools that have no name: same-format encoders write the member back.
  if (const Value choice = root["tool_choice"];
      choice["type"].as_string() == "allowed_tools" &&
      choice["allowed_tools"]["tools"].size() != r.tool_choice.allowed.size())
    extra.push_back({kAllowedTools, choice});
  if (!extra.empty()) r.extra = Value::object(r.arena, extra);
  TRY(decode_messages(root["messages"], Path(top, "messages"), r));
  return r;
}

}  // namespace pb::llm::openai_chat
