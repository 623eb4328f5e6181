// A client's request: everything but its input and its tools.
#include <algorithm>

#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;

// Members of `extra`: those of the request that have no place in the conversation, and those of its objects as "reasoning.x".
class Extra {
 public:
  explicit Extra(json::Arena& arena) : arena_(arena) {}
  void add(Str name, Value v) { members_.push_back({name, v}); }
  void rest(Str prefix, Value object, std::initializer_list<Str> known) {
    for (const json::Member& m : rest_of(object, known, arena_).members())
      if (!m.value.is_null()) add(arena_.copy(std::string(prefix).append(".").append(m.key)), m.value);
  }
  Value value() { return members_.empty() ? Value() : Value::object(arena_, members_); }

 private:
  json::Arena& arena_;
  std::vector<json::Member> members_;
};

struct Reader {
  Request& r;
  Extra extra;
  Path top;

  explicit Reader(Request& request) : r(request), extra(request.arena) {}

  Result<void> instructions(Value v) {
    const Path at(top, "instructions");
    if (v.is_null()) return {};
    if (!v.is_string()) return at.wrong_type("a string", v);
    Message m;
    m.role = Role::system;
    m.top_level = true;
    m.content.emplace_back().text = v.as_string();
    r.messages.push_back(std::move(m));
    return {};
  }

  Result<void> text(Value v) {
    if (v.is_null()) return {};
    const Path at(top, "text");
    if (!v.is_object()) return at.wrong_type("an object", v);
    TRY_ASSIGN(r.verbosity, maybe_string(v, "verbosity", at));
    if (const Value f = v["format"]; !f.is_null()) TRY(decode_text_format(f, Path(at, "format"), r));
    extra.rest("text", v, {"verbosity", "format"});
    return {};
  }

  Result<void> reasoning(Value v) {
    if (v.is_null()) return {};
    const Path at(top, "reasoning");
    if (!v.is_object()) return at.wrong_type("an object", v);
    TRY_ASSIGN(r.effort, maybe_string(v, "effort", at));
    TRY_ASSIGN(r.thinking.summary, maybe_string(v, "summary", at));
    TRY_ASSIGN(const Str older, maybe_string(v, "generate_summary", at));
    if (r.thinking.summary.empty()) r.thinking.summary = older;
    extra.rest("reasoning", v, {"effort", "summary", "generate_summary"});
    return {};
  }

