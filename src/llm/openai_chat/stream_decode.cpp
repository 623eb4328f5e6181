// A provider's streamed answer. The format sends fragments of several things at once (text, reasoning, calls by
// index, calls whole); the conversation wants one block after another. So each choice keeps its blocks in order of
// appearance: one is live and passed on as it comes, later ones wait in memory until it is over. A call is over when
// its arguments are a complete JSON value and something else begins, or when the answer ends; a custom tool's input has
// no such mark, so what follows it waits for the end.
#include <algorithm>
#include <deque>

#include "llm/json_stream.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_chat/slots.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;
using Kind = Block::Kind;

constexpr int kChoicesMax = 128;  // the API's own limit of `n`
constexpr int kCallsMax = 1024;   // in one choice

class Decoder final : public JsonStreamDecoder {
 public:
  explicit Decoder(Str format) : format_(format) {}

  void feed(std::string_view name, std::string_view data, Out& out) override {
    if (over_) return;
    if (data == "[DONE]") {
      done_ = true;
      return close(out);
    }
    const auto root = parse(data, out);
    if (!root) return;
    if (name == "error" || !root->is_object()) return error(*root, name == "error", out);
    if (Value e = (*root)["error"]; !e.is_null()) return error(*root, true, out);
    if (!root->has("choices") && !root->has("usage")) {
      if (root->has("message") && (root->has("code") || root->has("type"))) return error(*root, true, out);
      return;  // an event of a kind we do not know
    }
    chunk(*root, out);
  }

  void finish(Out& out) override {
    if (over_) return;
    bool stopped = !choices_.empty();
    for (const ChoiceState& c : choices_) stopped &= c.stopped;
    if (stopped) return close(out);
    fail_early(started_, "finish_reason", out);
  }

 private:
  void error(Value root, bool said_so, Out& out) {
    if (!said_so) return fail("the provider sent an event that is not an object", out);
    push_error(error_of_json(0, root), out);
  }

  void chunk(Value root, Out& out) {
    Value choices = root["choices"];
    Usage usage = read_usage(root["usage"]);
    if (!usage.known) usage = read_usage(root["x_groq"]["usage"]);
    if (!started_) start(root, choices.size() > 0 || usage.known, out);
    for (const Value& c : choices.items()) {
      if (over_) return;
      choice(c, out);
    }
    if (!usage.known || over_) return;
    Event e;
    e.kind = Event::Kind::usage;
    e.usage = usage;
    out.push_back(std::move(e));
  }

  // Azure begins with a chunk that has no id yet: the answer starts with the first that says something.
  void start(Value root, bool says_something, Out& out) {
    if (!says_something) return;
    started_ = true;
    id_ = root["id"].as_string();
    Event e;
    e.kind = Event::Kind::start;
    e.format = format_;
    e.id = id_;
    e.model = root["model"].as_string();
    e.created = root["created"].as_int();
    e.service_tier = root["service_tier"].as_string();
    e.system_fingerprint = root["system_fingerprint"].as_string();
    out.push_back(std::move(e));
  }

  void choice(Value c, Out& out) {
    std::int64_t index = c["index"].as_int(0);
    if (index < 0 || index >= kChoicesMax)
      return fail("the provider sent a choice of index " + std::to_string(index), out);
    while (choices_.size() <= static_cast<std::size_t>(index)) choices_.emplace_back();
    at_ = static_cast<int>(index);
    ChoiceState& state = choices_[static_cast<std::size_t>(index)];
    Value delta = c["delta"];
    if (!delta.is_object()) delta = c["message"];  // a whole message in a stream
    if (!state.stopped) {
      message(state, delta, out);
      if (over_) return;
    }
    if (Value logprobs = c["logprobs"]; logprobs.is_object()) {
      Event e = event(Event::Kind::logprobs, 0);
      e.value = logprobs;
      out.push_back(std::move(e));
    }
    if (Str reason = c["finish_reason"].as_string(); !reason.empty()) {
      if (reason == "error") return fail("the provider ended the answer with finish_reason \"error\"", out);
      stop(state, read_finish(reason), out);
    }
  }

  void message(ChoiceState& s, Value delta, Out& out) {
    Value reasoning = delta["reasoning_details"];
    if (reasoning.size() > 0 || !delta["reasoning_content"].as_string().empty() ||
        !delta["reasoning"].as_string().empty())
      thoughts(s, delta, out);
    Value content = delta["content"];
    if (content.is_string()) text(s, Kind::text, content.as_string(), out);
    for (const Value& part : content.items()) {  // Mistral's parts
      text(s, Kind::text, part["text"].as_string(), out);
      text(s, Kind::thinking, part["thinking"].as_string(), out);
      for (const Value& piece : part["thinking"].items())
        text(s, Kind::thinking, piece["text"].as_string(), out);
      if (Str by = part["signature"].as_string(); !by.empty()) {
        Block b;
        b.signature = by;
        b.format = format_;
        signature(s, b, out);
      }
    }
    if (Str refusal = delta["refusal"].as_string(); !refusal.empty()) {
      s.refused = true;
      text(s, Kind::refusal, refusal, out);
    }
    for (const Value& a : delta["annotations"].items()) annotation(s, a, out);
    for (const Value& call : delta["tool_calls"].items()) {
      if (over_) return;
      tool_call(s, call, out);
    }
    if (Value f = delta["function_call"]; f.is_object()) function(s, 0, {}, f, false, {}, out);
  }

