#include "llm/gemini/contents_encode.h"

#include <algorithm>
#include <functional>
#include <iterator>

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

bool is_system(const Message& m) { return m.role == Role::system || m.role == Role::developer; }

bool is_media(const Block& b) {
  return b.kind == Kind::image || b.kind == Kind::audio ||
         (b.kind == Kind::document && b.text.empty() && b.content.empty());
}

}  // namespace

ContentsWriter::ContentsWriter(const Request& r, const Quirks& quirks, const Plan& plan, Dropped& dropped,
                               json::Writer& w)
    : r_(r), quirks_(quirks), plan_(plan), dropped_(dropped), w_(w), same_(r.format == kName) {}

void ContentsWriter::arrange() {
  bool leading = true;
  for (const Message& m : r_.messages) {
    for (const Block& b : m.content)
      if (b.kind == Kind::tool_call) names_[b.id] = b.name;
    if (is_system(m) && (m.top_level || leading)) {
      for (const Block& b : m.content)
        if (b.kind == Kind::text || same_)
          system_.push_back(&b);
        else
          dropped_.add(b.kind == Kind::image ? "image" : "provider_blocks");
      continue;
    }
    leading = false;
    add_turn(m);
  }
}

void ContentsWriter::add_turn(const Message& m) {
  if (!m.name.empty()) dropped_.add("message.name");
  if (!same_)
    for (const json::Member& member : m.extra.members()) dropped_.add(member.key);
  const bool model = m.role == Role::assistant;
  if (turns_.empty() || same_ || turns_.back().model != model) {
    Turn& fresh = turns_.emplace_back();
    fresh.model = model;
    fresh.role = model ? "model" : same_ && m.role == Role::tool ? "function" : "user";
    if (same_) fresh.extra = m.extra;
  }
  for (const Block& b : m.content) turns_.back().items.push_back({&b, is_system(m)});
}

void ContentsWriter::results_first(std::vector<Item>& items) {
  const auto is_result = [](const Item& i) { return i.block->kind == Kind::tool_result; };
  if (std::is_partitioned(items.begin(), items.end(), is_result)) return;
  std::vector<Item> sorted;
  std::copy_if(items.begin(), items.end(), std::back_inserter(sorted), is_result);
  std::copy_if(items.begin(), items.end(), std::back_inserter(sorted), std::not_fn(is_result));
  items = std::move(sorted);
}

Result<void> ContentsWriter::write(Str instruction) {
  arrange();
  write_system(instruction);
  w_.key("contents");
  w_.begin_array();
  if (turns_.empty()) {  // a prompt of system text only: the API wants a content
    w_.begin_object();
    w_.field("role", "user");
    w_.key("parts");
    w_.begin_array();
    for (const Block* b : system_) bare_text(b->text);
    w_.end_array();
    w_.end_object();
  }
  for (Turn& t : turns_) {
    if (!same_ && !t.model) results_first(t.items);
    write_turn(t);
  }
  w_.end_array();
  if (turns_.empty() && system_.empty())
    return fail(Code::invalid_request, "messages: at least one message is required", "messages");
  return {};
}

void ContentsWriter::write_system(Str instruction) {
  const bool blocks = !system_.empty() && !turns_.empty();
  if (!blocks && instruction.empty()) return;
  w_.key("systemInstruction");
  w_.begin_object();
  w_.key("parts");
  w_.begin_array();
  if (blocks)
    for (const Block* b : system_) part({b, false});
  if (!instruction.empty()) bare_text(instruction);
  w_.end_array();
  w_.end_object();
}

void ContentsWriter::write_turn(const Turn& t) {
  signed_ = false;
  loose_.clear();
  w_.begin_object();
  w_.field("role", t.role);
  w_.key("parts");
  w_.begin_array();
  const std::size_t empty = w_.out().size();
  for (const Item& item : t.items) {
    if (item.block->kind != Kind::tool_result) write_later();
    part(item);
  }
  write_later();
  if (w_.out().size() == empty) bare_text("");  // a content without parts is refused
  w_.end_array();
  write_rest(w_, t.extra);
  w_.end_object();
}

void ContentsWriter::write_later() {
  for (const Block* b : later_) media(*b);
  later_.clear();
}

void ContentsWriter::note(const Block& b) {
  if (b.cache.on) dropped_.add("cache_control");
  if (b.citations.size() > 0) dropped_.add("citations");
  if (b.format != kName)
    for (const json::Member& m : b.extra.members()) dropped_.add(m.key);
}

void ContentsWriter::part(const Item& item) {
  const Block& b = *item.block;
  note(b);
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      if (item.system) return bare_text(std::string("<system>\n").append(b.text).append("\n</system>"));
      return text(b.text, b);
    case Kind::image:
    case Kind::audio:
      return media(b);
    case Kind::document:
      return document(b);
    case Kind::tool_call:
      return call(b);
    case Kind::tool_result:
      return result(b);
    case Kind::thinking:
      return thinking(b);
    case Kind::redacted_thinking:
      if (is_own(b, r_.format))
        loose_.emplace_back(b.item_id, b.data);
      else
        dropped_.add("redacted_thinking");
      return;
    case Kind::opaque:
      if (b.format == kName) return w_.write(b.raw);
      dropped_.add("provider_blocks");
      if (const Str tool = b.raw["tool_name"].as_string(); !tool.empty())
        bare_text(std::string("[tool available: ").append(tool).append("]"));
      return;
  }
}

void ContentsWriter::bare_text(Str words) {
  w_.begin_object();
  w_.field("text", words);
  w_.end_object();
}

void ContentsWriter::end_part(const Block& b) {
  if (b.format == kName)
    write_rest(w_, b.extra, {"inlineData", "fileData", "functionCall", "functionResponse"});
  w_.end_object();
}

