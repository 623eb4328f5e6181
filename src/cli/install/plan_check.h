// A last look at a change to another program's file, before it is written: the new text means what the old one meant, but for the places
// that were to be changed. Pure.
#pragma once
#include <string>
#include <vector>

#include "cli/install/clients.h"
#include "cli/install/json_edit.h"

namespace pb::cli {

Comments comments_of(FileFormat format);

// `paths`: what may differ; MemberPath and TablePath are the same. Errors: internal, when more does; invalid_request, when one of the texts
// cannot be read.
Result<void> check_only(FileFormat format, const std::string& before, const std::string& after,
                        const std::vector<MemberPath>& paths);

}  // namespace pb::cli
