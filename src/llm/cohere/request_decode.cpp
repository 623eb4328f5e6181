// Requests of Cohere's clients.
#include <algorithm>

#include "llm/cohere/cohere.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::cohere {
namespace {

using json::Value;
using Kind = Block::Kind;

class MessageReader {
 public:
  explicit MessageReader(Request& r) : r_(r), arena_(r.arena) {}

  Result<void> message(Value m, const Path& at) {
    if (!m.is_object()) return at.wrong_type("an object", m);
    TRY_ASSIGN(const Str role, need_string(m, "role", at));
    Message out;
    const Path content_at(at, "content");
    if (role == "user" || role == "system") {
      out.role = role == "user" ? Role::user : Role::system;
      out.extra = rest_of(m, {"role", "content"}, arena_);
      TRY(content(m["content"], content_at, out.content));
    } else if (role == "assistant") {
      out.role = Role::assistant;
      out.extra = rest_of(m, {"role", "content", "tool_plan", "tool_calls", "citations"}, arena_);
      TRY(assistant(m, at, out.content));
    } else if (role == "tool") {
      out.role = Role::tool;
      out.extra = rest_of(m, {"role", "content", "tool_call_id"}, arena_);
      Block b;
      b.kind = Kind::tool_result;
      TRY_ASSIGN(b.id, need_string(m, "tool_call_id", at));
      TRY(content(m["content"], content_at, b.content));
      out.content.push_back(std::move(b));
    } else {
      return Path(at, "role").fail("must be one of system, user, assistant and tool");
    }
    r_.messages.push_back(std::move(out));
    return {};
  }

 private:
  Result<void> content(Value c, const Path& at, std::vector<Block>& out) {
    if (c.is_string()) {
      out.emplace_back().text = c.as_string();
      return {};
    }
    if (!c.is_array()) return at.wrong_type("a string or an array of content blocks", c);
    out.reserve(out.size() + c.size());
    for (std::size_t i = 0; i < c.size(); ++i) {
      const Value part = c.at(i);
      const Path part_at(at, i);
      if (part["type"].as_string() == "document") {
        TRY_ASSIGN(Block b, read_document(part["document"], Path(part_at, "document"), arena_));
        out.push_back(std::move(b));
      } else {
        TRY(openai_chat::read_part(part, part_at, kName, arena_, out.emplace_back()));
      }
    }
    return {};
  }

  Result<void> assistant(Value m, const Path& at, std::vector<Block>& out) {
    if (const Value c = m["content"]; !c.is_null()) TRY(content(c, Path(at, "content"), out));
    std::erase_if(out, [](const Block& b) { return b.kind == Kind::text && b.text.empty(); });
    TRY_ASSIGN(const Str plan, maybe_string(m, "tool_plan", at));
    if (!plan.empty()) {
      Block& b = out.emplace_back();
      b.text = plan;
      b.detail = kPlan;
    }
    if (const Value list = m["citations"]; list.size() > 0)
      for (Block& b : out) {
        if (b.kind != Kind::text) continue;
        b.citations = list;
        b.format = kName;
        break;
      }
    const Value calls = m["tool_calls"];
    const Path calls_at(at, "tool_calls");
    if (!calls.is_null() && !calls.is_array()) return calls_at.wrong_type("an array", calls);
    for (std::size_t i = 0; i < calls.size(); ++i) TRY(call(calls.at(i), Path(calls_at, i), out));
    return {};
  }

  Result<void> call(Value c, const Path& at, std::vector<Block>& out) {
    if (!c.is_object()) return at.wrong_type("an object", c);
    Block b;
    b.kind = Kind::tool_call;
    TRY_ASSIGN(b.id, need_string(c, "id", at));
    const Value f = c["function"];
    const Path inner(at, "function");
    if (!f.is_object()) return inner.wrong_type("an object", f);
    TRY_ASSIGN(b.name, need_string(f, "name", inner));
    const Value arguments = f["arguments"];
    if (!arguments.is_null() && !arguments.is_string() && !arguments.is_object())
      return Path(inner, "arguments").wrong_type("a string of JSON", arguments);
    b.arguments = openai_chat::json_arguments(arguments, arena_);
    b.extra = rest_of(c, {"id", "type", "function"}, arena_);
    if (b.extra.is_object()) b.format = kName;
    out.push_back(std::move(b));
    return {};
  }

