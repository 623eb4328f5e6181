#include "llm/openai_responses/slots.h"

#include <algorithm>

namespace pb::llm::openai_responses {
namespace {

using Kind = Block::Kind;
using Out = std::vector<Event>;

}  // namespace

bool Slots::has_call(Str id) const {
  return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.id == id; });
}

Slot* Slots::find(std::int64_t item, std::int64_t part) {
  for (auto s = slots_.rbegin(); s != slots_.rend(); ++s)
    if (s->item == item && s->part == part) return &*s;
  return nullptr;
}

Slot& Slots::add(std::int64_t item, std::int64_t part, Kind kind, Out& out) {
  for (std::size_t i = live_; i < slots_.size(); ++i)
    if (slots_[i].kind == Kind::text || slots_[i].kind == Kind::refusal) slots_[i].done = true;
  advance(out);
  Slot& s = slots_.emplace_back();
  s.item = item;
  s.part = part;
  s.kind = kind;
  return s;
}

Event& Slots::push(Event::Kind kind, Out& out) const {
  Event& e = out.emplace_back();
  e.kind = kind;
  e.index = static_cast<int>(live_);
  return e;
}

void Slots::begin(Slot& s, Out& out) {
  if (s.started || !is_live(s)) return;
  s.started = true;
  Event& e = push(Event::Kind::block_start, out);
  Block& b = e.block;
  b.kind = s.kind;
  b.custom = s.custom;
  b.id = s.id;
  b.name = s.name;
  b.name_space = s.name_space;
  b.item_id = s.item_id;
  b.format = kName;
  if (s.kind == Kind::redacted_thinking) b.data = s.signature;
  if (s.kind == Kind::opaque)
    if (const auto raw = json::parse(s.whole, arena_)) b.raw = *raw;
  if (!s.phase.empty()) {
    const json::Member phase{"item.phase", json::Value::string(s.phase)};
    b.extra = json::Value::object(arena_, {&phase, 1});
  }
  if (!s.waiting.empty()) delta(s, s.waiting, out);
  cite(s, out);
}

void Slots::delta(const Slot& s, Str text, Out& out) const {
  Event::Kind kind = Event::Kind::text_delta;
  if (s.kind == Kind::thinking) kind = Event::Kind::thinking_delta;
  if (s.kind == Kind::tool_call) kind = Event::Kind::arguments_delta;
  if (s.kind == Kind::refusal) kind = Event::Kind::refusal_delta;
  push(kind, out).text = text;
}

void Slots::deliver(Slot& s, Str text, Out& out) {
  if (text.empty()) return;
  s.fed = true;
  begin(s, out);
  if (is_live(s))
    delta(s, text, out);
  else
    s.waiting += text;
}

void Slots::cite(Slot& s, Out& out) {
  if (!s.started || !is_live(s)) return;
  for (; s.cited < s.citations.size(); ++s.cited) {
    const auto value = json::parse(s.citations[s.cited], arena_);
    if (!value) continue;
    Event& e = push(Event::Kind::citation, out);
    e.value = *value;
    e.format = kName;
  }
}

void Slots::end_item(std::int64_t item, Out& out) {
  for (std::size_t i = live_; i < slots_.size(); ++i)
    if (slots_[i].item == item) slots_[i].done = true;
  advance(out);
}

void Slots::end_all(Out& out) {
  for (std::size_t i = live_; i < slots_.size(); ++i) slots_[i].done = true;
  advance(out);
}

// Ends the live block while it is over, and begins the next. What reasoning is shows at its first text or its end.
void Slots::advance(Out& out) {
  while (live_ < slots_.size()) {
    Slot& s = slots_[live_];
    if (s.done || s.kind != Kind::thinking || s.fed) begin(s, out);
    if (!s.done) return;
    if (s.kind == Kind::thinking && !s.signature.empty()) {
      Event& e = push(Event::Kind::signature_delta, out);
      e.text = s.signature;
      e.format = kName;
      e.id = s.item_id;
    }
    push(Event::Kind::block_stop, out);
    ++live_;
  }
}

}  // namespace pb::llm::openai_responses
