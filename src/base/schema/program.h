// A compiled schema: nodes with instructions, in arrays that refer to each other by index. Made by compile.cpp, read by evaluate.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/schema/formats.h"
#include "base/schema/number.h"
#include "base/schema/pattern.h"
#include "base/schema/schema.h"

namespace pb::schema {

using Index = std::uint32_t;
inline constexpr Index kNone = 0xffffffff;

enum class Draft : std::uint8_t { d4, d6, d7, d2019, d2020 };

// What values a node takes. A number is `integer` when it is whole, else `fraction`.
namespace type_bit {
inline constexpr std::uint8_t null = 1, boolean = 2, integer = 4, fraction = 8, string = 16, array = 32,
                              object = 64, any = 127;
}

enum class Op : std::uint8_t {
  // of numbers
  minimum,            // a: index in numbers
  maximum,            // a
  exclusive_minimum,  // a
  exclusive_maximum,  // a
  multiple_of,        // a: index in divisors
  // of strings
  min_length,  // n
  max_length,  // n
  pattern,     // a: index in patterns
  format,      // n: a Format
  // of arrays
  min_items,  // n
  max_items,  // n
  items,      // a: index in array_plans
  contains,   // a: index in contains_plans
  unique_items,
  // of objects
  min_properties,      // n
  max_properties,      // n
  required,            // a, b: range of names
  properties,          // a: index in object_plans
  property_names,      // a: node
  dependent_required,  // a, b: range of dependents
  dependent_schemas,   // a, b: range of dependents
  // of all
  enumeration,  // a, b: range of values
  constant,     // a: index in values
  ref,          // a: node
  dynamic_ref,  // a: node when no scope says otherwise, b: index in dynamic_names
  all_of,       // a, b: range of children
  any_of,       // a, b
  one_of,       // a, b
  negation,     // a: node
  condition,    // a: index in conditions
  // after all others
  unevaluated_items,       // a: node
  unevaluated_properties,  // a: node
};

struct Instruction {
  Op op;
  Index a = kNone, b = kNone;
  std::uint64_t n = 0;
  std::string_view name;  // the keyword as it is written
};

// The instructions of a node stand together, in this order of groups.
enum class Group : std::uint8_t { number, string, array, object, all, last, count };

struct Node {
  std::uint8_t types = type_bit::any;
  bool never = false;   // the schema `false`
  bool tracks = false;  // has `unevaluated…`: what its applicators have looked at is kept
  Index resource = 0;
  std::array<Index, static_cast<std::size_t>(Group::count) + 1>
      begin{};  // of each group; the last one is the end
  // Where it stands: below `parent` by a keyword and, where that holds several schemas, a token. Without a keyword the token is a
  // JSON pointer that leads to a place where no schema was to be expected.
  Index parent = kNone;
  std::string_view keyword;
  std::optional<std::string_view> token;
  const json::Value* source = nullptr;
};

struct Bound {  // of numbers
  std::string_view text;
  std::optional<std::int64_t> whole;  // when it is written as one
};

struct Property {
  std::string_view name;
  Index node;
};

struct ObjectPlan {
  std::vector<Property> properties;  // sorted by property_before()
  struct ByPattern {
    Index pattern, node;
  };
  std::vector<ByPattern> patterns;
  Index additional = kNone;
  std::vector<std::string_view> names;  // of the properties, as they are written
};

struct ArrayPlan {
  Index first = 0, count = 0;  // range of children: the schemas of the first items
  Index rest = kNone;
};

struct ContainsPlan {
  Index node;
  std::uint64_t min = 1;
  std::optional<std::uint64_t> max = std::nullopt;
  bool evaluates = true;  // what it finds counts as looked at
};

struct Dependent {
  std::string_view name;
  Index node = kNone;        // dependent_schemas
  Index first = 0, end = 0;  // range of names: dependent_required
};

struct Condition {
  Index test, then = kNone, otherwise = kNone;
};

// A document within the document: the root, and what has an `$id` of its own.
struct Resource {
  std::string uri;
  const json::Value* root = nullptr;
  Index node = kNone;
  Draft draft = Draft::d2020;
};

struct DynamicName {                           // `$dynamicAnchor`s of one name, one a resource at most
  std::vector<std::pair<Index, Index>> nodes;  // resource, node
};

struct Program {
  Options options;
  json::Arena arena;
  const json::Value* document = nullptr;
  std::vector<Node> nodes;  // 0 = the root
  std::vector<Instruction> code;
  std::vector<Index> children;
  std::vector<Bound> numbers;
  std::vector<Divisor> divisors;
  std::vector<Pattern> patterns;
  std::vector<std::string_view> pattern_texts;
  std::vector<json::Value> values;
  std::vector<std::string_view> names;
  std::vector<ObjectPlan> object_plans;
  std::vector<ArrayPlan> array_plans;
  std::vector<ContainsPlan> contains_plans;
  std::vector<Dependent> dependents;
  std::vector<Condition> conditions;
  std::vector<Resource> resources;
  std::vector<DynamicName> dynamic_names;

  std::string pointer(Index node) const;  // of a node in the document: "/properties/limit"
};

inline bool property_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The node of a property; kNone = the plan has none of that name.
Index find_property(const ObjectPlan& plan, std::string_view name);

// The token of a JSON pointer (RFC 6901): "a/b" -> "a~1b".
void append_token(std::string& pointer, std::string_view token);

}  // namespace pb::schema
