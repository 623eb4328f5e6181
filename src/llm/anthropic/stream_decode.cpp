// Streamed answers of Anthropic: one JSON event in, canonical events out. Tolerated: a repeated or missing
// message_start, blocks left open at the end, a missing message_stop after the stop reason, unknown events and
// deltas. Anything else out of order ends the stream with an error.
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

class Decoder final : public StreamDecoder {
 public:
  void feed(std::string_view, std::string_view data, std::vector<Event>& out) override {
    if (failed_ || ended_) return;
    arena_.reset();
    auto body = json::parse(data, arena_);
    if (!body) return fail_with("an event of the stream: " + body.error().message, out);
    const Str type = (*body)["type"].as_string();
    if (type == "content_block_delta") return delta(*body, out);
    if (type == "content_block_start") return block_start(*body, out);
    if (type == "content_block_stop") return block_stop(*body, out);
    if (type == "message_start") return message_start((*body)["message"], out);
    if (type == "message_delta") return message_delta(*body, out);
    if (type == "message_stop") return message_stop(out);
    if (type == "ping") return add(Event::Kind::ping, out);
    if (type == "error") {
      failed_ = true;
      Event e;
      e.kind = Event::Kind::error;
      e.error = read_error(*body, 0);
      out.push_back(std::move(e));
      return;
    }
    if (type.empty()) fail_with("an event of the stream has no type", out);
  }

  void finish(std::vector<Event>& out) override {
    if (failed_ || ended_) return;
    if (stopped_) return message_stop(out);
    fail_with(started_ ? "the stream ended before the answer did" : "the stream ended before it began", out);
  }

 private:
  struct Open {
    std::int64_t theirs;
    int ours;
  };

  static void add(Event::Kind kind, std::vector<Event>& out) { out.emplace_back().kind = kind; }

  void fail_with(std::string message, std::vector<Event>& out) {
    failed_ = true;
    Event e;
    e.kind = Event::Kind::error;
    e.error = upstream_fault("the provider's stream is broken: " + message);
    out.push_back(std::move(e));
  }

  // Members of the vendor's that have no place in an event: what is left of `object`, and of its usage.
  json::Value others(json::Value object, std::initializer_list<Str> known) {
    const json::Value usage = usage_rest(object["usage"], arena_);
    json::Value rest = rest_of(object, known, arena_);
    if (usage.is_null()) return rest;
    const json::Member member{"usage", usage};
    return join(rest, json::Value::object(arena_, {&member, 1}), arena_);
  }

  void message_start(json::Value message, std::vector<Event>& out) {
    if (started_) return;
    started_ = true;
    usage_.merge(message["usage"]);
    Event& e = out.emplace_back();
    e.kind = Event::Kind::start;
    e.id = message["id"].as_string();
    e.model = message["model"].as_string();
    e.service_tier = message["usage"]["service_tier"].as_string();
    e.usage = usage_.usage();
    e.format = kName;
    e.value = others(message, {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence",
                               "stop_details", "usage"});
  }

  void block_start(json::Value body, std::vector<Event>& out) {
    if (!started_) message_start({}, out);
    const std::int64_t index = body["index"].as_int(-1);
    if (index < 0) return fail_with("content_block_start without an index", out);
    if (find(index)) return fail_with("content block " + std::to_string(index) + " starts twice", out);
    if (stopped_) return fail_with("a content block starts after the stop reason", out);
    const Path root;
    Block block;
    if (auto read = decode_block(body["content_block"], Path(root, "content_block"), arena_, block); !read)
      return fail_with(read.error().message, out);
    if (block.kind == Block::Kind::tool_call && block.arguments == "{}") block.arguments = {};  // they follow
    open_.push_back({index, next_});
    Event& e = out.emplace_back();
    e.kind = Event::Kind::block_start;
    e.index = next_++;
    e.block = std::move(block);
    e.format = kName;
  }

  void delta(json::Value body, std::vector<Event>& out) {
    const Open* block = find(body["index"].as_int(-1));
    if (!block) return fail_with("a delta for a content block that is not open", out);
    const json::Value d = body["delta"];
    const Str type = d["type"].as_string();
    Event::Kind kind;
    Str key;
    if (type == "text_delta")
      kind = Event::Kind::text_delta, key = "text";
    else if (type == "input_json_delta")
      kind = Event::Kind::arguments_delta, key = "partial_json";
    else if (type == "thinking_delta")
      kind = Event::Kind::thinking_delta, key = "thinking";
    else if (type == "signature_delta")
      kind = Event::Kind::signature_delta, key = "signature";
    else if (type == "citations_delta")
      kind = Event::Kind::citation, key = "citation";
    else
      return;  // one to come
    const json::Value value = d[key];
    if (kind == Event::Kind::citation ? !value.is_object() : !value.is_string())
      return fail_with(std::string(type) + " without `" + std::string(key) + "`", out);
    Event& e = out.emplace_back();
    e.kind = kind;
    e.index = block->ours;
    e.text = value.as_string();
    if (kind == Event::Kind::citation) e.value = value;
    if (kind == Event::Kind::citation || kind == Event::Kind::signature_delta) e.format = kName;
  }

  void block_stop(json::Value body, std::vector<Event>& out) {
    const Open* block = find(body["index"].as_int(-1));
    if (!block) return fail_with("content_block_stop for a content block that is not open", out);
    close(*block, out);
    open_.erase(open_.begin() + (block - open_.data()));
  }

  void close(const Open& block, std::vector<Event>& out) {
    Event& e = out.emplace_back();
    e.kind = Event::Kind::block_stop;
    e.index = block.ours;
  }

  void close_all(std::vector<Event>& out) {
    for (const Open& block : open_) close(block, out);
    open_.clear();
  }

  void message_delta(json::Value body, std::vector<Event>& out) {
    if (!started_) message_start({}, out);
    usage_.merge(body["usage"]);
    const json::Value d = body["delta"];
    const Str reason = d["stop_reason"].as_string();
    if (!reason.empty()) {
      close_all(out);
      stopped_ = true;
      Event& e = out.emplace_back();
      e.kind = Event::Kind::stop;
      e.stop = read_stop(reason);
      e.stop_sequence = d["stop_sequence"].as_string();
      e.format = kName;
      // {stop_details, container, …} of the delta; an unknown reason stays there by its name.
      e.value = rest_of(d,
                        e.stop == Stop::unset ? std::initializer_list<Str>{"stop_sequence"}
                                              : std::initializer_list<Str>{"stop_reason", "stop_sequence"},
                        arena_);
      if (e.stop == Stop::unset) e.stop = Stop::end;
    }
    Event& e = out.emplace_back();
    e.kind = Event::Kind::usage;
    e.usage = usage_.usage();
    e.format = kName;
    e.value = others(body, {"type", "delta", "usage"});
  }

  void message_stop(std::vector<Event>& out) {
    if (!started_) return fail_with("message_stop before message_start", out);
    close_all(out);
    if (!stopped_) {
      Event& e = out.emplace_back();
      e.kind = Event::Kind::stop;
      e.stop = Stop::end;
    }
    add(Event::Kind::end, out);
    ended_ = true;
  }

  const Open* find(std::int64_t theirs) const {
    for (const Open& block : open_)
      if (block.theirs == theirs) return &block;
    return nullptr;
  }

  json::Arena arena_;  // of one event
  std::vector<Open> open_;
  RawUsage usage_;
  int next_ = 0;
  bool started_ = false;
  bool stopped_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return std::make_unique<Decoder>(); }

}  // namespace pb::llm::anthropic
