// A streamed answer to a client, as chunks that each have the vendor's whole shape.
#include <deque>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using Kind = Block::Kind;

constexpr int kChoicesMax = 128;

struct BlockState {
  int index = -1;
  Kind kind = Kind::text;
  int call = -1;  // index among the choice's calls
  bool custom = false;
  bool empty = true;                        // no arguments yet
  std::string thoughts;                     // what a signature will sign
  std::string signature = {}, format = {};  // of a text: waits for its end
};

struct ChoiceState {
  bool begun = false;  // the chunk with the role was sent
  bool stopped = false;
  bool refused = false;
  int calls = 0;
  int details = 0;  // index of the next entry of reasoning_details
  std::deque<BlockState> blocks;
};

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& o)
      : id_(o.id), model_(o.model), created_(o.created), include_usage_(o.include_usage) {
    make_head();
  }

  void encode(const Event& e, std::string& out) override {
    if (over_) return;
    switch (e.kind) {
      case Event::Kind::start:
        return start(e, out);
      case Event::Kind::block_start:
        return block_start(e, out);
      case Event::Kind::text_delta:
        return text(e.choice, e.text, "content", out);
      case Event::Kind::refusal_delta:
        return refusal(e.choice, e.text, out);
      case Event::Kind::thinking_delta:
        return thinking(e, e.text, out);
      case Event::Kind::signature_delta:
        return signature(e, e.text, out);
      case Event::Kind::arguments_delta:
        return arguments(e, out);
      case Event::Kind::citation:
        return citation(e, out);
      case Event::Kind::logprobs:
        return logprobs(e, out);
      case Event::Kind::block_stop:
        return block_stop(e, out);
      case Event::Kind::stop:
        return stop(e.choice, e.stop, out);
      case Event::Kind::usage:
        usage_.merge(e.usage);
        return;
      case Event::Kind::ping:
        out += ": ping\n\n";
        return;
      case Event::Kind::error:
        return error(e.error, out);
      case Event::Kind::end:
        return end(out);
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
    w.field_or_null("service_tier", service_tier_);
    // Neither this nor a chunk's usage is written as null: there are clients whose types take it left out, not null.
    if (!fingerprint_.empty()) w.field("system_fingerprint", fingerprint_);
    w.key("choices");
  }

  void open(int choice, std::string& out) {
    out += head_;
    out += "[{\"index\":";
    out += std::to_string(choice);
    out += ",\"delta\":{";
  }

  void close(std::string& out, std::string_view logprobs = "null", std::string_view finish = "null") {
    out += "},\"logprobs\":";
    out += logprobs;
    out += ",\"finish_reason\":";
    out += finish;
    out += "}]}\n\n";
  }

  static void quoted(std::string& out, Str text) {
    out += '"';
    json::append_escaped(out, text);
    out += '"';
  }

  ChoiceState& choice(int index, std::string& out) {
    if (index < 0 || index >= kChoicesMax) index = 0;
    while (choices_.size() <= static_cast<std::size_t>(index)) choices_.emplace_back();
    ChoiceState& c = choices_[static_cast<std::size_t>(index)];
    if (!c.begun) {
      c.begun = true;
      open(index, out);
      out += "\"role\":\"assistant\",\"content\":\"\",\"refusal\":null";
      close(out);
    }
    return c;
  }

  BlockState* block(ChoiceState& c, int index) {
    for (auto it = c.blocks.rbegin(); it != c.blocks.rend(); ++it)
      if (it->index == index) return &*it;
    return nullptr;
  }

  void start(const Event& e, std::string& out) {
    if (!e.id.empty()) id_ = e.id;
    if (model_.empty()) model_ = e.model;
    if (e.created != 0) created_ = e.created;
    service_tier_ = write_tier(e.service_tier);
    fingerprint_ = e.system_fingerprint;
    usage_.merge(e.usage);
    make_head();
    choice(0, out);
  }

  void block_start(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    const Block& b = e.block;
    BlockState state{e.index, b.kind, -1, b.custom, b.arguments.empty(), {}};
    if (b.kind == Kind::tool_call) state.call = c.calls++;
    c.blocks.push_back(std::move(state));
    if (b.kind == Kind::tool_call) {
      if (is_foreign(b, kName)) detail(e.choice, b, c, out);
      return call_start(e, c.blocks.back().call, out);
    }
    if (b.kind == Kind::redacted_thinking) return detail(e.choice, b, c, out);
    if (b.kind == Kind::text) text(e.choice, b.text, "content", out);
    if (b.kind == Kind::refusal) refusal(e.choice, b.text, out);
    if (b.kind != Kind::thinking) return;
    thinking(e, b.text, out);
    Event signed_part;
    signed_part.choice = e.choice;
    signed_part.index = e.index;
    signed_part.format = b.format;
    signed_part.id = b.item_id;
    signature(signed_part, b.signature, out);
  }

  void call_start(const Event& e, int call, std::string& out) {
    const Block& b = e.block;
    open(e.choice, out);
    out += "\"tool_calls\":[{\"index\":";
    out += std::to_string(call);
    out += ",\"id\":";
    quoted(out, b.id);
    out += b.custom ? ",\"type\":\"custom\",\"custom\":{\"name\":"
                    : ",\"type\":\"function\",\"function\":{\"name\":";
    quoted(out, b.name);
    out += b.custom ? ",\"input\":" : ",\"arguments\":";
    quoted(out, b.custom ? b.text : b.arguments);
    out += '}';
    if (!b.signature.empty()) {
      out += ",\"extra_content\":{\"google\":{\"thought_signature\":";
      quoted(out, b.signature);
      out += "}}";
    }
    out += "}]";
    close(out);
  }

  void text(int index, Str text, std::string_view member, std::string& out) {
    choice(index, out);
    if (text.empty()) return;
    open(index, out);
    out += '"';
    out += member;
    out += "\":";
    quoted(out, text);
    close(out);
  }

  void refusal(int index, Str words, std::string& out) {
    choice(index, out).refused = true;
    text(index, words, "refusal", out);
  }

  void thinking(const Event& e, Str thought, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    if (BlockState* b = block(c, e.index)) b->thoughts += thought;
    text(e.choice, thought, "reasoning_content", out);
  }

  // Clients that send reasoning back take it, signed, from one entry of reasoning_details.
  void signature(const Event& e, Str signature, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    if (signature.empty()) return;
    Block b;
    b.kind = Kind::thinking;
    BlockState* state = block(c, e.index);
    if (state && state->kind != Kind::thinking) {
      state->signature += signature;
      state->format = e.format;
      return;
    }
    if (state) b.text = state->thoughts;
    b.signature = signature;
    b.format = e.format;
    b.item_id = e.id;
    detail(e.choice, b, c, out);
  }

  void detail(int index, const Block& b, ChoiceState& c, std::string& out) {
    open(index, out);
    out += "\"reasoning_details\":";
    json::Writer w(out);
    w.begin_array();
    write_detail(w, b, c.details++, false);
    w.end_array();
    close(out);
  }

  void arguments(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    BlockState* b = block(c, e.index);
    if (!b || b->kind != Kind::tool_call || e.text.empty())
      return;  // of a block that has no counterpart here
    b->empty = false;
    piece(e.choice, *b, e.text, out);
  }

  // Clients parse the arguments as JSON, so a call without any has an empty object.
  void block_stop(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice, out);
    BlockState* b = block(c, e.index);
    if (b && b->kind == Kind::tool_call && b->empty && !b->custom) piece(e.choice, *b, "{}", out);
    if (!b || b->signature.empty()) return;
    Block signed_text;
    signed_text.kind = b->kind;
    signed_text.signature = b->signature;
    signed_text.format = b->format;
    if (is_foreign(signed_text, kName)) detail(e.choice, signed_text, c, out);
  }

  void piece(int index, const BlockState& b, Str text, std::string& out) {
    open(index, out);
    out += "\"tool_calls\":[{\"index\":";
    out += std::to_string(b.call);
    out += b.custom ? ",\"custom\":{\"input\":" : ",\"function\":{\"arguments\":";
    quoted(out, text);
    out += "}}]";
    close(out);
  }

  void citation(const Event& e, std::string& out) {
    choice(e.choice, out);
    if (e.format != kName) return;
    open(e.choice, out);
    out += "\"annotations\":[";
    json::Writer(out).write(e.value);
    out += ']';
    close(out);
  }

  void logprobs(const Event& e, std::string& out) {
    choice(e.choice, out);
    open(e.choice, out);
    close(out, json::to_text(e.value));
  }

  void stop(int index, Stop reason, std::string& out) {
    ChoiceState& c = choice(index, out);
    if (c.stopped) return;
    c.stopped = true;
    std::string finish = "\"";
    finish.append(write_finish(reason, c.refused)).append("\"");
    open(index, out);
    close(out, "null", finish);
  }

  void stop_all(std::string& out) {
    choice(0, out);
    for (std::size_t i = 0; i < choices_.size(); ++i) stop(static_cast<int>(i), Stop::end, out);
  }

  void end(std::string& out) {
    stop_all(out);
    if (include_usage_) {
      out += head_;
      out += "[],\"usage\":";
      json::Writer w(out);
      write_usage(w, usage_);
      out += "}\n\n";
    }
    finish(out);
  }

  // The SDKs throw at a chunk with `error`; clients that pass over it still find an end, so that none waits or asks
  // again for want of one.
  void error(const Error& error, std::string& out) {
    out += "data: ";
    json::Writer w(out);
    w.begin_object();
    w.key("error");
    write_error_object(w, error);
    w.end_object();
    out += "\n\n";
    stop_all(out);
    finish(out);
  }

  void finish(std::string& out) {
    out += "data: [DONE]\n\n";
    over_ = true;
  }

  std::string id_, model_, service_tier_, fingerprint_, head_;
  std::int64_t created_;
  bool include_usage_;
  bool over_ = false;
  Usage usage_;
  std::deque<ChoiceState> choices_;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::openai_chat
