// The other items of an answer: reasoning, calls, and what has no place in a message.
#include "llm/carry.h"
#include "llm/custom_tools.h"
#include "llm/openai_responses/output.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using json::Writer;
using Kind = Block::Kind;

}  // namespace

// --- reasoning ---

void Output::open_reasoning(const Block& b, std::string& out) {
  id_ = item_id("rs_", b);
  text_.clear();
  delta_head_.clear();
  summary_ = false;
  if (b.kind == Kind::redacted_thinking) signature_ = b.data;
  if (live_) {
    std::string item;
    Writer w(item);
    w.begin_object();
    w.field("id", std::string_view(id_));
    w.field("type", "reasoning");
    w.key("summary");
    w.raw("[]");
    w.end_object();
    added(out, item);
  }
  text(b.text, out);
}

void Output::open_summary(std::string& out) {
  summary_ = true;
  if (!live_) return;
  Writer added_part = begin(out, "response.reasoning_summary_part.added");
  head(added_part, false);
  added_part.field("summary_index", 0);
  added_part.key("part");
  added_part.raw(R"({"type":"summary_text","text":""})");
  end(added_part);
  delta_head_ = "event: response.reasoning_summary_text.delta\ndata: ";
  Writer w(delta_head_);
  w.begin_object();
  w.field("type", "response.reasoning_summary_text.delta");
  head(w, false);
  w.field("summary_index", 0);
  w.key("delta");
}

void Output::close_reasoning(std::string& out) {
  if (summary_ && live_) {
    Writer done = begin(out, "response.reasoning_summary_text.done");
    head(done, false);
    done.field("summary_index", 0);
    done.field("text", std::string_view(text_));
    end(done);
    Writer part = begin(out, "response.reasoning_summary_part.done");
    head(part, false);
    part.field("summary_index", 0);
    part.key("part");
    part.begin_object();
    part.field("type", "summary_text");
    part.field("text", std::string_view(text_));
    part.end_object();
    end(part);
  }
  json::Arena scratch;
  Str encrypted = signature_;
  if (!signature_.empty() && !is_own(format_)) {
    Block b;
    b.kind = kind_;
    (kind_ == Kind::redacted_thinking ? b.data : b.signature) = signature_;
    b.format = format_;
    const Block packed = packed_block(b, kName, scratch);
    encrypted = kind_ == Kind::redacted_thinking ? packed.data : packed.signature;
  }
  std::string item;
  Writer w(item);
  w.begin_object();
  w.field("id", std::string_view(id_));
  w.field("type", "reasoning");
  w.key("summary");
  w.begin_array();
  if (summary_) {
    w.begin_object();
    w.field("type", "summary_text");
    w.field("text", std::string_view(text_));
    w.end_object();
  }
  w.end_array();
  if (!encrypted.empty()) w.field("encrypted_content", encrypted);
  w.end_object();
  delta_head_.clear();
  text_.clear();
  signature_.clear();
  finished(out, item);
}

// An item of reasoning for the signature of a text or a call, which have no place for it.
void Output::carry(const Block& signed_block, std::string& out) {
  close_message(true, out);
  json::Arena scratch;
  const Block packed = packed_block(signed_block, kName, scratch);
  id_ = made_item_id("rs_", answer_, made_++);
  std::string item;
  for (const bool whole : {false, true}) {
    item.clear();
    Writer w(item);
    w.begin_object();
    w.field("id", std::string_view(id_));
    w.field("type", "reasoning");
    w.key("summary");
    w.raw("[]");
    if (whole) w.field("encrypted_content", packed.data);
    w.end_object();
    if (!whole) added(out, item);
  }
  finished(out, item);
  signature_.clear();
}

// --- calls ---

