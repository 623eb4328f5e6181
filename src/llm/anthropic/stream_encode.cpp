// Streamed answers for Anthropic's clients. They read one block at a time: when a source runs several blocks at
// once (parallel tool calls), the first is passed on as it comes and the others wait, encoded, until it stops.
#include <deque>

#include "llm/anthropic/stream_events.h"

namespace pb::llm::anthropic {
namespace {

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& options) : id_(options.id), model_(options.model) {}

  void encode(const Event& e, std::string& out) override {
    using Kind = Event::Kind;
    if (done_ || e.choice != 0) return;
    switch (e.kind) {
      case Kind::start:
        return start(e, out);
      case Kind::block_start:
        return block_start(e, out);
      case Kind::text_delta:
      case Kind::refusal_delta:
        return delta(e, "text_delta", "text", out);
      case Kind::thinking_delta:
        return delta(e, "thinking_delta", "thinking", out);
      case Kind::signature_delta:
        return signature(e, out);
      case Kind::arguments_delta:
        return arguments(e, out);
      case Kind::citation:
        return citation(e, out);
      case Kind::block_stop:
        return block_stop(e.index, out);
      case Kind::stop:
        return stop(e);
      case Kind::usage:
        return usage(e);
      case Kind::ping:
        out += "event: ping\ndata: {\"type\":\"ping\"}\n\n";
        return;
      case Kind::error:
        return error(e, out);
      case Kind::end:
        return end(out);
      case Kind::logprobs:
        return;  // not in the format
    }
  }

 private:
  struct Open {
    int theirs;
    int ours;
    bool custom;  // a free-text tool: its text is wrapped into {"input":"…"} on the way
    bool stopped;
    std::string text;  // waiting events; the front block's are written straight out
    Block::Kind kind = Block::Kind::text;
    std::string foreign = {};  // the signature of another format's provider, packed when the block stops
    std::string format = {};   // that format
  };

  void start(const Event& e, std::string& out) {
    if (started_) return;
    started_ = true;
    usage_.merge(e.usage);
    const bool same = e.format == kName;
    const json::Value extra = same ? e.value : json::Value();
    json::Writer w = begin(out, "message_start");
    w.key("message");
    w.begin_object();
    w.field("id", std::string_view(message_id(e.id, id_)));
    w.field("type", "message");
    w.field("role", "assistant");
    w.field("model", model_.empty() ? e.model : Str(model_));
    w.key("content");
    w.begin_array();
    w.end_array();
    w.null_field("stop_reason");
    w.null_field("stop_sequence");
    w.null_field("stop_details");
    w.key("usage");
    write_usage(w, e.usage, extra["usage"], response_tier(e.service_tier, same));
    write_rest(w, extra, {"usage"});
    w.end_object();
    finish(w);
  }

  void ensure_started(std::string& out) {
    if (!started_) start(Event(), out);
  }

  Open* find(int theirs) {
    for (Open& o : open_)
      if (o.theirs == theirs) return &o;
    return nullptr;
  }

  // Null for a block this format cannot say, one that was not started, and one that is over.
  Open* find_open(int theirs) {
    Open* block = find(theirs);
    return block && !block->stopped ? block : nullptr;
  }

  // Where the events of a block go: out, or to those waiting.
  std::string& sink(Open& block, std::string& out) { return &block == &open_.front() ? out : block.text; }

  void block_start(const Event& e, std::string& out) {
    if (!can_say(e.block) || find(e.index)) return;
    ensure_started(out);
    const Block& b = e.block;
    carry_late(out);
    if (b.kind == Block::Kind::refusal) refused_ = true;
    if (b.kind == Block::Kind::tool_call) called_ = true;
    if (b.kind == Block::Kind::tool_call && is_foreign(b, kName)) carry(b, out);
    Open& block = open_.emplace_back(Open{.theirs = e.index,
                                          .ours = next_++,
                                          .custom = b.custom && b.kind == Block::Kind::tool_call,
                                          .stopped = false,
                                          .text = {},
                                          .kind = b.kind});
    std::string& to = sink(block, out);
    json::Writer w = begin(to, "content_block_start");
    w.field("index", block.ours);
    w.key("content_block");
    write_empty(w, b);
    finish(w);
    write_given(block, b, to);
  }

