// The messages of a request to Cohere. What a tool's result cannot hold waits for a user's message after the results.
#include <algorithm>

#include "llm/cohere/parts.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_chat/parts.h"

namespace pb::llm::cohere {
namespace {

using Kind = Block::Kind;
using openai_chat::is_media;
using openai_chat::media_name;

class MessageWriter {
 public:
  MessageWriter(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w)
      : r_(r), dropped_(dropped), w_(w), same_(r.format == kName), parts_(r, options.quirks, dropped, w) {
    thinks_ =
        same_ || options.quirks.reasoning_effort || reasons(options.model.empty() ? r.model : options.model);
  }

  bool write_all() {
    w_.key("messages");
    w_.begin_array();
    for (const Message& m : r_.messages) message(m);
    flush_pending();
    w_.end_array();
    parts_.write_documents();
    return any_;
  }

 private:
  struct Pending {
    const Block* block;
    const Block* result;
  };

  void message(const Message& m) {
    bool other = m.content.empty() && m.role != Role::tool;
    for (const Block& b : m.content) {
      if (b.kind == Kind::tool_result)
        tool_result(b, m);
      else
        other = true;
    }
    if (!other) return;
    if (m.role == Role::assistant) return assistant(m);
    if (m.role == Role::user || m.role == Role::tool) return user(m);
    flush_pending();
    begin("system", m);
    w_.key("content");
    content(m.content, false);
    w_.end_object();
  }

  void begin(Str role, const Message& m) {
    any_ = true;
    w_.begin_object();
    w_.field("role", role);
    if (!m.name.empty()) dropped_.add("message.name");
    extra(m.extra);
  }

  void extra(json::Value members) {
    if (same_)
      openai_chat::write_extra(w_, members);
    else
      openai_chat::drop_extra(members, dropped_);
  }

  // --- system and user messages ---

  void user(const Message& m) {
    begin("user", m);
    w_.key("content");
    content(m.content, true);
    w_.end_object();
  }

  // A string where text is all there is, else blocks.
  void content(const std::vector<Block>& blocks, bool is_user) {
    std::size_t texts = 0;
    bool simple = pending_.empty() || !is_user;
    for (const Block& b : blocks) {
      if (b.kind == Kind::tool_result || (is_user && parts_.is_document(b))) continue;
      ++texts;
      simple &= (b.kind == Kind::text || b.kind == Kind::refusal) && !parts_.marked(b);
    }
    if (simple && (texts <= 1 || !same_)) return joined(blocks, is_user);
    w_.begin_array();
    if (is_user) pending_parts();
    for (const Block& b : blocks) parts_.part(b, is_user);
    w_.end_array();
  }

  void joined(const std::vector<Block>& blocks, bool is_user) {
    std::string text;
    for (const Block& b : blocks) {
      if (is_user && parts_.is_document(b)) parts_.keep_document(b);
      if (b.kind != Kind::text && b.kind != Kind::refusal) continue;
      parts_.note_marks(b);
      if (!text.empty() && !b.text.empty()) text += "\n\n";
      text += b.text;
    }
    w_.string(text);
  }

  // --- tool results ---

  void tool_result(const Block& result, const Message& m) {
    any_ = true;
    w_.begin_object();
    w_.field("role", "tool");
    if (m.role == Role::tool) extra(m.extra);
    w_.field("tool_call_id", result.id);
    parts_.note_marks(result);
    w_.key("content");
    const bool own = std::any_of(result.content.begin(), result.content.end(), [&](const Block& b) {
      return b.kind == Kind::document || parts_.marked(b) ||
             (b.kind == Kind::opaque && same_ && b.format == kName);
    });
    if ((own || (same_ && result.content.size() > 1)) && !result.is_error)
      result_blocks(result);
    else
      result_text(result);
    w_.end_object();
  }

  void result_blocks(const Block& result) {
    w_.begin_array();
    std::size_t number = 0;
    for (const Block& b : result.content) {
      if (b.kind == Kind::document && !is_media(b)) {
        w_.begin_object();
        w_.field("type", "document");
        w_.key("document");
        write_document(w_, b, ++number);
        w_.end_object();
      } else if (is_media(b)) {
        parts_.bare_text(placeholder(b, result));
      } else {
        parts_.part(b, false);
      }
    }
    w_.end_array();
  }

