// Files that a tool may read for its caller: below some folders, and nowhere else.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace pb::tools {

// The folders among the client's roots (the result of roots/list): "file:///srv/ann/My%20Pictures" -> "/srv/ann/My Pictures". Others
// are left out. Pure.
std::vector<std::string> folders_of(json::Value roots);

// A path as a client writes it, "/srv/ann/a.png" or "file:///srv/ann/a.png", as a plain one. Error: no whole path, or one with `..`.
// Pure.
Result<std::string> plain_path(std::string_view path);

// Whether a plain path lies below one of the folders, as far as its text tells. Pure.
bool lies_below(std::string_view path, const std::vector<std::string>& folders);

// The bytes of a regular file below one of `folders`, at most `bytes_max`. No part of the path below the folder may be a symbolic
// link, so nothing leads out of it. Blocks. Errors: permission_denied, not_found, too_large; they tell nothing of files elsewhere.
Result<std::string> read_below(const std::string& path, const std::vector<std::string>& folders,
                               std::size_t bytes_max);

}  // namespace pb::tools
