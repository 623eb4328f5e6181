// A provider's streamed answer: one JSON event in, canonical events out. One block is open at a time, as the format has it;
// an event for another one ends it.
#include "llm/cohere/cohere.h"
#include "llm/json_stream.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::cohere {
namespace {

using json::Value;
using Kind = Block::Kind;

class Decoder final : public JsonStreamDecoder {
 public:
  void feed(std::string_view name, std::string_view data, Out& out) override {
    if (over_ || data == "[DONE]") return;
    const auto root = parse(data, out);
    if (!root) return;
    if (!root->is_object()) return fail("the provider sent an event that is not an object", out);
    Str type = (*root)["type"].as_string();
    if (type.empty()) type = name;
    if (type.empty() || type == "error") {
      if (root->has("message") || root->has("error"))
        return push_error(openai_chat::error_of_json(0, *root), out);
      return;  // an event of a kind we do not know
    }
    event(type, *root, (*root)["delta"]["message"], out);
  }

  void finish(Out& out) override {
    if (over_) return;
    fail_early(started_, "message-end", out);
  }

 private:
  enum class Open : std::uint8_t { none, text, plan, thinking, call };

  void event(Str type, Value root, Value m, Out& out) {
    if (type == "message-start") return start(root["id"].as_string(), out);
    if (type == "message-end") return end(root["delta"], out);
    if (type == "content-start" || type == "content-delta")
      return content(m["content"], root["logprobs"], out);
    if (type == "tool-plan-delta") return words(Open::plan, m["tool_plan"].as_string(), out);
    if (type == "tool-call-start") return call(root["index"].as_int(), m["tool_calls"], out);
    if (type == "tool-call-delta") return arguments(root["index"].as_int(), m["tool_calls"], out);
    if (type == "content-end" || type == "tool-call-end") return close(out);
    if (type == "citation-start") return citation(m["citations"], out);
  }

  void start(Str id, Out& out) {
    if (started_) return;
    started_ = true;
    Event& e = out.emplace_back();
    e.kind = Event::Kind::start;
    e.id = id;
    e.format = kName;
  }

  Event& add(Event::Kind kind, Out& out) {
    Event& e = out.emplace_back();
    e.kind = kind;
    e.index = index_;
    return e;
  }

  Block& open(Open what, Out& out) {
    start({}, out);
    close(out);
    open_ = what;
    ++index_;
    Event& e = add(Event::Kind::block_start, out);
    e.format = kName;
    if (what == Open::thinking) e.block.kind = Kind::thinking;
    if (what == Open::plan) e.block.detail = kPlan;
    return e.block;
  }

  void close(Out& out) {
    if (open_ == Open::none) return;
    open_ = Open::none;
    add(Event::Kind::block_stop, out);
  }

  void content(Value c, Value logprobs, Out& out) {
    words(Open::text, c["text"].as_string(), out);
    words(Open::thinking, c["thinking"].as_string(), out);
    if (!logprobs.is_object()) return;
    start({}, out);
    const Value list = Value::array(arena_, {&logprobs, 1});
    Event& e = add(Event::Kind::logprobs, out);
    e.index = 0;
    e.value = read_logprobs(list, arena_);
  }

  void words(Open what, Str text, Out& out) {
    if (text.empty()) return;
    if (open_ != what) open(what, out);
    add(what == Open::thinking ? Event::Kind::thinking_delta : Event::Kind::text_delta, out).text = text;
  }

  void call(std::int64_t number, Value c, Out& out) {
    if (c.is_array() && c.size() > 0) c = c.at(0);
    if (!c.is_object()) return;
    Block& b = open(Open::call, out);
    call_ = number;
    calls_ = true;
    b.kind = Kind::tool_call;
    b.id = c["id"].as_string();
    if (b.id.empty()) b.id = arena_.keep("call_" + std::to_string(number));
    b.name = c["function"]["name"].as_string();
    arguments(number, c, out);
  }

  void arguments(std::int64_t number, Value c, Out& out) {
    if (c.is_array() && c.size() > 0) c = c.at(0);
    const Str piece = c["function"]["arguments"].as_string();
    if (piece.empty()) return;
    if (open_ != Open::call || number != call_)
      return fail(
          "the provider sent arguments of tool call " + std::to_string(number) + ", which is not open", out);
    add(Event::Kind::arguments_delta, out).text = piece;
  }

  void citation(Value c, Out& out) {
    if (open_ != Open::text || !c.is_object()) return;
    Event& e = add(Event::Kind::citation, out);
    e.value = c;
    e.format = kName;
  }

  void end(Value delta, Out& out) {
    start({}, out);
    const Str reason = delta["finish_reason"].as_string();
    Stop stop = read_finish(reason);
    const Str error = delta["error"].as_string();
    if (!error.empty() || (stop == Stop::unset && (reason.starts_with("ERROR") || reason == "TIMEOUT")))
      return fail(error.empty() ? "the provider ended the answer with finish_reason " + std::string(reason)
                                : std::string(error),
                  out);
    close(out);
    if (stop == Stop::unset || (stop == Stop::end && calls_)) stop = calls_ ? Stop::tool_use : Stop::end;
    Event& s = add(Event::Kind::stop, out);
    s.index = 0;
    s.stop = stop;
    if (const Usage usage = read_usage(delta["usage"]); usage.known) {
      Event& u = add(Event::Kind::usage, out);
      u.index = 0;
      u.usage = usage;
    }
    add(Event::Kind::end, out).index = 0;
    over_ = true;
  }

  Open open_ = Open::none;
  int index_ = -1;          // of the latest block
  std::int64_t call_ = -1;  // the provider's number of the latest call
  bool calls_ = false, started_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return std::make_unique<Decoder>(); }

}  // namespace pb::llm::cohere