  Request& r_;
  json::Arena& arena_;
};

Result<void> read_tools(Value list, const Path& at, bool strict, Request& r) {
  if (list.is_null()) return {};
  if (!list.is_array()) return at.wrong_type("an array", list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Path item(at, i), inner(item, "function");
    const Value f = list.at(i)["function"];
    if (!f.is_object()) return inner.wrong_type("an object", f);
    Tool t;
    t.format = kName;
    TRY_ASSIGN(t.name, need_string(f, "name", inner));
    TRY_ASSIGN(t.description, maybe_string(f, "description", inner));
    t.parameters = f["parameters"];
    if (!t.parameters.is_null() && !t.parameters.is_object())
      return Path(inner, "parameters").wrong_type("an object", t.parameters);
    if (strict) t.strict = true;
    t.extra = rest_of(f, {"name", "description", "parameters"}, r.arena);
    r.tools.push_back(std::move(t));
  }
  return {};
}

Result<void> read_tool_choice(Str choice, const Path& at, Request& r) {
  if (choice.empty()) return {};
  if (choice == "REQUIRED" || choice == "required")
    r.tool_choice.kind = ToolChoice::Kind::required;
  else if (choice == "NONE" || choice == "none")
    r.tool_choice.kind = ToolChoice::Kind::none;
  else
    return at.fail("must be \"REQUIRED\" or \"NONE\"");
  return {};
}

Result<void> read_format(Value v, const Path& at, ResponseFormat& f) {
  if (v.is_null()) return {};
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY_ASSIGN(const Str type, need_string(v, "type", at));
  Value schema = v["json_schema"];
  if (schema.is_null()) schema = v["schema"];  // its older name
  if (!schema.is_null() && !schema.is_object())
    return Path(at, "json_schema").wrong_type("an object", schema);
  if (type == "text") {
    f.kind = ResponseFormat::Kind::text;
  } else if (type == "json_object") {
    f.kind = schema.is_null() ? ResponseFormat::Kind::json_object : ResponseFormat::Kind::json_schema;
    f.schema = schema;
  } else {
    return Path(at, "type").fail("must be \"text\" or \"json_object\"");
  }
  return {};
}

Result<void> read_thinking(Value v, const Path& at, Thinking& t) {
  if (v.is_null()) return {};
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY_ASSIGN(const Str type, need_string(v, "type", at));
  if (type != "enabled" && type != "disabled")
    return Path(at, "type").fail("must be \"enabled\" or \"disabled\"");
  t.kind = type == "enabled" ? Thinking::Kind::enabled : Thinking::Kind::disabled;
  TRY_ASSIGN(const auto budget, maybe_int(v, "token_budget", at));
  t.budget_tokens = budget.value_or(0);
  return {};
}

Result<void> read_stop(Value list, const Path& at, std::vector<Str>& out) {
  if (list.is_null()) return {};
  if (!list.is_array()) return at.wrong_type("an array of strings", list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list.at(i).is_string()) return Path(at, i).wrong_type("a string", list.at(i));
    out.push_back(list.at(i).as_string());
  }
  return {};
}

// Into the user's last message, where every format can say them.
Result<void> read_documents(Value list, const Path& at, Request& r) {
  if (list.is_null()) return {};
  if (!list.is_array()) return at.wrong_type("an array", list);
  std::vector<Block> documents;
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY_ASSIGN(Block b, read_document(list.at(i), Path(at, i), r.arena));
    documents.push_back(std::move(b));
  }
  const auto user = std::find_if(r.messages.rbegin(), r.messages.rend(),
                                 [](const Message& m) { return m.role == Role::user; });
  if (documents.empty()) return {};
  if (user == r.messages.rend()) return at.fail("need a message of the user's that they belong to");
  user->content.insert(user->content.begin(), std::make_move_iterator(documents.begin()),
                       std::make_move_iterator(documents.end()));
  return {};
}

}  // namespace

Result<Request> decode_request(std::string body) {
  Request r;
  r.text = std::make_unique<std::string>(std::move(body));
  r.format = kName;
  r.stream_usage = true;  // the format has no switch
  TRY_ASSIGN(const Value root, json::parse(*r.text, r.arena));
  const Path top;
  if (!root.is_object()) return top.wrong_type("an object", root);
  TRY_ASSIGN(r.model, need_string(root, "model", top));
  if (r.model.empty()) return Path(top, "model").fail("must be given: a string that names the model");
  TRY_ASSIGN(const auto stream, maybe_bool(root, "stream", top));
  r.stream = stream.value_or(false);
  const Value list = root["messages"];
  const Path messages_at(top, "messages");
  if (!list.is_array()) return messages_at.wrong_type("an array of messages", list);
  if (list.size() == 0) return messages_at.fail("must not be empty");
  MessageReader reader(r);
  for (std::size_t i = 0; i < list.size(); ++i) TRY(reader.message(list.at(i), Path(messages_at, i)));
  TRY(read_documents(root["documents"], Path(top, "documents"), r));
  TRY_ASSIGN(const auto strict, maybe_bool(root, "strict_tools", top));
  TRY(read_tools(root["tools"], Path(top, "tools"), strict.value_or(false), r));
  TRY_ASSIGN(const Str choice, maybe_string(root, "tool_choice", top));
  TRY(read_tool_choice(choice, Path(top, "tool_choice"), r));
  TRY(read_format(root["response_format"], Path(top, "response_format"), r.response_format));
  TRY(read_thinking(root["thinking"], Path(top, "thinking"), r.thinking));
  TRY(read_stop(root["stop_sequences"], Path(top, "stop_sequences"), r.stop));
  TRY_ASSIGN(r.max_tokens, maybe_int(root, "max_tokens", top));
  TRY_ASSIGN(r.temperature, maybe_double(root, "temperature", top));
  TRY_ASSIGN(r.top_p, maybe_double(root, "p", top));
  TRY_ASSIGN(r.top_k, maybe_int(root, "k", top));
  TRY_ASSIGN(r.seed, maybe_int(root, "seed", top));
  TRY_ASSIGN(r.frequency_penalty, maybe_double(root, "frequency_penalty", top));
  TRY_ASSIGN(r.presence_penalty, maybe_double(root, "presence_penalty", top));
  TRY_ASSIGN(r.logprobs, maybe_bool(root, "logprobs", top));
  r.extra = rest_of(root,
                    {"model", "messages", "stream", "documents", "tools", "strict_tools", "tool_choice",
                     "response_format", "thinking", "stop_sequences", "max_tokens", "temperature", "p", "k",
                     "seed", "frequency_penalty", "presence_penalty", "logprobs"},
                    r.arena);
  return r;
}

}  // namespace pb::llm::cohere
