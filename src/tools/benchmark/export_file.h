// Writes a report into the one folder that reports may be written to. Waits for the disk.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::tools::bench {

// What is wrong with a name for a file of a report; "" = nothing. Up to 128 letters, digits and `-_. `, not beginning with a dot.
std::string file_name_fault(std::string_view name);

// Where reports go: `folder`, and in it `own`, a folder of one caller's; "" = none.
struct ReportFolder {
  std::string folder, own;
};

// Writes `name` there, with mode 0600; folders that are missing are made (0700). With `replace` a file of that name gives way,
// whole or not at all; else it is an error. A link inside `folder` is never followed. Returns the file's path.
// Errors: invalid_request (the name; a link, a folder or, without `replace`, a file is there already), internal (the disk).
Result<std::string> write_report(const ReportFolder& where, const std::string& name, std::string_view bytes,
                                 bool replace);

}  // namespace pb::tools::bench
