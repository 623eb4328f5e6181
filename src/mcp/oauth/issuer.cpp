#include "mcp/oauth/issuer.h"

#include "base/json.h"
#include "base/limits_mcp.h"

namespace pb::mcp {
namespace {

std::unexpected<Error> bad(std::string what) { return fail(Code::invalid_request, std::move(what)); }

Task<Result<std::string>> find_keys(GetUrl get, std::string issuer) {
  std::string faults;
  for (const std::string& url : issuer_metadata_urls(issuer)) {
    auto text = co_await get(url);
    auto found = text ? read_issuer_metadata(*text, issuer) : std::unexpected(text.error());
    if (found) co_return std::move(*found);
    faults += (faults.empty() ? "" : "; ") + url + " " + found.error().message;
  }
  co_return bad("no metadata: " + faults);
}

}  // namespace

std::vector<std::string> issuer_metadata_urls(std::string_view issuer) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  const std::size_t scheme = issuer.find("://");
  const std::size_t path = std::min(issuer.find('/', scheme == issuer.npos ? 0 : scheme + 3), issuer.size());
  const std::string host(issuer.substr(0, path)), rest(issuer.substr(path));
  std::vector<std::string> out = {host + "/.well-known/oauth-authorization-server" + rest,
                                  host + "/.well-known/openid-configuration" + rest};
  if (!rest.empty()) out.push_back(host + rest + "/.well-known/openid-configuration");
  return out;
}

Result<std::string> read_issuer_metadata(std::string_view text, std::string_view issuer) {
  json::Arena arena;
  const auto root = json::parse(text, arena, {limits::kJwtDepthMax});
  if (!root || !root->is_object()) return bad("is no JSON object");
  // "The issuer value returned MUST be identical" (RFC 8414 §3.3): else one issuer could speak for another.
  if ((*root)["issuer"].as_string() != issuer) return bad("is of another issuer");
  const std::string_view uri = (*root)["jwks_uri"].as_string();
  if (uri.empty()) return bad("does not say where the keys are");
  const bool clear = issuer.starts_with("http://");
  if (!uri.starts_with("https://") && !(clear && uri.starts_with("http://")))
    return bad("has keys at a URL that is not https");
  return std::string(uri);
}

Task<Result<jwt::KeySet>> fetch_keys(GetUrl get, std::string issuer, std::string jwks_url) {
  if (jwks_url.empty()) {
    CO_TRY_ASSIGN(jwks_url, co_await find_keys(get, std::move(issuer)));
  }
  auto text = co_await get(jwks_url);
  if (!text) co_return bad(jwks_url + " " + text.error().message);
  auto keys = jwt::KeySet::parse(*text);
  if (!keys) co_return bad(jwks_url + " " + keys.error().message);
  if (keys->keys().empty()) co_return bad(jwks_url + " has no key that can be used here");
  co_return std::move(*keys);
}

}  // namespace pb::mcp
