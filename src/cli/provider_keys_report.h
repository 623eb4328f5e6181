// What is told about the providers' stored keys. Never a key. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "store/provider_keys.h"

namespace pb::cli {

struct StoredKeyView {
  std::string name, masked;
  std::vector<std::string> used_by;                      // providers of the configuration
  std::int64_t set_ms = 0, rotated_ms = 0, used_ms = 0;  // Unix; 0 = not, or not known
};
struct KeyFileView {
  std::string path, mode;  // "0600"; "" = not there
  std::string fault;       // "" = as it should be
};
struct KeyAudit {
  std::string unlock;  // "key-file", "passphrase", "desktop"
  std::vector<KeyFileView> files;
  std::vector<StoredKeyView> keys;
  std::vector<store::KeyEvent> events;
  std::vector<std::string> hints;  // worth a look, and no fault
  bool good() const;               // no file has a fault
};

std::string provider_keys_table(const std::vector<StoredKeyView>& keys);
std::string provider_keys_json(const std::vector<StoredKeyView>& keys);
std::string audit_text(const KeyAudit& audit);
std::string audit_json(const KeyAudit& audit);

}  // namespace pb::cli
