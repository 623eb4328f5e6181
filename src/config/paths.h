// Paths of options as people write them: "routes.main.deployments[0].weight", `models."gpt-5.4"`. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/node.h"
#include "config/options.h"

namespace pb::config {

using Steps = std::vector<std::string>;  // "[0]" is the place in a list

constexpr std::size_t kPathBytesMax = 1'000;

// Steps are separated by dots; one that has a dot, a bracket or a quote of its own stands in double or single quotes.
// Error: invalid_request with what is wrong with the text.
Result<Steps> parse_path(std::string_view text);
std::string path_text(const Steps& steps);  // with quotes where they are needed

// What may stand at a path.
struct Spot {
  const Option* option = nullptr;  // null: a map of options, or an entry of a section
  std::string key;    // the last step, where it is a member of the option's own map: a header's name
  std::string fault;  // "no option is at `log.levle`; did you mean `log.level`?"; "" = none
};
Spot spot_at(const Steps& steps);

// The first value below `value`, that is to stand at `steps`, that may be a secret and is written out: its path; "" = none.
// A value that is a variable (${NAME}, or ${NAME:-none}) or a stored key's name (${keyring:NAME}) is not written out.
std::string written_secret(const Steps& steps, const Node& value);
// The same tree with such values masked.
Node masked(const Steps& steps, const Node& value);

}  // namespace pb::config