  // The signature of a text, known when the text is over, goes out before what follows. After the last text of an answer it is
  // left out: clients take the last block for what was said and would show nothing, and no provider insists on it there.
  void carry_late(std::string& out) {
    if (late_.signature.empty()) return;
    Block text;
    text.signature = late_.signature;
    text.format = late_.format;
    carry(text, out);
    late_ = {};
  }

  // A block of its own for a signature that this format has no place for.
  void carry(const Block& signed_block, std::string& out) {
    json::Arena scratch;
    const Block packed = packed_block(signed_block, kName, scratch);
    const int index = next_++;
    std::string* to = &out;
    if (!open_.empty()) {
      to = &open_
                .emplace_back(
                    Open{.theirs = -1 - index, .ours = index, .custom = false, .stopped = true, .text = {}})
                .text;
    }
    json::Writer w = begin(*to, "content_block_start");
    w.field("index", index);
    w.key("content_block");
    write_empty(w, packed);
    finish(w);
    json::Writer stop = begin(*to, "content_block_stop");
    stop.field("index", index);
    finish(stop);
  }

  void signature(const Event& e, std::string& out) {
    Open* block = find_open(e.index);
    if (!block) return;
    if (e.format.empty() || e.format == kName) {
      if (block->kind == Block::Kind::thinking)
        write_delta(*block, "signature_delta", "signature", e.text, sink(*block, out));
      return;
    }
    block->foreign += e.text;
    block->format = e.format;
  }

  // What a block's foreign signature becomes when it stops: its own signature, or (false) a block that has to follow it.
  bool write_foreign(const Open& block, std::string& to) {
    if (block.kind != Block::Kind::thinking) return false;
    json::Arena scratch;
    Block b;
    b.kind = Block::Kind::thinking;
    b.signature = block.foreign;
    b.format = block.format;
    write_delta(block, "signature_delta", "signature", packed_block(b, kName, scratch).signature, to);
    return true;
  }

  void write_given(Open& block, const Block& b, std::string& to) {
    switch (b.kind) {
      case Block::Kind::tool_call:
        if (block.custom) write_delta(block, "input_json_delta", "partial_json", "{\"input\":\"", to);
        if (const Str given = block.custom ? b.text : b.arguments; !given.empty())
          write_arguments(block, given, to);
        break;
      case Block::Kind::thinking:
        if (!b.text.empty()) write_delta(block, "thinking_delta", "thinking", b.text, to);
        if (is_foreign(b, kName)) {
          block.foreign = b.signature;
          block.format = b.format;
        } else if (!b.signature.empty()) {
          write_delta(block, "signature_delta", "signature", b.signature, to);
        }
        break;
      case Block::Kind::text:
      case Block::Kind::refusal:
        if (!b.text.empty()) write_delta(block, "text_delta", "text", b.text, to);
        break;
      default:
        break;
    }
  }

  static void write_delta(const Open& block, Str type, Str key, Str text, std::string& to) {
    json::Writer w = begin(to, "content_block_delta");
    w.field("index", block.ours);
    w.key("delta");
    w.begin_object();
    w.field("type", type);
    w.field(key, text);
    w.end_object();
    finish(w);
  }

  static void write_arguments(const Open& block, Str text, std::string& to) {
    if (!block.custom) return write_delta(block, "input_json_delta", "partial_json", text, to);
    std::string inside;
    json::append_escaped(inside, text);
    write_delta(block, "input_json_delta", "partial_json", inside, to);
  }

  void delta(const Event& e, Str type, Str key, std::string& out) {
    if (Open* block = find_open(e.index)) write_delta(*block, type, key, e.text, sink(*block, out));
  }

  void arguments(const Event& e, std::string& out) {
    if (Open* block = find_open(e.index)) write_arguments(*block, e.text, sink(*block, out));
  }

