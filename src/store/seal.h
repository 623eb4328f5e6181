// A text under lock: encrypted with XChaCha20-Poly1305 under a master key of 32 bytes, which comes from a key file, a passphrase or the
// desktop's keyring (store/master_key.h). Pure: bytes in, bytes out.
//
// The file has three lines: its kind and version, a head as JSON that says where the master key comes from, and the sealed text in base64.
// The first two are authenticated with the third, so no byte of the file can be changed unseen.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::store {

enum class Unlock : std::uint8_t { key_file, passphrase, desktop };
std::string_view to_string(Unlock unlock);  // "key-file", "passphrase", "desktop"

// Wiped from memory when it goes.
struct MasterKey {
  std::array<unsigned char, 32> bytes{};
  MasterKey() = default;
  MasterKey(const MasterKey&) = default;
  MasterKey& operator=(const MasterKey&) = default;
  ~MasterKey();
};

struct SealHead {
  Unlock unlock = Unlock::key_file;
  // Of a passphrase: argon2id's salt (16 bytes), passes and memory.
  std::string salt;
  std::uint64_t passes = 0;
  std::size_t memory_bytes = 0;
};

Result<MasterKey> random_master_key();
// A head for a passphrase, with a fresh salt.
Result<SealHead> passphrase_head();
// About 0.2 s and 64 MiB. Errors: internal, where there is no memory.
Result<MasterKey> derive_master_key(const SealHead& head, std::string_view passphrase);

Result<std::string> seal(const SealHead& head, const MasterKey& key, std::string_view text);
// Where the master key of a sealed file comes from. Errors: invalid_request, for what is no such file.
Result<SealHead> read_seal_head(std::string_view file);
// Errors: unauthenticated, for another key than it was sealed with; invalid_request, for a file that was changed.
Result<std::string> unseal(std::string_view file, const MasterKey& key);

}  // namespace pb::store
