#include "gateway/recall.h"

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "llm/carry.h"

namespace pb::gateway {
namespace {

using llm::Block;
using Kind = Block::Kind;

constexpr std::size_t kEntryOverhead = 128;  // of list, table and string

// Clients may write a call's arguments anew: their value counts, not their text.
std::uint64_t call_key(std::uint64_t seed, const Block& call) {
  json::Arena arena;
  const auto value = json::parse(call.arguments, arena);
  const std::string arguments = value ? json::canonical_text(*value) : std::string(call.arguments);
  return hash64(call.custom ? call.text : std::string_view(arguments),
                hash64(call.name, hash64(call.id, seed)));
}

// What was asked before the call: ids of calls are unique within a conversation only.
std::uint64_t turn_seed(std::string_view caller, const llm::Request& r, std::size_t before) {
  for (std::size_t i = before; i-- > 0;) {
    const llm::Message& m = r.messages[i];
    if (m.role != llm::Role::user) continue;
    for (const Block& b : m.content)
      if (b.kind == Kind::text) return hash64(b.text, hash64(caller, 1));
  }
  return hash64(caller, 2);
}

bool is_signed(const Block& b) {
  if (b.kind == Kind::redacted_thinking) return !b.data.empty();
  return !b.signature.empty();
}

}  // namespace

std::size_t Recall::size_of(const Entry& e) { return e.text.size() + kEntryOverhead; }

void Recall::put(std::uint64_t key, std::string text) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    bytes_ -= size_of(*found->second);
    entries_.erase(found->second);
    index_.erase(found);
  }
  entries_.push_front({key, std::move(text)});
  index_[key] = entries_.begin();
  bytes_ += size_of(entries_.front());
  while (bytes_ > bytes_max_) {
    bytes_ -= size_of(entries_.back());
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  empty_.store(entries_.empty(), std::memory_order_relaxed);
}

std::string Recall::get(std::uint64_t key) {
  const std::scoped_lock lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return {};
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->text;
}

std::size_t Recall::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

void restore_reasoning(Recall& recall, std::string_view caller, llm::Request& r) {
  if (recall.empty()) return;
  for (std::size_t i = 0; i < r.messages.size(); ++i) {
    std::vector<Block>& content = r.messages[i].content;
    if (r.messages[i].role != llm::Role::assistant || std::any_of(content.begin(), content.end(), is_signed))
      continue;
    const std::uint64_t seed = turn_seed(caller, r, i);
    for (const Block& call : content) {
      if (call.kind != Kind::tool_call) continue;
      std::string text = recall.get(call_key(seed, call));
      if (text.empty()) continue;
      auto blocks = llm::unpack(r.arena.keep(std::move(text)), r.arena);
      if (!blocks) break;
      // The client may show the reasoning's text too: the signed one stands for it.
      std::erase_if(content, [](const Block& b) { return b.kind == Kind::thinking; });
      content.insert(content.begin(), std::make_move_iterator(blocks->begin()),
                     std::make_move_iterator(blocks->end()));
      llm::attach_signatures(content);
      break;
    }
  }
}

ReasoningKeeper::ReasoningKeeper(Recall* recall, std::string_view caller, const llm::Dialect& client,
                                 const llm::Request& request)
    : recall_(recall),
      caller_(caller),
      own_(client.carries ? client.name : std::string_view()),
      request_(request) {}

ReasoningKeeper::Part* ReasoningKeeper::live(int index) {
  return parts_.empty() || parts_.back().index != index ? nullptr : &parts_.back();
}

// Makes the block's views point to the part's own strings.
void ReasoningKeeper::own(Part& p) {
  p.block.text = p.text;
  p.block.signature = p.signature;
  p.block.arguments = p.arguments;
  p.block.data = p.data;
  p.block.id = p.id;
  p.block.name = p.name;
  p.block.format = p.format;
  p.block.item_id = p.item_id;
}

void ReasoningKeeper::take(const llm::Event& e) {
  if (recall_ == nullptr || e.choice != 0) return;
  using K = llm::Event::Kind;
  if (e.kind == K::block_start) {
    const Block& b = e.block;
    if (b.kind != Kind::thinking && b.kind != Kind::redacted_thinking && b.kind != Kind::tool_call &&
        b.kind != Kind::text)
      return;
    Part& p = parts_.emplace_back();
    p.index = e.index;
    p.block.kind = b.kind;
    p.block.custom = b.custom;
    if (b.kind != Kind::text) p.text = b.text;
    p.signature = b.signature;
    p.arguments = b.arguments;
    p.data = b.data;
    p.id = b.id;
    p.name = b.name;
    p.format = b.format;
    p.item_id = b.item_id;
    signed_ |= is_signed(b);
    return;
  }
  if (e.kind != K::thinking_delta && e.kind != K::signature_delta && e.kind != K::arguments_delta) return;
  Part* p = live(e.index);
  bytes_ += e.text.size();
  if (bytes_ > limits::kRecallAnswerBytesMax) {  // an answer this large is not kept
    recall_ = nullptr;
    parts_.clear();
    return;
  }
  if (p == nullptr) return;
  if (e.kind == K::thinking_delta) p->text += e.text;
  if (e.kind == K::arguments_delta) (p->block.custom ? p->text : p->arguments) += e.text;
  if (e.kind != K::signature_delta) return;
  p->signature += e.text;
  if (!e.format.empty()) p->format = e.format;
  if (!e.id.empty()) p->item_id = e.id;
  signed_ = true;
}

void ReasoningKeeper::take(const llm::Response& r) {
  if (recall_ == nullptr || r.choices.empty()) return;
  for (const Block& b : r.choices[0].content) {
    llm::Event e;
    e.kind = llm::Event::Kind::block_start;
    e.block = b;
    take(e);
  }
}

void ReasoningKeeper::done() {
  if (recall_ == nullptr || !signed_) return;
  std::vector<Block> blocks;
  std::uint64_t key = 0;
  bool called = false;
  std::string_view format;
  for (Part& p : parts_) {
    own(p);
    if (p.block.kind == Kind::tool_call && !called) {
      called = true;
      key = call_key(turn_seed(caller_, request_, request_.messages.size()), p.block);
    }
    if (is_signed(p.block) && format.empty()) format = p.format;
    blocks.push_back(p.block);
  }
  if (!called || format.empty() || format == own_) return;
  recall_->put(key, llm::pack(format, blocks, true));
  recall_ = nullptr;
}

}  // namespace pb::gateway
