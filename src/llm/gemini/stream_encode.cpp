// Streamed answers for Gemini's clients. Each chunk holds one part; calls go out whole. Clients of the SDK count a stream without
// a content in every chunk as invalid, so the last chunk, with the reason and the usage, has an empty text.
#include <algorithm>
#include <deque>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& o) : id_(o.id), model_(o.model), array_(o.array), begun_(o.begun) {
    // Clients that did not ask for thoughts would show them as the answer.
    shows_thoughts_ = !o.request || o.request->format != kName || o.request->thinking.display == "summarized";
  }

  void encode(const Event& e, std::string& out) override {
    using K = Event::Kind;
    if (done_) return;
    switch (e.kind) {
      case K::start:
        return start(e);
      case K::block_start:
        return block_start(e, out);
      case K::text_delta:
      case K::refusal_delta:
        if (find(e)) text(e.choice, e.text, out);
        return;
      case K::thinking_delta:
        if (Open* b = find(e)) thinking(e.choice, *b, e.text, out);
        return;
      case K::signature_delta:
        return signature(e);
      case K::arguments_delta:
        if (Open* b = find(e)) b->arguments += e.text;
        return;
      case K::citation:
        if (e.format != kName) choice(e.choice).citations.push_back(json::to_text(e.value));
        return;
      case K::logprobs:
        return logprobs(e);
      case K::block_stop:
        return block_stop(e, out);
      case K::stop:
        return stop(e);
      case K::usage:
        usage_.merge(e.usage);
        if (e.format == kName) keep(e.value, usage_rest_);
        return;
      case K::ping:
        return;
      case K::error:
        return error(e, out);
      case K::end:
        return end(out);
    }
  }

 private:
  struct Open {
    int index = 0;
    Kind kind = Kind::text;
    bool custom = false;
    std::string id, name, arguments;  // of a call
    std::string text;                 // of thinking that is to be carried
    std::string signature, format, item_id, data;
  };
  struct ChoiceState {
    explicit ChoiceState(Str own) : carrier(own) {}
    Carrier carrier;
    std::deque<Open> open;
    Stop stop = Stop::unset;
    std::string loose;     // a signature that stands apart from what it signs
    std::string extra;     // members of the candidate, as JSON
    std::string logprobs;  // tokens in OpenAI's shape, with commas
    std::vector<std::string> citations;
    bool refused = false, called = false, stopped = false;
  };

  static void keep(json::Value value, std::string& text) {
    if (value.size() > 0) text = json::to_text(value);
  }

  ChoiceState& choice(int index) {
    const auto at = static_cast<std::size_t>(std::max(index, 0));
    while (choices_.size() <= at) choices_.emplace_back(Str(format_));
    return choices_[at];
  }

  Open* find(const Event& e) {
    for (Open& b : choice(e.choice).open)
      if (b.index == e.index) return &b;
    return nullptr;
  }

  // ---- chunks ----

  void frame(std::string& out) {
    if (array_)
      out += begun_ ? ",\r\n" : "[";
    else
      out += "data: ";
    begun_ = true;
  }

  json::Writer begin(std::string& out) {
    frame(out);
    json::Writer w(out);
    w.begin_object();
    return w;
  }

  void finish(json::Writer& w) {
    w.field("modelVersion", Str(model_));
    w.field("responseId", Str(id_));
    w.end_object();
    if (!array_) w.out() += "\n\n";
  }

  // {"candidates":[{"content":{"parts":[{
  json::Writer begin_part(std::string& out) {
    json::Writer w = begin(out);
    w.key("candidates");
    w.begin_array();
    w.begin_object();
    w.key("content");
    w.begin_object();
    w.key("parts");
    w.begin_array();
    w.begin_object();
    return w;
  }

  void finish_part(json::Writer& w, int index) {
    w.end_object();
    w.end_array();
    w.field("role", "model");
    w.end_object();
    w.field("index", index);
    w.end_object();
    w.end_array();
    finish(w);
  }

  // ---- events ----

  void start(const Event& e) {
    if (!e.id.empty()) id_ = e.id;
    if (model_.empty()) model_ = e.model;
    usage_.merge(e.usage);
    format_ = e.format;
    if (e.format == kName) keep(e.value, start_extra_);
  }

  void block_start(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice);
    const Block& b = e.block;
    if (find(e)) return;
    Open& o = c.open.emplace_back();
    o.index = e.index;
    o.kind = b.kind;
    o.custom = b.custom;
    o.id = b.id;
    o.name = b.name;
    o.signature = b.signature;
    o.format = b.format;
    o.item_id = b.item_id;
    o.data = b.data;
    c.refused = c.refused || b.kind == Kind::refusal;
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        return text(e.choice, b.text, out);
      case Kind::thinking:
        return thinking(e.choice, o, b.text, out);
      case Kind::tool_call:
        o.arguments = b.custom ? b.text : b.arguments;
        return;
      case Kind::opaque:
        if (b.format == kName) part(e.choice, [&](json::Writer& w) { write_rest(w, b.raw); }, out);
        return;
      case Kind::image:
      case Kind::audio:
      case Kind::document:
        if (has_media(b)) part(e.choice, [&](json::Writer& w) { write_media(w, b, b.format == kName); }, out);
        return;
      default:
        return;
    }
  }

  template <class Write>
  void part(int index, const Write& write, std::string& out) {
    json::Writer w = begin_part(out);
    write(w);
    finish_part(w, index);
  }

  void text(int index, Str words, std::string& out) {
    if (words.empty()) return;
    Carrier& carrier = choice(index).carrier;
    const std::string carried = carrier.empty() ? std::string() : carrier.for_text(Block());
    json::Writer w = begin_part(out);
    w.field("text", words);
    if (!carried.empty()) w.field("thoughtSignature", std::string_view(carried));
    finish_part(w, index);
  }

  void thinking(int index, Open& o, Str words, std::string& out) {
    o.text += words;
    if (!shows_thoughts_ || words.empty()) return;
    json::Writer w = begin_part(out);
    w.field("text", words);
    w.field("thought", true);
    finish_part(w, index);
  }

  void signature(const Event& e) {
    Open* o = find(e);
    if (!o) return;
    o->signature += e.text;
    if (!e.format.empty()) o->format = e.format;
    if (!e.id.empty()) o->item_id = e.id;
  }

  // The block again, as far as the carrier and the writers need it.
  static Block block_of(const Open& o) {
    Block b;
    b.kind = o.kind;
    b.custom = o.custom;
    b.id = o.id;
    b.name = o.name;
    b.signature = o.signature;
    b.format = o.format;
    b.item_id = o.item_id;
    b.data = o.data;
    return b;
  }

  void block_stop(const Event& e, std::string& out) {
    ChoiceState& c = choice(e.choice);
    const auto at =
        std::find_if(c.open.begin(), c.open.end(), [&](const Open& o) { return o.index == e.index; });
    if (at == c.open.end()) return;
    const Open o = std::move(*at);
    c.open.erase(at);
    Block b = block_of(o);
    const bool own = is_own(b, format_);
    switch (o.kind) {
      case Kind::thinking:
        b.text = o.text;
        if (!own) return c.carrier.add(b);
        if (!o.signature.empty()) signed_end(e.choice, o.signature, true, out);
        return;
      case Kind::redacted_thinking:
        if (own)
          c.loose = o.data;
        else
          c.carrier.add(b);
        return;
      case Kind::text:
      case Kind::refusal: {
        const std::string foreign = own || o.signature.empty() ? std::string() : c.carrier.for_text(b);
        if (own && !o.signature.empty())
          signed_end(e.choice, o.signature, false, out);
        else if (!foreign.empty())
          signed_end(e.choice, foreign, false, out);
        return;
      }
      case Kind::tool_call:
        return call(c, e.choice, b, o, out);
      default:
        return;
    }
  }

  // A signature of what was streamed: on a part with an empty text, as the API does.
  void signed_end(int index, Str signature, bool thought, std::string& out) {
    json::Writer w = begin_part(out);
    w.field("text", "");
    if (thought) w.field("thought", true);
    w.field("thoughtSignature", signature);
    finish_part(w, index);
  }

  void call(ChoiceState& c, int index, Block& b, const Open& o, std::string& out) {
    (b.custom ? b.text : b.arguments) = o.arguments;
    c.called = true;
    std::string signature = c.carrier.for_call(b);
    if (signature.empty() && is_own(b, format_)) signature = o.signature.empty() ? c.loose : o.signature;
    c.loose.clear();
    json::Writer w = begin_part(out);
    w.key("functionCall");
    write_call(w, b);
    if (!signature.empty()) w.field("thoughtSignature", std::string_view(signature));
    finish_part(w, index);
  }

  void logprobs(const Event& e) {
    std::string& all = choice(e.choice).logprobs;
    for (const json::Value& token : e.value["content"].items())
      all.append(all.empty() ? "" : ",").append(json::to_text(token));
  }

  // The reason goes out at the end: some providers report usage after it.
  void stop(const Event& e) {
    ChoiceState& c = choice(e.choice);
    c.stop = e.stop;
    c.stopped = true;
    if (e.format == kName) keep(e.value, c.extra);
  }

  void end(std::string& out) {
    for (std::size_t i = 0; i < choices_.size(); ++i)
      while (!choices_[i].open.empty()) {
        Event e;
        e.choice = static_cast<int>(i);
        e.index = choices_[i].open.front().index;
        block_stop(e, out);
      }
    choice(0);
    json::Arena arena;
    const auto read = [&](std::string text) {
      auto v = json::parse(arena.keep(std::move(text)), arena);
      return v ? *v : json::Value();
    };
    json::Writer w = begin(out);
    w.key("candidates");
    w.begin_array();
    int index = 0;
    for (ChoiceState& c : choices_)
      last(w, c, index++, read(c.extra), read("{\"content\":[" + c.logprobs + "]}"), arena);
    w.end_array();
    w.key("usageMetadata");
    write_usage(w, usage_, read(usage_rest_));
    write_rest(w, read(start_extra_));
    finish(w);
    if (array_) out += "]";
    done_ = true;
  }

  void last(json::Writer& w, ChoiceState& c, int index, json::Value extra, json::Value logprobs,
            json::Arena& arena) {
    std::string rest = c.carrier.for_end();
    if (rest.empty()) rest = c.loose;
    w.begin_object();
    w.key("content");
    w.begin_object();
    w.key("parts");
    w.begin_array();
    w.begin_object();
    w.field("text", "");
    if (!rest.empty()) w.field("thoughtSignature", std::string_view(rest));
    w.end_object();
    w.end_array();
    w.field("role", "model");
    w.end_object();
    Stop stop = c.stop == Stop::unset ? Stop::end : c.stop;
    if (stop == Stop::end && c.refused) stop = Stop::refusal;
    w.field("finishReason",
            extra.has("finishReason") ? extra["finishReason"].as_string() : write_finish(stop));
    w.field("index", index);
    write_logprobs(w, logprobs);
    std::vector<json::Value> citations;
    for (const std::string& text : c.citations)
      if (auto v = json::parse(text, arena)) citations.push_back(*v);
    if (!extra.has("citationMetadata")) write_citations(w, citations);
    write_rest(w, extra, {"finishReason"});
    w.end_object();
  }

  void error(const Event& e, std::string& out) {
    frame(out);
    json::Writer w(out);
    write_error(w, e.error, {});
    out += array_ ? "]" : "\n\n";
    done_ = true;
  }

  std::string id_, model_, format_;
  std::deque<ChoiceState> choices_;  // references stay valid
  Usage usage_;
  std::string usage_rest_, start_extra_;  // JSON objects; "" = none
  bool array_, begun_;
  bool shows_thoughts_ = true;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::gemini
