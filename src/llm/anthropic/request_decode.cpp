// Requests of Anthropic clients. Every member that the SDK's types name is read or, where no other format has
// anything like it (container, context_management, mcp_servers, safeguards, …), kept in `extra`.
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

Result<void> decode_system(json::Value system, const Path& root, Request& r) {
  if (system.is_null()) return {};
  Message m;
  m.role = Role::system;
  m.top_level = true;
  TRY(decode_content(system, Path(root, "system"), r.arena, m.content));
  if (!m.content.empty()) r.messages.push_back(std::move(m));
  return {};
}

Result<Role> decode_role(json::Value message, const Path& at) {
  TRY_ASSIGN(const Str role, need_string(message, "role", at));
  if (role == "user") return Role::user;
  if (role == "assistant") return Role::assistant;
  if (role == "system") return Role::system;
  return Path(at, "role").fail("must be user, assistant or system");
}

Result<void> decode_messages(json::Value messages, const Path& root, Request& r) {
  const Path at(root, "messages");
  if (messages.is_null()) return at.fail("is required");
  if (!messages.is_array()) return at.wrong_type("an array", messages);
  if (messages.size() == 0) return at.fail("must hold at least one message");
  r.messages.reserve(r.messages.size() + messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const json::Value v = messages.at(i);
    const Path here(at, i);
    if (!v.is_object()) return here.wrong_type("an object", v);
    Message m;
    TRY_ASSIGN(m.role, decode_role(v, here));
    TRY(decode_content(v["content"], Path(here, "content"), r.arena, m.content));
    m.extra = rest_of(v, {"role", "content"}, r.arena);
    r.messages.push_back(std::move(m));
  }
  return {};
}

Result<Tool> decode_tool(json::Value v, const Path& at, json::Arena& arena) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  Tool tool;
  tool.format = kName;
  TRY_ASSIGN(const Str type, maybe_string(v, "type", at));
  if (!type.empty() && type != "custom") {  // a tool that runs at Anthropic, or one the model was trained on
    tool.kind = Tool::Kind::opaque;
    tool.raw = v;
    tool.name = v["name"].as_string();
    return tool;
  }
  TRY_ASSIGN(tool.name, need_string(v, "name", at));
  TRY_ASSIGN(tool.description, maybe_string(v, "description", at));
  TRY_ASSIGN(tool.strict, maybe_bool(v, "strict", at));
  TRY(decode_cache(v, at, tool.cache));
  tool.parameters = v["input_schema"];
  if (tool.parameters.is_null()) return Path(at, "input_schema").fail("is required");
  if (!tool.parameters.is_object()) return Path(at, "input_schema").wrong_type("an object", tool.parameters);
  tool.extra = rest_of(v, {"type", "name", "description", "strict", "cache_control", "input_schema"}, arena);
  return tool;
}

Result<void> decode_tools(json::Value tools, const Path& root, Request& r) {
  if (tools.is_null()) return {};
  const Path at(root, "tools");
  if (!tools.is_array()) return at.wrong_type("an array", tools);
  r.tools.reserve(tools.size());
  for (std::size_t i = 0; i < tools.size(); ++i) {
    TRY_ASSIGN(Tool tool, decode_tool(tools.at(i), Path(at, i), r.arena));
    r.tools.push_back(std::move(tool));
  }
  return {};
}

Result<void> decode_tool_choice(json::Value choice, const Path& root, Request& r) {
  if (choice.is_null()) return {};
  const Path at(root, "tool_choice");
  if (!choice.is_object()) return at.wrong_type("an object", choice);
  TRY_ASSIGN(const Str type, need_string(choice, "type", at));
  using Kind = ToolChoice::Kind;
  if (type == "auto")
    r.tool_choice.kind = Kind::automatic;
  else if (type == "any")
    r.tool_choice.kind = Kind::required;
  else if (type == "none")
    r.tool_choice.kind = Kind::none;
  else if (type == "tool")
    r.tool_choice.kind = Kind::named;
  else
    return Path(at, "type").fail("must be auto, any, tool or none");
  if (type == "tool") {
    TRY_ASSIGN(r.tool_choice.name, need_string(choice, "name", at));
  }
  TRY_ASSIGN(const std::optional<bool> disable, maybe_bool(choice, "disable_parallel_tool_use", at));
  if (disable) r.parallel_tool_calls = !*disable;
  return {};
}

// Appends a member to the request's `extra`.
void keep(Request& r, Str key, json::Value value) {
  const json::Member member{key, value};
  r.extra = join(r.extra, json::Value::object(r.arena, {&member, 1}), r.arena);
}

Result<void> decode_thinking(json::Value thinking, const Path& root, Request& r) {
  if (thinking.is_null()) return {};
  const Path at(root, "thinking");
  if (!thinking.is_object()) return at.wrong_type("an object", thinking);
  TRY_ASSIGN(const Str type, need_string(thinking, "type", at));
  TRY_ASSIGN(const std::optional<std::int64_t> budget, maybe_int(thinking, "budget_tokens", at));
  using Kind = Thinking::Kind;
  if (type == "enabled") {
    if (!budget) return Path(at, "budget_tokens").fail("is required");
    r.thinking.kind = Kind::enabled;
    r.thinking.budget_tokens = *budget;
  } else if (type == "adaptive") {
    r.thinking.kind = Kind::adaptive;
  } else if (type == "disabled") {
    r.thinking.kind = Kind::disabled;
  } else {  // between_tools, and what may come
    keep(r, "thinking", thinking);
    return {};
  }
  TRY_ASSIGN(r.thinking.display, maybe_string(thinking, "display", at));
  return {};
}