  void citation(const Event& e, std::string& out) {
    Open* block = find_open(e.index);
    if (!block || e.format != kName) return;
    json::Writer w = begin(sink(*block, out), "content_block_delta");
    w.field("index", block->ours);
    w.key("delta");
    w.begin_object();
    w.field("type", "citations_delta");
    w.field("citation", e.value);
    w.end_object();
    finish(w);
  }

  void block_stop(int theirs, std::string& out) {
    Open* block = find_open(theirs);
    if (!block) return;
    std::string& to = sink(*block, out);
    if (block->custom) write_delta(*block, "input_json_delta", "partial_json", "\"}", to);
    Block left;  // a signature that needs a block of its own
    std::string signature, format;
    if (!block->foreign.empty() && !write_foreign(*block, to)) {
      signature = std::move(block->foreign);
      format = std::move(block->format);
      left.kind = block->kind;
      left.signature = signature;
      left.format = format;
    }
    json::Writer w = begin(to, "content_block_stop");
    w.field("index", block->ours);
    finish(w);
    block->stopped = true;
    if (left.kind == Block::Kind::text && !left.signature.empty())
      late_ = {std::move(signature), std::move(format)};
    else if (!left.signature.empty())
      carry(left, out);
    // The next one's turn; it may be complete already.
    while (!open_.empty() && open_.front().stopped) {
      open_.pop_front();
      if (open_.empty()) break;
      out += open_.front().text;
      open_.front().text.clear();
    }
  }

  // Stop reason and usage go out together at the end: some providers report usage after the reason.
  void stop(const Event& e) {
    stop_ = e.stop;
    stop_sequence_ = e.stop_sequence;
    if (e.format == kName) keep(e.value, stop_extra_);
  }

  void usage(const Event& e) {
    usage_.merge(e.usage);
    if (e.format != kName) return;
    usage_extra_.clear();
    event_extra_.clear();
    keep(e.value["usage"], usage_extra_);
    keep(e.value, event_extra_);
  }

  static void keep(json::Value value, std::string& text) {
    if (value.size() > 0) text = json::to_text(value);
  }

  static json::Value read(const std::string& text, json::Arena& arena) {
    if (text.empty()) return {};
    auto value = json::parse(text, arena);
    return value ? *value : json::Value();
  }

  Str reason(json::Value extra) const {
    if (extra.has("stop_reason")) return extra["stop_reason"].as_string();
    if (refused_) return "refusal";
    if ((stop_ == Stop::end || stop_ == Stop::unset) && called_) return "tool_use";
    return stop_name(stop_);
  }

  void end(std::string& out) {
    ensure_started(out);
    while (!open_.empty()) block_stop(open_.front().theirs, out);
    json::Arena arena;
    const json::Value extra = read(stop_extra_, arena);
    json::Writer w = begin(out, "message_delta");
    w.key("delta");
    w.begin_object();
    w.field("stop_reason", reason(extra));
    if (stop_ == Stop::stop_sequence && !stop_sequence_.empty())
      w.field("stop_sequence", Str(stop_sequence_));
    else
      w.null_field("stop_sequence");
    w.field("stop_details", extra["stop_details"]);
    write_rest(w, extra, {"stop_reason", "stop_details"});
    w.end_object();
    w.key("usage");
    write_usage(w, usage_, read(usage_extra_, arena), {});
    write_rest(w, read(event_extra_, arena), {"usage"});
    finish(w);
    out += "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    done_ = true;
  }

  void error(const Event& e, std::string& out) {
    out += "event: error\ndata: ";
    json::Writer w(out);
    write_error(w, e.error, {});
    out += "\n\n";
    done_ = true;
  }

  std::string id_, model_;
  std::deque<Open> open_;  // in the order they go out
  Usage usage_;
  Stop stop_ = Stop::unset;
  std::string stop_sequence_;
  std::string stop_extra_, usage_extra_, event_extra_;  // JSON objects; "" = none
  int next_ = 0;
  bool started_ = false;
  bool refused_ = false;
  bool called_ = false;
  struct {
    std::string signature, format;
  } late_;  // see carry_late()
  bool done_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::anthropic