  // Encrypted reasoning is always asked for and given; logprobs have their own place.
  Result<void> include(Value v) {
    if (v.is_null()) return {};
    const Path at(top, "include");
    if (!v.is_array()) return at.wrong_type("an array", v);
    std::vector<Value> rest;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const Value word = v.at(i);
      if (!word.is_string()) return Path(at, i).wrong_type("a string", word);
      if (word.as_string() == kLogprobs)
        r.logprobs = true;
      else if (word.as_string() != kEncrypted)
        rest.push_back(word);
    }
    if (!rest.empty()) extra.add("include", Value::array(r.arena, rest));
    return {};
  }

  Result<void> user(Value root) {
    TRY_ASSIGN(const Str newer, maybe_string(root, "safety_identifier", top));
    TRY_ASSIGN(r.user, maybe_string(root, "user", top));
    if (newer.empty()) return {};
    if (!r.user.empty()) extra.add("user", root["user"]);
    r.user = newer;
    return {};
  }

  Result<void> numbers(Value root) {
    TRY_ASSIGN(r.max_tokens, maybe_int(root, "max_output_tokens", top));
    TRY_ASSIGN(r.temperature, maybe_double(root, "temperature", top));
    TRY_ASSIGN(r.top_p, maybe_double(root, "top_p", top));
    TRY_ASSIGN(r.top_logprobs, maybe_int(root, "top_logprobs", top));
    if (r.top_logprobs.value_or(0) > 0) r.logprobs = true;
    TRY_ASSIGN(r.parallel_tool_calls, maybe_bool(root, "parallel_tool_calls", top));
    TRY_ASSIGN(r.store, maybe_bool(root, "store", top));
    TRY_ASSIGN(const std::optional<bool> stream, maybe_bool(root, "stream", top));
    r.stream = stream.value_or(false);
    r.stream_usage = true;  // a stream's last event always has it
    return {};
  }

  Result<void> strings(Value root) {
    TRY_ASSIGN(r.model, maybe_string(root, "model", top));
    TRY_ASSIGN(r.service_tier, maybe_string(root, "service_tier", top));
    TRY_ASSIGN(r.prompt_cache_key, maybe_string(root, "prompt_cache_key", top));
    TRY_ASSIGN(r.previous_response_id, maybe_string(root, "previous_response_id", top));
    TRY(user(root));
    if (const Value m = root["metadata"]; !m.is_null()) {
      if (!m.is_object()) return Path(top, "metadata").wrong_type("an object", m);
      r.metadata = m;
    }
    return {};
  }

  // What is left; values that only say the default are not worth a word.
  void others(Value root) {
    static constexpr Str kKnown[] = {"model",
                                     "input",
                                     "instructions",
                                     "tools",
                                     "tool_choice",
                                     "text",
                                     "reasoning",
                                     "include",
                                     "user",
                                     "safety_identifier",
                                     "stream",
                                     "max_output_tokens",
                                     "temperature",
                                     "top_p",
                                     "top_logprobs",
                                     "metadata",
                                     "store",
                                     "parallel_tool_calls",
                                     "service_tier",
                                     "prompt_cache_key",
                                     "previous_response_id"};
    for (const json::Member& m : root.members()) {
      if (m.value.is_null() || std::find(std::begin(kKnown), std::end(kKnown), m.key) != std::end(kKnown))
        continue;
      if (m.key == "background" && m.value.is_bool() && !m.value.as_bool()) continue;
      if (m.key == "truncation" && m.value.as_string() == "disabled") continue;
      extra.add(m.key, m.value);
    }
  }

  Result<void> read(Value root) {
    if (!root.is_object()) return top.wrong_type("an object", root);
    TRY(strings(root));
    TRY(numbers(root));
    TRY(text(root["text"]));
    TRY(reasoning(root["reasoning"]));
    TRY(include(root["include"]));
    others(root);
    r.extra = extra.value();
    if (const Value t = root["tools"]; !t.is_null()) TRY(decode_tools(t, Path(top, "tools"), r));
    if (const Value c = root["tool_choice"]; !c.is_null())
      TRY(decode_tool_choice(c, Path(top, "tool_choice"), r));
    TRY(instructions(root["instructions"]));
    return decode_input(root["input"], Path(top, "input"), r);
  }
};

}  // namespace

Result<void> decode_text_format(Value v, const Path& at, Request& r) {
  if (!v.is_object()) return at.wrong_type("an object", v);
  TRY_ASSIGN(const Str type, need_string(v, "type", at));
  ResponseFormat f;
  if (type == "text") {
    f.kind = ResponseFormat::Kind::text;
  } else if (type == "json_object") {
    f.kind = ResponseFormat::Kind::json_object;
  } else if (type == "json_schema") {
    f.kind = ResponseFormat::Kind::json_schema;
    TRY_ASSIGN(f.name, maybe_string(v, "name", at));
    TRY_ASSIGN(f.description, maybe_string(v, "description", at));
    TRY_ASSIGN(f.strict, maybe_bool(v, "strict", at));
    f.schema = v["schema"];
    if (!f.schema.is_object()) return Path(at, "schema").wrong_type("an object", f.schema);
  } else {
    return Path(at, "type").fail("must be \"text\", \"json_object\" or \"json_schema\"");
  }
  r.response_format = f;
  return {};
}

Result<Request> decode_request(std::string body) {
  Request r;
  r.text = std::make_unique<std::string>(std::move(body));
  r.format = kName;
  TRY_ASSIGN(const Value root, json::parse(*r.text, r.arena));
  TRY(Reader(r).read(root));
  return r;
}

}  // namespace pb::llm::openai_responses
