#include "base/jwt.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/base64url.h"
#include "base/limits_mcp.h"
#include "base/strings.h"

namespace pb::jwt {
namespace {

std::unexpected<Error> refused(std::string what) { return fail(Code::unauthenticated, std::move(what)); }

// Kinds of tokens that are no access tokens have types of their own (RFC 8725 §3.11): "logout+jwt", "secevent+jwt", "dpop+jwt".
bool is_access_token(std::string_view type, bool only_at_jwt) {
  return type == "at+jwt" || (!only_at_jwt && (type.empty() || type == "jwt"));
}

// NumericDate (RFC 7519 §2). nullopt: missing, or not one.
std::optional<double> date(json::Value root, std::string_view name) {
  const json::Value value = root[name];
  const double d = value.is_number() ? value.as_double(NAN) : NAN;
  constexpr double kYear10000 = 253'402'300'800;
  return d >= 0 && d < kYear10000 ? std::optional(d) : std::nullopt;
}

bool meant_for(json::Value aud, std::span<const std::string> audiences) {
  const auto ours = [&](json::Value v) {
    return v.is_string() && std::ranges::find(audiences, v.as_string()) != audiences.end();
  };
  return ours(aud) || std::ranges::any_of(aud.items(), ours);
}

Result<void> check_dates(json::Value root, std::int64_t leeway_s, std::int64_t now_s, Claims& out) {
  const auto now = static_cast<double>(now_s), leeway = static_cast<double>(leeway_s);
  const auto exp = date(root, "exp");
  if (!exp) return refused("the token does not say when it expires");
  if (now >= *exp + leeway) return refused("the token has expired");
  if (root.has("nbf")) {
    const auto nbf = date(root, "nbf");
    if (!nbf || now + leeway < *nbf) return refused("the token is not valid yet");
  }
  if (root.has("iat")) {
    const auto iat = date(root, "iat");
    if (!iat || now + leeway < *iat) return refused("the token was issued in the future");
  }
  out.expires_s = static_cast<std::int64_t>(*exp);
  return {};
}

// A text of words (RFC 8693 §4.2), or a list of them as some issuers have it.
void read_scopes(json::Value value, std::vector<std::string>& out) {
  const auto add = [&](std::string_view word) {
    if (!word.empty() && std::ranges::find(out, word) == out.end()) out.emplace_back(word);
  };
  for (const json::Value item : value.items()) add(item.as_string());
  std::string_view words = value.as_string();
  while (!words.empty()) {
    const std::size_t space = std::min(words.find(' '), words.size());
    add(words.substr(0, space));
    words.remove_prefix(std::min(space + 1, words.size()));
  }
}

bool printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Result<Token> parse(std::string_view text, std::span<const Alg> allowed) {
  if (text.size() > limits::kJwtBytesMax) return refused("the token is too long");
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos)
    return refused("the token is no signed JWT");
  auto header = base64url_decode(text.substr(0, first));
  auto payload = base64url_decode(text.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(text.substr(second + 1));
  if (!header || !payload || !signature) return refused("the token is no signed JWT");
  json::Arena arena;
  const auto root = json::parse(*header, arena, {limits::kJwtDepthMax});
  if (!root || !root->is_object()) return refused("the token is no signed JWT");
  Token out;
  const auto alg = parse_alg((*root)["alg"].as_string());
  if (!alg || std::ranges::find(allowed, *alg) == allowed.end())
    return refused("the token is signed with an algorithm that is not taken here");
  if (root->has("crit")) return refused("the token has extensions that are not understood here");
  for (const std::string_view name : {"kid", "typ"})
    if (root->has(name) && !(*root)[name].is_string()) return refused("the token is no signed JWT");
  out.alg = *alg;
  out.kid = (*root)["kid"].as_string();
  out.type = lower((*root)["typ"].as_string());
  if (out.type.starts_with("application/")) out.type.erase(0, std::string_view("application/").size());
  out.signed_of = text.substr(0, second);
  out.signature = std::move(*signature);
  out.payload = std::move(*payload);
  return out;
}

Match verify(const Token& token, const KeySet& keys) {
  std::size_t tried = 0;
  bool named = false;
  for (const PublicKey& key : keys.keys()) {
    if (!key.fits(token.alg)) continue;
    const bool same = !token.kid.empty() && key.kid() == token.kid;
    if (!same && !token.kid.empty() && !key.kid().empty()) continue;
    named = named || same;
    // Without names every key would have to be tried for every forged token.
    if (!same && ++tried > limits::kJwtUnnamedTriesMax) continue;
    if (key.verify(token.alg, token.signed_of, token.signature)) return Match::verified;
  }
  return named ? Match::forged : Match::no_key;
}

Result<std::shared_ptr<const Claims>> check(Token token, const Expected& expected, std::int64_t now_s) {
  if (!is_access_token(token.type, expected.only_at_jwt)) return refused("the token is no access token");
  auto out = std::make_shared<Claims>();
  out->text = std::move(token.payload);
  auto root = json::parse(out->text, out->arena, {limits::kJwtDepthMax});
  if (!root || !root->is_object()) return refused("the token is no signed JWT");
  out->root = *root;
  const json::Value iss = (*root)["iss"], sub = (*root)["sub"];
  if (!iss.is_string() || iss.as_string() != expected.issuer)
    return refused("the token is of another issuer");
  if (!meant_for((*root)["aud"], expected.audiences))
    return refused("the token is not meant for this server");
  TRY(check_dates(*root, expected.leeway_s, now_s, *out));
  out->subject = sub.as_string();
  if (out->subject.empty() || out->subject.size() > limits::kJwtSubjectBytesMax || !printable(out->subject))
    return refused("the token does not say whose it is");
  read_scopes((*root)["scope"], out->scopes);
  read_scopes((*root)["scp"], out->scopes);
  return out;
}

}  // namespace pb::jwt
