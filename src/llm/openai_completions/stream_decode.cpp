// A provider's streamed answer: pieces of text, by choice.
#include <vector>

#include "llm/json_stream.h"
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

using json::Value;

class Decoder final : public JsonStreamDecoder {
 public:
  void feed(std::string_view name, std::string_view data, Out& out) override {
    if (over_) return;
    if (data == "[DONE]") return close(out);
    const auto root = parse(data, out);
    if (!root) return;
    if (!root->is_object()) return fail("the provider sent an event that is not an object", out);
    const bool error = name == "error" || !(*root)["error"].is_null() ||
                       (!root->has("choices") && root->has("message") && root->has("code"));
    if (error) return push_error(openai_chat::error_of_json(0, *root), out);
    chunk(*root, out);
  }

  void finish(Out& out) override {
    if (over_) return;
    bool stopped = !choices_.empty();
    for (const State& s : choices_) stopped &= s.stopped;
    if (stopped) return close(out);
    fail_early(started_, "finish_reason", out);
  }

 private:
  struct State {
    bool open = false, stopped = false;
  };

  void chunk(Value root, Out& out) {
    const Usage usage = openai_chat::read_usage(root["usage"]);
    if (!started_ && (root["choices"].size() > 0 || usage.known)) start(root, out);
    for (const Value& c : root["choices"].items()) {
      if (over_) return;
      choice(c, out);
    }
    if (!usage.known || over_) return;
    Event& e = out.emplace_back();
    e.kind = Event::Kind::usage;
    e.usage = usage;
  }

  void start(Value root, Out& out) {
    started_ = true;
    Event& e = out.emplace_back();
    e.kind = Event::Kind::start;
    e.format = kName;
    e.id = root["id"].as_string();
    e.model = root["model"].as_string();
    e.created = root["created"].as_int();
    e.system_fingerprint = root["system_fingerprint"].as_string();
  }

  static Event& add(Event::Kind kind, std::int64_t choice, Out& out) {
    Event& e = out.emplace_back();
    e.kind = kind;
    e.choice = static_cast<int>(choice);
    return e;
  }

  void choice(Value c, Out& out) {
    const std::int64_t index = c["index"].as_int(0);
    if (index < 0 || index >= static_cast<std::int64_t>(kChoicesMax))
      return fail("the provider sent a choice of index " + std::to_string(index), out);
    if (choices_.size() <= static_cast<std::size_t>(index))
      choices_.resize(static_cast<std::size_t>(index) + 1);
    State& s = choices_[static_cast<std::size_t>(index)];
    if (s.stopped) return;
    if (const Str text = c["text"].as_string(); !text.empty()) {
      if (!s.open) add(Event::Kind::block_start, index, out);
      s.open = true;
      add(Event::Kind::text_delta, index, out).text = text;
    }
    if (const Value logprobs = read_logprobs(c["logprobs"], arena_); logprobs.is_object())
      add(Event::Kind::logprobs, index, out).value = logprobs;
    if (const Str reason = c["finish_reason"].as_string(); !reason.empty())
      stop(s, index, openai_chat::read_finish(reason), out);
  }

  void stop(State& s, std::int64_t index, Stop reason, Out& out) {
    if (s.stopped) return;
    if (s.open) add(Event::Kind::block_stop, index, out);
    s.stopped = true;
    add(Event::Kind::stop, index, out).stop = reason == Stop::unset ? Stop::end : reason;
  }

  void close(Out& out) {
    if (!started_) return fail("the provider's stream ended before it began", out);
    for (std::size_t i = 0; i < choices_.size(); ++i)
      stop(choices_[i], static_cast<std::int64_t>(i), Stop::end, out);
    out.emplace_back().kind = Event::Kind::end;
    over_ = true;
  }

  std::vector<State> choices_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return std::make_unique<Decoder>(); }

}  // namespace pb::llm::openai_completions
