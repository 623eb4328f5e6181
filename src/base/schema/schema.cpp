#include "base/schema/schema.h"

#include <algorithm>

#include "base/schema/compile.h"
#include "base/schema/evaluate.h"

namespace pb::schema {
namespace {

// What is told of a value that could not be checked to its end.
Fault gave_up(const Program& p, const Run& run) {
  Fault f;
  f.what = run.too_deep()
               ? "is nested too deeply to be checked: at most " + std::to_string(p.options.depth_max) +
                     " schemas may be applied within one another"
               : "takes too much work to be checked against its schema";
  return f;
}

}  // namespace

Schema::Schema(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(json::Value document, const Options& options) {
  auto program = std::make_unique<Program>();
  program->options = options;
  TRY(Compiler(*program).run(document));
  return Schema(std::move(program));
}

Result<Schema> Schema::compile(std::string_view document, const Options& options) {
  json::Arena arena;
  TRY_ASSIGN(const json::Value v, json::parse(document, arena));
  return compile(v, options);
}

bool Schema::fits(json::Value v) const {
  Run run(*program_, nullptr);
  return run.root(v) && !run.gave_up();
}

std::vector<Fault> Schema::faults(json::Value v) const {
  std::vector<Fault> found;
  Run quick(*program_, nullptr);
  if (quick.root(v) && !quick.gave_up()) return found;
  if (quick.gave_up()) return {gave_up(*program_, quick)};
  Run slow(*program_, &found);
  slow.root(v);
  if (found.empty()) found.push_back(gave_up(*program_, slow));
  return found;
}

Result<void> Schema::check(json::Value v) const {
  constexpr std::size_t kTold = 5;
  const std::vector<Fault> found = faults(v);
  if (found.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(kTold, found.size()); ++i)
    text.append(i == 0 ? "" : "; ").append(found[i].text());
  if (found.size() > kTold) text += "; and more";
  return fail(Code::invalid_request, std::move(text), found[0].path);
}

json::Value Schema::document() const { return *program_->document; }

}  // namespace pb::schema
