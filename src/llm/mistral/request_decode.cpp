// Requests of Mistral's clients: openai_chat reads them; here what they mean is put where other formats look for it.
#include "llm/carry.h"
#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

using Kind = Block::Kind;

bool is_unsigned_thinking(const Block& b) { return b.kind == Kind::thinking && b.signature.empty(); }

// Takes the thinking at the end of `content` that has no signature of its own: clients send a stream's pieces back as they
// came, and the signature stands in the last.
std::string take_thoughts(std::vector<Block>& content) {
  std::size_t first = content.size();
  while (first > 0 && is_unsigned_thinking(content[first - 1])) --first;
  std::string text;
  for (std::size_t i = first; i < content.size(); ++i) text += content[i].text;
  content.resize(first);
  return text;
}

void restore_signatures(Message& m, json::Arena& arena) {
  std::vector<Block> content;
  content.reserve(m.content.size());
  for (Block& b : m.content) {
    if (b.kind == Kind::thinking && !b.signature.empty())
      if (std::string before = take_thoughts(content); !before.empty())
        b.text = arena.keep(std::move(before.append(b.text)));
    content.push_back(std::move(b));
  }
  m.content = std::move(content);
  restore_packed(m.content, arena);
}

// `prompt_mode` "reasoning" is this format's way to ask for thinking.
void prompt_mode(Request& r) {
  const json::Value mode = r.extra["prompt_mode"];
  if (mode.as_string() == "reasoning") r.thinking.kind = Thinking::Kind::enabled;
  if (mode.is_null() || mode.as_string() == "reasoning") r.extra = rest_of(r.extra, {"prompt_mode"}, r.arena);
}

// Where a prefix stands says what it is: encoders of every format know an answer's beginning by its place.
void prefix(Message& m, json::Arena& arena) {
  if (m.extra["prefix"].is_bool()) m.extra = rest_of(m.extra, {"prefix"}, arena);
}

}  // namespace

Result<Request> decode_request(std::string body) {
  TRY_ASSIGN(Request r, openai_chat::read_request(std::move(body), kName));
  r.stream_usage = true;  // the format has no switch: the last chunk holds it
  prompt_mode(r);
  for (Message& m : r.messages) {
    if (m.role != Role::assistant) continue;
    prefix(m, r.arena);
    restore_signatures(m, r.arena);
  }
  return r;
}

}  // namespace pb::llm::mistral
