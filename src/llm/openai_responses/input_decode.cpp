// A request's input: items become messages, those of one turn of the model one message.
#include <algorithm>

#include "llm/carry.h"
#include "llm/custom_tools.h"
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using Kind = Block::Kind;

// Asked of a model whose provider has no compaction of its own.
constexpr Str kCompactionRequest =
    "Write a summary of this conversation for the model that will continue it, and nothing else. It replaces "
    "everything said so "
    "far, so keep what the work depends on: the user's goals and wishes, decisions and their reasons, the "
    "state of the work, "
    "names of files and values that matter, and what is still to be done.";
constexpr Str kCompactionIntro = "Summary of the conversation so far:\n\n";

// Items that the client makes, besides messages; all others are the model's.
constexpr Str kClientItems[] = {"computer_call_output",    "local_shell_call_output", "shell_call_output",
                                "apply_patch_call_output", "mcp_approval_response",   "tool_search_output",
                                "program_output",          "item_reference"};

class InputReader {
 public:
  explicit InputReader(Request& r) : r_(r) {}

  Result<void> item(Value v, const Path& at) {
    if (!v.is_object()) return at.wrong_type("an item (an object)", v);
    TRY_ASSIGN(Str type, maybe_string(v, "type", at));
    if (type.empty() && v.has("role")) type = "message";
    if (type.empty()) return Path(at, "type").fail("is required");
    if (type == "message") return message(v, at);
    if (type == "function_call_output" || type == "custom_tool_call_output") return result(v, type, at);
    if (type == "tool_search_output" && v["execution"].as_string() == "client") return found(v, at);
    if (type == "additional_tools") return decode_tools(v["tools"], Path(at, "tools"), r_);
    if (type == "configuration_update") return update(v, at);
    if (type == "compaction_trigger") return trigger(v);
    if (type == "compaction" && is_packed(v["encrypted_content"].as_string())) return compaction(v);
    if (std::find(std::begin(kClientItems), std::end(kClientItems), type) != std::end(kClientItems)) {
      Block b;
      b.kind = Kind::opaque;
      b.raw = v;
      b.format = kName;
      add(Role::user, std::move(b));
      return {};
    }
    Message& turn = assistant();
    return decode_output_item(v, type, at, r_.arena, turn.content);
  }

  // Reasoning that was packed for this client comes out once the turns are whole.
  void finish() {
    for (Message& m : r_.messages)
      if (m.role == Role::assistant) restore_packed(m.content, r_.arena);
  }

 private:
  Message& assistant() {
    if (r_.messages.empty() || r_.messages.back().role != Role::assistant)
      r_.messages.emplace_back().role = Role::assistant;
    return r_.messages.back();
  }

  void add(Role role, Block b) {
    Message& m = r_.messages.emplace_back();
    m.role = role;
    m.content.push_back(std::move(b));
  }

  Result<void> message(Value v, const Path& at) {
    TRY_ASSIGN(const Str role, need_string(v, "role", at));
    if (role == "assistant") return decode_output_item(v, "message", at, r_.arena, assistant().content);
    Message m;
    if (role == "system")
      m.role = Role::system;
    else if (role == "developer")
      m.role = Role::developer;
    else if (role != "user")
      return Path(at, "role").fail("must be one of user, assistant, system and developer");
    TRY(decode_parts(v["content"], Path(at, "content"), r_.arena, m.content));
    m.extra = rest_of(v, {"type", "role", "content", "id", "status"}, r_.arena);
    r_.messages.push_back(std::move(m));
    return {};
  }

  Result<void> result(Value v, Str type, const Path& at) {
    Block b;
    b.kind = Kind::tool_result;
    b.custom = type == "custom_tool_call_output";
    b.format = kName;
    TRY_ASSIGN(b.id, need_string(v, "call_id", at));
    if (b.id.empty())
      return Path(at, "call_id").fail("must be the id of the call that this is the result of");
    TRY_ASSIGN(b.item_id, maybe_string(v, "id", at));
    TRY(decode_parts(v["output"], Path(at, "output"), r_.arena, b.content));
    if (v["status"].as_string("completed") == "completed")
      b.extra = rest_of(v, {"type", "id", "call_id", "output", "status"}, r_.arena);
    else
      b.extra = rest_of(v, {"type", "id", "call_id", "output"}, r_.arena);
    add(Role::tool, std::move(b));
    return {};
  }

  // The tools that a client-side search found can be called from now on; its result says which they are.
  Result<void> found(Value v, const Path& at) {
    Block b;
    b.kind = Kind::tool_result;
    b.format = kName;
    b.raw = v;
    TRY_ASSIGN(b.id, need_string(v, "call_id", at));
    const std::size_t first = r_.tools.size();
    TRY(decode_found_tools(v["tools"], Path(at, "tools"), r_));
    std::string names;
    for (std::size_t i = first; i < r_.tools.size(); ++i)
      names.append(names.empty() ? "Tools that can be called now: " : ", ").append(r_.tools[i].name);
    drop_known(first);
    Block text;
    text.text = names.empty() ? Str("No tools were found.") : r_.arena.keep(std::move(names));
    b.content.push_back(std::move(text));
    add(Role::tool, std::move(b));
    return {};
  }

  // A tool may be found more than once.
  void drop_known(std::size_t first) {
    for (std::size_t i = r_.tools.size(); i-- > first;)
      for (std::size_t j = 0; j < i; ++j)
        if (!r_.tools[i].name.empty() && r_.tools[j].name == r_.tools[i].name) {
          r_.tools.erase(r_.tools.begin() + static_cast<std::ptrdiff_t>(i));
          break;
        }
  }

  // Holds for the answer to come, so the last one counts.
  Result<void> update(Value v, const Path& at) {
    const Path reasoning(at, "reasoning"), text(at, "text");
    if (const Value f = v["text"]["format"]; !f.is_null())
      TRY(decode_text_format(f, Path(text, "format"), r_));
    TRY_ASSIGN(const Str effort, maybe_string(v["reasoning"], "effort", reasoning));
    if (!effort.empty()) r_.effort = effort;
    return {};
  }

  Result<void> trigger(Value v) {
    Block b;
    b.text = kCompactionRequest;
    b.raw = v;
    b.format = kName;
    add(Role::user, std::move(b));
    return {};
  }

  Result<void> compaction(Value v) {
    Block b;
    std::string text(kCompactionIntro);
    if (const auto inner = unpack(v["encrypted_content"].as_string(), r_.arena))
      for (const Block& i : *inner) text += i.text;
    b.text = r_.arena.keep(std::move(text));
    add(Role::user, std::move(b));
    return {};
  }

  Request& r_;
};

}  // namespace

Result<void> decode_input(Value input, const Path& at, Request& r) {
  if (input.is_string()) {
    Message& m = r.messages.emplace_back();
    m.content.emplace_back().text = input.as_string();
    return {};
  }
  if (input.is_null()) {  // a prompt template or a stored conversation may say it all
    if (r.extra.has("prompt") || r.extra.has("conversation") || !r.previous_response_id.empty()) return {};
    return at.fail("is required");
  }
  if (!input.is_array()) return at.wrong_type("a string or an array of items", input);
  r.messages.reserve(r.messages.size() + input.size());
  InputReader reader(r);
  for (std::size_t i = 0; i < input.size(); ++i) TRY(reader.item(input.at(i), Path(at, i)));
  reader.finish();
  return {};
}

}  // namespace pb::llm::openai_responses
