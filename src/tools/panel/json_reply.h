// The JSON that a model was asked for, out of what it wrote: alone, in a fence, or among other words; with small mistakes put right.
// Nothing is made up: what does not fit its schema is an error that says why. Pure.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/schema/schema.h"

namespace pb::tools::panel {

// What a model is to answer with. Immutable; made once.
struct Shape {
  // What else must hold of a value that fits the schema: a text for what is wrong, "" for nothing.
  using Also = std::function<std::string(json::Value)>;
  Shape(std::string name, std::string_view schema,
        Also also = {});  // a mistake in the schema is a bug and ends the program
  std::string name;
  std::string text;  // of the schema, on one line
  schema::Schema schema;
  Also also;
  // Members of the request that ask for it: `response_format`, as of OpenAI's chat format.
  std::string more() const;
  // For the prompt: not every model keeps to a `response_format`.
  std::string instructions() const;
};

// Trailing commas go, line breaks in strings become escapes, Python's True, False and None are JSON's.
std::string repaired(std::string_view json);
// The JSON object in a text that fits the shape, on one line. Error: bad_upstream, with what is wrong.
Result<std::string> read_reply(std::string_view text, const Shape& shape);

}  // namespace pb::tools::panel
