// What the importers share: the tree that they write, the tree that they read with a memory of what was taken from it, and the
// notes about the rest. Internal to config/import/.
#pragma once
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/import/import.h"
#include "config/node.h"

namespace pb::config::importing {

Node text(std::string value);
Node word(std::string value);  // a number or true: without quotes
Node list(const std::vector<std::string>& values);
bool letter_or_digit(char c);                 // of ASCII
std::string literal(std::string_view value);  // any dollar sign is one
// OPEN_ROUTER_API_KEY of "open-router" and "API_KEY".
std::string variable_name(std::string_view id, std::string_view what);
// What may be a provider's name, from one that may not; never "".
std::string provider_name(std::string_view id);

struct Notes {
  std::vector<ImportNote> all;
  std::vector<ImportVariable> variables;

  void lost(std::string path, std::string what);
  void changed(std::string path, std::string what);
  void idle(std::string path, std::string what);
  // A variable that the new file needs, once; `from`: where its value stands, "" = the old file needed it too.
  void needs(const std::string& name, const std::string& from);
};

// Why a member has no place here; `path` has "[]" for places in lists ("model_list[].litellm_params.mock_response").
struct Reason {
  std::string_view path;  // may end in `*`
  ImportNote::Kind kind;
  std::string_view why;
};

// Hands out members of a tree, and tells in the end which nobody asked for.
class Source {
 public:
  explicit Source(const Node& root, Notes& notes) : root_(root), notes_(notes) {}
  const Node& root() const { return root_; }

  // A member that is taken whole; null when it is not there or null.
  const Node* take(const Node& map, std::string_view key);
  // A member whose own members are taken one by one.
  const Node* enter(const Node& map, std::string_view key);
  void enter_item(const Node& item) { inside_.insert(&item); }
  void done(const Node& item) { whole_.insert(&item); }  // nothing more is told of it
  // Members as values; a wrong type is noted as lost.
  std::string take_text(const Node& map, std::string_view key, const std::string& path);
  std::optional<double> take_number(const Node& map, std::string_view key, const std::string& path);
  std::optional<bool> take_flag(const Node& map, std::string_view key, const std::string& path);
  std::vector<std::string> take_texts(const Node& map, std::string_view key, const std::string& path);

  void tell_rest(std::span<const Reason> reasons) const;

 private:
  void rest(const Node& node, const std::string& key, const std::string& path,
            std::span<const Reason> reasons) const;

  const Node& root_;
  Notes& notes_;
  std::set<const Node*> whole_, inside_;
};

}  // namespace pb::config::importing

namespace pb::config {

// The importers: each takes what it knows from the source, and notes the rest.
void convert_litellm(importing::Source& source, importing::Notes& notes, Node& out);
void convert_claude_code_router(importing::Source& source, importing::Notes& notes, Node& out);

}  // namespace pb::config
