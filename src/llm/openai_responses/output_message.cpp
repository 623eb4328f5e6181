// Messages of an answer: texts, refusals, their citations and logprobs.
#include "llm/openai_responses/output.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using json::Writer;
using Kind = Block::Kind;

}  // namespace

void Output::open_message(const Block& b, std::string& out) {
  const bool own = b.format == kName && !b.item_id.empty();
  if (message_ && own && b.item_id != id_) close_message(true, out);
  if (!message_) {
    message_ = true;
    id_ = item_id("msg_", b);
    parts_ = 0;
    content_.clear();
    extra_.clear();
    if (b.format == kName) {
      Writer w(extra_);
      w.begin_object();
      write_item_extra(w, b.extra);
      w.end_object();
      extra_ = extra_.size() > 2 ? extra_.substr(1, extra_.size() - 2) : std::string();
    }
    if (live_) {
      std::string item;
      Writer w(item);
      w.begin_object();
      w.field("id", std::string_view(id_));
      w.field("type", "message");
      w.field("status", "in_progress");
      w.field("role", "assistant");
      w.key("content");
      w.raw("[]");
      if (!extra_.empty()) item.append(",").append(extra_);
      w.end_object();
      added(out, item);
    }
  }
  const Part part = b.kind == Kind::refusal ? Part::refusal : Part::text;
  if (part_ != part) {
    close_part(out);
    open_part(part, out);
  }
  refused_ |= part == Part::refusal;
  block_at_ = part_chars_;
  block_format_ = b.format;
  text(b.text, out);
  for (const Value& c : b.citations.items()) citation(c, b.format, out);
}

void Output::open_part(Part part, std::string& out) {
  part_ = part;
  text_.clear();
  annotations_.clear();
  logprobs_.clear();
  annotated_ = 0;
  part_chars_ = 0;
  if (live_) {
    Writer w = begin(out, "response.content_part.added");
    head(w, true);
    w.key("part");
    write_part(w, false);
    end(w);
  }
  const Str type = part == Part::text ? "response.output_text.delta" : "response.refusal.delta";
  delta_head_ = std::string("event: ").append(type).append("\ndata: ");
  Writer w(delta_head_);
  w.begin_object();
  w.field("type", type);
  head(w, true);
  w.key("delta");
}

void Output::write_part(Writer& w, bool whole) {
  w.begin_object();
  if (part_ == Part::refusal) {
    w.field("type", "refusal");
    w.field("refusal", whole ? std::string_view(text_) : std::string_view());
  } else {
    w.field("type", "output_text");
    w.field("text", whole ? std::string_view(text_) : std::string_view());
    w.key("annotations");
    w.raw("[" + annotations_ + "]");
    w.key("logprobs");
    w.raw("[" + logprobs_ + "]");
  }
  w.end_object();
}

void Output::close_part(std::string& out) {
  if (part_ == Part::none) return;
  flush_delta("[]", out);
  const bool refusal = part_ == Part::refusal;
  if (live_) {
    Writer done = begin(out, refusal ? "response.refusal.done" : "response.output_text.done");
    head(done, true);
    done.field(refusal ? "refusal" : "text", std::string_view(text_));
    if (!refusal) {
      done.key("logprobs");
      done.raw("[" + logprobs_ + "]");
    }
    end(done);
    Writer part = begin(out, "response.content_part.done");
    head(part, true);
    part.key("part");
    write_part(part, true);
    end(part);
  }
  if (!content_.empty()) content_ += ',';
  Writer w(content_);
  write_part(w, true);
  ++parts_;
  part_ = Part::none;
  delta_head_.clear();
  text_.clear();
}

void Output::close_message(bool complete, std::string& out) {
  if (!message_) return;
  close_part(out);
  message_ = false;
  std::string item;
  Writer w(item);
  w.begin_object();
  w.field("id", std::string_view(id_));
  w.field("type", "message");
  w.field("status", complete ? "completed" : "incomplete");
  w.field("role", "assistant");
  w.key("content");
  w.raw("[" + content_ + "]");
  if (!extra_.empty()) item.append(",").append(extra_);
  w.end_object();
  finished(out, item);
}

void Output::citation(Value value, Str format, std::string& out) {
  if (part_ != Part::text || compact_ || !open_) return;
  if (format == kName) return annotate(value, format, out);
  block_format_ = format;
  cited_.push_back(json::to_text(value));
}

void Output::annotate(Value value, Str format, std::string& out) {
  std::string annotation;
  Writer a(annotation);
  if (!write_annotation(a, value, format, block_at_, part_chars_)) return drop("citations");
  append_item(annotations_, annotation);
  const int n = annotated_++;
  if (!live_) return;
  flush_delta("[]", out);
  Writer w = begin(out, "response.output_text.annotation.added");
  head(w, true);
  w.field("annotation_index", n);
  w.key("annotation");
  w.raw(annotation);
  end(w);
}

void Output::logprobs(Value chat_shape, std::string& out) {
  const Value list = chat_shape["content"];
  if (part_ != Part::text || list.size() == 0) return;
  std::string all = json::to_text(list);
  append_item(logprobs_, std::string_view(all).substr(1, all.size() - 2));
  if (live_) flush_delta(all, out);
}
}  // namespace pb::llm::openai_responses
