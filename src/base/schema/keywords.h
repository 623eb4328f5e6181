// The words of JSON Schema that schemas stand behind, by draft. Everything else is read where it is compiled.
#pragma once
#include <string_view>

#include "base/schema/program.h"

namespace pb::schema {

enum class Shape : std::uint8_t {
  none,
  one,          // a schema
  list,         // an array of schemas
  map,          // an object of schemas
  one_or_list,  // either
  mixed_map,    // an object of schemas and of lists of names
};

// What stands behind a word in a draft; none for words without schemas and for words that the draft does not have. `loose`: the
// document names no draft, so that older words count too.
Shape shape_of(std::string_view word, Draft draft, bool loose);

// The draft that a `$schema` names.
std::optional<Draft> draft_of(std::string_view uri);

}  // namespace pb::schema
