// Changes single tables and values of a TOML file that belongs to another program, and leaves every other line as it is, comments
// included. Pure.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pb::cli {

// A text, or a list of texts.
struct TomlValue {
  std::vector<std::string> texts;
  bool list = false;
  std::string text() const;  // as TOML
};
using TomlFields = std::vector<std::pair<std::string, TomlValue>>;
using TablePath = std::vector<std::string>;  // {"mcp_servers", "patchbay"}

// Puts the fields into the table [path], which is added at the end when it is not there or has tables below it only, and takes the values named in `without` out of it; all
// else in it stays. The same text when it is so already. Errors, of all: invalid_request; a fault of the text begins with its
// "line:column: ", and so does a table that is written in a way that cannot be changed line by line.
Result<std::string> toml_set_table(std::string_view text, const TablePath& path, const TomlFields& fields,
                                   const std::vector<std::string>& without);
// With the tables below it. The same text when it is not there.
Result<std::string> toml_remove_table(std::string_view text, const TablePath& path);
// A text at the top of the file.
Result<std::string> toml_set_text(std::string_view text, const std::string& key, const std::string& value);
Result<std::string> toml_remove_value(std::string_view text, const std::string& key);
// The text at a path; "" when there is none, or something else.
Result<std::string> toml_text(std::string_view text, const TablePath& path);
// The texts of a list at a path; others in it are left out.
Result<std::vector<std::string>> toml_texts(std::string_view text, const TablePath& path);
// Whether anything is at a path.
Result<bool> toml_has(std::string_view text, const TablePath& path);
// All of it but what is at these paths, as text that two files have in common when they mean the same.
Result<std::string> toml_meaning(std::string_view text, const std::vector<TablePath>& but);

}  // namespace pb::cli
