// Where an issuer's keys are: its metadata (RFC 8414, OpenID Connect Discovery 1.0).
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/jwk.h"
#include "base/task.h"

namespace pb::mcp {

// The places where an issuer's metadata may be, in the order in which MCP clients try them too.
std::vector<std::string> issuer_metadata_urls(std::string_view issuer);
// `jwks_uri` of the document. Errors, to be read after "the issuer's metadata": no such document, another issuer's, keys that are
// fetched in the clear though the issuer is not.
Result<std::string> read_issuer_metadata(std::string_view text, std::string_view issuer);

// A URL's body. Errors are to be read after "the URL".
using GetUrl = std::function<Task<Result<std::string>>(std::string url)>;
// The keys at `jwks_url`, or where the issuer's metadata says ("").
Task<Result<jwt::KeySet>> fetch_keys(GetUrl get, std::string issuer, std::string jwks_url);

}  // namespace pb::mcp
