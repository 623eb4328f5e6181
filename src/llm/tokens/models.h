// How a model's provider counts: which of OpenAI's encodings, or what makes its own tokenizer's count of one of them, and
// what it adds for messages, tools and pictures. Data; the table and where its figures come from stand in models.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "llm/tokens/counter.h"

namespace pb::llm::tokens {

// Tokens that a prompt or an answer has besides its texts.
struct Frame {
  int request = 3;  // once: the beginning of the answer
  int message = 4;  // each message of user and assistant
  int system = 4;   // each system message
  int tool = 8;     // each tool
  int call = 8;     // each tool call in a prompt
  int result = 8;   // each tool result
  int called = 8;   // each tool call of an answer
  int answer = 0;   // each answer
};

struct Family {
  std::string_view name;   // "claude"
  std::string_view title;  // for the documentation
  Encoding encoding;       // whose tokens are counted
  bool exact = false;      // and are the model's own
  // Tokens of the model for each token of a piece of that kind, and for each digit.
  std::array<float, kKinds> factors{};
  float digit = 0;
  bool typed_tools = false;  // tools are put before the model as TypeScript declarations, not as JSON
  Frame frame{};
  std::string_view measured;  // for the documentation: against what, and the errors

  std::int64_t tokens(const Counts& counts) const;
};

// What a picture costs, by its size in pixels.
struct Picture {
  enum class Rule : std::uint8_t {
    area,   // width x height / 750, at most 1568 at the longer edge
    tiles,  // `base`, and `each` for every 512 x 512 of it, scaled to 2048 x 2048 and 768 at the shorter edge
    patches,  // `factor` for every 32 x 32 of it, at most 1536 of those
    cells     // `each` for every 768 x 768 of it; once for small ones
  };
  Rule rule = Rule::area;
  int base = 0, each = 0;
  float factor = 1;

  // `low`: the client asked for low detail. A width or height of 0: not known.
  std::int64_t tokens(std::int64_t width, std::int64_t height, bool low) const;
};

struct Model {
  std::string_view name;  // what a model's name has in it, from the beginning of a word
  const Family* family;
  Picture picture{};
  int tools = 12, tools_forced = 12;  // once, when there are tools; when the model has to call one
};

// The first row whose name stands in `model` at the beginning of a word ("openai/gpt-4o-mini"), whatever its case and
// whether '.', '_' or '-' is written; the last row, o200k, for all others.
const Model& model_of(std::string_view model);

std::span<const Model> models();
std::span<const Family* const> families();
std::string page();  // docs/tokens.md

}  // namespace pb::llm::tokens
