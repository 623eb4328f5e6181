#include "sim/prompts.h"

#include "llm/openai_completions/completions.h"

namespace pb::sim {
namespace {

// What a choice holds, for as long as `arena` lives.
llm::Choice copy_of(const llm::Choice& from, json::Arena& arena) {
  llm::Choice c = from;
  for (llm::Block& b : c.content)
    for (llm::Str* text : {&b.text, &b.signature, &b.data}) *text = arena.copy(*text);
  c.stop_sequence = arena.copy(c.stop_sequence);
  if (!c.logprobs.is_null())
    if (auto again = json::parse(json::to_text(c.logprobs, arena), arena)) c.logprobs = *again;
  return c;
}

void append(llm::Response& to, const llm::Response& from) {
  for (const llm::Choice& c : from.choices) to.choices.push_back(copy_of(c, to.arena));
  to.usage.input += from.usage.input;
  to.usage.output += from.usage.output;
  to.usage.reasoning += from.usage.reasoning;
}

}  // namespace

Plan plan_prompts(llm::Request& request, const Behaviour& behaviour, const Reply& reply, const Facts& facts) {
  if (request.format != llm::openai_completions::kName) return make_plan(request, behaviour, reply, facts);
  std::vector<llm::Message> prompts = std::move(request.messages);
  Plan all;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    request.messages.assign(1, prompts[i]);
    Plan one = make_plan(request, behaviour, reply, facts);
    if (i == 0)
      all = std::move(one);
    else
      append(all.response, one.response);
    if (all.error) break;
  }
  request.messages = std::move(prompts);
  all.response.format = {};  // nobody has put the prompt before the text yet
  return all;
}

}  // namespace pb::sim
