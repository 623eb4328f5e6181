// Profiles, and where values come from.
#include "config/layers.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

using namespace pb::config;

namespace {

using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return env;
}

std::string mistakes(const Loaded& loaded) {
  std::string out;
  for (const Mistake& m : loaded.mistakes) out += m.text() + "\n";
  return out;
}

Loaded read(const std::string& text, Variables variables = {}) {
  return load_text(text, "f.yaml", environment(std::move(variables)));
}

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("patchbay-layers-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
};

constexpr const char* kFile = R"(providers_from_environment: false
log: {level: info, modules: {net: debug, api: debug}}
server: {allowed_hosts: [a, b]}
providers:
  up: {type: custom, base_url: "http://dev/v1", api_key: "${DEV_KEY}", headers: {X-A: one, X-B: two}}
  spare: {type: custom, base_url: "http://spare/v1"}
models: {fast: up/small}
routes:
  main: {deployments: [{use: up/x, priority: 1}, spare/y], fallbacks: [spare/z]}
profiles:
  dev:
  prod:
    log: {level: warn, modules: {net: null}}
    server: {allowed_hosts: [c]}
    providers:
      up: {base_url: "http://prod/v1", api_key: "${PROD_KEY}", headers: {X-B: null}}
    models: {fast: {thinking: up/deep}}
    routes: {main: {deployments: {up/x: {priority: 7}, spare/y: {priority: 8, tags: [eu]}}}}
  small:
    routes: {main: {deployments: {"[0]": null}, fallbacks: null}}
    models: null
)";

}  // namespace

