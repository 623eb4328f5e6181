// Asking people: lines, choices and secrets, where standard input and error are a terminal.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace pb::cli {

bool has_terminal();  // somebody can be asked
// What was typed, without the spaces around it; `fallback` for an empty line. Errors: cancelled, at the end of input.
Result<std::string> ask(const std::string& question, const std::string& fallback = {});
Result<bool> ask_yes(const std::string& question, bool fallback);
// What is typed is not shown.
Result<std::string> ask_secret(const std::string& question);

// Where a secret is taken from, so that it stands on no command line: a variable, a file ("-" = standard input, its first line), else it is
// asked for.
struct SecretSource {
  std::string variable, file;
};
// `what`: "the key of openai", for the question and for messages; `twice`: it is asked for again, against slips. Errors: invalid_request.
Result<std::string> take_secret(const SecretSource& source, const std::string& what, const std::string& flags,
                                bool twice = false);

}  // namespace pb::cli
