// A key's row: the list of its columns, from which the SQL is made.
#pragma once
#include <string>
#include <string_view>

#include "store/keys.h"
#include "store/sqlite.h"

namespace pb::store {

// "id,name,…": the order of bind_key() and read_key().
extern const std::string_view kKeyColumns;
inline constexpr int kKeyColumnCount = 21;

// The texts of a key that are bound, which have to live until the statement is reset.
struct KeyTexts {
  explicit KeyTexts(const VirtualKey& key);
  std::string digest, old_digest, models, tools, metadata;
};
void bind_key(Statement& s, const VirtualKey& key, const KeyTexts& texts);
VirtualKey read_key(const Statement& s);

}  // namespace pb::store
