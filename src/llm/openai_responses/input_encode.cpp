// The messages of a request to a provider, as input items. Ids of items are written only where the request came in this format:
// elsewhere nobody stores them, and a provider that is sent one looks for it.
#include <algorithm>
#include <unordered_set>

#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/input_parts.h"

namespace pb::llm::openai_responses {
namespace {

using Kind = Block::Kind;

constexpr std::size_t kCallIdMax = 64;  // the API's

class InputWriter {
 public:
  InputWriter(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w)
      : r_(r),
        quirks_(options.quirks),
        dropped_(dropped),
        w_(w),
        same_(r.format == kName),
        parts_(r, options.quirks, dropped, w) {
    for (const Message& m : r.messages)
      for (const Block& b : m.content)
        if (b.kind == Kind::tool_call && b.custom) custom_ids_.insert(b.id);
  }

  void write() {
    w_.begin_array();
    for (const Message& m : r_.messages) {
      if (m.top_level) continue;  // `instructions`
      if (m.role == Role::assistant)
        assistant(m);
      else
        others(m);
    }
    w_.end_array();
  }

 private:
  // The item as it came, for blocks that say something else to other formats.
  bool is_item(const Block& b, Str type) const { return same_ && b.raw["type"].as_string() == type; }

  // --- user, system, developer and tool messages ---

  void others(const Message& m) {
    std::size_t parts = 0;
    for (const Block& b : m.content) {
      if (b.kind == Kind::tool_result)
        result(b);
      else if (is_item(b, "compaction_trigger") ||
               (b.kind == Kind::opaque && b.format == kName && b.detail != "part"))
        same_ ? w_.write(b.raw) : dropped_.add("provider_blocks");
      else
        ++parts;
    }
    if (parts == 0) return;
    if (!m.name.empty()) dropped_.add("message.name");
    w_.begin_object();
    w_.field("type", "message");
    w_.field("role", role(m.role));
    w_.key("content");
    content(m.content, false);
    if (same_)
      write_rest(w_, m.extra);
    else
      openai_chat::drop_extra(m.extra, dropped_);
    w_.end_object();
  }

  Str role(Role role) const {
    if (role == Role::developer) return same_ || quirks_.developer_role ? "developer" : "system";
    return role == Role::system ? "system" : "user";
  }

  // One plain text as a string, else a list of parts.
  void content(const std::vector<Block>& blocks, bool result) {
    const Block* only = nullptr;
    std::size_t parts = 0;
    for (const Block& b : blocks) {
      if (!is_part(b)) continue;
      ++parts;
      only = &b;
    }
    if (parts == 1 && only->kind == Kind::text && !parts_.keeps_extra(*only)) {
      parts_.marks(*only);
      return w_.string(only->text);
    }
    w_.begin_array();
    for (const Block& b : blocks)
      if (is_part(b)) parts_.part(b, result);
    w_.end_array();
  }

  bool is_part(const Block& b) const {
    return b.kind != Kind::tool_result && !is_item(b, "compaction_trigger") &&
           !(b.kind == Kind::opaque && b.format == kName && b.detail != "part");
  }

  // --- results ---

  void call_id(Str id) {
    if (same_ || id.size() <= kCallIdMax) return w_.field("call_id", id);
    w_.field("call_id", std::string_view(bounded(id, kCallIdMax)));
  }

  void result(const Block& b) {
    if (is_item(b, "tool_search_output")) return w_.write(b.raw);
    if (b.cache.on) dropped_.add("cache_control");
    w_.begin_object();
    w_.field("type",
             b.custom || custom_ids_.contains(b.id) ? "custom_tool_call_output" : "function_call_output");
    call_id(b.id);
    w_.key("output");
    output(b);
    if (same_ && !b.item_id.empty()) w_.field("id", b.item_id);
    if (parts_.keeps_extra(b)) write_rest(w_, b.extra);
    parts_.drop_extra(b);
    w_.end_object();
  }

  // Several plain texts become one: not every provider takes lists here.
  void output(const Block& b) {
    const bool plain = std::all_of(b.content.begin(), b.content.end(),
                                   [&](const Block& c) { return is_text(c) && !parts_.keeps_extra(c); });
    if (!plain || (same_ && b.content.size() > 1)) {
      w_.begin_array();
      if (b.is_error) parts_.bare("Error:");
      for (const Block& c : b.content) parts_.part(c, true);
      w_.end_array();
      return;
    }
    std::string all = b.is_error ? "Error: " : "";
    for (std::size_t i = 0; i < b.content.size(); ++i) {
      parts_.marks(b.content[i]);
      if (i > 0) all += '\n';
      all += b.content[i].text;
    }
    w_.string(all);
  }

  // --- the model's turns ---

  void assistant(const Message& m) {
    if (!m.name.empty()) dropped_.add("message.name");
    if (!same_) openai_chat::drop_extra(m.extra, dropped_);
    for (std::size_t i = 0; i < m.content.size();) {
      const Block& b = m.content[i];
      if (is_text(b) || (b.kind == Kind::opaque && b.detail == "part" && b.format == kName)) {
        i = message(m.content, i);
        continue;
      }
      item(b);
      ++i;
    }
  }