  void thoughts(ChoiceState& s, Value delta, Out& out) {
    blocks_.clear();
    read_reasoning(delta, arena_, blocks_);
    for (const Block& b : blocks_) {
      if (b.kind == Kind::thinking) {
        // Our own encoder repeats the text beside its signature.
        bool repeated = !b.signature.empty() && !s.slots.empty() && s.slots.back().kind == Kind::thinking &&
                        s.slots.back().thoughts == b.text;
        if (!repeated) text(s, Kind::thinking, b.text, out);
        if (!b.signature.empty()) signature(s, b, out);
      } else if (b.kind == Kind::redacted_thinking) {
        Slot slot;
        slot.kind = Kind::redacted_thinking;
        slot.data = b.data;
        slot.format = b.format;
        slot.item_id = b.item_id;
        add(s, std::move(slot), out);
      }
    }
  }

  void text(ChoiceState& s, Kind kind, Str piece, Out& out) {
    if (piece.empty()) return;
    Slot* slot = s.slots.empty() ? nullptr : &s.slots.back();
    if (!slot || slot->kind != kind || !slot->signature.empty()) {
      Slot fresh;
      fresh.kind = kind;
      slot = &add(s, std::move(fresh), out);
    }
    if (kind == Kind::thinking) slot->thoughts += piece;
    deliver(s, *slot, piece, out);
  }

  void signature(ChoiceState& s, const Block& b, Out& out) {
    Slot* slot = s.slots.empty() ? nullptr : &s.slots.back();
    if (!slot || slot->kind != Kind::thinking) {
      Slot fresh;
      fresh.kind = Kind::thinking;
      slot = &add(s, std::move(fresh), out);
    }
    slot->signature += b.signature;
    slot->format = b.format;
    slot->item_id = b.item_id;
    if (!slot->started) return;
    push_signature(*slot, index_of(s, *slot), b.signature, out);
  }

  void push_signature(const Slot& slot, int index, Str text, Out& out) const {
    Event e = event(Event::Kind::signature_delta, index);
    e.text = text;
    e.format = slot.format;
    e.id = slot.item_id;
    out.push_back(std::move(e));
  }

  void annotation(ChoiceState& s, Value value, Out& out) {
    if (s.stopped || s.slots.empty() || s.slots[s.live].kind != Kind::text) return;
    Event e = event(Event::Kind::citation, static_cast<int>(s.live));
    e.value = value;
    e.format = format_;
    out.push_back(std::move(e));
  }

  // --- calls ---

  void tool_call(ChoiceState& s, Value call, Out& out) {
    if (!call.is_object()) return;
    Value custom = call["custom"];
    Value f = custom.is_object() ? custom : call["function"];
    Str id = call["id"].as_string();
    if (id == "null") id = {};  // Mistral's word for none
    Value index = call["index"];
    int at = index.is_number() ? static_cast<int>(std::min<std::int64_t>(index.as_int(-1), kCallsMax))
                               : without_index(s, id, f);
    if (at < 0 || at >= kCallsMax)
      return fail("the provider sent a tool call of index " + std::to_string(at), out);
    function(s, at, id, f, custom.is_object(),
             call["extra_content"]["google"]["thought_signature"].as_string(), out);
  }

  void function(ChoiceState& s, int at, Str id, Value f, bool custom, Str signature, Out& out) {
    Str name = f["name"].as_string();
    Slot* slot = nullptr;
    for (auto it = s.slots.rbegin(); it != s.slots.rend() && !slot; ++it)
      if (it->kind == Kind::tool_call && it->call == at) slot = &*it;
    // Some vendors give every whole call the index 0: another id and a name mean another call.
    bool another = slot && !id.empty() && !name.empty() && slot->vendor_id != id;
    if (another && (!slot->vendor_id.empty() || slot->end.complete())) slot = nullptr;
    if (!slot) {
      if (s.slots.size() >= kCallsMax)
        return fail("the provider sent more than " + std::to_string(kCallsMax) + " blocks", out);
      Slot fresh;
      fresh.kind = Kind::tool_call;
      fresh.call = at;
      fresh.custom = custom;
      fresh.name = name;
      fresh.vendor_id = id;
      fresh.signature = signature;  // Google's, of the call's first piece
      fresh.format = "gemini";
      fresh.id = id.empty() ? made_up_id(s.slots.size()) : std::string(id);
      slot = &add(s, std::move(fresh), out);
    }
    s.calls = true;
    Value pieces = custom ? f["input"] : f["arguments"];
    Str piece = pieces.as_string();
    if (pieces.is_object()) piece = json::to_text(pieces, arena_);
    if (piece.empty()) return;
    if (slot->started && slot != &s.slots[s.live]) return;  // over: nothing may follow
    if (!custom) slot->end.feed(piece);
    deliver(s, *slot, piece, out);
    advance(s, out);
  }

