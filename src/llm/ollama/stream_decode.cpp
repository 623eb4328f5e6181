// A provider's streamed answer, of either endpoint: a line holds a piece of thinking, a piece of text or whole calls, the
// last line the counts.
#include "llm/json_stream.h"
#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Value;
using Kind = Block::Kind;

class Decoder final : public JsonStreamDecoder {
 public:
  void feed(std::string_view, std::string_view data, Out& out) override {
    if (over_) return;
    const auto root = parse(data, out);
    if (!root) return;
    if (!root->is_object()) return fail("the provider sent a line that is not an object", out);
    if (!(*root)["error"].is_null()) return push_error(error_of_line(*root), out);
    chunk(*root, out);
  }

  void finish(Out& out) override {
    if (over_) return;
    fail_early(started_, "last line", out);
  }

 private:
  Event& add(Event::Kind kind, Out& out) {
    Event& e = out.emplace_back();
    e.kind = kind;
    e.index = index_;
    return e;
  }

  void chunk(Value root, Out& out) {
    const bool chat = root["message"].is_object();
    const Value m = chat ? root["message"] : root;
    if (!started_) start(root, out);
    text(Kind::thinking, m["thinking"].as_string(), out);
    text(Kind::text, (chat ? m["content"] : m["response"]).as_string(), out);
    for (const Value& image : m["images"].items()) this->image(image.as_string(), out);
    for (const Value& c : m["tool_calls"].items()) call(c, root["created_at"].as_string(), out);
    if (const Value list = root["logprobs"]; list.size() > 0)
      add(Event::Kind::logprobs, out).value = read_logprobs(list, arena_);
    if (root["done"].as_bool()) done(root, out);
  }

  void start(Value root, Out& out) {
    started_ = true;
    Event& e = add(Event::Kind::start, out);
    e.format = kName;
    e.model = root["model"].as_string();
    e.created = read_time(root["created_at"].as_string());
  }

  void close(Out& out) {
    if (!live_) return;
    add(Event::Kind::block_stop, out);
    live_ = false;
    ++index_;
  }

  Block& open(Kind kind, Out& out) {
    close(out);
    live_ = true;
    kind_ = kind;
    Block& b = add(Event::Kind::block_start, out).block;
    b.kind = kind;
    return b;
  }

  void text(Kind kind, Str piece, Out& out) {
    if (piece.empty()) return;
    if (!live_ || kind_ != kind) open(kind, out);
    add(kind == Kind::text ? Event::Kind::text_delta : Event::Kind::thinking_delta, out).text = piece;
  }

  void image(Str data, Out& out) {
    if (data.empty()) return;
    open(Kind::image, out).data = data;
    close(out);
  }

  void call(Value c, Str created_at, Out& out) {
    const Value f = c["function"];
    if (!f.is_object()) return;
    const Str name = f["name"].as_string();
    const Str arguments = read_arguments(f["arguments"], arena_);
    Str id = c["id"].as_string();
    if (id.empty()) id = arena_.keep(call_id(created_at, name, arguments, calls_));
    ++calls_;
    Block& b = open(Kind::tool_call, out);
    b.id = id;
    b.name = name;
    if (!arguments.empty()) add(Event::Kind::arguments_delta, out).text = arguments;
    close(out);
  }

  void done(Value root, Out& out) {
    close(out);
    Event& stop = add(Event::Kind::stop, out);
    stop.index = 0;
    stop.stop = read_done_reason(root["done_reason"].as_string(), calls_ > 0);
    if (const Usage usage = read_usage(root); usage.known) add(Event::Kind::usage, out).usage = usage;
    add(Event::Kind::end, out);
    over_ = true;
  }

  int index_ = 0;  // of the live block, or of the next
  std::size_t calls_ = 0;
  Kind kind_ = Kind::text;
  bool live_ = false, started_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return std::make_unique<Decoder>(); }

}  // namespace pb::llm::ollama
