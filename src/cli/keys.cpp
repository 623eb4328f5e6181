// `patchbay keys …`: the keys that clients present. They stand in a database beside the ledger; a running server sees changes
// within two seconds.
#include <cstdio>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/keys_report.h"
#include "cli/load_config.h"
#include "config/teams.h"
#include "store/key_changes.h"

namespace pb::cli {
namespace {

using store::VirtualKey;

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

// A team that is not configured has no limits, and is most likely a slip.
Result<void> apply_checked(const KeyArgs& args, const Open& place, std::int64_t now_ms, VirtualKey& key) {
  if (args.changes.team && !args.force)
    if (std::string fault = config::team_fault(place.config, *args.changes.team); !fault.empty())
      return fail(Code::invalid_request,
                  fault + ", or give --force: then it is a name in the ledger without limits");
  return apply(args.changes, now_ms, key);
}

}  // namespace

int keys_create(const KeyArgs& args) {
  const auto place = open(args);
  if (!place) return kUsage;
  const std::int64_t now = unix_ms();
  const auto made = store::create_key(*place->keys, args.name, now,
                                      [&](VirtualKey& key) { return apply_checked(args, *place, now, key); });
  if (!made) return complain(made.error());
  show_secret(args, made->key, made->secret);
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
  const auto place = open(args);
  if (!place) return kUsage;
  const auto key = store::change_key(
      *place->keys, args.name, [&](VirtualKey& k) { return apply_checked(args, *place, unix_ms(), k); });
  return key ? print(args, *key) : complain(key.error());
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
  const auto made = store::rotate_key(*place->keys, args.name, unix_ms(), grace_ms);
  if (!made) return complain(made.error());
  show_secret(args, made->key, made->secret);
  return kOk;
}

int keys_revoke(const KeyArgs& args) {
  const auto place = open(args);
  if (!place) return kUsage;
  const auto key = store::revoke_key(*place->keys, args.name, unix_ms());
  return key ? print(args, *key) : complain(key.error());
}

}  // namespace pb::cli
