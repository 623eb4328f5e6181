// JSON Schema over JSON values: 2020-12, and 2019-09, draft-07, draft-06 and draft-04 where `$schema` names one of them.
// A schema is compiled once and then only read: any number of threads may validate with it. Validation is bounded in depth and in
// work and does not allocate while the value fits, except for `unevaluated…` over more than 256 members and `uniqueItems` over more
// than 64 items. Faults are told in a second pass. What is left out and what is read leniently: docs/json-schema.md.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/limits_schema.h"

namespace pb::schema {

struct Options {
  bool assert_formats = false;  // else `format` only describes
  std::size_t faults_max = limits::kSchemaFaultsMax;
  std::int64_t work_max =
      limits::kSchemaWorkMax;  // steps of one validation: about one for each schema applied to a value
  int depth_max =
      limits::kSchemaDepthMax;  // schemas applied within one another; also of the schema's own text
};

// One thing that is wrong with a value.
struct Fault {
  std::string
      pointer;  // where, as a JSON pointer: "/filter/tags/2"; of a member that is missing or unknown: where it would be
  std::string path;            // the same for people: "filter.tags[2]"; "" = the whole value
  std::string keyword;         // "maximum"; "" = the value could not be checked to its end
  std::string schema_pointer;  // the keyword's place in the schema's document: "/properties/limit/maximum"
  std::string what;            // "must be at most 100, got 250"

  std::string text() const;  // "`limit` must be at most 100, got 250"
};

struct Program;

class Schema {
 public:
  // `document` is copied. Errors (invalid_request) name the place in `param`, as a JSON pointer, and in the message.
  static Result<Schema> compile(json::Value document, const Options& options = {});
  static Result<Schema> compile(std::string_view document, const Options& options = {});

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  bool fits(json::Value v) const;
  // Every part of the value that does not fit, at most `faults_max`; empty = it fits.
  std::vector<Fault> faults(json::Value v) const;
  // The first faults as one error: invalid_request, `param` is the first one's path.
  Result<void> check(json::Value v) const;

  // The schema's own copy of its document; lives as long as the schema.
  json::Value document() const;
  // `default` of a member of the value, through `$ref` and `allOf`; null = none is given.
  const json::Value* default_of(std::string_view member) const;
  // The value with the defaults of all members that are not there, at every level that `properties`, `items`, `prefixItems`,
  // `$ref` and `allOf` lead to. What is filled in points into the schema. The value itself where nothing is to be done.
  json::Value with_defaults(json::Value v, json::Arena& arena) const;

 private:
  explicit Schema(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

}  // namespace pb::schema
