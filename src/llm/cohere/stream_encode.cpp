// A streamed answer to a client. Neighbouring texts share one content block; a text's citations follow it, when its characters
// are known.
#include "base/utf8.h"
#include "llm/cohere/cohere.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::cohere {
namespace {

using Kind = Block::Kind;

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& o) : id_(o.id) {}

  void encode(const Event& e, std::string& out) override {
    if (over_ || e.choice != 0) return;
    switch (e.kind) {
      case Event::Kind::start:
        usage_.merge(e.usage);
        return start(e.id, out);
      case Event::Kind::block_start:
        return block_start(e, out);
      case Event::Kind::text_delta:
      case Event::Kind::refusal_delta:
        return text(e.text, out);
      case Event::Kind::thinking_delta:
        return content("thinking", e.text, out);
      case Event::Kind::arguments_delta:
        return arguments(e.text, out);
      case Event::Kind::citation:
        return citation(e);
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
      case Event::Kind::ping:
        out += ": ping\n\n";
        return;
      case Event::Kind::error:
        return end(e.error.message.empty() ? "the answer broke off" : Str(e.error.message), out);
      case Event::Kind::end:
        return end({}, out);
      case Event::Kind::signature_delta:
        return;  // the gateway keeps what this format cannot say
    }
  }

 private:
  // Opens an event's object; `index` < 0: it has none.
  json::Writer begin(Str type, int index, std::string& out) {
    out.append("event: ").append(type).append("\ndata: ");
    json::Writer w(out);
    w.begin_object();
    w.field("type", type);
    if (index >= 0) w.field("index", index);
    return w;
  }

  // The objects around what a message's delta holds.
  static void open_message(json::Writer& w) {
    w.key("delta");
    w.begin_object();
    w.key("message");
    w.begin_object();
  }
  static void close_message(json::Writer& w) {
    w.end_object();
    w.end_object();
    finish(w);
  }
  static void finish(json::Writer& w) {
    w.end_object();
    w.out() += "\n\n";
  }

  void start(Str id, std::string& out) {
    if (started_) return;
    started_ = true;
    if (!id.empty()) id_ = id;
    json::Writer w = begin("message-start", -1, out);
    w.field("id", id_);
    open_message(w);
    w.field("role", "assistant");
    w.key("content");
    w.raw("[]");
    w.field("tool_plan", "");
    w.key("tool_calls");
    w.raw("[]");
    w.key("citations");
    w.raw("[]");
    close_message(w);
  }

  void block_start(const Event& e, std::string& out) {
    start({}, out);
    const Block& b = e.block;
    kind_ = b.kind;
    plan_ = b.kind == Kind::text && b.detail == kPlan;
    custom_ = b.custom;
    said_.clear();
    cited_.clear();
    if (b.kind == Kind::text || b.kind == Kind::refusal) text(b.text, out);
    if (b.kind == Kind::thinking) content("thinking", b.text, out);
    if (b.kind == Kind::tool_call) call_start(b, out);
  }

  void text(Str words, std::string& out) {
    if (words.empty()) return;
    if (!plan_) {
      content("text", words, out);
      said_ += words;
      return;
    }
    start({}, out);
    close_content(out);
    json::Writer w = begin("tool-plan-delta", -1, out);
    open_message(w);
    w.field("tool_plan", words);
    close_message(w);
  }

  // A piece of a content block of type "text" or "thinking"; `open_` says which one is open.
  void content(Str type, Str words, std::string& out) {
    if (words.empty()) return;
    start({}, out);
    if (open_ != type) {
      close_content(out);
      open_ = type;
      offset_ = 0;
      json::Writer w = begin("content-start", ++contents_, out);
      open_message(w);
      w.key("content");
      w.begin_object();
      w.field("type", type);
      w.field(type, "");
      w.end_object();
      close_message(w);
    }
    json::Writer w = begin("content-delta", contents_, out);
    open_message(w);
    w.key("content");
    w.begin_object();
    w.field(type, words);
    w.end_object();
    close_message(w);
  }

  void close_content(std::string& out) {
    if (open_.empty()) return;
    open_ = {};
    json::Writer w = begin("content-end", contents_, out);
    finish(w);
  }

  void call_start(const Block& b, std::string& out) {
    close_content(out);
    json::Writer w = begin("tool-call-start", ++calls_, out);
    open_message(w);
    w.key("tool_calls");
    w.begin_object();
    w.field("id", b.id);
    w.field("type", "function");
    w.key("function");
    w.begin_object();
    w.field("name", b.name);
    w.field("arguments", "");
    w.end_object();
    w.end_object();
    close_message(w);
    empty_ = true;
    if (custom_) piece("{\"input\":\"", out);
    arguments(custom_ ? b.text : b.arguments, out);
  }

  void arguments(Str text, std::string& out) {
    if (kind_ != Kind::tool_call || text.empty()) return;
    if (!custom_) return piece(text, out);
    std::string inside;
    json::append_escaped(inside, text);
    piece(inside, out);
  }

  void piece(Str text, std::string& out) {
    empty_ = false;
    json::Writer w = begin("tool-call-delta", calls_, out);
    open_message(w);
    w.key("tool_calls");
    w.begin_object();
    w.key("function");
    w.begin_object();
    w.field("arguments", text);
    w.end_object();
    w.end_object();
    close_message(w);
  }

  void citation(const Event& e) {
    if (kind_ != Kind::text || plan_) return;
    cited_.push_back({json::to_text(e.value), std::string(e.format)});
  }

  void logprobs(json::Value value, std::string& out) {
    if (open_ != "text") return;
    for (const json::Value& token : value["content"].items()) {
      json::Writer w = begin("content-delta", contents_, out);
      open_message(w);
      w.key("content");
      w.begin_object();
      w.field("text", "");
      w.end_object();
      w.end_object();
      w.end_object();
      w.key("logprobs");
      write_logprob(w, token);
      finish(w);
    }
  }

  void block_stop(std::string& out) {
    if (kind_ == Kind::tool_call) {
      if (custom_) piece("\"}", out);
      if (empty_) piece("{}", out);
      json::Writer w = begin("tool-call-end", calls_, out);
      finish(w);
    }
    for (const Cited& c : cited_) write_cited(c, out);
    if (kind_ == Kind::text || kind_ == Kind::refusal) offset_ += utf8::characters(said_);
    kind_ = Kind::opaque;
  }

  struct Cited {
    std::string value;  // JSON
    std::string format;
  };

  void write_cited(const Cited& c, std::string& out) {
    json::Arena arena;
    const auto value = json::parse(c.value, arena);
    std::string text;
    json::Writer inner(text);
    if (!value || !write_citation(inner, *value, c.format, said_, offset_, contents_)) return;
    json::Writer w = begin("citation-start", citations_, out);
    open_message(w);
    w.key("citations");
    w.raw(text);
    close_message(w);
    json::Writer last = begin("citation-end", citations_++, out);
    finish(last);
  }

  void end(Str error, std::string& out) {
    start({}, out);
    close_content(out);
    json::Writer w = begin("message-end", -1, out);
    w.key("delta");
    w.begin_object();
    if (!error.empty()) w.field("error", error);
    w.field("finish_reason", error.empty() ? write_finish(stop_) : Str("ERROR"));
    w.key("usage");
    write_usage(w, usage_);
    w.end_object();
    finish(w);
    over_ = true;
  }

  std::string id_;
  Usage usage_;
  Stop stop_ = Stop::unset;
  Kind kind_ = Kind::opaque;  // of the block that is under way
  bool plan_ = false, custom_ = false, empty_ = false;
  std::string said_;          // the block's text
  std::vector<Cited> cited_;  // of the block
  Str open_;                  // type of the open content block; "" = none
  std::int64_t offset_ = 0;   // characters of earlier blocks in it
  int contents_ = -1, calls_ = -1, citations_ = 0;
  bool started_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::cohere
