// The parts of one turn put together.
#include <algorithm>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

bool is_words(const Block& b) { return b.kind == Kind::text || b.kind == Kind::thinking; }

}  // namespace

void TurnReader::add(Block&& b) {
  if (is_packed(b.signature)) {
    const Str packed = b.signature;
    b.signature = {};
    unpack_before(packed, b);
  }
  if (!model_) {
    out_.push_back(std::move(b));
    return;
  }
  if (is_words(b)) {
    if (b.text.empty() && b.signature.empty() && b.extra.is_null()) return;  // as streams end with
    if (join(b)) return;
  }
  flush();
  out_.push_back(std::move(b));
  const Block& last = out_.back();
  if (is_words(last) && last.signature.empty() && last.extra.is_null()) run_ = out_.size() - 1;
}

bool TurnReader::join(const Block& b) {
  if (run_ == SIZE_MAX || run_ + 1 != out_.size() || out_[run_].kind != b.kind || !b.extra.is_null())
    return false;
  if (run_text_.empty()) run_text_ = out_[run_].text;
  run_text_ += b.text;
  if (!b.signature.empty()) {  // signs what was said so far
    out_[run_].signature = b.signature;
    flush();
  }
  return true;
}

void TurnReader::flush() {
  if (run_ != SIZE_MAX && !run_text_.empty()) out_[run_].text = arena_.keep(std::move(run_text_));
  run_text_.clear();
  run_ = SIZE_MAX;
}

void TurnReader::unpack_before(Str packed, const Block& owner) {
  if (std::find(packed_.begin(), packed_.end(), packed) != packed_.end()) return;
  packed_.push_back(packed);
  auto inner = unpack(packed, arena_);
  if (!inner) return;
  flush();
  std::string thoughts;
  for (const Block& b : *inner) {
    if (b.kind == Kind::thinking) thoughts += b.text;
    placeholders_ = placeholders_ || b.kind == Kind::text || b.kind == Kind::tool_call;
  }
  // What a call carries was packed for the text before it too; where that text came back without it, it stood before the text.
  auto at = out_.end();
  if (owner.kind == Kind::tool_call)
    while (at != out_.begin() && std::prev(at)->kind == Kind::text) --at;
  const auto shown = std::find_if(out_.rbegin(), out_.rend(), [&](const Block& b) {
    return b.kind == Kind::thinking && b.signature.empty() && b.text == thoughts;
  });
  if (!thoughts.empty() && shown != out_.rend())  // a client that keeps thoughts has the text twice
    at = out_.erase(std::next(shown).base());
  out_.insert(at, std::make_move_iterator(inner->begin()), std::make_move_iterator(inner->end()));
}

void TurnReader::finish() {
  flush();
  if (placeholders_) attach_signatures(out_);
  placeholders_ = false;
}

}  // namespace pb::llm::gemini
