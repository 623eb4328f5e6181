// Tools that many formats cannot say: free-text ("custom") tools and tools of a namespace. What stands for them there, and the
// way back to what the client knows. Pure.
#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat.h"

namespace pb::llm {

// The name of a namespace's tool in formats without namespaces: "space__name". Names over 64 characters, which no provider
// takes, keep their beginning and end in a hash: always the same one.
Str joined_name(Str space, Str name, json::Arena& arena);

// Text of at most `bytes_max` bytes (at least 17) for a field whose provider refuses longer ones: the given one, or its
// beginning and a hash of it all. A UTF-8 character is not cut.
std::string bounded(Str text, std::size_t bytes_max);

// What the input of a custom tool has to look like; syntax "" = any text. Both OpenAI formats' ways of writing it are read.
struct Grammar {
  Str syntax;  // "lark", "regex"
  Str definition;
};
Grammar grammar_of(const Tool& custom);

// A custom tool as a function of one string, for formats without custom tools: its description with the grammar told in it,
// and its parameters. Calls of it have the arguments {"input": "the text"}.
std::string custom_description(const Tool& custom);
inline constexpr std::string_view kCustomSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false})";

// The tool that a request offers under a name; null when there is none.
const Tool* find_tool(const Request* request, Str name);

// Of a request's extra: a choice among some of the tools that is more than their names (ToolChoice::allowed), as it came.
inline constexpr Str kAllowedTools = "tool_choice.allowed_tools";

// False for tools that the request's choice leaves out: formats that cannot say so do not offer them.
bool may_be_called(const Request& request, const Tool& tool);

// The text of a custom tool's input from the arguments of the function that stood for it: {"input":"…"}, or any object whose
// only member is a string. What is neither stays as it is.
Str custom_input(Str arguments, json::Arena& arena);

// The same piece by piece: text goes out as soon as it is known to be part of the input.
class InputUnwrapper {
 public:
  // Appends what of the input the next piece of JSON text brings.
  void feed(std::string_view piece, std::string& out);
  // The arguments are over: appends what was held back.
  void finish(std::string& out);

 private:
  enum class At : unsigned char { before, inside, after, other };
  std::size_t opening(std::string_view text) const;
  void inside(std::string_view piece, std::string& out);
  bool escape(std::string& out);

  At at_ = At::before;
  std::string held_;  // before, other: everything so far; inside: an escape that is not whole yet
};

// Calls of custom tools that a provider without such tools answered as functions become custom calls again. One per answer.
class CallRestorer {
 public:
  explicit CallRestorer(const Request& request);
  // Views into `response` live in its arena.
  void restore(Response& response) const;
  // Views of the events it changes live until the next call.
  void restore(std::vector<Event>& events);

 private:
  struct Open {
    int choice = 0, index = 0;
    InputUnwrapper unwrapper;
  };
  bool is_custom(const Block& call) const;
  void change(Event& event, std::vector<Event>& out);

  const Request& request_;
  bool any_ = false;  // the client has custom tools
  std::vector<Open> open_;
  std::deque<std::string> texts_;  // of the events of one call
  std::vector<Event> changed_;
};

}  // namespace pb::llm
