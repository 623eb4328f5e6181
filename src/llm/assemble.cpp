#include "llm/assemble.h"

#include <algorithm>
#include <utility>

namespace pb::llm {
namespace {

using Kind = Event::Kind;

}  // namespace

json::Value Assembler::copy(json::Value value) {
  if (value.is_null()) return value;
  json::Arena& arena = response_.arena;
  const auto parsed = json::parse(json::to_text(value, arena), arena);
  return parsed ? *parsed : json::Value();
}

Block Assembler::copy(const Block& from) {
  Block b = from;
  for (Str* text : {&b.text, &b.id, &b.name, &b.arguments, &b.media_type, &b.data, &b.url, &b.file_id,
                    &b.detail, &b.signature, &b.format, &b.item_id, &b.name_space, &b.cache.ttl})
    *text = response_.arena.copy(*text);
  b.citations = copy(b.citations);
  b.raw = copy(b.raw);
  b.extra = copy(b.extra);
  for (Block& inner : b.content) inner = copy(inner);
  return b;
}

Assembler::Part& Assembler::part(const Event& event) { return choices_[event.choice].parts[event.index]; }

void Assembler::logprobs(const Event& event) {
  Made& made = choices_[event.choice];
  for (const json::Value& v : event.value["content"].items()) made.logprobs.push_back(copy(v));
  for (const json::Value& v : event.value["refusal"].items()) made.refusal_logprobs.push_back(copy(v));
}

void Assembler::add(const Event& e) {
  json::Arena& arena = response_.arena;
  if (e.usage.known) response_.usage.merge(e.usage);
  switch (e.kind) {
    case Kind::start:
      response_.id = arena.copy(e.id);
      response_.model = arena.copy(e.model);
      response_.created = e.created;
      response_.format = arena.copy(e.format);
      break;
    case Kind::block_start: {
      Part& p = part(e);
      p.block = copy(e.block);
      p.text = e.block.text;
      p.arguments = e.block.arguments;
      p.signature = e.block.signature;
      break;
    }
    case Kind::text_delta:
    case Kind::thinking_delta:
    case Kind::refusal_delta:
      part(e).text += e.text;
      break;
    case Kind::signature_delta:
      part(e).signature += e.text;
      break;
    case Kind::arguments_delta:
      part(e).arguments += e.text;
      break;
    case Kind::citation: {
      Part& p = part(e);
      p.citations.push_back(copy(e.value));
      if (!e.format.empty()) p.block.format = arena.copy(e.format);
      break;
    }
    case Kind::logprobs:
      logprobs(e);
      break;
    case Kind::stop: {
      Choice& c = choices_[e.choice].choice;
      c.stop = e.stop;
      c.stop_sequence = arena.copy(e.stop_sequence);
      break;
    }
    case Kind::error:
      if (!error_) error_ = e.error;
      break;
    case Kind::end:
      ended_ = true;
      break;
    case Kind::block_stop:
    case Kind::usage:
    case Kind::ping:
      break;
  }
  if (!e.service_tier.empty()) response_.service_tier = arena.copy(e.service_tier);
  if (!e.system_fingerprint.empty()) response_.system_fingerprint = arena.copy(e.system_fingerprint);
}

void Assembler::finish(Part& p) {
  json::Arena& arena = response_.arena;
  Block& b = p.block;
  if (b.kind == Block::Kind::tool_call && b.custom && p.text.empty()) std::swap(p.text, p.arguments);
  b.text = arena.copy(p.text);
  b.arguments = arena.copy(p.arguments);
  b.signature = arena.copy(p.signature);
  if (!p.citations.empty()) b.citations = json::Value::array(arena, p.citations);
}

Response Assembler::take() {
  json::Arena& arena = response_.arena;
  for (auto& [number, made] : choices_) {
    Choice& choice = response_.choices.emplace_back(std::move(made.choice));
    for (auto& [index, p] : made.parts) {
      finish(p);
      choice.content.push_back(std::move(p.block));
    }
    if (made.logprobs.empty() && made.refusal_logprobs.empty()) continue;
    const auto list = [&](const std::vector<json::Value>& items) {
      return items.empty() ? json::Value() : json::Value::array(arena, items);
    };
    const json::Member members[] = {{"content", list(made.logprobs)},
                                    {"refusal", list(made.refusal_logprobs)}};
    choice.logprobs = json::Value::object(arena, members);
  }
  return std::move(response_);
}

namespace {

class Splitter {
 public:
  explicit Splitter(std::vector<Event>& out) : out_(out) {}

  Event& add(Kind kind, int choice = 0, int index = 0) {
    Event& e = out_.emplace_back();
    e.kind = kind;
    e.choice = choice;
    e.index = index;
    return e;
  }

  void block(int choice, int index, const Block& b) {
    Event& start = add(Kind::block_start, choice, index);
    start.block = b;
    const auto piece = [&](Kind kind, Str text) {
      if (!text.empty()) add(kind, choice, index).text = text;
    };
    switch (b.kind) {
      case Block::Kind::text:
        start.block.text = start.block.signature = {};
        start.block.citations = {};
        piece(Kind::text_delta, b.text);
        for (const json::Value& c : b.citations.items()) {
          Event& e = add(Kind::citation, choice, index);
          e.value = c;
          e.format = b.format;
        }
        piece(Kind::signature_delta, b.signature);
        break;
      case Block::Kind::thinking:
        start.block.text = start.block.signature = {};
        piece(Kind::thinking_delta, b.text);
        piece(Kind::signature_delta, b.signature);
        break;
      case Block::Kind::refusal:
        start.block.text = {};
        piece(Kind::refusal_delta, b.text);
        break;
      case Block::Kind::tool_call:
        start.block.text = start.block.arguments = {};
        piece(Kind::arguments_delta, b.custom ? b.text : b.arguments);
        break;
      default:  // whole
        break;
    }
    add(Kind::block_stop, choice, index);
  }

 private:
  std::vector<Event>& out_;
};

}  // namespace

std::vector<Event> events_of(const Response& response) {
  std::vector<Event> events;
  Splitter splitter(events);
  Event& start = splitter.add(Kind::start);
  start.id = response.id;
  start.model = response.model;
  start.created = response.created;
  start.format = response.format;
  start.service_tier = response.service_tier;
  start.system_fingerprint = response.system_fingerprint;
  start.usage = response.usage;
  start.usage.output = start.usage.reasoning = 0;
  for (std::size_t c = 0; c < response.choices.size(); ++c) {
    const Choice& choice = response.choices[c];
    const int number = static_cast<int>(c);
    for (std::size_t i = 0; i < choice.content.size(); ++i)
      splitter.block(number, static_cast<int>(i), choice.content[i]);
    if (!choice.logprobs.is_null()) splitter.add(Kind::logprobs, number).value = choice.logprobs;
    Event& stop = splitter.add(Kind::stop, number);
    stop.stop = choice.stop;
    stop.stop_sequence = choice.stop_sequence;
  }
  if (response.usage.known) splitter.add(Kind::usage).usage = response.usage;
  splitter.add(Kind::end);
  return events;
}

}  // namespace pb::llm
