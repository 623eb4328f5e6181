#include "base/schema/keywords.h"

namespace pb::schema {
namespace {

struct Row {
  std::string_view word;
  Shape shape;
  Draft from, to;
};

constexpr Row kRows[] = {
    {"$defs", Shape::map, Draft::d4, Draft::d2020},
    {"definitions", Shape::map, Draft::d4, Draft::d2020},
    {"properties", Shape::map, Draft::d4, Draft::d2020},
    {"patternProperties", Shape::map, Draft::d4, Draft::d2020},
    {"additionalProperties", Shape::one, Draft::d4, Draft::d2020},
    {"items", Shape::one_or_list, Draft::d4, Draft::d2019},
    {"items", Shape::one, Draft::d2020, Draft::d2020},
    {"additionalItems", Shape::one, Draft::d4, Draft::d2019},
    {"prefixItems", Shape::list, Draft::d2020, Draft::d2020},
    {"allOf", Shape::list, Draft::d4, Draft::d2020},
    {"anyOf", Shape::list, Draft::d4, Draft::d2020},
    {"oneOf", Shape::list, Draft::d4, Draft::d2020},
    {"not", Shape::one, Draft::d4, Draft::d2020},
    {"dependencies", Shape::mixed_map, Draft::d4, Draft::d2020},
    {"contains", Shape::one, Draft::d6, Draft::d2020},
    {"propertyNames", Shape::one, Draft::d6, Draft::d2020},
    {"if", Shape::one, Draft::d7, Draft::d2020},
    {"then", Shape::one, Draft::d7, Draft::d2020},
    {"else", Shape::one, Draft::d7, Draft::d2020},
    {"dependentSchemas", Shape::map, Draft::d2019, Draft::d2020},
    {"unevaluatedItems", Shape::one, Draft::d2019, Draft::d2020},
    {"unevaluatedProperties", Shape::one, Draft::d2019, Draft::d2020},
    {"contentSchema", Shape::one, Draft::d2019, Draft::d2020},
};

struct DraftName {
  std::string_view name;
  Draft draft;
};

constexpr DraftName kDrafts[] = {{"json-schema.org/draft/2020-12/schema", Draft::d2020},
                                 {"json-schema.org/draft/2019-09/schema", Draft::d2019},
                                 {"json-schema.org/draft-07/schema", Draft::d7},
                                 {"json-schema.org/draft-06/schema", Draft::d6},
                                 {"json-schema.org/draft-04/schema", Draft::d4},
                                 {"json-schema.org/schema", Draft::d2020}};  // "the latest", of old

}  // namespace

Shape shape_of(std::string_view word, Draft draft, bool loose) {
  if (loose && word == "items") return Shape::one_or_list;
  if (loose && word == "additionalItems") return Shape::one;
  for (const Row& row : kRows)
    if (row.word == word && draft >= row.from && draft <= row.to) return row.shape;
  return Shape::none;
}

std::optional<Draft> draft_of(std::string_view uri) {
  if (uri.starts_with("https://")) uri.remove_prefix(8);
  if (uri.starts_with("http://")) uri.remove_prefix(7);
  if (uri.ends_with('#')) uri.remove_suffix(1);
  for (const DraftName& row : kDrafts)
    if (row.name == uri) return row.draft;
  return std::nullopt;
}

}  // namespace pb::schema
