// A streamed answer to a client.
#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

using Kind = Block::Kind;

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& o)
      : id_(o.id),
        model_(o.model),
        created_(o.created),
        include_usage_(o.include_usage),
        request_(o.request) {
    make_head();
  }

  void encode(const Event& e, std::string& out) override {
    if (over_) return;
    switch (e.kind) {
      case Event::Kind::start:
        return start(e);
      case Event::Kind::block_start:
        if (e.block.kind == Kind::text || e.block.kind == Kind::refusal) text(e.choice, e.block.text, out);
        return;
      case Event::Kind::text_delta:
      case Event::Kind::refusal_delta:
        return text(e.choice, e.text, out);
      case Event::Kind::logprobs:
        return logprobs(e, out);
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
      default:
        return;  // no text: not in the format
    }
  }

 private:
  struct State {
    bool begun = false, stopped = false;
    std::int64_t offset = 0;  // of the next token, in characters
  };

  void make_head() {
    head_ = "data: ";
    json::Writer w(head_);
    w.begin_object();
    w.field("id", id_);
    w.field("object", "text_completion");
    w.field("created", created_);
    w.field("model", model_);
    if (!fingerprint_.empty()) w.field("system_fingerprint", fingerprint_);
    w.key("choices");
  }

  void start(const Event& e) {
    if (!e.id.empty()) id_ = e.id;
    if (model_.empty()) model_ = e.model;
    if (e.created != 0) created_ = e.created;
    fingerprint_ = e.system_fingerprint;
    format_ = e.format;
    usage_.merge(e.usage);
    make_head();
  }

  void chunk(int choice, Str text, std::string_view logprobs, std::string_view finish, std::string& out) {
    out += head_;
    out += "[{\"text\":\"";
    json::append_escaped(out, text);
    out += "\",\"index\":";
    out += std::to_string(choice);
    out += ",\"logprobs\":";
    out += logprobs;
    out += ",\"finish_reason\":";
    out += finish;
    out += include_usage_ ? "}],\"usage\":null}\n\n" : "}]}\n\n";
  }

  // The choice's state; the prompt goes out first where the client asked for it.
  State& choice(int index, std::string& out) {
    const std::size_t i =
        index < 0 ? 0 : std::min<std::size_t>(static_cast<std::size_t>(index), kChoicesMax - 1);
    if (choices_.size() <= i) choices_.resize(i + 1);
    State& s = choices_[i];
    if (s.begun) return s;
    s.begun = true;
    const auto n = static_cast<std::size_t>(
        request_ != nullptr ? std::clamp<std::int64_t>(request_->n.value_or(1), 1, kChoicesMax) : 1);
    const std::string echo = echo_of(request_, format_, i, n * prompts_of(request_));
    if (!echo.empty()) chunk(index, echo, "null", "null", out);
    s.offset = utf8::characters(echo);
    return s;
  }

  void text(int index, Str text, std::string& out) {
    choice(index, out);
    if (!text.empty()) chunk(index, text, "null", "null", out);
  }

  void logprobs(const Event& e, std::string& out) {
    State& s = choice(e.choice, out);
    std::string legacy;
    json::Writer w(legacy);
    write_logprobs(w, e.value, s.offset);
    for (const json::Value& t : e.value["content"].items())
      s.offset += utf8::characters(t["token"].as_string());
    chunk(e.choice, {}, legacy, "null", out);
  }

  void stop(int index, Stop reason, std::string& out) {
    State& s = choice(index, out);
    if (s.stopped) return;
    s.stopped = true;
    const Str word = reason == Stop::tool_use ? Str("stop") : openai_chat::write_finish(reason, false);
    chunk(index, {}, "null", std::string("\"").append(word).append("\""), out);
  }

  void end(std::string& out) {
    choice(0, out);
    for (std::size_t i = 0; i < choices_.size(); ++i) stop(static_cast<int>(i), Stop::end, out);
    if (include_usage_) {
      out += head_;
      out += "[],\"usage\":";
      json::Writer w(out);
      openai_chat::write_usage(w, usage_);
      out += "}\n\n";
    }
    out += "data: [DONE]\n\n";
    over_ = true;
  }

  void error(const Error& error, std::string& out) {
    out += "data: {\"error\":";
    json::Writer w(out);
    openai_chat::write_error_object(w, error);
    out += "}\n\ndata: [DONE]\n\n";
    over_ = true;
  }

  std::string id_, model_, fingerprint_, format_, head_;
  std::int64_t created_;
  const bool include_usage_;
  const Request* request_;
  bool over_ = false;
  Usage usage_;
  std::vector<State> choices_;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::openai_completions
