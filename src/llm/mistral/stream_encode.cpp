// A streamed answer to a client. Each call goes out whole, in one delta: the SDKs' schemas want a name in every delta that
// has a call. The reason why the answer ended and the usage share the last chunk.
#include <deque>

#include "base/limits.h"
#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

using Kind = Block::Kind;

constexpr int kChoicesMax = 128;

struct BlockState {
  int index = -1;
  Block::Kind kind = Kind::text;
  bool custom = false;
  std::string id, name, arguments;  // of a call, until it is whole
  std::string signature, format;    // until the block ends
};

struct ChoiceState {
  bool begun = false;  // the chunk with the role was sent
  int calls = 0;
  Stop stop = Stop::unset;
  std::vector<BlockState> blocks;  // those that are open
};

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& o) : id_(o.id), model_(o.model), created_(o.created) { make_head(); }

  void encode(const Event& e, std::string& out) override {
    if (over_) return;
    switch (e.kind) {
      case Event::Kind::start:
        return start(e, out);
      case Event::Kind::block_start:
        return block_start(e, out);
      case Event::Kind::text_delta:
      case Event::Kind::refusal_delta:
        return text(e.choice, e.text, out);
      case Event::Kind::thinking_delta:
        return thinking(e.choice, e.text, {}, out);
      case Event::Kind::signature_delta:
        return signature(e, out);
      case Event::Kind::arguments_delta:
        return arguments(e, out);
      case Event::Kind::block_stop:
        return block_stop(e, out);
      case Event::Kind::stop:
        choice(e.choice, out).stop = e.stop;
        return;
      case Event::Kind::usage:
        usage_.merge(e.usage);
        return;
      case Event::Kind::ping:
        out += ": ping\n\n";
        return;
      case Event::Kind::error:
        return error(e.error, out);
      case Event::Kind::end:
        return end("", out);
      case Event::Kind::citation:
      case Event::Kind::logprobs:
        return;  // not in the format
    }
  }

 private:
  // What every chunk begins with, made once.
  void make_head() {
    head_ = "data: ";
    json::Writer w(head_);
    w.begin_object();
    w.field("id", id_);
    w.field("object", "chat.completion.chunk");
    w.field("created", created_);
    w.field("model", model_);
    w.key("choices");
  }

  void open(int choice, std::string& out) {
    out += head_;
    out += "[{\"index\":";
    out += std::to_string(choice);
    out += ",\"delta\":{";
  }

  static void close(std::string& out) { out += "},\"finish_reason\":null}]}\n\n"; }

  ChoiceState& choice(int index, std::string& out) {
    if (index < 0 || index >= kChoicesMax) index = 0;
    while (choices_.size() <= static_cast<std::size_t>(index)) choices_.emplace_back();
    ChoiceState& c = choices_[static_cast<std::size_t>(index)];
    if (!c.begun) {
      c.begun = true;
      open(index, out);
      out += "\"role\":\"assistant\",\"content\":\"\"";
      close(out);
    }
    return c;
  }

  static BlockState* find(ChoiceState& c, int index) {
    for (BlockState& b : c.blocks)
      if (b.index == index) return &b;
    return nullptr;
  }

  void start(const Event& e, std::string& out) {
    if (!e.id.empty()) id_ = e.id;
    if (model_.empty()) model_ = e.model;
    if (e.created != 0) created_ = e.created;
    tier_ = e.service_tier;
    usage_.merge(e.usage);
    make_head();
    choice(0, out);
  }

  void block_start(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    const Block& b = e.block;
    if (b.kind == Kind::redacted_thinking) return packed(e.choice, b, out);
    BlockState state;
    state.index = e.index;
    state.kind = b.kind;
    state.custom = b.custom;
    state.id = b.id;
    state.name = b.name;
    state.arguments = b.custom ? b.text : b.arguments;
    state.signature = b.signature;
    state.format = b.format;
    c.blocks.push_back(std::move(state));
    if (b.kind == Kind::text || b.kind == Kind::refusal) text(e.choice, b.text, out);
    if (b.kind == Kind::thinking) thinking(e.choice, b.text, {}, out);
  }

  void text(int index, Str text, std::string& out) {
    choice(index, out);
    if (text.empty()) return;
    open(index, out);
    out += "\"content\":\"";
    json::append_escaped(out, text);
    out += '"';
    close(out);
  }

  void thinking(int index, Str text, Str signature, std::string& out) {
    choice(index, out);
    if (text.empty() && signature.empty()) return;
    open(index, out);
    out += "\"content\":[";
    json::Writer w(out);
    write_thinking(w, text, signature);
    out += ']';
    close(out);
  }

  void signature(const Event& e, std::string& out) {
    BlockState* b = find(choice(e.choice, out), e.index);
    if (!b) return;
    b->signature += e.text;
    b->format = e.format;
  }

  void arguments(const Event& e, std::string& out) {
    BlockState* b = find(choice(e.choice, out), e.index);
    if (!b || b->kind != Kind::tool_call) return;  // of a block that has no counterpart here
    b->arguments += e.text;
    if (b->arguments.size() <= limits::kSseEventBytesMax) return;
    error(upstream_fault("the arguments of a tool call are larger than an event may be"), out);
  }

  void block_stop(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    BlockState* b = find(c, e.index);
    if (!b) return;
    if (!b->signature.empty()) signed_block(e.choice, *b, out);
    if (b->kind == Kind::tool_call) call(e.choice, c, *b, out);
    c.blocks.erase(c.blocks.begin() + (b - c.blocks.data()));
  }

  void signed_block(int index, const BlockState& state, std::string& out) {
    Block b;
    b.kind = state.kind;
    b.signature = state.signature;
    b.format = state.format;
    if (is_foreign(b, kName))
      packed(index, b, out);
    else if (b.kind == Kind::thinking)
      thinking(index, {}, b.signature, out);
  }

  // What a provider of another format signed or encrypted, in a chunk of its own.
  void packed(int index, const Block& b, std::string& out) {
    if (!is_foreign(b, kName)) return;
    json::Arena scratch;
    const Block p = packed_block(b, kName, scratch);
    thinking(index, {}, p.signature.empty() ? p.data : p.signature, out);
  }

  void call(int index, ChoiceState& c, const BlockState& state, std::string& out) {
    Block b;
    b.kind = Kind::tool_call;
    b.name = state.name;
    b.custom = state.custom;
    (b.custom ? b.text : b.arguments) = state.arguments;
    open(index, out);
    out += "\"tool_calls\":[";
    json::Writer w(out);
    w.begin_object();
    write_call(w, b, state.id, c.calls++);
    w.end_object();
    out += ']';
    close(out);
  }

  // The SDKs throw at a chunk that is no chunk; clients that pass over it still find an end.
  void error(const Error& error, std::string& out) {
    out += "data: ";
    json::Writer w(out);
    write_error(w, error);
    out += "\n\n";
    end("error", out);
  }

  // `reason`: instead of the choices' own; "" = those.
  void end(Str reason, std::string& out) {
    choice(0, out);
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      open(static_cast<int>(i), out);
      out += "\"content\":\"\"},\"finish_reason\":\"";
      out += reason.empty() ? finish_of(choices_[i].stop) : reason;
      out += "\"}]";
      if (i + 1 == choices_.size()) {
        out += ",\"usage\":";
        json::Writer w(out);
        write_usage(w, usage_, tier_);
      }
      out += "}\n\n";
    }
    out += "data: [DONE]\n\n";
    over_ = true;
  }

  std::string id_, model_, tier_, head_;
  std::int64_t created_;
  bool over_ = false;
  Usage usage_;
  std::deque<ChoiceState> choices_;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::mistral
