// Streamed answers of Gemini: each chunk is an answer by itself, whose parts go on where the last chunk's ended. The stream has no
// mark for its end: it is over when every candidate has its reason and the body ends.
#include <algorithm>

#include "llm/gemini/gemini.h"
#include "llm/gemini/partial_args.h"

namespace pb::llm::gemini {
namespace {

using Out = std::vector<Event>;
using Kind = Block::Kind;

constexpr std::size_t kChoicesMax = 64;

class Decoder final : public StreamDecoder {
 public:
  void feed(std::string_view, std::string_view data, Out& out) override {
    if (failed_) return;
    arena_.reset();
    auto body = json::parse(data, arena_);
    if (!body) return fail_with("an event of the stream: " + body.error().message, out);
    if (!body->is_object()) return fail_with("an event of the stream is no object", out);
    if (const json::Value e = (*body)["error"]; e.is_object()) return fail_with(read_error(e, 0), out);
    start(*body, out);
    const json::Value candidates = get(*body, "candidates");
    if (!candidates.is_null() && !candidates.is_array())
      return fail_with("an event of the stream: candidates is no array", out);
    for (std::size_t i = 0; i < candidates.size() && !failed_; ++i) candidate(candidates.at(i), i, out);
    if (failed_) return;
    if (const json::Value usage = get(*body, "usageMetadata"); usage.size() > 0) {
      Event& e = add(Event::Kind::usage, out);
      e.usage = read_usage(usage);
      e.format = kName;
      e.value = usage_rest(usage, arena_);
    }
    if (candidates.size() == 0) feedback(*body, out);
  }

  void finish(Out& out) override {
    if (failed_) return;
    if (!started_) return fail_with("the stream ended before it began", out);
    const bool whole = !choices_.empty() && std::all_of(choices_.begin(), choices_.end(),
                                                        [](const ChoiceState& c) { return c.stopped; });
    if (!whole) return fail_with("the stream ended before the answer did", out);
    add(Event::Kind::end, out);
    failed_ = true;  // nothing follows
  }

 private:
  struct ChoiceState {
    int next = 0;       // index of the next block
    bool open = false;  // the block before it is open: a text or thinking
    Kind kind = Kind::text;
    std::size_t calls = 0;
    bool said = false;  // something came
    bool stopped = false;
    // A call whose arguments come in pieces.
    bool partial = false;
    std::string id, name, signature;
    PartialArgs args;
  };

  static Event& add(Event::Kind kind, Out& out) {
    Event& e = out.emplace_back();
    e.kind = kind;
    return e;
  }

  Event& event(Event::Kind kind, int choice, int index, Out& out) {
    Event& e = add(kind, out);
    e.choice = choice;
    e.index = index;
    return e;
  }

  void fail_with(Error error, Out& out) {
    failed_ = true;
    add(Event::Kind::error, out).error = std::move(error);
  }

  void fail_with(std::string message, Out& out) {
    fail_with(upstream_fault("the provider's stream is broken: " + message), out);
  }

  void start(json::Value body, Out& out) {
    if (started_) return;
    started_ = true;
    id_ = get(body, "responseId").as_string();
    Event& e = add(Event::Kind::start, out);
    e.id = id_;
    e.model = get(body, "modelVersion").as_string();
    e.usage = read_usage(get(body, "usageMetadata"));
    e.format = kName;
    e.value = response_rest(body, arena_);
  }

  void candidate(json::Value v, std::size_t position, Out& out) {
    const std::int64_t given = get(v, "index").as_int(static_cast<std::int64_t>(position));
    if (given < 0 || given >= static_cast<std::int64_t>(kChoicesMax))
      return fail_with("a candidate's index is out of range", out);
    const int index = static_cast<int>(given);
    while (choices_.size() <= static_cast<std::size_t>(index)) choices_.emplace_back();
    ChoiceState& c = choices_[static_cast<std::size_t>(index)];
    const json::Value parts = get(get(v, "content"), "parts");
    if (!c.stopped)
      for (const json::Value& p : as_list(parts)) {
        part(c, index, p, out);
        if (failed_) return;
      }
    const Str reason = get(v, "finishReason").as_string();
    if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED" || c.stopped) return;
    stop(c, index, v, reason, out);
  }

  void part(ChoiceState& c, int choice, json::Value p, Out& out) {
    if (const json::Value call = get(p, "functionCall"); partial_call(c, choice, call, p, out)) return;
    Block b;
    if (const auto decoded = decode_part(p, Path(), arena_, b); !decoded)
      return fail_with(decoded.error().message, out);
    if (b.kind == Kind::text || b.kind == Kind::thinking) return words(c, choice, b, out);
    close(c, choice, out);
    whole(c, choice, b, out);
  }

