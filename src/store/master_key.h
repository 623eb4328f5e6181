// Where the master key of a sealed file is: in a file of its own, in somebody's head, or in the desktop's keyring.
#pragma once
#include <functional>
#include <string>

#include "base/error.h"
#include "store/seal.h"

namespace pb::store {

struct KeyPlace {
  std::string path;      // of the sealed file
  std::string key_file;  // of the master key, where it is in a file
  // Gives the passphrase; null or an error: there is none to be had.
  std::function<Result<std::string>()> passphrase;
};

// What is wrong with a file's owner and permissions; "" when nobody but its owner can read it.
std::string privacy_fault(const std::string& path);

// The master key that `head` asks for. Errors: unauthenticated, with what to do; invalid_request, for a key file that others can read or that
// is none.
Result<MasterKey> find_master_key(const SealHead& head, const KeyPlace& place);

struct NewMasterKey {
  SealHead head;
  MasterKey key;
};
// Makes one and keeps it. One that is in the key file or the keyring already is used again.
Result<NewMasterKey> make_master_key(Unlock unlock, const KeyPlace& place);

}  // namespace pb::store
