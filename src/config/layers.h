// What a configuration is put together from: files and parts of files, one over the other. Each value keeps where it stands.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"

namespace pb::config {

struct Source {
  std::string file;    // for messages
  std::string label;   // "profile prod", "overlay"; "" = the file itself
  std::string prefix;  // of its paths inside that file: "profiles.prod."
};

struct Sources {
  std::vector<Source> all;  // Node::source and Entry::source are indexes into this; at most 255

  // Line 0: what is wrong stands in no file.
  Mistake mistake(std::size_t source, int line, int column, std::string path, std::string what) const;
  std::string place(const Node& at) const;  // "patchbay.yaml:3, profile prod"
};

// Marks a tree, keys included, as standing in that source.
void stamp(Node& root, std::size_t source);

// Puts `over` on `base`. Maps are merged member by member, a `null` takes a member away, everything else replaces what was there. A
// map on a list changes the entries that its keys name: by their `use`, `name` or text, or by place as in "[0]". A map on the
// "provider/model" of a model or a deployment counts that as its `use`.
void merge(Node& base, Node over, const std::string& path, Reading& reading);

// Takes `profiles` out of the root of the file, and puts what stands there under `name` on what is left.
// Returns the names that there are.
std::vector<std::string> take_profile(Node& root, const std::string& name, Sources& sources,
                                      Reading& reading);

// Where the keys of a list's entry stand: its `use`, its `name`, or its own text; "" when it has none.
std::string entry_name(const Node& item);
// "[3]" -> 3; -1 when it is none.
long index_of_key(std::string_view key);

}  // namespace pb::config
