#include "llm/openai_responses/output.h"
#include "base/utf8.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using json::Writer;
using Kind = Block::Kind;

}  // namespace

Output::Output(const Request* request, Str answer, bool live)
    : request_(request),
      answer_(answer),
      live_(live),
      waits_(live && request != nullptr && request->logprobs.value_or(false)),
      compact_(asks_compaction(request)) {}

// --- events ---

Writer Output::begin(std::string& out, Str type) {
  out.append("event: ").append(type).append("\ndata: ");
  Writer w(out);
  w.begin_object();
  w.field("type", type);
  return w;
}

void Output::end(Writer& w) {
  w.field("sequence_number", sequence_++);
  w.end_object();
  w.out() += "\n\n";
}

void Output::head(Writer& w, bool content) {
  w.field("item_id", std::string_view(id_));
  w.field("output_index", index_);
  if (content) w.field("content_index", parts_);
}

void Output::added(std::string& out, std::string_view item) {
  if (!live_) return;
  Writer w = begin(out, "response.output_item.added");
  w.field("output_index", index_);
  w.key("item");
  w.raw(item);
  end(w);
}

void Output::finished(std::string& out, const std::string& item) {
  append_item(items_, item);
  if (live_) {
    Writer w = begin(out, "response.output_item.done");
    w.field("output_index", index_);
    w.key("item");
    w.raw(item);
    end(w);
  }
  ++index_;
}

std::string Output::item_id(Str prefix, const Block& b) {
  if (b.format == kName && !b.item_id.empty()) return std::string(b.item_id);
  return made_item_id(prefix, answer_, made_++);
}

// --- blocks ---

void Output::start(const Block& b, std::string& out) {
  kind_ = b.kind;
  open_ = true;
  signature_ = b.signature;
  format_ = b.format;
  const bool text = b.kind == Kind::text || b.kind == Kind::refusal;
  if (compact_) {  // the summary is what the answer's texts say
    if (text) text_ += b.text;
    return;
  }
  if (!text) close_message(true, out);
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      open_message(b, out);
      return;
    case Kind::thinking:
    case Kind::redacted_thinking:
      return open_reasoning(b, out);
    case Kind::tool_call:
      return open_call(b, out);
    case Kind::opaque:
      return opaque(b, out);
    case Kind::image:
      return picture(b, out);
    case Kind::audio:
    case Kind::document:
    case Kind::tool_result:
      return drop("assistant_media");
  }
}

void Output::text(Str piece, std::string& out) {
  if (piece.empty() || !open_) return;
  if (compact_) {
    if (kind_ == Kind::text || kind_ == Kind::refusal) text_ += piece;
    return;
  }
  if (kind_ == Kind::thinking) {
    if (!summary_) open_summary(out);
  } else if (kind_ != Kind::text && kind_ != Kind::refusal && kind_ != Kind::tool_call) {
    return;
  }
  text_ += piece;
  if (kind_ == Kind::text) part_chars_ += utf8::characters(piece);
  if (!live_ || (kind_ == Kind::tool_call && search_))
    return;  // a search's arguments are an object: they come whole
  if (waits_ && kind_ == Kind::text) {
    flush_delta("[]", out);
    pending_ = piece;
    return;
  }
  out += delta_head_;
  out += '"';
  json::append_escaped(out, piece);
  out += kind_ == Kind::text ? "\",\"logprobs\":[],\"sequence_number\":" : "\",\"sequence_number\":";
  out += std::to_string(sequence_++);
  out += "}\n\n";
}

void Output::flush_delta(std::string_view logprobs, std::string& out) {
  if (pending_.empty()) return;
  out += delta_head_;
  out += '"';
  json::append_escaped(out, pending_);
  out.append("\",\"logprobs\":").append(logprobs).append(",\"sequence_number\":");
  out += std::to_string(sequence_++);
  out += "}\n\n";
  pending_.clear();
}

void Output::signature(Str text, Str format) {
  if (!open_) return;
  signature_ += text;
  format_ = format;
}

void Output::stop(std::string& out) {
  if (!open_) return;
  open_ = false;
  if (compact_) return;
  for (const std::string& c : cited_) {  // what they cite is known now: the whole block
    json::Arena scratch;
    if (const auto v = json::parse(c, scratch)) annotate(*v, block_format_, out);
  }
  cited_.clear();
  if (kind_ == Kind::thinking || kind_ == Kind::redacted_thinking) return close_reasoning(out);
  if (kind_ == Kind::tool_call) close_call(out);
  if (signature_.empty() || is_own(format_) || (kind_ != Kind::text && kind_ != Kind::tool_call)) return;
  Block b;  // a signature that came last
  b.kind = kind_;
  b.signature = signature_;
  b.format = format_;
  carry(b, out);
}

void Output::finish(bool complete, std::string& out) {
  if (compact_) return compaction(out);
  stop(out);
  close_message(complete, out);
}
}  // namespace pb::llm::openai_responses
