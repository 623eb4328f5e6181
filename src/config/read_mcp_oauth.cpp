// `mcp.oauth`: what its options must look like together.
#include <algorithm>

#include "base/jwk.h"
#include "config/read.h"

namespace pb::config {
namespace {

bool scope_text(std::string_view text) {  // RFC 6749 §3.3, without the spaces between several
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

bool scope_list(std::string_view text) {
  bool any = false;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0 && !scope_text(text.substr(0, space))) return false;
    any = any || space > 0;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return any;
}

// Tokens and the keys that they are verified with travel over TLS, or not at all.
bool safe_url(std::string_view url) {
  if (!url.starts_with("http://")) return true;
  std::string_view host = url.substr(7);
  host = host.substr(0, host.find('/'));
  const bool port = host.ends_with(']') ? false : host.find(':') != host.npos;
  const auto parsed = parse_address(port ? std::string(host) : std::string(host) + ":80");
  return parsed && parsed->loopback();
}

class Check {
 public:
  Check(const Node& root, Reading& reading) : reading_(reading), o_(reading.out.config.mcp_oauth) {
    const Node* mcp = root.find("mcp");
    map_ = mcp == nullptr ? nullptr : mcp->find("oauth");
  }

  void run() {
    if (o_.issuer.empty()) {
      if (anything_else())
        reading_.mistake(map_ == nullptr ? Node{} : *map_, "mcp.oauth",
                         "`issuer` is missing: whose tokens are to be taken?");
      return;
    }
    for (const auto& [key, url] : {std::pair("issuer", o_.issuer), std::pair("resource", o_.resource),
                                   std::pair("jwks_url", o_.jwks_url)})
      if (!safe_url(url)) wrong({key}, "must begin with https:// (http:// is for loopback addresses only)");
    const auto listen = parse_address(reading_.out.config.server.listen);
    if (o_.resource.empty() && listen && !listen->loopback())
      wrong({"resource"}, "is missing: at what URL do clients reach this server's /mcp?");
    algorithms();
    scopes();
    mapping();
  }

 private:
  void wrong(std::initializer_list<std::string_view> keys, std::string what) {
    const Node* at = map_;
    std::string path = "mcp.oauth";
    for (const std::string_view key : keys) {
      const Node* next = at == nullptr ? nullptr : at->find(key);
      if (next != nullptr) at = next;
      path += "." + std::string(key);
    }
    reading_.mistake(at == nullptr ? Node{} : *at, std::move(path), std::move(what));
  }

  bool anything_else() const {  // that has no meaning without an issuer
    return !o_.resource.empty() || !o_.jwks_url.empty() || !o_.audience.empty() || o_.only_at_jwt ||
           !o_.scopes_required.empty() || !o_.scopes_tools.empty() || !o_.scopes_implies.empty() ||
           !o_.key.empty() || !o_.key_claim.empty() || !o_.team_claim.empty();
  }

  void algorithms() {
    if (o_.algorithms.empty()) wrong({"algorithms"}, "one at least must be taken");
    for (const std::string& name : o_.algorithms)
      if (!jwt::parse_alg(name))
        wrong({"algorithms"},
              "unknown value `" + name + "`; " + suggestion(name, jwt::alg_names(), "valid values"));
  }

  void scopes() {
    constexpr std::string_view kWhat =
        "a scope is made of visible ASCII characters without quotes and backslashes";
    for (const std::string& scope : o_.scopes_required)
      if (!scope_text(scope)) wrong({"scopes", "required"}, std::string(kWhat));
    for (const auto& [tool, list] : o_.scopes_tools)
      if (!scope_list(list)) wrong({"scopes", "tools", tool}, std::string(kWhat));
    for (const auto& [scope, list] : o_.scopes_implies)
      if (!scope_text(scope) || !scope_list(list)) wrong({"scopes", "implies", scope}, std::string(kWhat));
  }

  void mapping() {
    if (!o_.team_claim.empty() && (!o_.key.empty() || !o_.key_claim.empty()))
      wrong({"team_claim"}, "cannot stand beside `key` and `key_claim`: a key has its own team");
    if (!o_.team_claim.empty() && reading_.out.config.teams.empty())
      wrong({"team_claim"}, "there are no `teams` that it could name");
  }

  Reading& reading_;
  const McpOAuth& o_;
  const Node* map_ = nullptr;
};

}  // namespace

void check_mcp_oauth(const Node& root, Reading& reading) { Check(root, reading).run(); }

}  // namespace pb::config
