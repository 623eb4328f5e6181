// What is done to an answer once its content stands: cut to the request's limits, counted, given log probabilities. Pure.
#pragma once
#include "llm/chat.h"
#include "sim/names.h"

namespace pb::sim {

// Applies stop sequences, "sim-max-tokens" and max_tokens to the last block, when it is a text. The stop sequence is a
// view into the request.
void limit_answer(const llm::Request& request, const Behaviour& behaviour, llm::Choice& choice);

// Tokens as llm/count.h counts them; what the request's cache marks cover is read from the cache or written to it.
llm::Usage count_usage(const llm::Request& request, const Behaviour& behaviour, const llm::Choice& choice,
                       bool cache_hit);

// OpenAI's shape, one entry for each piece of the texts; every token is certain.
json::Value logprobs_of(const llm::Choice& choice, json::Arena& arena);

}  // namespace pb::sim
