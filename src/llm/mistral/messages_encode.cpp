// The messages of a request to Mistral: its chunks, its roles and the order it wants them in.
#include <algorithm>

#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

using Kind = Block::Kind;

constexpr Str kBridge = "Understood.";  // between tool results and a user's message

class MessageWriter {
 public:
  MessageWriter(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w)
      : r_(r), quirks_(options.quirks), dropped_(dropped), w_(w), same_(r.format == kName) {
    thinks_ = same_ || quirks_.reasoning_effort ||
              reasoning_of(options.model.empty() ? r.model : options.model) != Reasoning::none;
  }

  bool write_all() {
    w_.key("messages");
    w_.begin_array();
    for (const Message& m : r_.messages) message(m, &m == &r_.messages.back());
    w_.end_array();
    return last_ != Last::none;
  }

 private:
  enum class Last : std::uint8_t { none, system, user, assistant, tool };

  void message(const Message& m, bool last) {
    bool other = m.content.empty() && m.role != Role::tool;
    for (const Block& b : m.content) {
      if (b.kind == Kind::tool_result)
        tool_result(b, m);
      else
        other = true;
    }
    if (!other) return;
    if (m.role == Role::assistant) return assistant(m, last);
    const bool system = m.role == Role::system || m.role == Role::developer;
    const bool allowed =
        last_ != Last::assistant && last_ != Last::tool && (!last || r_.messages.size() == 1);
    plain(m, system && (allowed || same_) ? Last::system : Last::user);
  }

  void begin(Str role, Last kind) {
    w_.begin_object();
    w_.field("role", role);
    last_ = kind;
  }

  void name_and_extra(const Message& m) {
    if (!m.name.empty()) {
      if (same_ || m.role == Role::tool)
        w_.field("name", m.name);
      else
        dropped_.add("message.name");
    }
    extra(m.extra);
  }

  void extra(json::Value members) {
    if (same_)
      openai_chat::write_extra(w_, members);
    else
      openai_chat::drop_extra(members, dropped_);
  }

  // --- system and user messages ---

  void plain(const Message& m, Last kind) {
    if (kind == Last::user && last_ == Last::tool && !same_) {
      begin("assistant", Last::assistant);
      w_.field("content", kBridge);
      w_.end_object();
    }
    begin(kind == Last::user ? "user" : "system", kind);
    name_and_extra(m);
    w_.key("content");
    content(m.content, kind == Last::user);
    w_.end_object();
  }

  // A string where text is all there is, else chunks.
  void content(const std::vector<Block>& blocks, bool media) {
    const auto text = [](const Block& b) {
      return b.kind == Kind::text || b.kind == Kind::refusal || b.kind == Kind::tool_result;
    };
    const auto texts = std::count_if(blocks.begin(), blocks.end(),
                                     [](const Block& b) { return b.kind != Kind::tool_result; });
    const bool simple = std::all_of(blocks.begin(), blocks.end(), text) && (!same_ || texts <= 1) &&
                        std::none_of(blocks.begin(), blocks.end(), [&](const Block& b) { return marked(b); });
    if (!simple) {
      w_.begin_array();
      for (const Block& b : blocks) chunk(b, media);
      w_.end_array();
      return;
    }
    std::string joined;
    for (const Block& b : blocks) {
      if (b.kind == Kind::tool_result) continue;
      note_marks(b);
      if (!joined.empty() && !b.text.empty()) joined += "\n\n";
      joined += b.text;
    }
    w_.string(joined);
  }

  bool marked(const Block& b) const { return same_ && b.format == kName && b.extra.is_object(); }

  void note_marks(const Block& b) {
    if (b.cache.on) dropped_.add("cache_control");
    if (b.citations.size() > 0) dropped_.add("citations");
    if (b.kind != Kind::thinking && !b.signature.empty()) dropped_.add("thinking.signature");
    if (!marked(b)) openai_chat::drop_extra(b.extra, dropped_);
  }

