// `patchbay keys …`: the keys that clients present. They stand in a database beside the ledger; a running server sees changes
// within two seconds.
#include <chrono>
#include <cstdio>
#include <functional>

#include "cli/commands.h"
#include "cli/keys_report.h"
#include "cli/load_config.h"
#include "store/keys.h"

namespace pb::cli {
namespace {

using store::VirtualKey;

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

int complain(const Error& error) {
  std::fprintf(stderr, "patchbay keys: %s\n", error.message.c_str());
  return error.code == Code::invalid_request ? kUsage : kFailed;
}

struct Open {
  config::Config config;
  std::unique_ptr<store::KeyStore> keys;
};

// Nullopt after the configuration's mistakes were printed.
std::optional<Open> open(const KeyArgs& args) {
  auto loaded = load_config_quietly(args.config);
  if (!loaded) return std::nullopt;
  auto keys = store::create_key_store(config::keys_path(loaded->config, config::Environment::process()));
  return Open{std::move(loaded->config), std::move(keys)};
}

// The secret alone on standard output, for scripts; what people should know on the other one.
void show_secret(const KeyArgs& args, const VirtualKey& key, const std::string& secret) {
  if (args.json) {
    std::fputs(key_json(key, unix_ms(), secret).c_str(), stdout);
    return;
  }
  std::printf("%s\n", secret.c_str());
  std::fprintf(stderr, "This is the secret of key %s. It is not kept and cannot be shown again.\n",
               key.name.c_str());
}

int print(const KeyArgs& args, const VirtualKey& key) {
  std::fputs((args.json ? key_json(key, unix_ms()) : key_text(key, unix_ms())).c_str(), stdout);
  return kOk;
}

int change(const KeyArgs& args, const std::function<Result<void>(VirtualKey&)>& how) {
  const auto place = open(args);
  if (!place) return kUsage;
  const auto key = place->keys->update(args.name, how);
  return key ? print(args, *key) : complain(key.error());
}

Error revoked(const VirtualKey& key) {
  return fail(Code::invalid_request, "key " + key.name + " is revoked; make another one").error();
}

}  // namespace

int keys_create(const KeyArgs& args) {
  const auto place = open(args);
  if (!place) return kUsage;
  if (const std::string fault = store::name_fault(args.name); !fault.empty())
    return complain(fail(Code::invalid_request, fault).error());
  VirtualKey key;
  key.name = args.name;
  key.created_ms = unix_ms();
  if (auto applied = apply(args.changes, key.created_ms, key); !applied) return complain(applied.error());
  const auto secret = store::give_secret(key);
  if (!secret) return complain(secret.error());
  if (auto added = place->keys->add(key); !added) return complain(added.error());
  show_secret(args, key, *secret);
  return kOk;
}

int keys_list(const KeyArgs& args) {
  const auto place = open(args);
  if (!place) return kUsage;
  auto keys = place->keys->all();
  if (!keys) return complain(keys.error());
  if (!args.revoked) std::erase_if(*keys, [](const VirtualKey& key) { return key.revoked_ms != 0; });
  if (args.json)
    std::fputs(keys_json(*keys, unix_ms()).c_str(), stdout);
  else if (keys->empty())
    std::printf("no keys; `patchbay keys create NAME` makes one\n");
  else
    std::fputs(keys_table(*keys, unix_ms()).c_str(), stdout);
  return kOk;
}

int keys_show(const KeyArgs& args) {
  const auto place = open(args);
  if (!place) return kUsage;
  const auto key = place->keys->find(args.name);
  return key ? print(args, *key) : complain(key.error());
}

int keys_update(const KeyArgs& args) {
  return change(args, [&](VirtualKey& key) -> Result<void> {
    if (key.revoked_ms != 0) return std::unexpected(revoked(key));
    return apply(args.changes, unix_ms(), key);
  });
}

int keys_rotate(const KeyArgs& args) {
  const auto place = open(args);
  if (!place) return kUsage;
  std::int64_t grace_ms = 0;
  if (!args.grace.empty()) {
    const auto span = parse_span(args.grace);
    if (!span) return complain(span.error());
    grace_ms = *span;
  }
  std::string secret;
  const auto key = place->keys->update(args.name, [&](VirtualKey& k) -> Result<void> {
    if (k.revoked_ms != 0) return std::unexpected(revoked(k));
    k.old_digest = grace_ms > 0 ? k.digest : Digest{};
    k.old_until_ms = grace_ms > 0 ? unix_ms() + grace_ms : 0;
    TRY_ASSIGN(secret, store::give_secret(k));
    return {};
  });
  if (!key) return complain(key.error());
  show_secret(args, *key, secret);
  return kOk;
}

int keys_revoke(const KeyArgs& args) {
  return change(args, [](VirtualKey& key) -> Result<void> {
    if (key.revoked_ms == 0) key.revoked_ms = unix_ms();
    key.old_digest = {};
    key.old_until_ms = 0;
    return {};
  });
}

}  // namespace pb::cli
