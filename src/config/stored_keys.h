// The stored keys of providers, as one load of the configuration sees them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/load.h"

namespace pb::config {

class StoredKeys {
 public:
  StoredKeys() = default;
  // `path`: of their file, for messages.
  StoredKeys(Result<std::optional<store::ProviderKeys>> read, std::string path);
  const store::ProviderKey* find(std::string_view name) const;  // null: there is no such key
  const std::string& fault() const {
    return fault_;
  }  // why they cannot be opened; "" = they can, or there are none
  std::string missing(std::string_view name) const;  // what to do about a key that is not there

 private:
  std::optional<store::ProviderKeys> keys_;
  std::string path_, fault_;
};

struct Reading;
// The one stored under a provider's own name, else under its vendor's; null: none is, or it needs none.
const store::ProviderKey* stored_key(const Reading& reading, std::string_view provider,
                                     const llm::Vendor& vendor);

}  // namespace pb::config
