#include "config/stored_keys.h"

#include <filesystem>
#include <vector>

#include "base/whole_file.h"
#include "config/read.h"

namespace pb::config {
namespace {

std::string variable(const Environment& env, const char* name) {
  return env.get ? env.get(name).value_or("") : "";
}

// The passphrase's own variable, or the first line of the file that another one names.
Result<std::string> passphrase(const std::string& text, const std::string& file) {
  if (!text.empty()) return text;
  if (const std::string fault = store::privacy_fault(file); !fault.empty())
    return fail(Code::invalid_request, "the passphrase's file " + file + " " + fault);
  TRY_ASSIGN(auto all, read_whole(file));
  std::string line = all.value_or("");
  line.resize(std::min(line.find_first_of("\r\n"), line.size()));
  return line;
}

}  // namespace

store::KeyPlace key_store_place(const Config& config, const Environment& env) {
  store::KeyPlace out{config.key_store.path, config.key_store.key_file, nullptr};
  if (out.path.empty())
    out.path = (std::filesystem::path(ledger_path(config, env)).parent_path() / "provider-keys").string();
  if (out.key_file.empty()) {
    const std::string xdg = variable(env, "XDG_CONFIG_HOME"), home = variable(env, "HOME");
    const std::string folder = !xdg.empty() ? xdg : home.empty() ? "." : home + "/.config";
    out.key_file = folder + "/patchbay/provider-keys.key";
  }
  const std::string text = variable(env, "PATCHBAY_KEYS_PASSPHRASE"),
                    file = variable(env, "PATCHBAY_KEYS_PASSPHRASE_FILE");
  if (!text.empty() || !file.empty()) out.passphrase = [text, file] { return passphrase(text, file); };
  return out;
}

StoredKeys::StoredKeys(Result<std::optional<store::ProviderKeys>> read, std::string path)
    : path_(std::move(path)) {
  if (read)
    keys_ = std::move(*read);
  else
    fault_ = read.error().message;
}

const store::ProviderKey* StoredKeys::find(std::string_view name) const {
  return keys_ ? std::as_const(*keys_).find(name) : nullptr;
}

std::string StoredKeys::missing(std::string_view name) const {
  if (!fault_.empty()) return "the stored key cannot be read: see `key_store`";
  const std::string set = "`patchbay keys provider set " + std::string(name) + "` stores it";
  if (!keys_ || keys_->keys.empty()) return "no key is stored in " + path_ + "; " + set;
  std::vector<std::string_view> names;
  for (const store::ProviderKey& k : keys_->keys) names.push_back(k.name);
  return "no key `" + std::string(name) + "` is stored; " + suggestion(name, names, "there are") + "; " + set;
}

const store::ProviderKey* stored_key(const Reading& reading, std::string_view provider,
                                     const llm::Vendor& vendor) {
  if (reading.keys == nullptr || vendor.auth == llm::Auth::none) return nullptr;
  const store::ProviderKey* key = reading.keys->find(provider);
  return key != nullptr ? key : reading.keys->find(vendor.name);
}

}  // namespace pb::config
