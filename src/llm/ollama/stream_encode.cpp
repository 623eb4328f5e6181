// A streamed answer to a client: a line for each piece of text or thinking, one for each call, whole, and a last one with
// the counts.
#include <deque>

#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using Kind = Block::Kind;

class Encoder final : public StreamEncoder {
 public:
  Encoder(const StreamOptions& o, Shape shape)
      : shape_(shape), model_(o.model), created_(o.created), times_(o.times) {}

  void encode(const Event& e, std::string& out) override {
    if (over_ || e.choice > 0) return;  // the format has one answer
    switch (e.kind) {
      case Event::Kind::start:
        if (model_.empty()) model_ = e.model;
        if (e.created != 0) created_ = e.created;
        usage_.merge(e.usage);
        return;
      case Event::Kind::block_start:
        return block_start(e.block, out);
      case Event::Kind::text_delta:
      case Event::Kind::refusal_delta:
        return text(e.text, out);
      case Event::Kind::thinking_delta:
        return thinking(e.text, out);
      case Event::Kind::arguments_delta:
        if (in_call_) arguments_ += e.text;
        return;
      case Event::Kind::logprobs:
        return logprobs(e.value, out);
      case Event::Kind::block_stop:
        return block_stop(out);
      case Event::Kind::stop:
        stop_ = e.stop;
        return;
      case Event::Kind::usage:
        usage_.merge(e.usage);
        return;
      case Event::Kind::error:
        return error(e.error, out);
      case Event::Kind::end:
        return end(out);
      case Event::Kind::signature_delta:
      case Event::Kind::citation:
      case Event::Kind::ping:
        return;  // nothing here can say them
    }
  }

 private:
  static void quoted(std::string& out, Str text) {
    out += '"';
    json::append_escaped(out, text);
    out += '"';
  }

  // Up to where the words stand: {"model":…,"created_at":…,"message":{"role":"assistant","content":
  void open(std::string& out) {
    if (head_.empty()) {
      head_ = "{\"model\":";
      quoted(head_, model_);
      head_ += ",\"created_at\":\"";
    }
    out += head_;
    append_time(out, times_ != nullptr ? times_->now : as_ns(created_));
    out += shape_ == Shape::chat ? "\",\"message\":{\"role\":\"assistant\",\"content\":" : "\",\"response\":";
  }

  // `after`: members that follow the words, each with its comma.
  void close(std::string& out, std::string_view after = {}) {
    if (shape_ == Shape::chat) out += '}';
    out += ",\"done\":false";
    out += after;
    out += "}\n";
  }

  void text(Str piece, std::string& out) {
    if (piece.empty()) return;
    open(out);
    quoted(out, piece);
    close(out);
  }

  void thinking(Str piece, std::string& out) {
    if (piece.empty()) return;
    open(out);
    out += "\"\",\"thinking\":";
    quoted(out, piece);
    close(out);
  }

  void block_start(const Block& b, std::string& out) {
    in_call_ = b.kind == Kind::tool_call;
    if (b.kind == Kind::text || b.kind == Kind::refusal) return text(b.text, out);
    if (b.kind == Kind::thinking) {
      // Two blocks of thinking are two paragraphs of one text.
      if (thought_ && !b.text.empty()) thinking("\n\n", out);
      thought_ = true;
      return thinking(b.text, out);
    }
    if (b.kind == Kind::image && !b.data.empty()) return image(b.data, out);
    if (!in_call_) return;
    id_ = b.id;
    name_ = b.name;
    custom_ = b.custom;
    arguments_ = b.custom ? b.text : b.arguments;
  }

  void image(Str data, std::string& out) {
    open(out);
    out += "\"\",\"images\":[";
    quoted(out, data);
    out += ']';
    close(out);
  }

  void block_stop(std::string& out) {
    if (!in_call_) return;
    in_call_ = false;
    Block call;
    call.id = id_;
    call.name = name_;
    call.custom = custom_;
    open(out);
    out += "\"\",\"tool_calls\":[";
    json::Writer w(out);
    write_call(w, call, arguments_, calls_++);
    out += ']';
    close(out);
  }

  void logprobs(json::Value value, std::string& out) {
    std::string list = ",\"logprobs\":";
    json::Writer w(list);
    write_logprobs(w, value);
    open(out);
    out += "\"\"";
    close(out, list);
  }

  void error(const Error& error, std::string& out) {
    encode_error(error, {}, out);
    out += '\n';
    over_ = true;
  }

  void end(std::string& out) {
    open(out);
    out += shape_ == Shape::chat ? "\"\"}" : "\"\"";
    out += ",\"done\":true,\"done_reason\":";
    quoted(out, write_done_reason(stop_));
    std::string metrics;
    json::Writer w(metrics);
    w.begin_object();
    write_metrics(w, usage_, times_, {});
    w.end_object();
    if (metrics.size() > 2) out.append(",").append(metrics, 1, metrics.size() - 2);
    out += "}\n";
    over_ = true;
  }

  const Shape shape_;
  std::string model_, head_;
  std::int64_t created_;
  const Times* times_;
  Usage usage_;
  Stop stop_ = Stop::end;
  std::string id_, name_, arguments_;  // of the live call
  bool in_call_ = false, custom_ = false, thought_ = false, over_ = false;
  int calls_ = 0;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options, Shape shape) {
  return std::make_unique<Encoder>(options, shape);
}

}  // namespace pb::llm::ollama
