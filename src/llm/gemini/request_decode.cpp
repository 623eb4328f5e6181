// Requests of Gemini's clients: the conversation. What is asked of the answer is read in config_decode.cpp.
#include <algorithm>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

// Reads the contents one after the other and gives calls and results their ids.
class Conversation {
 public:
  explicit Conversation(Request& r) : r_(r) {}

  Result<void> read(json::Value contents, const Path& at) {
    const auto list = as_list(contents);
    if (list.empty()) return at.fail(contents.is_null() ? "is required" : "must hold at least one content");
    r_.messages.reserve(r_.messages.size() + list.size());  // turn_ points into it
    for (std::size_t i = 0; i < list.size(); ++i) TRY(content(list[i], Path(at, i)));
    end_turn();
    return {};
  }

 private:
  struct Call {
    Str id, name;
    bool answered = false;
  };

  Result<void> content(json::Value v, const Path& at) {
    if (v.is_string()) return parts(Role::user, v, at);  // the SDK's shorthand
    if (!v.is_object()) return at.wrong_type("a content (an object)", v);
    TRY_ASSIGN(const Str name, get_string(v, "role", at));
    Role role = Role::user;
    if (name == "model")
      role = Role::assistant;
    else if (name == "function")
      role = Role::tool;
    else if (!name.empty() && name != "user")
      return Path(at, "role").fail("must be user, model or function");
    const json::Value list = get(v, "parts");
    TRY(parts(role, list, Path(at, "parts")));
    const json::Value rest = others(v, {"role", "parts"}, r_.arena);
    if (!rest.is_null()) r_.messages.back().extra = join(r_.messages.back().extra, rest, r_.arena);
    return {};
  }

  // Contents of the model that follow one another are one turn.
  Result<void> parts(Role role, const json::Value& value, const Path& at) {
    if (role != Role::assistant || !turn_) {
      end_turn();
      r_.messages.emplace_back().role = role;
    }
    Message& m = r_.messages.back();
    if (role == Role::assistant && !turn_) turn_.emplace(r_.arena, m.content, true);
    if (!value.is_null() && !value.is_array() && !value.is_object() && !value.is_string())
      return at.wrong_type("an array of parts", value);
    const auto list = as_list(value);
    if (m.content.empty()) m.content.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Path here(at, i);
      Block in_turn;  // added to the others of its turn when it is complete
      Block& b = role == Role::assistant ? in_turn : m.content.emplace_back();
      TRY(decode_part(list[i], here, r_.arena, b));
      if (b.kind == Kind::tool_call) call(b);
      if (b.kind == Kind::tool_result) TRY(result(b, here));
      if (role == Role::assistant) turn_->add(std::move(b));
    }
    return {};
  }

  void end_turn() {
    if (turn_) turn_->finish();
    turn_.reset();
  }

  void call(Block& b) {
    if (b.id.empty()) b.id = r_.arena.keep("call_g" + std::to_string(calls_.size()));
    calls_.push_back({b.id, b.name});
  }

  // By id, else the first call of that name which has no result yet.
  Result<void> result(Block& b, const Path& at) {
    for (std::size_t i = first_open_; i < calls_.size(); ++i) {
      Call& c = calls_[i];
      if (c.answered || (b.id.empty() ? c.name != b.name : c.id != b.id)) continue;
      c.answered = true;
      b.id = c.id;
      if (b.name.empty()) b.name = c.name;
      while (first_open_ < calls_.size() && calls_[first_open_].answered) ++first_open_;
      return {};
    }
    if (b.id.empty())
      return Path(at, "functionResponse").fail("answers no open call of `" + std::string(b.name) + "`");
    return {};
  }

  Request& r_;
  std::optional<TurnReader> turn_;
  std::vector<Call> calls_;
  std::size_t first_open_ = 0;  // calls before it have their results
};

Result<void> decode_system(json::Value body, const Path& root, Request& r) {
  const json::Value system = get(body, "systemInstruction");
  if (system.is_null()) return {};
  const Path at(root, "systemInstruction");
  if (!system.is_object() && !system.is_string() && !system.is_array())
    return at.wrong_type("a content (an object)", system);
  const json::Value wrapped = system.is_object() ? get(system, "parts") : system;
  const json::Value& parts = system.is_object() && wrapped.is_null() ? system : wrapped;  // a lone part
  Message m;
  m.role = Role::system;
  m.top_level = true;
  const auto list = as_list(parts);
  for (std::size_t i = 0; i < list.size(); ++i) {
    Block b;
    TRY(decode_part(list[i], Path(Path(at, "parts"), i), r.arena, b));
    if (b.kind == Kind::text && b.text.empty()) continue;
    m.content.push_back(std::move(b));
  }
  if (!m.content.empty()) r.messages.push_back(std::move(m));
  return {};
}

}  // namespace

Result<Request> decode_request(std::string text) {
  Request r;
  r.format = kName;
  r.stream_usage = true;
  r.text = std::make_unique<std::string>(std::move(text));
  TRY_ASSIGN(json::Value body, json::parse(*r.text, r.arena));
  const Path root;
  if (!body.is_object()) return root.wrong_type("a JSON object", body);
  const Path inner(root, "generateContentRequest");
  const Path* at = &root;
  if (const json::Value wrapped = get(body, "generateContentRequest"); wrapped.is_object()) {
    body = wrapped;  // what countTokens takes
    at = &inner;
  }
  TRY_ASSIGN(r.model, get_string(body, "model", *at));
  TRY(decode_system(body, *at, r));
  TRY(Conversation(r).read(get(body, "contents"), Path(*at, "contents")));
  std::vector<json::Member> extra;
  TRY(decode_tools(body, *at, r, extra));
  TRY(decode_config(body, *at, r, extra));
  const json::Value rest = others(body,
                                  {"model", "contents", "systemInstruction", "tools", "toolConfig",
                                   "generationConfig", "serviceTier", "store"},
                                  r.arena);
  extra.insert(extra.end(), rest.members().begin(), rest.members().end());
  if (!extra.empty()) r.extra = json::Value::object(r.arena, extra);
  return r;
}

}  // namespace pb::llm::gemini
