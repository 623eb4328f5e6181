// Probabilities of tokens, in the shapes of both of OpenAI's formats.
#include "base/utf8.h"
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {

using json::Value;

Value read_logprobs(Value legacy, json::Arena& arena) {
  const auto tokens = legacy["tokens"].items();
  if (tokens.empty()) return {};
  const auto values = legacy["token_logprobs"].items();
  const auto tops = legacy["top_logprobs"].items();
  std::vector<Value> out;
  out.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<Value> best;
    if (i < tops.size())
      for (const json::Member& m : tops[i].members()) {
        const json::Member members[] = {
            {"token", Value::string(m.key)}, {"logprob", m.value}, {"bytes", Value()}};
        best.push_back(Value::object(arena, members));
      }
    const json::Member members[] = {{"token", tokens[i]},
                                    {"logprob", i < values.size() ? values[i] : Value()},
                                    {"bytes", Value()},
                                    {"top_logprobs", Value::array(arena, best)}};
    out.push_back(Value::object(arena, members));
  }
  const json::Member members[] = {{"content", Value::array(arena, out)}, {"refusal", Value()}};
  return Value::object(arena, members);
}

void write_logprobs(json::Writer& w, Value chat, std::int64_t offset) {
  const auto tokens = chat["content"].items();
  if (tokens.empty()) return w.null();
  w.begin_object();
  w.key("tokens");
  w.begin_array();
  for (const Value& t : tokens) w.string(t["token"].as_string());
  w.end_array();
  w.key("token_logprobs");
  w.begin_array();
  for (const Value& t : tokens) w.write(t["logprob"]);
  w.end_array();
  w.key("top_logprobs");
  w.begin_array();
  for (const Value& t : tokens) {
    w.begin_object();
    for (const Value& best : t["top_logprobs"].items()) w.field(best["token"].as_string(), best["logprob"]);
    w.end_object();
  }
  w.end_array();
  w.key("text_offset");
  w.begin_array();
  for (const Value& t : tokens) {
    w.integer(offset);
    offset += utf8::characters(t["token"].as_string());
  }
  w.end_array();
  w.end_object();
}

}  // namespace pb::llm::openai_completions
