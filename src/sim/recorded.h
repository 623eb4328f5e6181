// Recorded answers of real providers: NAME.json is a whole body, NAME.chunks.txt one SSE payload a line.
#pragma once
#include <string>
#include <string_view>

#include "llm/dialect.h"
#include "sim/render.h"

namespace pb::sim {

// `configured`, else $PATCHBAY_RECORDED, else ../shared/recorded beside the working directory; "" when there is none.
std::string find_recorded(const std::string& configured);

// Replays "recorded/<folder>/<name>". Errors: not_found (no folder, no such file, or recorded in another format).
Result<Rendered> replay(const std::string& folder, std::string_view model, const llm::Dialect& dialect,
                        bool stream);

// Lines of a .chunks.txt file as a stream: Anthropic's carry their event name in `type`.
std::vector<Step> replay_steps(std::string_view lines, const llm::Dialect& dialect);

}  // namespace pb::sim
