#include <doctest/doctest.h>

#include <map>

#include "config/paths.h"
#include "config/read.h"

using namespace pb;
using namespace pb::config;

namespace {

using Variables = std::map<std::string, std::string>;

Environment environment(std::vector<store::ProviderKey> keys, Variables variables = {}) {
  Environment env;
  env.get = [variables](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
  env.stored_keys = [keys](const store::KeyPlace&) -> Result<std::optional<store::ProviderKeys>> {
    store::ProviderKeys out;
    out.keys = keys;
    return out;
  };
  return env;
}

const std::vector<store::ProviderKey> kKeys = {{"openai", Secret("sk-stored-key"), 1, 0},
                                               {"mine", Secret("sk-my-own-key"), 1, 0}};

std::string key_of(const Loaded& loaded, const std::string& provider) {
  for (const Provider& p : loaded.config.providers)
    if (p.name == provider) return p.api_key.reveal();
  return "no such provider";
}

std::string only_mistake(const std::string& text, const Environment& env) {
  const Loaded loaded = load_text(text, "f.yaml", env);
  return loaded.mistakes.size() == 1 ? loaded.mistakes[0].text()
                                     : std::to_string(loaded.mistakes.size()) + " mistakes";
}

}  // namespace

TEST_SUITE("config") {
  TEST_CASE("a stored key switches its vendor on; variables and the file go first") {
    const Loaded alone = load_text("", "f.yaml", environment(kKeys));
    CHECK(alone.mistakes.empty());
    CHECK(key_of(alone, "openai") == "sk-stored-key");
    CHECK(alone.origins.at("providers.openai.api_key") == "stored key openai");
    CHECK(key_of(alone, "groq") == "no such provider");
    CHECK(key_of(load_text("", "f.yaml", environment(kKeys, {{"OPENAI_API_KEY", "sk-variable"}})),
                 "openai") == "sk-variable");
    CHECK(key_of(load_text("providers: {openai: {api_key: sk-file-0123}}", "f.yaml", environment(kKeys)),
                 "openai") == "sk-file-0123");
    const Loaded named =
        load_text("providers: {mine: {type: openai}, two: {type: openai}}", "f.yaml", environment(kKeys));
    CHECK(key_of(named, "mine") == "sk-my-own-key");  // its own name before its vendor's
    CHECK(key_of(named, "two") == "sk-stored-key");
    CHECK(key_of(load_text("providers_from_environment: false\nproviders: {x: {type: custom, base_url: "
                           "\"http://h/v1\"}}",
                           "f.yaml", environment(kKeys)),
                 "openai") == "no such provider");
  }

  TEST_CASE("${keyring:NAME}") {
    const std::string start =
        "providers_from_environment: false\nproviders: {x: {type: custom, base_url: \"http://h/v1\", ";
    const Loaded good =
        load_text(start + "api_key: \"${keyring:mine}\", headers: {a: \"T ${keyring:openai}\"}}}", "f.yaml",
                  environment(kKeys));
    CHECK(good.mistakes.empty());
    CHECK(key_of(good, "x") == "sk-my-own-key");
    CHECK(good.config.providers[0].headers.back().second == "T sk-stored-key");
    CHECK(only_mistake(start + "api_key: \"${keyring:min}\"}}", environment(kKeys))
              .contains("no key `min` is stored; did you mean `mine`?"));
    CHECK(only_mistake(start + "api_key: \"${keyring:}\"}}", environment(kKeys))
              .contains("no key `` is stored"));
    CHECK(only_mistake(start + "api_key: \"${keyring:mine}\"}}", environment({}))
              .contains("`patchbay keys provider set mine` stores it"));
    // A variable of that name is still one.
    CHECK(key_of(load_text(start + "api_key: \"${keyring:-none}\"}}", "f.yaml", environment(kKeys)), "x") ==
          "none");
    for (const char* text :
         {"server: {listen: \"${keyring:mine}\"}", "models: {a: \"${keyring:mine}\"}",
          "default_model: \"x${keyring:mine}\"", "profiles: {}\nlog: {level: \"${keyring:mine}\"}"}) {
      const std::string told = only_mistake(text, environment(kKeys));
      CHECK_MESSAGE(told.contains("a stored key can only stand where a secret is expected"), told);
      CHECK_FALSE(told.contains("sk-my"));
    }
  }

  TEST_CASE("keys that cannot be opened are one mistake, and so is each that refers to them") {
    Environment env = environment({});
    env.stored_keys = [](const store::KeyPlace&) -> Result<std::optional<store::ProviderKeys>> {
      return fail(Code::unauthenticated, "wrong passphrase for keys");
    };
    CHECK(only_mistake("", env) == "key_store: wrong passphrase for keys");
    CHECK(load_text("server: {keys: [\"${keyring:a}\"]}", "f.yaml", env).mistakes.size() == 2);
  }

  TEST_CASE("where the keys are") {
    const auto place = [](const std::string& text, Variables variables) {
      variables["HOME"] = "/h";
      Environment env = environment({}, variables);
      store::KeyPlace seen;
      env.stored_keys = [&seen](const store::KeyPlace& at) -> Result<std::optional<store::ProviderKeys>> {
        seen = at;
        return std::nullopt;
      };
      (void)load_text(text, "f.yaml", env);
      return seen;
    };
    CHECK(place("", {}).path == "/h/.local/share/patchbay/provider-keys");
    CHECK(place("", {}).key_file == "/h/.config/patchbay/provider-keys.key");
    CHECK_FALSE(place("", {}).passphrase);
    CHECK(place("server: {data_dir: /d}", {}).path == "/d/provider-keys");
    CHECK(place("ledger: {path: /e/l.db}", {}).path == "/e/provider-keys");
    CHECK(place("key_store: {path: /k, key_file: \"${KF}\"}", {{"KF", "/kf"}}).key_file == "/kf");
    CHECK(place("", {{"PATCHBAY_KEY_STORE_PATH", "/p"}, {"XDG_CONFIG_HOME", "/x"}}).path == "/p");
    CHECK(place("", {{"XDG_CONFIG_HOME", "/x"}}).key_file == "/x/patchbay/provider-keys.key");
    CHECK(place("", {{"PATCHBAY_KEYS_PASSPHRASE", "a b"}}).passphrase().value_or("") == "a b");
  }

  TEST_CASE("the name of a stored key is no secret that is written out") {
    const Steps path = {"providers", "x", "api_key"};
    CHECK(written_secret(path, Node::scalar("${keyring:mine}", true)).empty());
    for (const char* text : {"${keyring:mine}x", "${keyring:a b}", "${keyring:}", "sk-mine"})
      CHECK_MESSAGE(written_secret(path, Node::scalar(text, true)) == "providers.x.api_key", text);
  }
}