// The block's own signature, or one that stood apart from it.
void ContentsWriter::signature_of(const Block& b) {
  Str signature = is_own(b, r_.format) ? b.signature : Str();
  if (!b.signature.empty() && signature.empty()) dropped_.add("thinking.signature");
  if (signature.empty() && !loose_.empty()) {
    auto at = std::find_if(loose_.begin(), loose_.end(),
                           [&](const auto& l) { return l.first.empty() || l.first == b.id; });
    if (at == loose_.end() && b.kind == Kind::tool_call) at = loose_.begin();
    if (at != loose_.end()) {
      signature = at->second;
      loose_.erase(at);
    }
  }
  const bool first_call = b.kind == Kind::tool_call && !signed_;
  if (b.kind == Kind::tool_call) signed_ = true;
  if (signature.empty() && first_call && plan_.sign_calls) signature = kNoSignature;
  if (!signature.empty()) w_.field("thoughtSignature", signature);
}

void ContentsWriter::text(Str words, const Block& b) {
  if (words.empty() && b.signature.empty() && !same_) return;
  w_.begin_object();
  w_.field("text", words);
  signature_of(b);
  end_part(b);
}

void ContentsWriter::thinking(const Block& b) {
  if (!b.signature.empty() && !is_own(b, r_.format)) dropped_.add("thinking.signature");
  const bool own_signature = !b.signature.empty() && is_own(b, r_.format);
  if (b.text.empty() && !own_signature) return;
  w_.begin_object();
  w_.field("text", b.text);
  w_.field("thought", true);
  if (own_signature) w_.field("thoughtSignature", b.signature);
  end_part(b);
}

void ContentsWriter::media(const Block& b) {
  const bool image = b.kind == Kind::image;
  if (!b.detail.empty() && b.detail != "auto") dropped_.add("image.detail");
  if (b.kind == Kind::audio && b.data.empty()) {
    dropped_.add("audio");
    if (!b.text.empty()) bare_text(b.text);  // what an earlier answer said
    return;
  }
  if (!has_media(b) || (b.data.empty() && b.url.empty() && b.format != kName)) {
    if (image)
      dropped_.add("image.file_id");
    else
      dropped_.add("document.file_id");
    return bare_text(image ? "[an image that cannot be shown here]"
                           : "[a document that cannot be shown here]");
  }
  if (b.data.empty() && !b.url.empty() && !quirks_.image_url) {
    if (image)
      dropped_.add("image.url");
    else
      dropped_.add("document.url");
    return bare_text(std::string(image ? "[image: " : "[document: ").append(b.url).append("]"));
  }
  if (!same_ && !b.name.empty()) bare_text(std::string("[document: ").append(b.name).append("]"));
  w_.begin_object();
  write_media(w_, b, same_);
  if (is_own(b, r_.format) && !b.signature.empty()) w_.field("thoughtSignature", b.signature);
  end_part(b);
}

void ContentsWriter::document(const Block& b) {
  if (b.content.empty() && (b.text.empty() || b.format == kName)) return media(b);
  std::string words =
      b.name.empty() ? std::string() : std::string("[document: ").append(b.name).append("]\n");
  words += b.text;
  if (!words.empty()) bare_text(words);
  for (const Block& inner : b.content) part({&inner, false});
}

void ContentsWriter::call(const Block& b) {
  w_.begin_object();
  w_.key("functionCall");
  write_call(w_, b);
  signature_of(b);
  end_part(b);
}

bool ContentsWriter::fits_result(const Block& b) const {
  return plan_.media_in_results && is_media(b) && has_media(b) && (same_ || !b.data.empty());
}

void ContentsWriter::result(const Block& b) {
  const auto called = names_.find(b.id);
  const Str name = called != names_.end() ? called->second : b.name;
  std::string words;
  const auto line = [&](Str s) {
    if (!words.empty() && !s.empty()) words += '\n';
    words += s;
  };
  bool parts = false;
  for (const Block& inner : b.content) {
    if (inner.kind == Kind::text || inner.kind == Kind::refusal) {
      note(inner);
      line(inner.text);
    } else if (fits_result(inner)) {
      parts = true;
    } else if (is_media(inner)) {
      line(inner.kind == Kind::image ? "[image follows]" : "[attachment follows]");
      later_.push_back(&inner);
    } else if (inner.kind == Kind::document) {
      if (!inner.name.empty()) line(std::string("[document: ").append(inner.name).append("]"));
      line(inner.text);
      for (const Block& nested : inner.content)
        if (nested.kind == Kind::text) line(nested.text);
    } else if (inner.kind == Kind::opaque && inner.format != kName) {
      dropped_.add("provider_blocks");
      if (const Str tool = inner.raw["tool_name"].as_string(); !tool.empty())
        line(std::string("[tool available: ").append(tool).append("]"));
    }
  }
  w_.begin_object();
  w_.key("functionResponse");
  w_.begin_object();
  if (!b.id.empty()) w_.field("id", b.id);
  w_.field("name", name.empty() ? Str("function") : name);
  w_.key("response");
  if (same_ && b.format == kName && b.raw.is_object()) {
    w_.write(b.raw);
  } else {
    w_.begin_object();
    w_.field(b.is_error ? "error" : "output", std::string_view(words));
    w_.end_object();
  }
  if (parts) {
    w_.key("parts");
    w_.begin_array();
    for (const Block& inner : b.content) {
      if (!fits_result(inner)) continue;
      w_.begin_object();
      write_media(w_, inner, same_);
      end_part(inner);
    }
    w_.end_array();
  }
  if (b.format == kName) write_rest(w_, b.extra["functionResponse"]);
  w_.end_object();
  end_part(b);
}

}  // namespace pb::llm::gemini