  void result_text(const Block& result) {
    std::string text;
    if (result.is_error) text = "Error: ";
    const std::size_t begin = text.size();
    for (const Block& b : result.content) {
      std::string line;
      if (b.kind == Kind::text || b.kind == Kind::refusal) {
        parts_.note_marks(b);
        line = b.text;
      } else if (is_media(b)) {
        line = placeholder(b, result);
      } else if (b.kind == Kind::document) {
        line = document_text(b);
      } else if (b.kind == Kind::opaque) {
        dropped_.add("provider_blocks");
        if (Str tool = b.raw["tool_name"].as_string(); !tool.empty())
          line = std::string("[tool available: ").append(tool).append("]");
      }
      if (text.size() > begin && !line.empty()) text += '\n';
      text += line;
    }
    w_.string(text);
  }

  std::string placeholder(const Block& b, const Block& result) {
    pending_.push_back({&b, &result});
    return std::string("[").append(media_name(b)).append(" in the next user message]");
  }

  void pending_parts() {
    for (const Pending& p : pending_) {
      parts_.bare_text(std::string("[")
                           .append(media_name(*p.block))
                           .append(" from the result of tool call ")
                           .append(p.result->id) +
                       "]");
      parts_.part(*p.block, true);
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
    flush_pending();
    bool calls = false, thoughts = false, blocks = false;
    std::string text, plan;
    const Block* cited = nullptr;
    for (const Block& b : m.content) calls |= b.kind == Kind::tool_call;
    const Block* before = nullptr;
    for (const Block& b : m.content) {
      if (b.kind == Kind::text || b.kind == Kind::refusal) {
        parts_.note_marks(b);
        if (same_ && b.format == kName && b.citations.size() > 0 && !cited) cited = &b;
        std::string& to = calls && (!same_ || b.detail == kPlan) ? plan : text;
        const bool fragments = before && (before->citations.size() > 0 || b.citations.size() > 0);
        if (!to.empty() && !b.text.empty() && !fragments) to += "\n\n";
        to += b.text;
        before = &b;
        blocks |= parts_.marked(b);
      } else {
        thoughts |= keeps(b);
      }
    }
    if (!calls && !thoughts && text.empty() && !blocks && !same_) return;
    begin("assistant", m);
    if (thoughts || blocks)
      assistant_blocks(m, calls);
    else if (!text.empty() || !calls)
      w_.field("content", std::string_view(text));
    if (!plan.empty()) w_.field("tool_plan", std::string_view(plan));
    if (calls) tool_calls(m);
    if (cited) w_.field("citations", cited->citations);
    w_.end_object();
  }

  // Whether a block that is no text goes into the content; names what is lost.
  bool keeps(const Block& b) {
    if (b.kind == Kind::thinking) {
      if (!b.signature.empty()) dropped_.add("thinking.signature");
      if (thinks_ && !b.text.empty()) return true;
      if (!b.text.empty()) dropped_.add("thinking.text");
      openai_chat::drop_extra(b.extra, dropped_);
    } else if (b.kind == Kind::redacted_thinking) {
      dropped_.add("redacted_thinking");
    } else if (b.kind == Kind::opaque) {
      if (same_ && b.format == kName) return true;
      dropped_.add("provider_blocks");
    } else if (b.kind == Kind::image || b.kind == Kind::audio || b.kind == Kind::document) {
      dropped_.add("assistant_media");
    }
    return false;
  }

  void assistant_blocks(const Message& m, bool calls) {
    w_.key("content");
    w_.begin_array();
    for (const Block& b : m.content) {
      if (b.kind == Kind::text || b.kind == Kind::refusal) {
        if (!(calls && (!same_ || b.detail == kPlan))) parts_.text_part(b.text, b);
      } else if (b.kind == Kind::opaque && same_ && b.format == kName) {
        w_.write(b.raw);
      } else if (b.kind == Kind::thinking && thinks_ && !b.text.empty()) {
        w_.begin_object();
        w_.field("type", "thinking");
        w_.field("thinking", b.text);
        parts_.end_part(b);
      }
    }
    w_.end_array();
  }

  void tool_calls(const Message& m) {
    w_.key("tool_calls");
    w_.begin_array();
    for (const Block& b : m.content) {
      if (b.kind != Kind::tool_call) continue;
      parts_.note_marks(b);
      w_.begin_object();
      openai_chat::write_function_call(w_, b, b.id);
      if (parts_.marked(b)) openai_chat::write_extra(w_, b.extra);
      w_.end_object();
    }
    w_.end_array();
  }

  const Request& r_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  bool thinks_ = false, any_ = false;
  PartWriter parts_;
  std::vector<Pending> pending_;
};

}  // namespace

bool write_messages(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w) {
  return MessageWriter(r, options, dropped, w).write_all();
}

}  // namespace pb::llm::cohere
