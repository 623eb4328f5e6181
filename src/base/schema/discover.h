// First pass over a schema's document: every place where a schema stands becomes a node, and what `$ref` can name is noted.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/schema/keywords.h"
#include "base/schema/program.h"

namespace pb::schema {

// "schema at /properties/limit/maximum: must be a number, got a string"; `keyword` may be "".
std::unexpected<Error> bad_schema(const Program& program, Index node, std::string_view keyword,
                                  const std::string& what);

// What a value of a schema is, for errors: "a string", or the number itself.
std::string kind_text(json::Value v);

class Discovery {
 public:
  explicit Discovery(Program& program) : p_(program) {}

  // Copies the document into the program and walks all of it.
  Result<void> whole(json::Value document);

  // The node of a place that the walk came by.
  Index node_at(const json::Value* place) const { return nodes_.at(place); }
  // What a `$ref` in this node means. A place where no schema was to be expected becomes a node now.
  Result<Index> target(Index from, std::string_view keyword, std::string_view reference);
  // The index in dynamic_names when this node is the `$dynamicAnchor` that the reference names; kNone when it is none.
  Index dynamic_name(std::string_view reference, Index node) const;
  Index recursive_name(Index node) const;  // the same for `$recursiveAnchor`

  bool loose() const { return loose_; }  // the document does not say which draft it is
  Draft draft(Index node) const { return p_.resources[p_.nodes[node].resource].draft; }

 private:
  struct Spot {
    Index resource = 0, parent = kNone;
    std::string_view keyword;
    std::optional<std::string_view> token;
  };

  Result<json::Value> copied(json::Value v, int depth);
  Result<Index> walk(const json::Value* at, Spot spot, int depth);
  Result<void> below(Index id, const json::Member& word, Shape shape, int depth);
  Result<Index> identify(Index id, json::Value schema);
  Result<void> anchors(Index id, json::Value schema);
  Result<void> anchor(Index id, std::string_view keyword, std::string_view name);
  void dynamic_anchor(Index id, const std::string& name);
  Result<Index> pointed(Index from, std::string_view keyword, Index resource, std::string_view pointer,
                        std::string_view reference);

  Program& p_;
  bool loose_ = false;
  std::unordered_map<const json::Value*, Index> nodes_;
  std::unordered_map<const json::Value*, Index> resource_of_;  // roots of resources
  std::map<std::string, Index, std::less<>> by_uri_;
  std::map<std::pair<Index, std::string>, Index> anchors_;  // resource and name: node
  std::map<std::string, Index, std::less<>> dynamic_;       // name: index in dynamic_names
};

}  // namespace pb::schema
