// Who plans, puts together and judges: the best of a panel, unless the caller names somebody.
#pragma once
#include <string>
#include <vector>

#include "tools/panel/assess.h"
#include "tools/panel/desk.h"
#include "tools/panel/field.h"

namespace pb::tools::panel {

// `named`, or the member of the highest quality for the job.
std::string lead_of(const Field& field, std::span<const std::size_t> members, const Job& job,
                    std::string_view named);
// The best member other than that one; "" = there is none.
std::string other_lead(const Field& field, std::span<const std::size_t> members, const Job& job,
                       std::string_view not_this);

// What somebody who is asked thinks of a solution; nothing is made up where nobody can tell.
struct Opinion {
  std::string model;
  Assessment assessment;
};
struct Opinions {
  std::vector<Opinion> told;
  std::vector<Failure> failures;
  double mean() const;  // of the scores; -1 = nobody told one
};
Task<Opinions> assess_by(Desk& desk, std::vector<std::string> judges, std::string problem,
                         std::string solution, std::vector<std::string> requirements);

}  // namespace pb::tools::panel
