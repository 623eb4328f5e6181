// The messages of a client's request.
#include <algorithm>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;
using Kind = Block::Kind;

struct RoleRow {
  std::string_view name;
  Role role;
};
constexpr RoleRow kRoles[] = {{"user", Role::user},           {"assistant", Role::assistant},
                              {"tool", Role::tool},           {"system", Role::system},
                              {"developer", Role::developer}, {"function", Role::tool}};

constexpr std::string_view kKnownMembers[] = {
    "role",         "content",       "name",      "refusal",           "tool_calls",
    "tool_call_id", "function_call", "reasoning", "reasoning_content", "reasoning_details"};

class MessageReader {
 public:
  MessageReader(Request& r) : r_(r), arena_(r.arena) {}

  Result<void> message(Value m, const Path& at) {
    if (!m.is_object()) return at.wrong_type("an object", m);
    Value role = m["role"];
    if (!role.is_string()) return Path(at, "role").wrong_type("a string", role);
    const RoleRow* row = std::find_if(std::begin(kRoles), std::end(kRoles),
                                      [&](const RoleRow& x) { return x.name == role.as_string(); });
    if (row == std::end(kRoles))
      return Path(at, "role").fail("must be one of system, developer, user, assistant, tool and function");
    Message out;
    out.role = row->role;
    out.extra = unknown_members(m, kKnownMembers, arena_);
    if (Value name = m["name"]; !name.is_null()) {
      if (!name.is_string()) return Path(at, "name").wrong_type("a string", name);
      out.name = name.as_string();
    }
    if (row->name == "tool")
      TRY(tool(m, at, out));
    else if (row->name == "function")
      TRY(function(m, at, out));
    else if (out.role == Role::assistant)
      TRY(assistant(m, at, out));
    else
      TRY(content(m["content"], Path(at, "content"), r_.format != kName, out.content));
    r_.messages.push_back(std::move(out));
    return {};
  }

 private:
  Result<void> content(Value c, const Path& at, bool may_be_null, std::vector<Block>& out) {
    if (c.is_string()) {
      out.emplace_back().text = c.as_string();
      return {};
    }
    if (c.is_null() && may_be_null) return {};
    if (!c.is_array()) return at.wrong_type("a string or an array of content parts", c);
    out.reserve(out.size() + c.size());
    for (std::size_t i = 0; i < c.size(); ++i)
      TRY(read_part(c.at(i), Path(at, i), r_.format, arena_, out.emplace_back()));
    return {};
  }

  Result<void> assistant(Value m, const Path& at, Message& out) {
    read_reasoning(m, arena_, out.content);
    TRY(content(m["content"], Path(at, "content"), true, out.content));
    drop_empty_text(out.content);
    if (Value refusal = m["refusal"]; !refusal.is_null()) {
      if (!refusal.is_string()) return Path(at, "refusal").wrong_type("a string", refusal);
      Block b;
      b.kind = Kind::refusal;
      b.text = refusal.as_string();
      if (!b.text.empty()) out.content.push_back(std::move(b));
    }
    Path calls_at(at, "tool_calls");
    Value calls = m["tool_calls"];
    if (!calls.is_null() && !calls.is_array()) return calls_at.wrong_type("an array", calls);
    for (std::size_t i = 0; i < calls.size(); ++i) TRY(tool_call(calls.at(i), Path(calls_at, i), i, out));
    if (Value f = m["function_call"]; !f.is_null()) TRY(function_call(f, Path(at, "function_call"), out));
    restore_packed(out.content, arena_);
    return {};
  }

  // A call often comes with content "": nothing was said.
  static void drop_empty_text(std::vector<Block>& blocks) {
    std::erase_if(blocks,
                  [](const Block& b) { return b.kind == Kind::text && b.text.empty() && !b.cache.on; });
  }

  Str made_up_id(std::size_t i) {
    return arena_.keep("call_" + std::to_string(r_.messages.size()) + "_" + std::to_string(i));
  }

