// A conversation as one text, for models that go on with a text:
//
//   Be brief.
//
//   User:
//   hello
//
//   Assistant:
//
// A single message of a user is sent as it stands. What users write can imitate the labels: the format has nothing better.
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

using Kind = Block::Kind;

constexpr Str kUser = "User:\n", kAssistant = "Assistant:\n";

class Writer {
 public:
  Writer(const Request& r, Dropped& dropped) : r_(r), dropped_(dropped) {}

  Transcript write() {
    instruction();
    const bool alone = r_.messages.size() == 1 && r_.messages[0].role == Role::user;
    for (const Message& m : r_.messages) {
      if (!m.name.empty()) dropped_.add("message.name");
      openai_chat::drop_extra(m.extra, dropped_);
      message(m, alone);
    }
    // What the assistant has begun goes on; else its turn begins.
    const bool begun = !r_.messages.empty() && r_.messages.back().role == Role::assistant && in_assistant_;
    if (!alone && !begun && !out_.text.empty()) {
      paragraph();
      out_.text += kAssistant;
    }
    out_.turns = !alone;
    return std::move(out_);
  }

 private:
  void paragraph() {
    if (!out_.text.empty()) out_.text += "\n\n";
  }

  void instruction() {
    const ResponseFormat& f = r_.response_format;
    if (f.strict.value_or(false)) dropped_.add("response_format.strict");
    if (f.kind == ResponseFormat::Kind::json_object)
      out_.text = "The answer is one JSON object and nothing else.";
    if (f.kind == ResponseFormat::Kind::json_schema)
      out_.text =
          "The answer is JSON and nothing else, valid against this JSON Schema:\n" + json::to_text(f.schema);
  }

  void message(const Message& m, bool alone) {
    std::string text;
    for (const Block& b : m.content) {
      if (b.kind == Kind::tool_result) {
        turn(text, m.role, alone);
        text.clear();
        result(b);
        continue;
      }
      block(b, m.role, text);
    }
    turn(text, m.role, alone);
  }

  void turn(Str text, Role role, bool alone) {
    if (text.empty()) return;
    paragraph();
    if (role == Role::user && !alone) out_.text += kUser;
    if (role == Role::assistant) out_.text += kAssistant;
    out_.text += text;
    in_assistant_ = role == Role::assistant;
  }

  void result(const Block& b) {
    std::string text;
    if (b.is_error) text = "Error: ";
    for (const Block& inner : b.content) {
      if (inner.kind != Kind::text && inner.kind != Kind::refusal) dropped_.add("tool_result.images");
      block(inner, Role::tool, text);
    }
    note(b);
    const Str name = name_of(b.id);
    paragraph();
    out_.text.append("Result of ").append(name.empty() ? Str("a tool") : name).append(":\n").append(text);
    in_assistant_ = false;
  }

  Str name_of(Str id) const {
    for (const Message& m : r_.messages)
      for (const Block& b : m.content)
        if (b.kind == Kind::tool_call && b.id == id) return b.name;
    return {};
  }

  void block(const Block& b, Role role, std::string& text) {
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        add(b.text, text);
        break;
      case Kind::tool_call:
        add(std::string("[calls ")
                .append(b.name)
                .append(": ")
                .append(b.custom ? b.text : b.arguments)
                .append("]"),
            text);
        break;
      case Kind::document:
        document(b, role, text);
        break;
      case Kind::image:
        missing(b, role, "image", text);
        break;
      case Kind::audio:
        missing(b, role, "audio", text);
        break;
      case Kind::thinking:
        if (!b.text.empty()) dropped_.add("thinking.text");
        break;
      case Kind::redacted_thinking:
        dropped_.add("redacted_thinking");
        break;
      case Kind::opaque:
        dropped_.add("provider_blocks");
        break;
      case Kind::tool_result:  // has been written by message(); results hold none
        break;
    }
    note(b);
  }

  void document(const Block& b, Role role, std::string& text) {
    if (b.text.empty() && b.content.empty()) return missing(b, role, "document", text);
    if (!b.name.empty()) add(std::string("[document: ").append(b.name).append("]"), text);
    add(b.text, text);
    for (const Block& inner : b.content) block(inner, role, text);
  }

  // A text stands in for what is none.
  void missing(const Block& b, Role role, Str what, std::string& text) {
    const bool image = b.kind == Kind::image, audio = b.kind == Kind::audio;
    if (role == Role::assistant)
      dropped_.add("assistant_media");
    else if (audio)
      dropped_.add("audio");
    else if (!b.data.empty())
      dropped_.add(image ? "image" : "document");
    else if (!b.url.empty())
      dropped_.add(image ? "image.url" : "document.url");
    else
      dropped_.add(image ? "image.file_id" : "document.file_id");
    const Str name = b.name.empty() ? b.url : b.name;
    add(std::string("[").append(what).append(name.empty() ? "" : ": ").append(name).append("]"), text);
  }

  static void add(Str words, std::string& text) {
    if (!text.empty() && !words.empty() && !text.ends_with("Error: ")) text += "\n\n";
    text += words;
  }

  void note(const Block& b) {
    if (b.cache.on) dropped_.add("cache_control");
    if (b.citations.size() > 0) dropped_.add("citations");
    if (!b.signature.empty()) dropped_.add("thinking.signature");
    openai_chat::drop_extra(b.extra, dropped_);
  }

  const Request& r_;
  Dropped& dropped_;
  Transcript out_;
  bool in_assistant_ = false;
};

}  // namespace

Transcript write_transcript(const Request& r, Dropped& dropped) { return Writer(r, dropped).write(); }

}  // namespace pb::llm::openai_completions
