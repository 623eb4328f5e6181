// Keys of an issuer for tests, and tokens signed with them.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/jwk.h"

namespace pb::jwt {

class Signer {
 public:
  explicit Signer(Alg alg, std::string kid = {});
  // The public key; `more` are members besides, beginning with a comma.
  std::string jwk(std::string_view more = {}) const;
  // Any header and payload, signed as JWS has it with the signer's own algorithm.
  std::string sign(std::string_view header, std::string_view payload) const;
  // With the header that an issuer would write; `more` as above.
  std::string token(std::string_view payload, std::string_view more = R"(,"typ":"at+jwt")") const;
  const std::string& kid() const { return kid_; }

 private:
  Alg alg_;
  std::string kid_;
  std::shared_ptr<evp_pkey_st> key_;
};

// `{"keys":[…]}` of texts with commas between them.
std::string key_set(std::string_view keys);

}  // namespace pb::jwt
