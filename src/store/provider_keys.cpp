#include "store/provider_keys.h"

#include <algorithm>

#include "base/json.h"
#include "base/whole_file.h"

namespace pb::store {
namespace {

std::string text_of(const ProviderKeys& all) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("keys");
  w.begin_array();
  for (const ProviderKey& k : all.keys) {
    w.begin_object();
    w.field("name", std::string_view(k.name));
    w.field("key", std::string_view(k.secret.reveal()));
    w.field("set", k.set_ms);
    w.field("rotated", k.rotated_ms);
    w.end_object();
  }
  w.end_array();
  w.key("events");
  w.begin_array();
  for (const KeyEvent& e : all.events) {
    w.begin_object();
    w.field("at", e.at_ms);
    w.field("what", std::string_view(e.what));
    w.field("name", std::string_view(e.name));
    w.field("user", std::string_view(e.user));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

Result<ProviderKeys> keys_of(const std::string& text) {
  json::Arena arena;
  const auto root = json::parse(text, arena);
  if (!root) return fail(Code::invalid_request, "what is sealed in it is no list of keys");
  ProviderKeys out;
  for (const json::Value& v : (*root)["keys"].items())
    out.keys.push_back({std::string(v["name"].as_string()), Secret(std::string(v["key"].as_string())),
                        v["set"].as_int(), v["rotated"].as_int()});
  for (const json::Value& v : (*root)["events"].items())
    out.events.push_back({v["at"].as_int(), std::string(v["what"].as_string()),
                          std::string(v["name"].as_string()), std::string(v["user"].as_string())});
  return out;
}

struct Opened {
  SealHead head;
  MasterKey key;
  ProviderKeys keys;
};

Error about(const KeyPlace& place, Error error, const SealHead& head) {
  if (error.code == Code::unauthenticated)
    error.message =
        head.unlock == Unlock::passphrase ? "wrong passphrase for " + place.path
        : head.unlock == Unlock::key_file
            ? "the key file " + place.key_file + " is not the one that " + place.path + " was locked with"
            : "the key in the desktop's keyring is not the one that " + place.path + " was locked with";
  else if (!error.message.starts_with(place.path))
    error.message = place.path + " " + error.message;
  return error;
}

Result<std::optional<Opened>> open(const KeyPlace& place) {
  TRY_ASSIGN(const auto file, read_whole(place.path, kKeyFileBytesMax));
  if (!file) return std::nullopt;
  auto head = read_seal_head(*file);
  if (!head) return std::unexpected(about(place, head.error(), {}));
  TRY_ASSIGN(const MasterKey key, find_master_key(*head, place));
  const auto text = unseal(*file, key);
  if (!text) return std::unexpected(about(place, text.error(), *head));
  auto keys = keys_of(*text);
  if (!keys) return std::unexpected(about(place, keys.error(), *head));
  keys->unlock = head->unlock;
  return Opened{*head, key, std::move(*keys)};
}

Result<void> write(const KeyPlace& place, const SealHead& head, const MasterKey& key, ProviderKeys& keys) {
  if (keys.keys.size() > kProviderKeysMax)
    return fail(Code::invalid_request, "at most " + std::to_string(kProviderKeysMax) + " keys can be kept");
  std::ranges::sort(keys.keys, {}, &ProviderKey::name);
  if (keys.events.size() > kKeyEventsMax)
    keys.events.erase(keys.events.begin(), keys.events.end() - static_cast<std::ptrdiff_t>(kKeyEventsMax));
  TRY_ASSIGN(const std::string file, seal(head, key, text_of(keys)));
  if (file.size() > kKeyFileBytesMax) return fail(Code::invalid_request, "the keys take up too much room");
  return replace_file(place.path, file);
}

}  // namespace

const ProviderKey* ProviderKeys::find(std::string_view name) const {
  const auto at = std::ranges::find(keys, name, &ProviderKey::name);
  return at == keys.end() ? nullptr : &*at;
}

ProviderKey* ProviderKeys::find(std::string_view name) {
  const auto at = std::ranges::find(keys, name, &ProviderKey::name);
  return at == keys.end() ? nullptr : &*at;
}

std::string provider_key_name_fault(std::string_view name) {
  const bool good = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  return good && !name.empty() && name.size() <= 64
             ? ""
             : "the name of a key has up to 64 letters, digits, `-`, `_` and `.`";
}

Result<std::optional<ProviderKeys>> read_provider_keys(const KeyPlace& place) {
  TRY_ASSIGN(auto opened, open(place));
  if (!opened) return std::nullopt;
  return std::move(opened->keys);
}

Result<void> change_provider_keys(const KeyPlace& place, std::optional<Unlock> unlock,
                                  const ProviderKeysChange& change) {
  TRY_ASSIGN(const auto lock, lock_beside(place.path));
  TRY_ASSIGN(auto opened, open(place));
  if (opened && unlock && opened->head.unlock != *unlock)
    return fail(Code::invalid_request, place.path + " is locked with " +
                                           std::string(to_string(opened->head.unlock)) +
                                           " already; `patchbay keys provider reseal` changes that");
  if (opened) {
    TRY(change(opened->keys));
    return write(place, opened->head, opened->key, opened->keys);
  }
  ProviderKeys keys;
  keys.unlock = unlock.value_or(Unlock::key_file);
  TRY(change(keys));
  TRY_ASSIGN(const NewMasterKey made, make_master_key(keys.unlock, place));
  return write(place, made.head, made.key, keys);
}

Result<void> reseal_provider_keys(const KeyPlace& place, const KeyPlace& next, Unlock unlock,
                                  const ProviderKeysChange& change) {
  TRY_ASSIGN(const auto lock, lock_beside(place.path));
  TRY_ASSIGN(auto opened, open(place));
  if (!opened) return fail(Code::not_found, place.path + " is not there: no key has been stored");
  TRY(change(opened->keys));
  TRY_ASSIGN(const NewMasterKey made, make_master_key(unlock, next));
  return write(place, made.head, made.key, opened->keys);
}

}  // namespace pb::store