  void words(ChoiceState& c, int choice, const Block& b, Out& out) {
    if (b.text.empty() && b.signature.empty()) return;
    if (c.open && c.kind != b.kind && !b.text.empty()) close(c, choice, out);
    if (!c.open) {
      Event& e = event(Event::Kind::block_start, choice, c.next++, out);
      e.block.kind = c.kind = b.kind;
      e.block.format = kName;
      c.open = c.said = true;
    }
    if (!b.text.empty())
      event(b.kind == Kind::text ? Event::Kind::text_delta : Event::Kind::thinking_delta, choice, c.next - 1,
            out)
          .text = b.text;
    if (b.signature.empty()) return;
    Event& e = event(Event::Kind::signature_delta, choice, c.next - 1, out);
    e.text = b.signature;
    e.format = kName;
    close(c, choice, out);  // it signs what was said so far
  }

  // A block that comes in one piece.
  void whole(ChoiceState& c, int choice, const Block& b, Out& out) {
    Event& e = event(Event::Kind::block_start, choice, c.next, out);
    e.block = b;
    if (b.kind == Kind::tool_call) {
      if (b.id.empty()) e.block.id = arena_.keep(made_up_id(id_, choice, c.calls, b));
      ++c.calls;
    }
    c.said = true;
    event(Event::Kind::block_stop, choice, c.next++, out);
  }

  // True when the part is a piece of a call, which is then told whole once it is complete.
  bool partial_call(ChoiceState& c, int choice, json::Value call, json::Value p, Out& out) {
    if (!call.is_object()) return false;
    const bool more = get(call, "willContinue").as_bool();
    const json::Value pieces = get(call, "partialArgs");
    if (!more && pieces.size() == 0 && !c.partial) return false;
    if (!c.partial) {
      c.partial = true;
      c.args = PartialArgs();
      c.id = c.name = c.signature = {};
    }
    if (const Str id = get(call, "id").as_string(); !id.empty()) c.id = id;
    if (const Str name = get(call, "name").as_string(); !name.empty()) c.name = name;
    if (const Str s = get(p, "thoughtSignature").as_string(); !s.empty()) c.signature = s;
    for (const json::Value& piece : pieces.items())
      if (!c.args.add(piece)) {
        fail_with("a piece of a call's arguments that has no place", out);
        return true;
      }
    if (!more) end_partial(c, choice, out);
    return true;
  }

  void end_partial(ChoiceState& c, int choice, Out& out) {
    c.partial = false;
    close(c, choice, out);
    Block b;
    b.kind = Kind::tool_call;
    b.format = kName;
    b.id = arena_.copy(c.id);
    b.name = arena_.copy(c.name);
    b.signature = arena_.copy(c.signature);
    b.arguments = arena_.keep(c.args.text());
    whole(c, choice, b, out);
  }

  void close(ChoiceState& c, int choice, Out& out) {
    if (!c.open) return;
    c.open = false;
    event(Event::Kind::block_stop, choice, c.next - 1, out);
  }

  void stop(ChoiceState& c, int choice, json::Value v, Str reason, Out& out) {
    if (c.partial) end_partial(c, choice, out);
    if (!c.said && is_failure(reason))
      return fail_with(failure(reason, get(v, "finishMessage").as_string()), out);
    if (c.open && c.kind == Kind::text) {
      for (const json::Value& found : read_citations(v, arena_).items()) {
        Event& e = event(Event::Kind::citation, choice, c.next - 1, out);
        e.value = found;
        e.format = kName;
      }
    }
    close(c, choice, out);
    if (const json::Value logprobs = read_logprobs(get(v, "logprobsResult"), arena_); !logprobs.is_null())
      event(Event::Kind::logprobs, choice, 0, out).value = logprobs;
    c.stopped = true;
    Event& e = event(Event::Kind::stop, choice, 0, out);
    e.stop = read_finish(reason);
    if (e.stop == Stop::end && c.calls > 0) e.stop = Stop::tool_use;
    e.format = kName;
    e.value = candidate_rest(v, arena_);
    const json::Member kept{"finishReason", json::Value::string(reason)};
    if (write_finish(e.stop) != reason)
      e.value = join(e.value, json::Value::object(arena_, {&kept, 1}), arena_);
  }

  // A prompt that was refused: no candidate comes.
  void feedback(json::Value body, Out& out) {
    const json::Value given = get(body, "promptFeedback");
    const Str reason = get(given, "blockReason").as_string();
    if (reason.empty() || !choices_.empty()) return;
    ChoiceState& c = choices_.emplace_back();
    Event& e = event(Event::Kind::block_start, 0, c.next++, out);
    e.block.kind = Kind::refusal;
    e.block.format = kName;
    event(Event::Kind::refusal_delta, 0, 0, out).text =
        arena_.keep("The provider blocked the prompt: " + std::string(reason));
    event(Event::Kind::block_stop, 0, 0, out);
    c.stopped = true;
    Event& s = event(Event::Kind::stop, 0, 0, out);
    s.stop = Stop::content_filter;
    s.format = kName;
  }

  json::Arena arena_;  // of one chunk
  std::string id_;
  std::vector<ChoiceState> choices_;
  bool started_ = false;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return std::make_unique<Decoder>(); }

}  // namespace pb::llm::gemini
