// Writes what was planned into clients' files, with a copy of each old one beside it.
#pragma once
#include <string>
#include <vector>

#include "cli/install/plan.h"

namespace pb::cli {

// nullopt: it is not there. Errors: invalid_request, for what cannot be read or is larger than 16 MiB.
Result<std::optional<std::string>> read_client_file(const std::string& file);

// Makes the folder, keeps the old file as FILE.before-patchbay-TIME, and puts the new one in its place whole; links are followed and
// permissions kept (0600 for a new file). Returns the copy's name, "" when there was no file. Errors: overloaded, when somebody else has
// changed it since it was read.
Result<std::string> write_client_file(const FileChange& change);

// The lines that go (-) and come (+), secrets masked.
std::string difference(const FileChange& change);

}  // namespace pb::cli
