// A whole answer to a client.
#include <algorithm>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

class ContentWriter {
 public:
  ContentWriter(json::Writer& w, Dropped& dropped, const Response& r, const Request* request)
      : w_(w), dropped_(dropped), carrier_(r.format), own_(r.format) {
    // Clients that did not ask for thoughts would show them as the answer.
    shows_thoughts_ = !request || request->format != kName || request->thinking.display == "summarized";
  }

  void write(const std::vector<Block>& content) {
    w_.key("content");
    w_.begin_object();
    w_.key("parts");
    w_.begin_array();
    const std::size_t empty = w_.out().size();
    for (const Block& b : content) part(b);
    std::string rest = carrier_.for_end();
    if (rest.empty()) rest = std::move(loose_);
    if (!rest.empty() || w_.out().size() == empty) {
      w_.begin_object();
      w_.field("text", "");
      if (!rest.empty()) w_.field("thoughtSignature", std::string_view(rest));
      w_.end_object();
    }
    w_.end_array();
    w_.field("role", "model");
    w_.end_object();
  }

 private:
  void part(const Block& b) {
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        return text(b);
      case Kind::thinking:
        return thinking(b);
      case Kind::redacted_thinking:
        return redacted(b);
      case Kind::tool_call:
        w_.begin_object();
        w_.key("functionCall");
        write_call(w_, b);
        signature(b, carrier_.for_call(b));
        return end(b);
      case Kind::image:
      case Kind::audio:
      case Kind::document:
        return media(b);
      case Kind::opaque:
        if (b.format == kName) return w_.write(b.raw);
        return dropped_.add("provider_blocks");
      case Kind::tool_result:
        return dropped_.add("provider_blocks");
    }
  }

  void signature(const Block& b, const std::string& carried) {
    Str s = carried;
    if (s.empty() && is_own(b, own_)) s = b.signature.empty() ? Str(loose_) : b.signature;
    if (!s.empty()) w_.field("thoughtSignature", s);
    loose_.clear();
  }

  void end(const Block& b) {
    if (b.format == kName)
      write_rest(w_, b.extra, {"inlineData", "fileData", "functionCall", "functionResponse"});
    w_.end_object();
  }

  void text(const Block& b) {
    const std::string carried = carrier_.for_text(b);
    if (b.text.empty() && carried.empty() && b.signature.empty()) return;
    w_.begin_object();
    w_.field("text", b.text);
    signature(b, carried);
    end(b);
  }

  void thinking(const Block& b) {
    const bool foreign = carrier_.takes(b);
    if (foreign) carrier_.add(b);
    const Str own_signature = foreign ? Str() : b.signature;
    if ((b.text.empty() || !shows_thoughts_) && own_signature.empty()) return;
    w_.begin_object();
    w_.field("text", b.text);
    w_.field("thought", true);
    if (!own_signature.empty()) w_.field("thoughtSignature", own_signature);
    end(b);
  }

  void redacted(const Block& b) {
    if (carrier_.takes(b)) return carrier_.add(b);
    loose_ = std::string(b.data);  // the signature of what follows
  }

  void media(const Block& b) {
    if (!has_media(b)) {
      if (!b.text.empty()) return text(b);
      return dropped_.add("assistant_media");
    }
    w_.begin_object();
    write_media(w_, b, b.format == kName);
    if (is_own(b, own_) && !b.signature.empty()) w_.field("thoughtSignature", b.signature);
    end(b);
  }

  json::Writer& w_;
  Dropped& dropped_;
  Carrier carrier_;
  Str own_;
  std::string loose_;
  bool shows_thoughts_ = true;
};

bool has_refusal(const std::vector<Block>& content) {
  return std::any_of(content.begin(), content.end(), [](const Block& b) { return b.kind == Kind::refusal; });
}

void write_candidate(json::Writer& w, const Choice& c, int index, const Response& r,
                     const ResponseOptions& options, Dropped& dropped) {
  const bool same = r.format == kName;
  const json::Value extra = same ? c.extra : json::Value();
  w.begin_object();
  ContentWriter(w, dropped, r, options.request).write(c.content);
  const Stop stop = c.stop == Stop::end && has_refusal(c.content) ? Stop::refusal : c.stop;
  w.field("finishReason", extra.has("finishReason") ? extra["finishReason"].as_string() : write_finish(stop));
  w.field("index", index);
  if (c.logprobs.is_object()) write_logprobs(w, c.logprobs);
  std::vector<json::Value> citations;
  if (!extra.has("citationMetadata") && !extra.has("groundingMetadata"))
    for (const Block& b : c.content)
      citations.insert(citations.end(), b.citations.items().begin(), b.citations.items().end());
  if (!citations.empty() && !write_citations(w, citations)) dropped.add("citations");
  write_rest(w, extra, {"finishReason"});
  w.end_object();
  if (!c.stop_sequence.empty()) dropped.add("stop_sequence");
  if (c.stop_details.size() > 0) dropped.add("stop_details");
}

}  // namespace

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  const bool same = r.format == kName;
  if (!r.system_fingerprint.empty()) dropped.add("system_fingerprint");
  if (!r.service_tier.empty()) dropped.add("service_tier");
  if (!same)
    for (const json::Member& m : r.extra.members()) dropped.add(m.key);
  const json::Value extra = same ? r.extra : json::Value();
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 512);
  json::Writer w(out);
  w.begin_object();
  const bool blocked = same && extra["promptFeedback"].has("blockReason");
  if (!blocked) {
    w.key("candidates");
    w.begin_array();
    int index = 0;
    for (const Choice& c : r.choices) write_candidate(w, c, index++, r, options, dropped);
    w.end_array();
  }
  w.key("usageMetadata");
  write_usage(w, r.usage, extra["usage"]);
  w.field("modelVersion", options.model.empty() ? r.model : options.model);
  w.field("responseId", r.id.empty() ? options.id : r.id);
  write_rest(w, extra, {"usage"});
  w.end_object();
}

}  // namespace pb::llm::gemini
