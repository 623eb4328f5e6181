// The messages of a request to a provider. A message is one text and a list of images, which the model is shown before the
// text; documents that are text become text, errors of tools are told by their text.
#include <algorithm>

#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using Kind = Block::Kind;

constexpr std::size_t kCallsBack = 256;

bool has_bytes(const Block& b) { return (b.kind == Kind::image || b.kind == Kind::audio) && !b.data.empty(); }

class MessageWriter {
 public:
  MessageWriter(const Request& r, Dropped& dropped, json::Writer& w)
      : r_(r), dropped_(dropped), w_(w), same_(r.format == kName) {}

  void write_all() {
    w_.key("messages");
    w_.begin_array();
    for (const Message& m : r_.messages) message(m);
    w_.end_array();
  }

 private:
  void message(const Message& m) {
    if (!m.name.empty()) dropped_.add("message.name");
    bool results = false, other = m.content.empty();
    for (const Block& b : m.content) (b.kind == Kind::tool_result ? results : other) = true;
    for (const Block& b : m.content)
      if (b.kind == Kind::tool_result) tool_result(b, m);
    if (!other && results) return;
    if (m.role == Role::assistant) return assistant(m);
    plain(m, m.role == Role::system || m.role == Role::developer ? "system" : "user");
  }

  // --- text and images ---

  void line(Str text) {
    if (!text_.empty() && !text.empty()) text_ += "\n\n";
    text_ += text;
  }

  // Puts a block's words into text_ and its bytes into images_, and names what of it is lost.
  void take(const Block& b) {
    if (b.cache.on) dropped_.add("cache_control");
    if (b.citations.size() > 0) dropped_.add("citations");
    if (!same_ || b.format != kName)
      for (const json::Member& m : b.extra.members()) dropped_.add(m.key);
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        return line(b.text);
      case Kind::image:
        return image(b);
      case Kind::audio:
        if (has_bytes(b)) return images_.push_back(b.data);
        return dropped_.add("audio");
      case Kind::document:
        return document(b);
      case Kind::opaque:
        dropped_.add("provider_blocks");
        if (Str tool = b.raw["tool_name"].as_string(); !tool.empty())
          line(std::string("[tool available: ").append(tool).append("]"));
        return;
      default:
        return;  // told apart by their message
    }
  }

  void image(const Block& b) {
    if (!b.detail.empty() && b.detail != "auto") dropped_.add("image.detail");
    if (!b.data.empty()) return images_.push_back(b.data);
    if (!b.url.empty()) {
      dropped_.add("image.url");
      return line(std::string("[image: ").append(b.url).append("]"));
    }
    dropped_.add("image.file_id");
    line("[an image that cannot be shown here]");
  }

  void document(const Block& b) {
    if (!b.text.empty() || !b.content.empty()) {
      if (!b.name.empty()) line(std::string("[document: ").append(b.name).append("]"));
      line(b.text);
      for (const Block& inner : b.content) take(inner);
      return;
    }
    std::string stands_in("[a document that cannot be shown here");
    if (!b.name.empty()) stands_in.append(": ").append(b.name);
    if (!b.url.empty()) stands_in.append(", ").append(b.url);
    line(stands_in.append("]"));
    dropped_.add(!b.data.empty() ? "document" : !b.url.empty() ? "document.url" : "document.file_id");
  }

  void clear() {
    text_.clear();
    images_.clear();
  }

  void content() {
    w_.field("content", text_);
    if (images_.empty()) return;
    w_.strings("images", images_);
  }

  void extra(const Message& m) {
    for (const json::Member& e : m.extra.members()) {
      if (same_)
        w_.field(e.key, e.value);
      else
        dropped_.add(e.key);
    }
  }

  // --- system and user ---

  // Where texts and several images alternate, one message each keeps their order.
  void plain(const Message& m, std::string_view role) {
    std::size_t groups = 0;
    bool in_group = false;
    for (const Block& b : m.content) {
      if (has_bytes(b) && !in_group) ++groups;
      if (has_bytes(b) || b.kind == Kind::text) in_group = has_bytes(b);
    }
    clear();
    bool first = true;
    for (const Block& b : m.content) {
      if (groups > 1 && has_bytes(b) && !text_.empty()) {
        write_plain(m, role, first);
        first = false;
      }
      if (b.kind != Kind::tool_result) take(b);
    }
    write_plain(m, role, first);
  }

  void write_plain(const Message& m, std::string_view role, bool first) {
    w_.begin_object();
    w_.field("role", role);
    content();
    if (first) extra(m);
    w_.end_object();
    clear();
  }

  // --- assistant ---

  void assistant(const Message& m) {
    clear();
    std::string thoughts;
    bool calls = false;
    for (const Block& b : m.content) {
      if (b.kind == Kind::thinking) {
        if (!thoughts.empty() && !b.text.empty()) thoughts += "\n\n";
        thoughts += b.text;
        if (!b.signature.empty()) dropped_.add("thinking.signature");
      } else if (b.kind == Kind::redacted_thinking) {
        dropped_.add("redacted_thinking");
      } else if (b.kind == Kind::audio && b.data.empty()) {
        dropped_.add("assistant_media");
      }
      if (b.kind != Kind::audio || has_bytes(b)) take(b);
      calls |= b.kind == Kind::tool_call;
    }
    w_.begin_object();
    w_.field("role", "assistant");
    content();
    if (!thoughts.empty()) w_.field("thinking", thoughts);
    if (calls) tool_calls(m);
    extra(m);
    w_.end_object();
  }

  void tool_calls(const Message& m) {
    w_.key("tool_calls");
    w_.begin_array();
    int index = 0;
    for (const Block& b : m.content) {
      if (b.kind != Kind::tool_call) continue;
      const bool own = same_ && b.format == kName;
      write_call(w_, b, b.custom ? b.text : b.arguments, index++, own ? b.extra : json::Value());
      calls_.push_back(&b);
    }
    w_.end_array();
  }

  // --- tool results ---

  // Nearly always one of the latest; a conversation of results without calls is not searched whole for each.
  const Block* call_of(Str id) const {
    const std::size_t oldest = calls_.size() - std::min(calls_.size(), kCallsBack);
    for (std::size_t i = calls_.size(); i-- > oldest;)
      if (calls_[i]->id == id) return calls_[i];
    return nullptr;
  }

  void tool_result(const Block& result, const Message& m) {
    clear();
    take(result);  // its marks
    for (const Block& b : result.content) take(b);
    if (result.is_error) text_.insert(0, "Error: ");
    w_.begin_object();
    w_.field("role", "tool");
    content();
    if (const Block* call = call_of(result.id)) w_.field("tool_name", call->name);
    w_.field("tool_call_id", result.id);
    if (m.role == Role::tool) extra(m);
    w_.end_object();
  }

  const Request& r_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  std::string text_;
  std::vector<Str> images_;
  std::vector<const Block*> calls_;  // so far
};

}  // namespace

void encode_messages(const Request& r, Dropped& dropped, json::Writer& w) {
  MessageWriter(r, dropped, w).write_all();
}

}  // namespace pb::llm::ollama
