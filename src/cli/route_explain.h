// The steps by which a request would find its deployment, as text.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "config/config.h"

namespace pb::cli {

struct ExplainRequest {
  std::string body;
  std::string path = "/v1/chat/completions";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string key, team;               // names, as rules have them
  int minute_of_day = 0, weekday = 0;  // 0 = Monday
};

// One line a step. As for a gateway that has just started: nothing is measured, nothing used up; where chance decides, the
// likeliest is taken. Errors: a body that is no request.
Result<std::string> explain(config::Config config, ExplainRequest request);

}  // namespace pb::cli
