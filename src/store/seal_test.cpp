#include "store/seal.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::store;

namespace {

SealHead cheap_head() {  // as passphrase_head(), but quick
  SealHead head = *passphrase_head();
  head.passes = 1;
  head.memory_bytes = 1u << 16;
  return head;
}

}  // namespace

TEST_SUITE("provider keys") {
  TEST_CASE("seal: there and back, and nothing of the text shows") {
    const MasterKey key = *random_master_key();
    const std::string text = "the keys of everybody";
    const std::string file = *seal({}, key, text);
    CHECK(file.starts_with("patchbay sealed file 1\n{\"unlock\":\"key-file\",\"check\":\""));
    CHECK_FALSE(file.contains("everybody"));
    CHECK(unseal(file, key).value_or("") == text);
    CHECK(*seal({}, key, text) != file);  // another nonce each time
    CHECK(unseal(*seal({}, key, ""), key).has_value());
    const auto wrong = unseal(file, *random_master_key());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Code::unauthenticated);
  }

  TEST_CASE("seal: a file that was changed at any byte, or cut anywhere, is refused") {
    const MasterKey key = *random_master_key();
    const std::string file = *seal({}, key, "text");
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::string changed = file;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      const auto got = unseal(changed, key);
      // The last letter of base64 may hold bits that mean nothing.
      CHECK_MESSAGE((!got || (i + 3 >= file.size() && *got == "text")), i);
      if (i < file.size() - 1) CHECK_MESSAGE(!unseal(file.substr(0, i), key), i);
    }
    CHECK(unseal(file + "x", key).error().message.contains("changed or damaged"));
  }

  TEST_CASE("seal: passphrases") {
    const SealHead head = cheap_head();
    const MasterKey key = *derive_master_key(head, "correct horse");
    const std::string file = *seal(head, key, "text");
    const auto read = read_seal_head(file);
    REQUIRE(read);
    CHECK(read->unlock == Unlock::passphrase);
    CHECK(read->salt == head.salt);
    CHECK(unseal(file, *derive_master_key(*read, "correct horse")).value_or("") == "text");
    CHECK(unseal(file, *derive_master_key(*read, "wrong horse")).error().code == Code::unauthenticated);
  }

  TEST_CASE("seal: a head that asks for too much is refused before any work is done") {
    SealHead head = cheap_head();
    const MasterKey key = *derive_master_key(head, "x");
    for (const auto& [passes, memory] : {std::pair<std::uint64_t, std::size_t>(1'000'000, 1u << 16),
                                         {1, std::size_t{1} << 40},
                                         {0, 1u << 16},
                                         {1, 10}}) {
      head.passes = passes;
      head.memory_bytes = memory;
      const auto read = read_seal_head(*seal(head, key, "text"));
      REQUIRE_FALSE(read);
      CHECK(read.error().message.contains("out of bounds"));
    }
    CHECK(read_seal_head("something else\n").error().message.contains("is no file of sealed keys"));
    CHECK_FALSE(read_seal_head("patchbay sealed file 1\n{\"unlock\":\"magic\"}\nAAAA\n"));
  }
}