  Result<void> tool_call(Value c, const Path& at, std::size_t i, Message& out) {
    static constexpr std::string_view kKnown[] = {"id",     "type",  "function",
                                                  "custom", "index", "extra_content"};
    if (!c.is_object()) return at.wrong_type("an object", c);
    Block b;
    b.kind = Kind::tool_call;
    if (Value id = c["id"]; !id.is_null() && !id.is_string())
      return Path(at, "id").wrong_type("a string", id);
    b.id = c["id"].as_string();
    if (b.id.empty() || b.id == "null") b.id = made_up_id(i);
    b.custom = c["type"].as_string() == "custom";
    std::string_view key = b.custom ? "custom" : "function";
    Path inner(at, key);
    Value f = c[key];
    if (!f.is_object()) return inner.wrong_type("an object", f);
    TRY(required_string(f, "name", inner, b.name));
    if (b.custom) {
      TRY(required_string(f, "input", inner, b.text));
    } else {
      Value arguments = f["arguments"];
      if (!arguments.is_null() && !arguments.is_string() && !arguments.is_object())
        return Path(inner, "arguments").wrong_type("a string of JSON", arguments);
      b.arguments = json_arguments(arguments, arena_);
    }
    b.signature = c["extra_content"]["google"]["thought_signature"].as_string();
    if (!b.signature.empty()) b.format = "gemini";
    b.extra = unknown_members(c, kKnown, arena_);
    if (b.extra.is_object() && b.format.empty()) b.format = r_.format;
    out.content.push_back(std::move(b));
    return {};
  }

  // The older single call: it has no id, so one is made up that its result, the next `function` message, shares.
  Result<void> function_call(Value f, const Path& at, Message& out) {
    if (!f.is_object()) return at.wrong_type("an object", f);
    Block b;
    b.kind = Kind::tool_call;
    TRY(required_string(f, "name", at, b.name));
    b.arguments = json_arguments(f["arguments"], arena_);
    b.id = function_id_ = made_up_id(0);
    out.content.push_back(std::move(b));
    return {};
  }

  Result<void> tool(Value m, const Path& at, Message& out) {
    Value id = m["tool_call_id"];
    if (!id.is_null() && !id.is_string()) return Path(at, "tool_call_id").wrong_type("a string", id);
    Str call = id.as_string();
    if (call.empty() && r_.format != kName) call = unanswered_call();
    if (call.empty())
      return Path(at, "tool_call_id").fail("must be the id of the call that this is the result of");
    return result(m, call, at, out);
  }

  // Relatives of the format let results without ids answer their calls in order.
  Str unanswered_call() const {
    std::size_t results = 0;
    for (auto m = r_.messages.rbegin(); m != r_.messages.rend(); ++m) {
      if (m->role == Role::tool) ++results;
      if (m->role != Role::assistant) continue;
      for (const Block& b : m->content)
        if (b.kind == Kind::tool_call && results-- == 0) return b.id;
      return {};
    }
    return {};
  }

  Result<void> function(Value m, const Path& at, Message& out) {
    if (out.name.empty()) return Path(at, "name").fail("must be the name of the function");
    if (function_id_.empty()) return at.fail("is a function's result, but no function was called before it");
    TRY(result(m, function_id_, at, out));
    out.name = {};
    return {};
  }

  Result<void> result(Value m, Str id, const Path& at, Message& out) {
    Block b;
    b.kind = Kind::tool_result;
    b.id = id;
    TRY(content(m["content"], Path(at, "content"), true, b.content));
    out.content.push_back(std::move(b));
    return {};
  }

  static Result<void> required_string(Value object, std::string_view key, const Path& at, Str& to) {
    Value v = object[key];
    if (!v.is_string()) return Path(at, key).wrong_type("a string", v);
    to = v.as_string();
    return {};
  }

  Request& r_;
  json::Arena& arena_;
  Str function_id_;
};

}  // namespace

Result<void> decode_messages(Value list, const Path& at, Request& r) {
  if (!list.is_array()) return at.wrong_type("an array of messages", list);
  if (list.size() == 0) return at.fail("must not be empty");
  r.messages.reserve(list.size());
  MessageReader reader(r);
  for (std::size_t i = 0; i < list.size(); ++i) TRY(reader.message(list.at(i), Path(at, i)));
  return {};
}

}  // namespace pb::llm::openai_chat
