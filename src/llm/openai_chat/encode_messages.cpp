// The messages of a request to a provider. What this format lacks is said another way: media in tool results move
// into a user message after the results, errors of tools are told by their text, plain-text documents become text.
#include <algorithm>

#include "llm/openai_chat/parts.h"

namespace pb::llm::openai_chat {
namespace {

using Kind = Block::Kind;

class MessageWriter {
 public:
  MessageWriter(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w)
      : r_(r),
        quirks_(options.quirks),
        dropped_(dropped),
        w_(w),
        same_(r.format == kName),
        parts_(r, options.quirks, dropped, w) {}

  void write_all() {
    w_.key("messages");
    w_.begin_array();
    schema_instruction();
    for (const Message& m : r_.messages) message(m);
    flush_pending();
    w_.end_array();
  }

 private:
  struct Pending {
    const Block* block;
    const Block* result;
  };

  // For vendors that know JSON mode but no schemas.
  void schema_instruction() {
    if (r_.response_format.kind != ResponseFormat::Kind::json_schema || quirks_.json_schema) return;
    std::string text = "Answer with JSON only. It must be valid against this JSON Schema:\n";
    text += json::to_text(r_.response_format.schema);
    w_.begin_object();
    w_.field("role", "system");
    w_.field("content", text);
    w_.end_object();
  }

  void message(const Message& m) {
    bool results = false, other = false;
    for (const Block& b : m.content) (b.kind == Kind::tool_result ? results : other) = true;
    if (results) {
      for (const Block& b : m.content)
        if (b.kind == Kind::tool_result) tool_result(b, m);
      if (!other) return;
    }
    if (m.role == Role::assistant) {
      flush_pending();
      return assistant(m);
    }
    if (m.role == Role::system || m.role == Role::developer) {
      flush_pending();
      return plain(m, m.role == Role::developer && quirks_.developer_role ? "developer" : "system");
    }
    plain(m, "user");
  }

  // --- system, developer and user messages ---

  void plain(const Message& m, std::string_view role) {
    w_.begin_object();
    w_.field("role", role);
    name_and_extra(m);
    w_.key("content");
    bool user = role == "user";
    std::size_t texts = 0;
    bool simple = pending_.empty();
    for (const Block& b : m.content) {
      if (b.kind == Kind::text && !parts_.keeps_marks(b))
        ++texts;
      else if (b.kind != Kind::tool_result)
        simple = false;
    }
    if (simple && texts <= 1) {
      for (const Block& b : m.content)
        if (b.kind == Kind::text) return one_text(b);
      w_.string("");
    } else if (simple && !same_) {
      joined(m);  // several vendors take nothing but a string here
    } else {
      parts(m, user);
    }
    w_.end_object();
  }

  void one_text(const Block& b) {
    parts_.note_marks(b);
    w_.string(b.text);
    w_.end_object();
  }

  void joined(const Message& m) {
    std::string text;
    for (const Block& b : m.content) {
      if (b.kind != Kind::text) continue;
      parts_.note_marks(b);
      if (!text.empty() && !b.text.empty()) text += "\n\n";
      text += b.text;
    }
    w_.string(text);
  }

  void parts(const Message& m, bool user) {
    w_.begin_array();
    pending_parts();
    for (const Block& b : m.content) parts_.part(b, user);
    w_.end_array();
  }

  void name_and_extra(const Message& m) {
    if (!m.name.empty()) w_.field("name", m.name);
    if (same_)
      write_extra(w_, m.extra);
    else
      drop_extra(m.extra, dropped_);
  }

  // --- tool results ---

  // Results must follow their calls at once, so what they cannot hold waits for the messages after them.
  void tool_result(const Block& result, const Message& m) {
    w_.begin_object();
    w_.field("role", "tool");
    if (m.role == Role::tool) name_and_extra(m);
    w_.field("tool_call_id", result.id);
    parts_.note_marks(result);
    std::string text;
    if (result.is_error) text = "Error: ";
    auto line = [&](Str s) {
      if (!text.empty() && text != "Error: " && !s.empty()) text += '\n';
      text += s;
    };
    for (const Block& b : result.content) result_block(b, result, line);
    w_.field("content", text);
    w_.end_object();
  }

  template <class Line>
  void result_block(const Block& b, const Block& result, const Line& line) {
    if (b.kind == Kind::text || b.kind == Kind::refusal) {
      parts_.note_marks(b);
      line(b.text);
    } else if (is_media(b)) {
      line(std::string("[").append(media_name(b)).append(" in the next user message]"));
      pending_.push_back({&b, &result});
    } else if (b.kind == Kind::document) {
      if (!b.name.empty()) line(std::string("[document: ").append(b.name).append("]"));
      line(b.text);
      for (const Block& inner : b.content) result_block(inner, result, line);
    } else if (b.kind == Kind::opaque) {
      dropped_.add("provider_blocks");
      if (Str tool = b.raw["tool_name"].as_string(); !tool.empty())
        line(std::string("[tool available: ").append(tool).append("]"));
    }
  }

