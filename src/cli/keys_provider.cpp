// `patchbay keys provider …`: the providers' own keys, in an encrypted file. A running gateway takes a change at once.
#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/provider_key_store.h"
#include "cli/terminal.h"
#include "config/read.h"

namespace pb::cli {
namespace {

constexpr const char* kFlags = "give --key-env VARIABLE, or --key-file FILE (\"-\" is standard input)";

int complain(const Error& error) {
  std::fprintf(stderr, "patchbay keys provider: %s\n", error.message.c_str());
  return error.code == Code::invalid_request ? kUsage : kFailed;
}

Result<std::optional<store::Unlock>> unlock_of(const std::string& text) {
  using store::Unlock;
  for (const Unlock u : {Unlock::key_file, Unlock::passphrase, Unlock::desktop})
    if (text == store::to_string(u)) return u;
  if (text.empty()) return std::nullopt;
  return fail(Code::invalid_request, "--unlock is key-file, passphrase or desktop");
}

std::string locked_with(const store::KeyPlace& place, store::Unlock unlock) {
  return unlock == store::Unlock::passphrase ? "a passphrase"
         : unlock == store::Unlock::desktop  ? "the desktop's keyring"
                                             : "the key file " + place.key_file;
}

// A new passphrase is asked for twice.
void ask_twice(store::KeyPlace& place) {
  if (!has_terminal() || std::getenv("PATCHBAY_KEYS_PASSPHRASE") != nullptr ||
      std::getenv("PATCHBAY_KEYS_PASSPHRASE_FILE") != nullptr)
    return;
  place.passphrase = [path = place.path] { return take_secret({}, "New passphrase for " + path, "", true); };
}

// The name is no vendor's: most likely meant for an entry of the configuration, maybe a slip.
void tell_unknown(const std::string& name, const std::vector<std::string>& hints) {
  for (const std::string& h : hints)
    if (h.contains(" " + name)) std::fprintf(stderr, "note: %s\n", h.c_str());
}

int store_key(const ProviderKeyArgs& args, bool rotate) {
  if (const std::string fault = store::provider_key_name_fault(args.name); !fault.empty())
    return complain(fail(Code::invalid_request, fault).error());
  const auto unlock = unlock_of(args.unlock);
  if (!unlock) return complain(unlock.error());
  auto at = find_key_store(args.config);
  if (!at) return complain(at.error());
  auto secret = take_secret({args.key_env, args.key_file}, "The key of " + args.name, kFlags);
  if (!secret) return complain(secret.error());
  if (const std::string fault = config::key_fault(*secret); !fault.empty())
    return complain(fail(Code::invalid_request, fault).error());
  if (!at->there && *unlock == store::Unlock::passphrase) ask_twice(at->place);
  store::Unlock used = store::Unlock::key_file;
  const auto done =
      store::change_provider_keys(at->place, *unlock, [&](store::ProviderKeys& keys) -> Result<void> {
        used = keys.unlock;
        store::ProviderKey* old = keys.find(args.name);
        if (rotate && old == nullptr)
          return fail(Code::not_found, "no key `" + args.name + "` is stored; `patchbay keys provider set " +
                                           args.name + "` stores one");
        if (!rotate && old != nullptr && !args.force)
          return fail(Code::invalid_request, "a key `" + args.name +
                                                 "` is stored already; `patchbay keys "
                                                 "provider rotate " +
                                                 args.name + "` replaces it");
        const std::int64_t now = unix_ms();
        if (rotate && old->secret.equals(*secret))
          return fail(Code::invalid_request, "that is the key that is stored already");
        if (old == nullptr)
          keys.keys.push_back({args.name, Secret(*secret), now, 0});
        else
          *old = {args.name, Secret(*secret), old->set_ms, now};
        keys.events.push_back({now, rotate ? "rotate" : "set", args.name, user_name()});
        return {};
      });
  if (!done) return complain(done.error());
  std::printf("%s: %s (%s) in %s, locked with %s\n", rotate ? "replaced" : "stored", args.name.c_str(),
              Secret(*secret).masked().c_str(), at->place.path.c_str(), locked_with(at->place, used).c_str());
  if (used == store::Unlock::passphrase) return kOk;  // it need not be asked for again
  if (const auto views = read_key_views(*at, false); views && *views)
    tell_unknown(args.name, (*views)->hints);
  return kOk;
}

}  // namespace

int keys_provider_set(const ProviderKeyArgs& args) { return store_key(args, false); }
int keys_provider_rotate(const ProviderKeyArgs& args) { return store_key(args, true); }

int keys_provider_delete(const ProviderKeyArgs& args) {
  auto at = find_key_store(args.config);
  if (!at) return complain(at.error());
  if (!args.yes) {
    if (!has_terminal())
      return complain(fail(Code::invalid_request, "a deleted key cannot be brought back: add --yes").error());
    const auto sure = ask_yes("Delete the key of " + args.name + "?", false);
    if (!sure || !*sure) return kFailed;
  }
  if (!at->there) return complain(fail(Code::not_found, "no key is stored in " + at->place.path).error());
  const auto done =
      store::change_provider_keys(at->place, std::nullopt, [&](store::ProviderKeys& keys) -> Result<void> {
        if (keys.find(args.name) == nullptr)
          return fail(Code::not_found, "no key `" + args.name + "` is stored");
        std::erase_if(keys.keys, [&](const store::ProviderKey& k) { return k.name == args.name; });
        keys.events.push_back({unix_ms(), "delete", args.name, user_name()});
        return {};
      });
  if (!done) return complain(done.error());
  std::printf("deleted: %s\n", args.name.c_str());
  return kOk;
}

int keys_provider_list(const ProviderKeyArgs& args) {
  const auto at = find_key_store(args.config);
  if (!at) return complain(at.error());
  const auto views = read_key_views(*at, false);
  if (!views) return complain(views.error());
  const std::vector<StoredKeyView> keys = *views ? (*views)->views : std::vector<StoredKeyView>{};
  if (args.json)
    std::fputs(provider_keys_json(keys).c_str(), stdout);
  else if (keys.empty())
    std::printf("no keys; `patchbay keys provider set NAME` stores one\n");
  else
    std::fputs(provider_keys_table(keys).c_str(), stdout);
  return kOk;
}

int keys_provider_audit(const ProviderKeyArgs& args) {
  const auto at = find_key_store(args.config);
  if (!at) return complain(at.error());
  const auto views = read_key_views(*at, true);
  if (!views) return complain(views.error());
  if (!*views) return complain(fail(Code::not_found, "no key is stored in " + at->place.path).error());
  const store::Unlock unlock = (*views)->keys.unlock;
  const KeyAudit audit{std::string(store::to_string(unlock)), key_files(*at, unlock), (*views)->views,
                       (*views)->keys.events, (*views)->hints};
  std::fputs((args.json ? audit_json(audit) : audit_text(audit)).c_str(), stdout);
  return audit.good() ? kOk : kFailed;
}

int keys_provider_reseal(const ProviderKeyArgs& args) {
  const auto unlock = unlock_of(args.unlock);
  if (!unlock) return complain(unlock.error());
  auto at = find_key_store(args.config);
  if (!at) return complain(at.error());
  const store::Unlock next_unlock = unlock->value_or(store::Unlock::key_file);
  store::KeyPlace next = at->place;
  if (next_unlock == store::Unlock::passphrase) {
    if (!args.new_passphrase_env.empty())
      next.passphrase = [&args] {
        return take_secret({args.new_passphrase_env, ""}, "The new passphrase", "");
      };
    else if (has_terminal())
      next.passphrase = [path = next.path] {
        return take_secret({}, "New passphrase for " + path, "", true);
      };
  }
  const auto done = store::reseal_provider_keys(
      at->place, next, next_unlock, [](store::ProviderKeys& keys) -> Result<void> {
        keys.events.push_back({unix_ms(), "reseal", "", user_name()});
        return {};
      });
  if (!done) return complain(done.error());
  std::printf("%s is locked with %s now\n", next.path.c_str(), locked_with(next, next_unlock).c_str());
  return kOk;
}

}  // namespace pb::cli