void Output::open_call(const Block& b, std::string& out) {
  if (is_foreign(b, kName)) carry(b, out);
  signature_.clear();
  const Tool* tool = find_tool(request_, b.name);
  custom_ = b.custom;
  search_ = !custom_ && tool != nullptr && tool->raw["type"].as_string() == kToolSearch;
  const bool apart = tool != nullptr && !tool->name_space.empty();
  space_ = apart ? tool->name_space : b.name_space;
  name_ = apart ? tool->raw["name"].as_string() : b.name;
  if (!apart && !space_.empty() && b.name.size() > space_.size() + 2)
    name_ = b.name.substr(space_.size() + 2);
  id_ = item_id(search_ ? "tsc_" : custom_ ? "ctc_" : "fc_", b);
  call_id_ = b.id.empty() ? Str(id_) : b.id;
  text_.clear();
  extra_.clear();
  if (b.format == kName && b.extra.size() > 0) {
    extra_ = json::to_text(b.extra);
    extra_ = extra_.substr(1, extra_.size() - 2);
  }
  if (live_) {
    std::string item;
    Writer w(item);
    write_call(w, false);
    added(out, item);
  }
  const Str type =
      custom_ ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta";
  delta_head_ = std::string("event: ").append(type).append("\ndata: ");
  Writer w(delta_head_);
  w.begin_object();
  w.field("type", type);
  head(w, false);
  w.key("delta");
  text(custom_ ? b.text : b.arguments, out);
}

void Output::write_call(Writer& w, bool whole) {
  w.begin_object();
  w.field("id", std::string_view(id_));
  w.field("type", search_ ? "tool_search_call" : custom_ ? "custom_tool_call" : "function_call");
  w.field("status", whole ? "completed" : "in_progress");
  w.field("call_id", std::string_view(call_id_));
  if (search_) {
    w.field("execution", "client");
    w.key("arguments");
    w.raw(whole ? std::string_view(text_) : std::string_view("{}"));
  } else {
    w.field("name", std::string_view(name_));
    if (!space_.empty()) w.field("namespace", std::string_view(space_));
    w.field(custom_ ? "input" : "arguments", whole ? std::string_view(text_) : std::string_view());
  }
  if (!extra_.empty()) w.out().append(",").append(extra_);
  w.end_object();
}

void Output::close_call(std::string& out) {
  if (text_.empty() && !custom_) {
    open_ = true;
    text("{}", out);
    open_ = false;
  }
  if (search_) {
    json::Arena scratch;
    if (const auto v = json::parse(text_, scratch); !v || !v->is_object()) text_ = "{}";
  } else if (live_) {
    Writer w = begin(
        out, custom_ ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done");
    head(w, false);
    if (!custom_) w.field("name", std::string_view(name_));
    w.field(custom_ ? "input" : "arguments", std::string_view(text_));
    end(w);
  }
  std::string item;
  Writer w(item);
  write_call(w, true);
  delta_head_.clear();
  text_.clear();
  finished(out, item);
}

// --- others ---

void Output::opaque(const Block& b, std::string& out) {
  if (b.format != kName || !b.raw.is_object()) return drop("provider_blocks");
  const std::string item = json::to_text(b.raw);
  added(out, item);
  finished(out, item);
}

// A picture that a model made is what the provider's own tool would have given.
void Output::picture(const Block& b, std::string& out) {
  if (b.data.empty()) return drop("assistant_media");
  id_ = made_item_id("ig_", answer_, made_++);
  std::string item;
  for (const bool whole : {false, true}) {
    item.clear();
    Writer w(item);
    w.begin_object();
    w.field("id", std::string_view(id_));
    w.field("type", "image_generation_call");
    w.field("status", whole ? "completed" : "in_progress");
    if (whole)
      w.field("result", b.data);
    else
      w.null_field("result");
    w.end_object();
    if (!whole) added(out, item);
  }
  finished(out, item);
}

// The whole answer to a request for compaction.
void Output::compaction(std::string& out) {
  Block b;
  b.kind = Kind::thinking;
  b.text = text_;
  std::string item;
  Writer w(item);
  w.begin_object();
  w.field("id", std::string_view(made_item_id("cmp_", answer_, made_++)));
  w.field("type", "compaction");
  w.field("encrypted_content", std::string_view(pack("compaction", {&b, 1}, true)));
  w.end_object();
  added(out, item);
  finished(out, item);
  compact_ = false;
}
}  // namespace pb::llm::openai_responses