  std::string made_up_id(std::size_t n) const {
    std::string id = "call_";
    for (char c : id_)
      id += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
    return id + "_" + std::to_string(at_) + "_" + std::to_string(n);
  }

  // --- blocks ---

  Event event(Event::Kind kind, int index) const {
    Event e;
    e.kind = kind;
    e.choice = at_;
    e.index = index;
    return e;
  }

  Slot& add(ChoiceState& s, Slot fresh, Out& out) {
    s.slots.push_back(std::move(fresh));
    advance(s, out);
    Slot& slot = s.slots.back();
    if (s.live + 1 == s.slots.size() && !slot.started) begin(s, slot, out);
    return slot;
  }

  // Passes on to the next block while the live one is over and another waits.
  void advance(ChoiceState& s, Out& out) {
    while (s.live + 1 < s.slots.size()) {
      Slot& slot = s.slots[s.live];
      if (slot.kind == Kind::tool_call && !slot.end.complete()) return;
      end(s, slot, out);
      begin(s, s.slots[s.live], out);
    }
  }

  void begin(ChoiceState& s, Slot& slot, Out& out) {
    if (slot.started) return;
    slot.started = true;
    Event e = event(Event::Kind::block_start, static_cast<int>(s.live));
    e.block.kind = slot.kind;
    e.block.custom = slot.custom;
    e.block.id = slot.id;
    e.block.name = slot.name;
    e.block.data = slot.data;
    if (slot.kind == Kind::redacted_thinking) {
      e.block.format = slot.format;
      e.block.item_id = slot.item_id;
    }
    if (slot.kind == Kind::tool_call && !slot.signature.empty()) {
      e.block.signature = slot.signature;
      e.block.format = slot.format;
    }
    out.push_back(std::move(e));
    if (!slot.waiting.empty()) push_delta(s, slot, slot.waiting, out);
    if (slot.signature.empty() || slot.kind == Kind::tool_call) return;
    push_signature(slot, static_cast<int>(s.live), slot.signature, out);
  }

  void end(ChoiceState& s, Slot& slot, Out& out) {
    begin(s, slot, out);
    out.push_back(event(Event::Kind::block_stop, static_cast<int>(s.live)));
    ++s.live;
  }

  void deliver(ChoiceState& s, Slot& slot, Str piece, Out& out) {
    if (slot.started)
      push_delta(s, slot, piece, out);
    else
      slot.waiting += piece;
  }

  void push_delta(ChoiceState& s, const Slot& slot, Str piece, Out& out) {
    Event::Kind kind = Event::Kind::text_delta;
    if (slot.kind == Kind::thinking) kind = Event::Kind::thinking_delta;
    if (slot.kind == Kind::tool_call) kind = Event::Kind::arguments_delta;
    if (slot.kind == Kind::refusal) kind = Event::Kind::refusal_delta;
    Event e = event(kind, static_cast<int>(s.live));
    e.text = piece;
    out.push_back(std::move(e));
  }

  void stop(ChoiceState& s, Stop reason, Out& out) {
    if (s.stopped) return;
    while (s.live < s.slots.size()) end(s, s.slots[s.live], out);
    // Ollama and others say "stop" where they mean the calls.
    if (s.calls && (reason == Stop::end || reason == Stop::unset)) reason = Stop::tool_use;
    if (s.refused && reason == Stop::end) reason = Stop::refusal;
    s.stopped = true;
    Event e = event(Event::Kind::stop, 0);
    e.stop = reason == Stop::unset ? Stop::end : reason;
    out.push_back(std::move(e));
  }

  // The proper end. A vendor that forgot finish_reason but sent [DONE] is believed.
  void close(Out& out) {
    if (!started_) return fail("the provider's stream ended before it began", out);
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      at_ = static_cast<int>(i);
      stop(choices_[i], Stop::unset, out);
    }
    Event e;
    e.kind = Event::Kind::end;
    out.push_back(std::move(e));
    over_ = true;
  }

  const Str format_;  // the dialect's name: lives as long as the program
  std::vector<Block> blocks_;
  std::deque<ChoiceState> choices_;
  std::string id_;
  int at_ = 0;  // the choice in hand
  bool started_ = false, done_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return stream_reader(kName); }

std::unique_ptr<StreamDecoder> stream_reader(Str format) { return std::make_unique<Decoder>(format); }

}  // namespace pb::llm::openai_chat