  // --- chunks ---

  void chunk(const Block& b, bool media) {
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        return text_chunk(b.text, b);
      case Kind::image:
        return media ? image(b) : dropped_.add("assistant_media");
      case Kind::audio:
        return media ? audio(b) : dropped_.add("assistant_media");
      case Kind::document:
        return document(b, media);
      case Kind::thinking:
        return thinking(b);
      case Kind::redacted_thinking:
        return dropped_.add("redacted_thinking");
      case Kind::opaque:
        if (same_ && b.format == kName) return w_.write(b.raw);
        return opaque(b);
      case Kind::tool_call:
      case Kind::tool_result:
        return;
    }
  }

  // Tool search results are the one block of a provider that says something to any model: which tools there are now.
  void opaque(const Block& b) {
    dropped_.add("provider_blocks");
    if (Str tool = b.raw["tool_name"].as_string(); !tool.empty())
      bare_text(std::string("[tool available: ").append(tool).append("]"));
  }

  void bare_text(Str text) {
    w_.begin_object();
    w_.field("type", "text");
    w_.field("text", text);
    w_.end_object();
  }

  void end_chunk(const Block& b) {
    note_marks(b);
    if (marked(b)) openai_chat::write_extra(w_, b.extra);
    w_.end_object();
  }

  void text_chunk(Str text, const Block& b) {
    w_.begin_object();
    w_.field("type", "text");
    w_.field("text", text);
    end_chunk(b);
  }

  void image(const Block& b) {
    if (const auto words = openai_chat::image_in_words(b, quirks_, dropped_)) return bare_text(*words);
    w_.begin_object();
    openai_chat::write_image(w_, b);
    end_chunk(b);
  }

  void audio(const Block& b) {
    w_.begin_object();
    w_.field("type", "input_audio");
    w_.field("input_audio", b.data.empty() ? b.url : b.data);
    end_chunk(b);
  }

  void document(const Block& b, bool media) {
    if (!b.text.empty() || !b.content.empty()) return text_document(b, media);
    if (!media) return dropped_.add("assistant_media");
    const bool by_id = b.data.empty() && b.url.empty();
    if (by_id && !(same_ && !b.file_id.empty())) {
      dropped_.add("document.file_id");
      return bare_text("[a document that cannot be shown here]");
    }
    w_.begin_object();
    w_.field("type", by_id ? "file" : "document_url");
    if (by_id) {
      w_.field("file_id", b.file_id);
    } else {
      w_.key("document_url");
      openai_chat::write_url_or_data(w_, b);
      if (!b.name.empty()) w_.field("document_name", b.name);
    }
    end_chunk(b);
  }

  void text_document(const Block& b, bool media) {
    std::string text =
        b.name.empty() ? std::string() : std::string("[document: ").append(b.name).append("]\n");
    text += b.text;
    if (!text.empty()) text_chunk(text, b);
    for (const Block& inner : b.content) chunk(inner, media);
  }

  void thinking(const Block& b) {
    if (!thinks_) {
      if (!b.text.empty()) dropped_.add("thinking.text");
      if (!b.signature.empty()) dropped_.add("thinking.signature");
      return;
    }
    const bool ours = b.format == kName || (same_ && b.format.empty());
    if (!b.signature.empty() && !ours) dropped_.add("thinking.signature");
    if (b.text.empty() && !ours) return;
    if (!marked(b)) {
      openai_chat::drop_extra(b.extra, dropped_);
      return write_thinking(w_, b.text, ours ? b.signature : Str());
    }
    w_.begin_object();
    w_.field("type", "thinking");
    if (!b.extra.has("thinking")) {
      w_.key("thinking");
      w_.begin_array();
      if (!b.text.empty()) bare_text(b.text);
      w_.end_array();
    }
    if (!b.signature.empty()) w_.field("signature", b.signature);
    openai_chat::write_extra(w_, b.extra);
    w_.end_object();
  }

  // --- tool results ---

  void tool_result(const Block& result, const Message& m) {
    begin("tool", Last::tool);
    if (m.role == Role::tool) name_and_extra(m);
    w_.field("tool_call_id", std::string_view(call_id(result.id)));
    note_marks(result);
    w_.key("content");
    if (!result.is_error) {
      content(result.content, true);
    } else {
      std::string text = "Error: ";
      for (const Block& b : result.content) {
        if (b.kind == Kind::text) text.append(text.size() > 7 ? "\n" : "").append(b.text);
        if (b.kind == Kind::image || b.kind == Kind::document) dropped_.add("tool_result.images");
      }
      w_.string(text);
    }
    w_.end_object();
  }

  // --- assistant messages ---

  void assistant(const Message& m, bool last) {
    bool calls = false, chunks = false, says = false;
    for (const Block& b : m.content) {
      calls |= b.kind == Kind::tool_call;
      says |= (b.kind == Kind::text || b.kind == Kind::refusal) && !b.text.empty();
      const bool thought = b.kind == Kind::thinking && thinks_ &&
                           (!b.text.empty() || b.format == kName || (same_ && !b.signature.empty()));
      chunks |= thought || marked(b) || (b.kind == Kind::opaque && same_ && b.format == kName) ||
                (b.kind == Kind::document && (!b.text.empty() || !b.content.empty()));
    }
    if (!calls && !chunks && !says && !same_) {  // what is left of it is nothing, which is refused
      for (const Block& b : m.content) lost(b);
      return;
    }
    begin("assistant", Last::assistant);
    name_and_extra(m);
    w_.key("content");
    if (chunks) {
      w_.begin_array();
      for (const Block& b : m.content)
        if (b.kind != Kind::text || !b.text.empty()) chunk(b, false);
      w_.end_array();
    } else {
      assistant_text(m);
    }
    if (calls) tool_calls(m);
    if (last && !calls) w_.field("prefix", true);
    w_.end_object();
  }

  void assistant_text(const Message& m) {
    std::string text;
    const Block* before = nullptr;
    for (const Block& b : m.content) {
      if (b.kind != Kind::text && b.kind != Kind::refusal) {
        lost(b);
        continue;
      }
      note_marks(b);
      const bool fragments = before && (before->citations.size() > 0 || b.citations.size() > 0);
      if (!text.empty() && !b.text.empty() && !fragments) text += "\n\n";
      text += b.text;
      before = &b;
    }
    w_.string(text);
  }

  // Names what is lost of a block that becomes no chunk.
  void lost(const Block& b) {
    if (b.kind == Kind::thinking) {
      if (!b.text.empty()) dropped_.add("thinking.text");
      if (!b.signature.empty()) dropped_.add("thinking.signature");
      openai_chat::drop_extra(b.extra, dropped_);
    } else if (b.kind == Kind::redacted_thinking) {
      dropped_.add("redacted_thinking");
    } else if (b.kind == Kind::opaque) {
      dropped_.add("provider_blocks");
    } else if (b.kind == Kind::image || b.kind == Kind::audio || b.kind == Kind::document) {
      dropped_.add("assistant_media");
    }
  }

  void tool_calls(const Message& m) {
    w_.key("tool_calls");
    w_.begin_array();
    int index = 0;
    for (const Block& b : m.content) {
      if (b.kind != Kind::tool_call) continue;
      note_marks(b);
      w_.begin_object();
      write_call(w_, b, call_id(b.id), index++);
      if (marked(b)) openai_chat::write_extra(w_, b.extra);
      w_.end_object();
    }
    w_.end_array();
  }

  const Request& r_;
  const Quirks& quirks_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  bool thinks_ = false;
  Last last_ = Last::none;
};

}  // namespace

bool write_messages(const Request& r, const EncodeOptions& options, Dropped& dropped, json::Writer& w) {
  return MessageWriter(r, options, dropped, w).write_all();
}

}  // namespace pb::llm::mistral
