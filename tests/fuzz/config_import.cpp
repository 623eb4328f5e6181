// Whatever another program's configuration holds, importing it ends with a file of ours that can be read, or with mistakes that can
// be told; and a path of an option is one or is none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/import/import.h"
#include "config/node.h"
#include "config/paths.h"

using namespace pb::config;

namespace {

void check_import(const std::string& text, std::string_view format, const Environment& env) {
  const Imported made = import_config({"source", text, false}, format, env);
  for (const Mistake& m : made.mistakes)
    if (m.what.empty()) std::abort();
  if (!made.mistakes.empty()) return;
  std::vector<Mistake> faults;
  read_yaml(made.yaml, "made", faults);
  if (!faults.empty()) std::abort();
  (void)load_text(made.yaml, "made", env);
  (void)notes_text(made.notes, "");
  (void)variables_text(made.variables, "# ");
}

void check_path(const std::string& text) {
  const auto steps = parse_path(text);
  if (!steps) return;
  (void)spot_at(*steps);
  const std::string again = path_text(*steps);
  if (parse_path(again).value_or(Steps{}) != *steps) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Environment env;
  env.get = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view format : import_formats()) check_import(text, format, env);
  check_path(text);
  return 0;
}
