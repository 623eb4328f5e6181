// Where things stand in a JSON text that may have comments. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/install/json_edit.h"

namespace pb::cli {

struct JsonMember;
struct JsonPlace {  // a value: text[begin, end)
  std::size_t begin = 0, end = 0;
  bool object = false;
  std::vector<JsonMember> members;  // of an object
  bool is_object() const { return object; }
  const JsonMember* find(std::string_view key) const;  // the last one of that name
};
struct JsonMember {
  std::string name;
  std::size_t key = 0;  // where it begins
  JsonPlace value;
};

struct JsonText {
  std::string plain;  // as long as the text, without comments and commas behind last members
  std::string blank;  // the same, and without the line ends inside comments
  std::vector<std::size_t> trailing_commas;  // in order
  bool empty = false;                        // nothing but white space and comments
  JsonPlace root;
};

// Errors: invalid_request, "line:column: " and what is wrong there.
Result<JsonText> scan_json(std::string_view text, Comments comments);

}  // namespace pb::cli
