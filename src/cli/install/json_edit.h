// Changes single members of a JSON file that belongs to another program, and leaves every other byte as it is: the order, the indentation,
// line ends, and comments where the file may have them. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pb::cli {

using MemberPath = std::vector<std::string>;  // {"mcpServers", "patchbay", "command"}

enum class Comments { refused, allowed };  // and commas behind a last member

// Sets a member to the JSON text `value`, with all the objects around it; an empty text becomes a file. The same text when it is so already.
// Errors, of all: invalid_request; a fault of the text begins with its "line:column: ".
Result<std::string> json_set(std::string_view text, const MemberPath& path, std::string_view value,
                             Comments comments);
// The same text when there is no such member.
Result<std::string> json_remove(std::string_view text, const MemberPath& path, Comments comments);
// The member's value as JSON without comments; nullopt: there is none.
Result<std::optional<std::string>> json_get(std::string_view text, const MemberPath& path, Comments comments);
// All of it as JSON that two texts have in common when they mean the same; "{}" for an empty one.
Result<std::string> json_meaning(std::string_view text, Comments comments);

}  // namespace pb::cli
