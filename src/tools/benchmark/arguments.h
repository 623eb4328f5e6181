// The arguments that several of the benchmark's tools take. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "tools/benchmark/runner.h"

namespace pb::tools::bench {

// The schema of a list of models: names, or objects {model, provider}.
std::string models_schema(int at_least);
// Names as clients of the gateway write them. Errors: invalid_request where one is there twice, with its place.
Result<std::vector<std::string>> read_models(json::Value models);

// The properties of everything that says how to measure, without `models`: `"prompt":{…},…`.
std::string plan_properties();
// What is left out has its default; where no question is asked, that of kDefaultCategory. The schema has been checked.
// Errors: invalid_request.
Result<Plan> read_plan(json::Value arguments);

// The properties of comparisons from the history: `"days_back":{…},"measure":{…}`.
std::string history_properties();

}  // namespace pb::tools::bench
