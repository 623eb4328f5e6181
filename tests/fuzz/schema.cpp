// The first line is a schema, the rest a value. Whatever both are: compiling ends with a schema or with an error that says where, and
// both ways of validating say the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/schema/schema.h"

using namespace pb;

namespace {

void check(const schema::Schema& s, json::Value v, std::size_t faults_max) {
  const bool fits = s.fits(v);
  const auto faults = s.faults(v);
  if (fits != faults.empty() || faults.size() > faults_max) std::abort();
  if (s.check(v).has_value() != fits) std::abort();
  for (const schema::Fault& f : faults) {
    if (f.what.empty() || f.what.size() > 4000 || f.path.size() > 4000 || f.pointer.size() > 4000)
      std::abort();
    if (!f.pointer.empty() && f.pointer[0] != '/') std::abort();
    if (f.pointer.empty() != f.path.empty()) std::abort();
  }
  json::Arena arena;
  const json::Value filled = s.with_defaults(v, arena);
  if (filled.kind() != v.kind() || filled.size() < v.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string first = text.substr(0, end), rest = text.substr(std::min(end + 1, text.size()));
  json::Arena arena;
  const auto document = json::parse(first, arena);
  if (!document) return 0;
  const schema::Options options{.assert_formats = true, .faults_max = 5, .work_max = 20'000};
  const auto compiled = schema::Schema::compile(*document, options);
  if (!compiled) {
    if (compiled.error().message.empty() || compiled.error().code != Code::invalid_request) std::abort();
    return 0;
  }
  if (!schema::Schema::compile(compiled->document(), options)) std::abort();
  if (const auto value = json::parse(rest, arena)) check(*compiled, *value, options.faults_max);
  check(*compiled, *document, options.faults_max);
  return 0;
}
