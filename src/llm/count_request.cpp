// Tokens of a whole prompt.
#include <algorithm>

#include "base/base64.h"
#include "llm/count.h"
#include "llm/count_tools.h"
#include "llm/tokens/models.h"
#include "media/image.h"

namespace pb::llm {
namespace {

constexpr std::int64_t kPdfPageTokens = 2000;   // text and picture of a page
constexpr std::int64_t kPdfPageBytes = 60'000;  // a guess at a page's size
constexpr std::int64_t kNameTokens = 1;         // around a participant's name
constexpr std::int64_t kTypedSystem = -4;       // OpenAI: system message and tools stand together
constexpr std::int64_t kTypedChoice = 4;        // OpenAI: around the name of the tool to call

class RequestCount {
 public:
  RequestCount(const tokens::Model& model, std::stop_token stop)
      : model_(model), family_(*model.family), counter_(family_.encoding, std::move(stop)) {}

  void request(const Request& r) {
    fixed_ += family_.frame.request;
    bool system = false;
    for (const Message& m : r.messages) {
      const bool tells = m.role == Role::system || m.role == Role::developer;
      message(m, tells && family_.typed_tools && !r.tools.empty() && !system);
      system = system || tells;
    }
    if (!r.tools.empty()) tools(r, system);
    json(r.response_format.schema);
  }

  std::optional<std::int64_t> total() const {
    if (counter_.stopped()) return std::nullopt;
    return fixed_ + family_.tokens(counter_.counts());
  }

 private:
  void text(Str t) { counter_.add(t); }
  void json(json::Value value) {
    if (!value.is_null()) counter_.add(json::to_text(value));
  }

  // `leads`: OpenAI's models see its text with a line end after it, before the tools.
  void message(const Message& m, bool leads) {
    const bool tells = m.role == Role::system || m.role == Role::developer;
    fixed_ += tells ? family_.frame.system : family_.frame.message;
    if (!m.name.empty()) {
      text(m.name);
      fixed_ += kNameTokens;
    }
    if (leads && m.content.size() == 1 && m.content[0].kind == Block::Kind::text &&
        !m.content[0].text.empty() && !m.content[0].text.ends_with('\n'))
      return text(std::string(m.content[0].text) + '\n');
    blocks(m.content);
  }

  void blocks(const std::vector<Block>& list) {
    for (const Block& b : list)
      if (!counter_.stopped()) block(b);
  }

  void block(const Block& b) {
    using Kind = Block::Kind;
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
      case Kind::thinking:
        return text(b.text);
      case Kind::redacted_thinking:
        fixed_ += static_cast<std::int64_t>(b.data.size()) / 6;  // encrypted: a guess
        return;
      case Kind::image:
        return image(b);
      case Kind::document:
        return document(b);
      case Kind::audio:
        fixed_ += static_cast<std::int64_t>(b.data.size()) / 400;  // compressed: about ten tokens a second
        return;
      case Kind::tool_call:
        fixed_ += family_.frame.call;
        text(b.name);
        text(b.arguments);
        return text(b.text);
      case Kind::tool_result:
        fixed_ += family_.frame.result;
        return blocks(b.content);
      case Kind::opaque:
        return json(b.raw);
    }
  }

  void image(const Block& b) {
    media::Info info;
    if (const auto bytes = base64_decode(b.data); bytes && !bytes->empty())
      info = media::inspect(*bytes).value_or(media::Info());
    fixed_ += model_.picture.tokens(info.width, info.height, b.detail == "low");
  }

  void document(const Block& b) {
    text(b.name);
    text(b.text);
    blocks(b.content);
    if (!b.data.empty())
      fixed_ += kPdfPageTokens * (1 + static_cast<std::int64_t>(b.data.size()) * 3 / 4 / kPdfPageBytes);
    else if (b.text.empty() && b.content.empty())
      fixed_ += kPdfPageTokens;  // somewhere else, its size unknown
  }

  void tools(const Request& r, bool system) {
    const bool forced =
        r.tool_choice.kind == ToolChoice::Kind::required || r.tool_choice.kind == ToolChoice::Kind::named;
    fixed_ += forced ? model_.tools_forced : model_.tools;
    if (family_.typed_tools) {
      if (system) fixed_ += kTypedSystem;
      text(tool_declarations(r.tools));
      if (r.tool_choice.kind == ToolChoice::Kind::none) ++fixed_;
      if (r.tool_choice.kind == ToolChoice::Kind::named) {
        fixed_ += kTypedChoice;
        text(r.tool_choice.name);
      }
    }
    for (const Tool& t : r.tools)
      if (!family_.typed_tools || t.kind != Tool::Kind::function) tool(t);
  }

  void tool(const Tool& t) {
    fixed_ += family_.frame.tool;
    if (t.kind == Tool::Kind::opaque) return json(t.raw);
    text(t.name);
    text(t.description);
    json(t.parameters);
    if (t.kind == Tool::Kind::custom) json(t.raw);
  }

  const tokens::Model& model_;
  const tokens::Family& family_;
  tokens::Counter counter_;
  std::int64_t fixed_ = 0;  // all that is not text
};

}  // namespace

std::optional<std::int64_t> count_request(const Request& request, Str model, std::stop_token stop) {
  RequestCount count(tokens::model_of(model), std::move(stop));
  count.request(request);
  return count.total();
}

std::int64_t count_request(const Request& request) {
  return count_request(request, request.model).value_or(0);
}

}  // namespace pb::llm
