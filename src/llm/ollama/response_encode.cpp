// A whole answer to a client.
#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using Kind = Block::Kind;

// What of an answer's content the format holds.
struct Words {
  std::string text, thoughts;
  std::vector<const Block*> calls, images;

  void take(const Block& b, Dropped& dropped) {
    if (b.citations.size() > 0) dropped.add("citations");
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        text += b.text;
        break;
      case Kind::thinking:
        if (!thoughts.empty() && !b.text.empty()) thoughts += "\n\n";
        thoughts += b.text;
        if (!b.signature.empty()) dropped.add("thinking.signature");
        break;
      case Kind::redacted_thinking:
        dropped.add("redacted_thinking");
        break;
      case Kind::tool_call:
        calls.push_back(&b);
        break;
      case Kind::image:
        if (b.data.empty())
          dropped.add("assistant_media");
        else
          images.push_back(&b);
        break;
      case Kind::opaque:
        dropped.add("provider_blocks");
        break;
      default:
        dropped.add("assistant_media");
    }
  }
};

// Inside the object that holds the words, after its text.
void write_words(json::Writer& w, const Words& words) {
  if (!words.thoughts.empty()) w.field("thinking", words.thoughts);
  if (!words.images.empty()) {
    w.key("images");
    w.begin_array();
    for (const Block* b : words.images) w.string(b->data);
    w.end_array();
  }
  if (words.calls.empty()) return;
  w.key("tool_calls");
  w.begin_array();
  int index = 0;
  for (const Block* b : words.calls) write_call(w, *b, b->custom ? b->text : b->arguments, index++);
  w.end_array();
}

std::string created_at(const Response& r, const ResponseOptions& options) {
  std::string out;
  const std::int64_t given = as_ns(r.created != 0 ? r.created : options.created);
  append_time(out, options.times != nullptr ? options.times->now : given);
  return out;
}

}  // namespace

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out,
                     Shape shape) {
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 512);
  Words words;
  if (r.choices.size() > 1) dropped.add("choices");
  const Choice none;
  const Choice& c = r.choices.empty() ? none : r.choices[0];
  for (const Block& b : c.content) words.take(b, dropped);
  json::Writer w(out);
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  w.field("created_at", std::string_view(created_at(r, options)));
  if (shape == Shape::chat) {
    w.key("message");
    w.begin_object();
    w.field("role", "assistant");
    w.field("content", words.text);
    write_words(w, words);
    w.end_object();
  } else {
    w.field("response", words.text);
    write_words(w, words);
  }
  w.field("done", true);
  w.field("done_reason", write_done_reason(c.stop));
  write_metrics(w, r.usage, options.times, r.format == kName ? r.extra : json::Value());
  if (!c.logprobs.is_null()) {
    w.key("logprobs");
    write_logprobs(w, c.logprobs);
  }
  for (const json::Member& m : r.extra.members()) {
    if (r.format != kName)
      dropped.add(m.key);
    else if (!is_duration(m.key))
      w.field(m.key, m.value);
  }
  w.end_object();
  if (!c.stop_sequence.empty()) dropped.add("stop_sequence");
  if (c.stop_details.size() > 0) dropped.add("stop_details");
  if (!r.service_tier.empty()) dropped.add("service_tier");
  if (!r.system_fingerprint.empty()) dropped.add("system_fingerprint");
}

}  // namespace pb::llm::ollama
