#include "llm/count.h"

#include "llm/tokens/models.h"

namespace pb::llm {

using tokens::Counter;
using tokens::Model;
using tokens::model_of;

std::int64_t count_text(Str text) {
  Counter counter(tokens::Encoding::o200k);
  counter.add(text);
  return counter.counts().total();
}

std::int64_t count_text(Str text, Str model) {
  const tokens::Family& family = *model_of(model).family;
  Counter counter(family.encoding);
  counter.add(text);
  return family.tokens(counter.counts());
}

Usage count_answer(const Response& response, Str model) {
  const tokens::Family& family = *model_of(model).family;
  Counter text(family.encoding), thinking(family.encoding);
  std::int64_t framing = 0;
  for (const Choice& choice : response.choices) {
    framing += family.frame.answer;
    for (const Block& b : choice.content) {
      (b.kind == Block::Kind::thinking ? thinking : text).add(b.text);
      if (b.kind != Block::Kind::tool_call) continue;
      framing += family.frame.called;
      text.add(b.name);
      text.add(b.arguments);
    }
  }
  Usage usage;
  usage.reasoning = family.tokens(thinking.counts());
  usage.output = family.tokens(text.counts()) + usage.reasoning + framing;
  usage.known = true;
  return usage;
}

AnswerCount::AnswerCount(Str model)
    : model_(model_of(model)), text_(model_.family->encoding), thinking_(model_.family->encoding) {}

void AnswerCount::add(const Event& event) {
  using Kind = Event::Kind;
  switch (event.kind) {
    case Kind::block_start:
      text_.append(event.block.text);
      if (event.block.kind != Block::Kind::tool_call) return;
      ++calls_;
      text_.append(event.block.name);
      return text_.append(event.block.arguments);
    case Kind::text_delta:
    case Kind::arguments_delta:
    case Kind::refusal_delta:
      return text_.append(event.text);
    case Kind::thinking_delta:
      return thinking_.append(event.text);
    case Kind::block_stop:  // what follows is another text
      text_.cut();
      return thinking_.cut();
    default:
      return;
  }
}

Usage AnswerCount::usage() const {
  const tokens::Family& family = *model_.family;
  Usage usage;
  usage.reasoning = family.tokens(thinking_.counts());
  usage.output =
      family.tokens(text_.counts()) + usage.reasoning + calls_ * family.frame.called + family.frame.answer;
  usage.known = true;
  return usage;
}

}  // namespace pb::llm
