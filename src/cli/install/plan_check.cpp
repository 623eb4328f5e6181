#include "cli/install/plan_check.h"

#include "cli/install/toml_edit.h"

namespace pb::cli {
namespace {

Result<std::string> meaning(FileFormat format, const std::string& text,
                            const std::vector<MemberPath>& paths) {
  if (format == FileFormat::toml) return toml_meaning(text, paths);
  std::string without = text;
  for (const MemberPath& path : paths) {  // the same in both, also where it was not
    TRY_ASSIGN(without, json_set(without, path, "null", comments_of(format)));
  }
  return json_meaning(without, comments_of(format));
}

}  // namespace

Comments comments_of(FileFormat format) {
  return format == FileFormat::json ? Comments::refused : Comments::allowed;
}

Result<void> check_only(FileFormat format, const std::string& before, const std::string& after,
                        const std::vector<MemberPath>& paths) {
  if (before == after) return {};
  TRY_ASSIGN(const std::string old, meaning(format, before, paths));
  TRY_ASSIGN(const std::string now, meaning(format, after, paths));
  if (old == now) return {};
  return fail(Code::internal, "the change would touch more than it should; nothing was written");
}

}  // namespace pb::cli