  // Texts that follow each other and came in one item. Returns the index after them.
  std::size_t message(const std::vector<Block>& blocks, std::size_t first) {
    const Str id = blocks[first].item_id;
    std::size_t end = first;
    const auto belongs = [&](const Block& b) {
      return (is_text(b) || (b.kind == Kind::opaque && b.detail == "part")) && b.item_id == id;
    };
    while (end < blocks.size() && belongs(blocks[end])) ++end;
    const bool empty = std::all_of(blocks.begin() + static_cast<std::ptrdiff_t>(first),
                                   blocks.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](const Block& b) { return is_text(b) && b.text.empty(); });
    if (empty && !same_) return end;
    w_.begin_object();
    w_.field("type", "message");
    w_.field("role", "assistant");
    if (same_ && !id.empty()) {
      w_.field("id", id);
      if (!blocks[first].extra.has("item.status")) w_.field("status", "completed");
    }
    w_.key("content");
    w_.begin_array();
    for (std::size_t i = first; i < end; ++i) answer_part(blocks[i]);
    w_.end_array();
    if (same_ && blocks[first].format == kName) write_item_extra(w_, blocks[first].extra);
    w_.end_object();
    return end;
  }

  void answer_part(const Block& b) {
    if (b.kind == Kind::opaque) return w_.write(b.raw);
    if (b.text.empty() && !same_) return;
    signature(b);
    w_.begin_object();
    w_.field("type", b.kind == Kind::refusal ? "refusal" : "output_text");
    w_.field(b.kind == Kind::refusal ? "refusal" : "text", b.text);
    if (b.kind == Kind::text) {
      w_.key("annotations");
      if (b.format == kName && b.citations.is_array())
        w_.write(b.citations);
      else
        w_.raw("[]");
    }
    parts_.end_part(b);
  }

  // Of a text or a call: another provider's, which nothing here can hold.
  void signature(const Block& b) {
    if (!b.signature.empty()) dropped_.add("thinking.signature");
  }

  void item(const Block& b) {
    switch (b.kind) {
      case Kind::thinking:
      case Kind::redacted_thinking:
        return reasoning(b);
      case Kind::tool_call:
        return call(b);
      case Kind::opaque:
        return opaque_item(b);
      case Kind::tool_result:
        return result(b);
      default:
        return dropped_.add("assistant_media");
    }
  }

  void opaque_item(const Block& b) {
    if (b.format == kName) return w_.write(b.raw);
    dropped_.add("provider_blocks");
  }

  void reasoning(const Block& b) {
    const bool own = b.format == kName || (same_ && b.format.empty());
    if (own && same_ && b.raw.is_object()) return w_.write(b.raw);
    const bool hidden = b.kind == Kind::redacted_thinking;
    const Str encrypted = hidden ? b.data : b.signature;
    if (!own || encrypted.empty()) {
      if (hidden) return dropped_.add("redacted_thinking");
      if (!b.signature.empty()) dropped_.add("thinking.signature");
      if (!b.text.empty()) dropped_.add("thinking.text");
      return;
    }
    w_.begin_object();
    w_.field("type", "reasoning");
    if (same_ && !b.item_id.empty()) w_.field("id", b.item_id);
    w_.key("summary");
    w_.begin_array();
    if (!b.text.empty()) {
      w_.begin_object();
      w_.field("type", "summary_text");
      w_.field("text", b.text);
      w_.end_object();
    }
    w_.end_array();
    w_.field("encrypted_content", encrypted);
    w_.end_object();
  }

  void call(const Block& b) {
    if (is_item(b, "tool_search_call")) return w_.write(b.raw);
    if (b.cache.on) dropped_.add("cache_control");
    signature(b);
    w_.begin_object();
    w_.field("type", b.custom ? "custom_tool_call" : "function_call");
    if (same_ && !b.item_id.empty()) w_.field("id", b.item_id);
    call_id(b.id);
    const bool apart = same_ && !b.name_space.empty();
    w_.field("name", apart ? bare_name(b) : b.name);
    if (apart) w_.field("namespace", b.name_space);
    if (b.custom)
      w_.field("input", b.text);
    else
      w_.field("arguments", b.arguments.empty() ? Str("{}") : b.arguments);
    if (parts_.keeps_extra(b)) write_rest(w_, b.extra);
    parts_.drop_extra(b);
    w_.end_object();
  }

  Str bare_name(const Block& b) const {
    if (const Tool* t = find_tool(&r_, b.name); t != nullptr && t->raw.has("name"))
      return t->raw["name"].as_string();
    const std::size_t prefix = b.name_space.size() + 2;
    return b.name.starts_with(b.name_space) && b.name.size() > prefix ? b.name.substr(prefix) : b.name;
  }

  const Request& r_;
  const Quirks& quirks_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  PartWriter parts_;
  std::unordered_set<Str> custom_ids_;  // of calls whose results are a custom tool's
};

}  // namespace

void encode_input(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w) {
  InputWriter(r, options, dropped, w).write();
}

}  // namespace pb::llm::openai_responses