  Str call_name(Str id) const {
    for (auto m = r_.messages.rbegin(); m != r_.messages.rend(); ++m)
      for (const Block& b : m->content)
        if (b.kind == Kind::tool_call && b.id == id) return b.name;
    return {};
  }

  void pending_parts() {
    for (const Pending& p : pending_) {
      std::string text = std::string("[")
                             .append(media_name(*p.block))
                             .append(" from the result of tool call ")
                             .append(p.result->id);
      if (Str name = call_name(p.result->id); !name.empty()) text.append(" (").append(name).append(")");
      parts_.bare_text(text.append("]"));
      parts_.media(*p.block);
    }
    pending_.clear();
  }

  void flush_pending() {
    if (pending_.empty()) return;
    w_.begin_object();
    w_.field("role", "user");
    w_.key("content");
    w_.begin_array();
    pending_parts();
    w_.end_array();
    w_.end_object();
  }

  // --- assistant messages ---

  void assistant(const Message& m) {
    std::string text, thoughts, refusal;
    bool calls = false, details = false;
    const Block* last = nullptr;
    for (const Block& b : m.content) {
      if (b.kind == Kind::text) {
        parts_.note_marks(b);
        bool fragments = last && (last->citations.size() > 0 || b.citations.size() > 0);
        if (!text.empty() && !b.text.empty() && !fragments) text += "\n\n";
        text += b.text;
        last = &b;
      } else if (b.kind == Kind::refusal) {
        refusal += b.text;
      } else if (b.kind == Kind::thinking) {
        if (!thoughts.empty()) thoughts += "\n\n";
        thoughts += b.text;
      }
      calls |= b.kind == Kind::tool_call;
      details |= assistant_details(b);
    }
    w_.begin_object();
    w_.field("role", "assistant");
    name_and_extra(m);
    if (text.empty() && (calls || !refusal.empty()))
      w_.null_field("content");
    else
      w_.field("content", text);
    if (!refusal.empty()) w_.field("refusal", refusal);
    if (!thoughts.empty()) {
      if (quirks_.reasoning_field.empty())
        dropped_.add("thinking.text");
      else
        w_.field(quirks_.reasoning_field, thoughts);
    }
    if (details && quirks_.openrouter) reasoning_details(m);
    if (calls) tool_calls(m);
    w_.end_object();
  }

  // Whether the block has something that only `reasoning_details` can say; names what is lost without them.
  bool assistant_details(const Block& b) {
    if ((b.kind == Kind::text || b.kind == Kind::tool_call) && is_foreign(b, kName))
      dropped_.add("thinking.signature");
    bool signature =
        b.kind == Kind::thinking && (!b.signature.empty() || (b.format == kName && b.extra.is_object()));
    bool redacted = b.kind == Kind::redacted_thinking;
    bool ours =
        b.kind == Kind::opaque && b.format == kName && b.raw["type"].as_string() == "reasoning.encrypted";
    if (!quirks_.openrouter) {
      if (b.kind == Kind::thinking && !b.signature.empty()) dropped_.add("thinking.signature");
      if (redacted || ours) dropped_.add("redacted_thinking");
    }
    if (b.kind == Kind::opaque && !ours) dropped_.add("provider_blocks");
    if (is_media(b) || b.kind == Kind::document) dropped_.add("assistant_media");
    if (b.kind == Kind::thinking && b.format != kName) drop_extra(b.extra, dropped_);
    return signature || redacted || ours;
  }

  void reasoning_details(const Message& m) {
    w_.key("reasoning_details");
    w_.begin_array();
    int index = 0;
    for (const Block& b : m.content) {
      if (is_detail(b) && (b.kind != Kind::text && b.kind != Kind::tool_call))
        write_detail(w_, b, index++, same_);
    }
    w_.end_array();
  }

  void tool_calls(const Message& m) {
    w_.key("tool_calls");
    w_.begin_array();
    for (const Block& b : m.content) {
      if (b.kind != Kind::tool_call) continue;
      if (b.cache.on) dropped_.add("cache_control");
      w_.begin_object();
      write_call(w_, b, quirks_.custom_tools);
      if (same_ && !b.signature.empty()) write_call_signature(w_, b.signature);
      if (same_ && b.format == kName)
        write_extra(w_, b.extra);
      else
        drop_extra(b.extra, dropped_);
      w_.end_object();
    }
    w_.end_array();
  }

  const Request& r_;
  const Quirks& quirks_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  PartWriter parts_;
  std::vector<Pending> pending_;
};

}  // namespace

void encode_messages(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w) {
  MessageWriter(r, options, dropped, w).write_all();
}

}  // namespace pb::llm::openai_chat
