#include "api/guard.h"

#include <algorithm>

#include "base/strings.h"
#include "base/utf8.h"

namespace pb::api {
namespace {

// "localhost:8000" -> "localhost"; "[::1]:8000" -> "[::1]".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// An address, not a name that begins like one (127.0.0.1.example.com), which leads wherever its owner wants.
bool is_loopback_address(std::string_view host) {
  return host == "[::1]" || (host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
                             std::ranges::all_of(host, [](char c) { return c == '.' || is_digit(c); }));
}

bool is_loopback_name(std::string_view host) {
  return net::iequals(host, "localhost") || is_loopback_address(host) ||
         (host.size() > 10 && net::iequals(host.substr(host.size() - 10), ".localhost"));
}

bool same_host(std::string_view a, std::string_view b) {
  return net::iequals(a, b) || net::iequals(without_port(a), b);
}

}  // namespace

std::string_view bearer(const net::Headers& headers) {
  std::string_view value = headers.get("authorization");
  if (value.size() <= 7 || !net::iequals(value.substr(0, 7), "bearer ")) return {};
  return trim(value.substr(7));
}

std::string_view credential(const net::Headers& headers, std::string_view query) {
  if (std::string_view key = bearer(headers); !key.empty()) return key;
  if (std::string_view key = headers.get("x-api-key"); !key.empty()) return key;
  if (std::string_view key = headers.get("api-key"); !key.empty()) return key;
  if (std::string_view key = headers.get("x-goog-api-key"); !key.empty()) return key;
  return query_value(query, "key");
}

bool needs_key(const config::Server& server, const gateway::KeyRing* keys) {
  if (server.require_key != "auto") return server.require_key == "always";
  return !server.keys.empty() || (keys != nullptr && keys->any());
}

Result<std::optional<gateway::Caller>> caller_of_key(const config::Server& server,
                                                     const gateway::KeyRing* keys, std::string_view sent,
                                                     std::int64_t now_ms) {
  gateway::Caller caller;
  const Secret* found = nullptr;
  for (const Secret& key : server.keys)  // all of them, whichever matches: the time tells nothing
    if (key.equals(sent)) found = &key;
  if (found != nullptr) {
    caller.name = found->masked();
    return caller;
  }
  if (!sent.starts_with(store::kSecretPrefix) || keys == nullptr || !keys->any()) return std::nullopt;
  caller.table = keys->table();
  caller.key = caller.table->find(sent, now_ms);
  if (caller.key == nullptr) return std::nullopt;
  if (!caller.key->key.usable(now_ms))
    return fail(Code::unauthenticated,
                caller.key->key.revoked_ms != 0 ? "the key has been revoked" : "the key has expired");
  caller.name = caller.key->key.name;
  return caller;
}

Result<gateway::Caller> authenticate(const config::Server& server, const gateway::KeyRing* keys,
                                     const net::Headers& headers, std::string_view query,
                                     std::int64_t now_ms) {
  const std::string_view sent = credential(headers, query);
  if (!sent.empty()) {
    TRY_ASSIGN(std::optional<gateway::Caller> caller, caller_of_key(server, keys, sent, now_ms));
    if (caller) return std::move(*caller);
    const bool one_of_ours = sent.starts_with(store::kSecretPrefix) && keys != nullptr && keys->any();
    if (one_of_ours || needs_key(server, keys))
      return fail(Code::unauthenticated, "the key is not one of this gateway's");
  }
  if (needs_key(server, keys))
    return fail(
        Code::unauthenticated,
        "this gateway needs a key: send it as Authorization: Bearer, x-api-key, api-key or x-goog-api-key");
  return gateway::Caller();
}

Result<void> check_host(const config::Server& server, bool key_needed, const net::Headers& headers) {
  if (key_needed && server.allowed_hosts.empty()) return {};
  std::string_view host = headers.get("host");
  if (host.empty() || is_loopback_name(without_port(host)) || net::iequals(host, server.listen)) return {};
  for (const std::string& allowed : server.allowed_hosts)
    if (allowed == "*" || same_host(host, allowed)) return {};
  return fail(Code::permission_denied,
              "host `" + std::string(utf8::beginning(host, 100)) +
                  "` is not served here; add it to server.allowed_hosts if it should be");
}

Result<void> check_origin(const config::Server& server, const net::Headers& headers, bool& cross) {
  cross = false;
  std::string_view origin = headers.get("origin");
  if (origin.empty()) return {};
  std::size_t scheme = origin.find("://");
  if (scheme != origin.npos && net::iequals(origin.substr(scheme + 3), headers.get("host"))) return {};
  cross = true;
  for (const std::string& allowed : server.allowed_origins)
    if (allowed == "*" || net::iequals(allowed, origin)) return {};
  return fail(Code::permission_denied,
              "origin `" + std::string(utf8::beginning(origin, 100)) +
                  "` may not use this gateway; add it to server.allowed_origins if it should");
}

}  // namespace pb::api