Result<void> decode_format(json::Value format, const Path& at, Request& r) {
  if (format.is_null()) return {};
  if (!format.is_object()) return at.wrong_type("an object", format);
  TRY_ASSIGN(const Str type, need_string(format, "type", at));
  if (type != "json_schema") return Path(at, "type").fail("must be json_schema");
  r.response_format.kind = ResponseFormat::Kind::json_schema;
  r.response_format.schema = format["schema"];
  if (!r.response_format.schema.is_object())
    return Path(at, "schema").wrong_type("an object", r.response_format.schema);
  return {};
}

Result<void> decode_output(json::Value body, const Path& root, Request& r) {
  TRY(decode_format(body["output_format"], Path(root, "output_format"), r));  // the name it had in beta
  const json::Value config = body["output_config"];
  if (config.is_null()) return {};
  const Path at(root, "output_config");
  if (!config.is_object()) return at.wrong_type("an object", config);
  TRY_ASSIGN(r.effort, maybe_string(config, "effort", at));
  TRY(decode_format(config["format"], Path(at, "format"), r));
  const json::Value rest = rest_of(config, {"effort", "format"}, r.arena);
  if (!rest.is_null()) keep(r, "output_config", rest);
  return {};
}

Result<void> decode_metadata(json::Value metadata, const Path& root, Request& r) {
  if (metadata.is_null()) return {};
  const Path at(root, "metadata");
  if (!metadata.is_object()) return at.wrong_type("an object", metadata);
  TRY_ASSIGN(r.user, maybe_string(metadata, "user_id", at));
  const json::Value rest = rest_of(metadata, {"user_id"}, r.arena);
  if (!rest.is_null()) keep(r, "metadata", rest);
  return {};
}

Result<void> decode_stop(json::Value stop, const Path& root, Request& r) {
  if (stop.is_null()) return {};
  const Path at(root, "stop_sequences");
  if (!stop.is_array()) return at.wrong_type("an array", stop);
  for (std::size_t i = 0; i < stop.size(); ++i) {
    if (!stop.at(i).is_string()) return Path(at, i).wrong_type("a string", stop.at(i));
    r.stop.push_back(stop.at(i).as_string());
  }
  return {};
}

// A conversation that the server would have to remember. The SDK reads the details and sends the whole
// conversation instead; ignoring the member would lose the history.
Result<void> refuse_thread(json::Value thread) {
  if (thread.is_null()) return {};
  Error e;
  e.code = Code::invalid_request;
  e.message = "thread is not supported here: send the whole conversation without `thread`";
  e.param = "thread";
  e.details = R"({"error_code":"thread_unsupported_request","unsupported":["thread"]})";
  return std::unexpected(std::move(e));
}

Result<void> decode_scalars(json::Value body, const Path& root, Request& r) {
  TRY_ASSIGN(r.model, need_string(body, "model", root));
  TRY_ASSIGN(r.max_tokens, maybe_int(body, "max_tokens", root));
  TRY_ASSIGN(r.temperature, maybe_double(body, "temperature", root));
  TRY_ASSIGN(r.top_p, maybe_double(body, "top_p", root));
  TRY_ASSIGN(r.top_k, maybe_int(body, "top_k", root));
  TRY_ASSIGN(const std::optional<bool> stream, maybe_bool(body, "stream", root));
  r.stream = stream.value_or(false);
  r.stream_usage = true;
  TRY_ASSIGN(r.service_tier, maybe_string(body, "service_tier", root));
  return decode_stop(body["stop_sequences"], root, r);
}

}  // namespace

Result<Request> decode_request(std::string text) {
  Request r;
  r.format = kName;
  r.text = std::make_unique<std::string>(std::move(text));
  TRY_ASSIGN(const json::Value body, json::parse(*r.text, r.arena));
  const Path root;
  if (!body.is_object()) return root.wrong_type("a JSON object", body);
  TRY(refuse_thread(body["thread"]));
  r.extra = rest_of(body,
                    {"model", "max_tokens", "messages", "system", "tools", "tool_choice", "temperature",
                     "top_p", "top_k", "stop_sequences", "stream", "thinking", "output_config",
                     "output_format", "metadata", "service_tier", "thread"},
                    r.arena);
  TRY(decode_scalars(body, root, r));
  TRY(decode_system(body["system"], root, r));
  TRY(decode_messages(body["messages"], root, r));
  TRY(decode_tools(body["tools"], root, r));
  TRY(decode_tool_choice(body["tool_choice"], root, r));
  TRY(decode_thinking(body["thinking"], root, r));
  TRY(decode_output(body, root, r));
  TRY(decode_metadata(body["metadata"], root, r));
  return r;
}

}  // namespace pb::llm::anthropic