TEST_SUITE("config profiles") {
  TEST_CASE("maps are merged, lists are replaced, null takes away") {
    const Loaded dev = read(kFile, {{"DEV_KEY", "d"}, {"PATCHBAY_PROFILE", "dev"}});
    REQUIRE(mistakes(dev) == "");
    CHECK(dev.profiles == std::vector<std::string>{"dev", "prod", "small"});
    CHECK(dev.config.log.level == "info");
    CHECK(dev.config.providers[0].base_url == "http://dev/v1");

    // A variable that only the other profile has is not missed.
    const Loaded prod = read(kFile, {{"PROD_KEY", "p"}, {"PATCHBAY_PROFILE", "prod"}});
    REQUIRE(mistakes(prod) == "");
    CHECK(prod.profile == "prod");
    const Config& c = prod.config;
    CHECK(c.log.level == "warn");
    CHECK(c.log.modules == std::map<std::string, std::string>{{"api", "debug"}});
    CHECK(c.server.allowed_hosts == std::vector<std::string>{"c"});
    CHECK(c.providers[0].base_url == "http://prod/v1");
    CHECK(c.providers[0].api_key.reveal() == "p");
    CHECK(c.providers[0].headers == std::vector<std::pair<std::string, std::string>>{{"X-A", "one"}});
    CHECK(c.providers[1].base_url == "http://spare/v1");
    CHECK(c.models[0].model == "small");
    REQUIRE(c.models[0].thinking);
    CHECK(c.models[0].thinking->model == "deep");
    REQUIRE(c.routes[0].deployments.size() == 2);
    CHECK(c.routes[0].deployments[0].priority == 7);
    CHECK(c.routes[0].deployments[1].model == "y");
    CHECK(c.routes[0].deployments[1].priority == 8);
    CHECK(c.routes[0].deployments[1].tags == std::vector<std::string>{"eu"});

    const Loaded small = read(kFile, {{"DEV_KEY", "d"}, {"PATCHBAY_PROFILE", "small"}});
    REQUIRE(mistakes(small) == "");
    CHECK(small.config.models.empty());
    CHECK(small.config.routes[0].fallbacks.empty());
    REQUIRE(small.config.routes[0].deployments.size() == 1);
    CHECK(small.config.routes[0].deployments[0].model == "y");
  }

  TEST_CASE("an unknown profile is told with those that there are") {
    CHECK(mistakes(read(kFile, {{"DEV_KEY", "d"}, {"PATCHBAY_PROFILE", "prd"}})) ==
          "--profile (PATCHBAY_PROFILE): no profile is named `prd`; did you mean `prod`?\n");
    CHECK(mistakes(read(kFile, {{"DEV_KEY", "d"}, {"PATCHBAY_PROFILE", "staging"}})) ==
          "--profile (PATCHBAY_PROFILE): no profile is named `staging`; there are: `dev`, `prod`, `small`\n");
    CHECK(mistakes(read("log: {}\n", {{"PATCHBAY_PROFILE", "prod"}})) ==
          "--profile (PATCHBAY_PROFILE): no profile is named `prod`; write `profiles: {prod: {…}}` in "
          "f.yaml\n");
    LoadOptions options;
    options.profile = "prod";
    options.with_overlay = false;
    CHECK(mistakes(load(options, environment({}))) ==
          "--profile (PATCHBAY_PROFILE): no profile is named `prod`; there is no configuration file that "
          "could have one\n");
  }

  TEST_CASE("mistakes in a profile have their place there") {
    const Variables prod = {{"PATCHBAY_PROFILE", "prod"}};
    CHECK(
        mistakes(read(
            "routes: {r: {deployments: [sim/x]}}\nprofiles:\n  prod:\n    log: {levle: info}\n    server: "
            "{threads: many}\n    default_model: nowhere/x\n    routes: {r: {deployments: {sim/y: {weight: "
            "2}, \"[1]\": null}}}\n    profiles: {}\n",
            prod)) ==
        "f.yaml:1:28: routes.r.deployments[0]: no provider is named `sim`; add it under `providers`\n"
        "f.yaml:4:11: profiles.prod.log.levle: unknown key; did you mean `level`?\n"
        "f.yaml:5:23: profiles.prod.server.threads: expected a whole number, found the text \"many\"\n"
        "f.yaml:6:20: profiles.prod.default_model: no provider is named `nowhere`; add it under `providers`\n"
        "f.yaml:7:32: profiles.prod.routes.r.deployments.sim/y: the list has no such entry; did you mean "
        "`sim/x`?; to "
        "add one, write the list whole\n"
        "f.yaml:7:52: profiles.prod.routes.r.deployments.[1]: the list has 1 entries, counted from [0]; to "
        "add one, "
        "write the list whole\n"
        "f.yaml:8:15: profiles.prod.profiles: a profile has no profiles of its own\n");
    CHECK(mistakes(read("profiles: [dev]\n")) ==
          "f.yaml:1:11: profiles: expected a map of profiles such as {prod: {log: {level: warn}}}, found a "
          "list\n");
    CHECK(mistakes(read("profiles: {dev: 5, \"a b\": {}}\n")) ==
          "f.yaml:1:17: profiles.dev: expected a map of options, found the number 5\n"
          "f.yaml:1:20: profiles.a b: a profile's name is made of letters, digits, `-` and `_`\n");
  }

  TEST_CASE("a file beside it goes over the part in the file") {
    const Folder folder;
    const std::string file = folder.write(
        "patchbay.yaml", "log: {level: info, format: text}\nprofiles: {prod: {log: {level: warn}}}\n");
    const std::string beside =
        folder.write("patchbay.prod.yaml", "log: {format: json}\nserver: {threads: 2}\n");
    folder.write("patchbay.dev.json", "{\"log\": {\"level\": \"debug\"}}");
    LoadOptions options{.file = file, .profile = "prod"};
    options.with_overlay = false;
    const Loaded prod = load(options, environment({}));
    CHECK(mistakes(prod) == "");
    CHECK(prod.config.log.level == "warn");
    CHECK(prod.config.log.format == "json");
    CHECK(prod.config.server.threads == 2);
    CHECK(prod.profiles == std::vector<std::string>{"prod", "dev"});
    CHECK(prod.origins.at("log.level") == file + ":2, profile prod");
    CHECK(prod.origins.at("log.format") == beside + ":1, profile prod");
    CHECK(prod.files == std::vector<std::string>{file, beside, (folder.path / "patchbay.prod.yml").string(),
                                                 (folder.path / "patchbay.prod.json").string()});
    options.profile = "dev";
    CHECK(load(options, environment({})).config.log.level == "debug");
    folder.write("patchbay.dev.json", "{\"log\": {\"level\": 5}}");
    CHECK(mistakes(load(options, environment({})))
              .contains("patchbay.dev.json:1:19: log.level: unknown value `5`"));
    folder.write("patchbay.dev.yml", "");
    CHECK(mistakes(load(options, environment({}))).contains("profile dev has another file too"));
  }

  TEST_CASE("every value tells where it comes from, and what is shown loads again") {
    const Loaded l = read(kFile, {{"PROD_KEY", "p-012345"},
                                  {"PATCHBAY_PROFILE", "prod"},
                                  {"PATCHBAY_SERVER_THREADS", "3"},
                                  {"PATCHBAY_PROVIDERS_UP_TIMEOUTS_IDLE", "9s"}});
    REQUIRE(mistakes(l) == "");
    const std::string text = show_with_origins(l);
    for (const char* line :
         {"  threads: 3  # environment: PATCHBAY_SERVER_THREADS\n",
          "  level: warn  # f.yaml:13, profile prod\n", "  format: text  # default\n",
          "    base_url: \"http://prod/v1\"  # f.yaml:16, profile prod\n",
          "    base_url: \"http://spare/v1\"  # f.yaml:6\n",
          "      idle: \"9s\"  # environment: PATCHBAY_PROVIDERS_UP_TIMEOUTS_IDLE\n",
          "  allowed_hosts:  # f.yaml:14, profile prod\n", "        use: up/x  # f.yaml:9\n",
          "        priority: 7  # f.yaml:18, profile prod\n", "        weight: 1  # default\n",
          "    use: up/small  # f.yaml:7\n", "    thinking: up/deep  # f.yaml:17, profile prod\n"})
      CHECK_MESSAGE(text.contains(line), std::string(line) << text);
    CHECK_FALSE(text.contains("012345"));
    CHECK(mistakes(load_text(text, "shown", environment({}))) == "");
  }
}
