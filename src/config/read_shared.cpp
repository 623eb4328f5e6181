// `shared`: a text stands for its URL.
#include <algorithm>
#include <utility>

#include "config/read.h"
#include "net/redis/url.h"

namespace pb::config {

void lift_shared(Node& root) {
  for (Entry& e : root.members) {
    if (e.key != "shared" || e.value.kind != Node::Kind::scalar) continue;
    Node map;
    map.kind = Node::Kind::map;
    map.line = e.value.line;
    map.column = e.value.column;
    map.source = e.source;
    map.members.push_back({"url", e.value.line, e.value.column, std::move(e.value), e.source});
    e.value = std::move(map);
    return;
  }
}

void check_shared(const Node& root, Reading& reading) {
  const Shared& shared = reading.out.config.shared;
  const Node* map = root.find("shared");
  const auto wrong = [&](std::string_view key, std::string what) {
    const Node* at = map == nullptr ? nullptr : map->find(key);
    reading.mistake(at == nullptr ? Node{} : *at, "shared." + std::string(key), std::move(what));
  };
  if (shared.url.empty()) {
    if (map != nullptr && map->kind == Node::Kind::map && !map->members.empty() &&
        map->find("url") == nullptr)
      reading.mistake(*map, "shared", "`url` is missing: where is the Redis server?");
    return;
  }
  const auto address = net::redis::parse_address(shared.url.reveal());
  if (!address) wrong("url", "not the address of a Redis server: " + address.error().message);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  constexpr std::size_t kPrefixBytesMax = 64;
  if (shared.prefix.empty() || shared.prefix.size() > kPrefixBytesMax ||
      !std::ranges::all_of(shared.prefix, plain))
    wrong("prefix", "must be 1 to 64 letters, digits, `-`, `_`, `.` and `:`");
  if (address && !address->tls && map != nullptr && map->find("ca_file") != nullptr)
    wrong("ca_file", "is for rediss:// servers only");
}

std::string shared_text(const Secret& url) {
  if (url.empty()) return {};
  const auto address = net::redis::parse_address(url.reveal());
  return address ? address->text() + (address->password.empty() ? "" : " (with a password)") : "****";
}

}  // namespace pb::config
