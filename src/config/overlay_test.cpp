#include "config/overlay.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "config/paths.h"

using namespace pb::config;

namespace {

using Refused = OverlayOutcome::Refused;
using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables = {}) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return env;
}

constexpr const char* kFile = R"(providers_from_environment: false
server: {data_dir: DATA}
log: {level: info}
providers:
  up: {type: custom, base_url: "http://h/v1"}
models: {fast: up/small, "gpt-5.4": up/g}
routes:
  main: {deployments: [{use: up/x, priority: 1}, up/y]}
)";

// A configuration file with a data folder of its own.
class Place {
 public:
  explicit Place(std::string text = kFile) {
    std::filesystem::create_directories(folder_);
    if (const auto at = text.find("DATA"); at != text.npos) text.replace(at, 4, folder_.string());
    write("patchbay.yaml", text);
  }
  ~Place() { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // What it holds below its comments.
  std::string overlay() const {
    std::istringstream in(read("overlay.yaml"));
    std::string out;
    for (std::string line; std::getline(in, line);)
      if (!line.starts_with('#')) out += line + "\n";
    return out;
  }
  LoadOptions options() const { return {.file = path("patchbay.yaml"), .profile = {}}; }
  Loaded load(Variables variables = {}) const {
    return pb::config::load(options(), environment(std::move(variables)));
  }
  OverlayOutcome edit(OverlayEdit::Kind kind, std::string at = {}, std::string value = {},
                      Variables variables = {}) const {
    return edit_overlay(options(), {kind, std::move(at), std::move(value)},
                        environment(std::move(variables)));
  }
  OverlayOutcome set(std::string at, std::string value, Variables variables = {}) const {
    return edit(OverlayEdit::Kind::set, std::move(at), std::move(value), std::move(variables));
  }
  OverlayOutcome unset(std::string at) const { return edit(OverlayEdit::Kind::unset, std::move(at)); }

 private:
  static inline std::atomic<int> count_ = 0;
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("patchbay-overlay-" + std::to_string(::getpid()) + "-" + std::to_string(++count_));
};

std::string why(const OverlayOutcome& o) {
  std::string out;
  for (const Mistake& m : o.mistakes) out += m.text() + "\n";
  return out;
}

}  // namespace

TEST_SUITE("config overlay") {
  TEST_CASE("set, unset and reset") {
    const Place place;
    CHECK(place.load().overlay == place.path("overlay.yaml"));
    const OverlayOutcome set = place.set("log.level", "debug");
    REQUIRE(why(set) == "");
    CHECK(set.changed);
    CHECK(set.file == place.path("overlay.yaml"));
    CHECK(set.before.log.level == "info");
    CHECK(set.after.log.level == "debug");
    CHECK(place.overlay() == "log:\n  level: debug\n");
    CHECK(place.read("overlay.yaml").starts_with("# Settings made with `patchbay config set`"));
    struct stat st{};
    REQUIRE(::stat(place.path("overlay.yaml").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
    const Loaded l = place.load();
    CHECK(l.config.log.level == "debug");
    CHECK(l.origins.at("log.level") == place.path("overlay.yaml") + ":4, overlay");
    CHECK(place.read("patchbay.yaml").contains("level: info"));  // the user's file is left alone

    CHECK_FALSE(place.set("log.level", "debug").changed);
    CHECK(why(place.set("routes.main.deployments.up/y.weight", "5")) == "");
    CHECK(why(place.set("routes.main.deployments[0]", "{priority: 9, tags: [eu]}")) == "");
    CHECK(why(place.set("models.\"gpt-5.4\"", "up/other")) == "");
    CHECK(why(place.set("models.fast.thinking", "up/deep")) == "");
    CHECK(why(place.set("providers.more",
                        "{type: custom, base_url: 'http://m/v1', api_key: '${K:-none}'}")) == "");
    CHECK(why(place.set("server.allowed_hosts", "[a, b]")) == "");
    CHECK(why(place.set("server.allowed_hosts[1]", "c")) == "");
    const Config c = place.load().config;
    REQUIRE(c.routes[0].deployments.size() == 2);
    CHECK(c.routes[0].deployments[1].weight == 5);
    CHECK(c.routes[0].deployments[0].priority == 9);
    CHECK(c.models[1].model == "other");
    CHECK(c.models[0].thinking->model == "deep");
    CHECK(c.providers[1].name == "more");
    CHECK(c.server.allowed_hosts == std::vector<std::string>{"a", "c"});

    CHECK(why(place.unset("log.level")) == "");
    CHECK(place.load().config.log.level == "info");
    CHECK_FALSE(place.overlay().contains("log"));
    CHECK(why(place.unset("models")) == "");
    CHECK(place.load().config.models[1].model == "g");
    CHECK(why(place.unset("server.allowed_hosts[0]")) == "");
    CHECK(place.load().config.server.allowed_hosts == std::vector<std::string>{"c"});
    CHECK(why(place.edit(OverlayEdit::Kind::reset)) == "");
    CHECK_FALSE(std::filesystem::exists(place.path("overlay.yaml")));
    CHECK_FALSE(place.edit(OverlayEdit::Kind::reset).changed);
  }

  TEST_CASE("a reset of some values leaves the others, and takes those that need one another together") {
    const Place place;
    CHECK(why(place.set("log.level", "debug")) == "");
    CHECK(why(place.set("log.format", "json")) == "");
    CHECK(why(place.set("models.new", "up/n")) == "");
    CHECK(why(place.set("default_model", "new")) == "");
    const auto reset = [&](OverlayEdit::Which which) {
      return edit_overlay(place.options(), {OverlayEdit::Kind::reset, {}, {}, std::move(which)},
                          environment());
    };
    const OverlayOutcome none = reset([](const auto& steps) { return steps[0] == "routes"; });
    CHECK(why(none) == "");
    CHECK_FALSE(none.changed);
    CHECK(none.taken.empty());
    const std::string before = place.overlay();
    const OverlayOutcome half = reset([](const auto& steps) { return steps[0] == "models"; });
    CHECK(half.refused == Refused::value);
    CHECK(why(half).contains("default_model"));
    CHECK(place.overlay() == before);
    const OverlayOutcome done = reset([](const auto& steps) {
      return steps[0] == "models" || steps[0] == "default_model" || steps == Steps{"log", "format"};
    });
    CHECK(why(done) == "");
    CHECK(done.changed);
    CHECK(done.taken == std::vector<std::string>{"log.format", "models.new", "default_model"});
    CHECK(place.overlay() == "log:\n  level: debug\n");
    CHECK(reset([](const auto&) { return true; }).taken == std::vector<std::string>{"log.level"});
    CHECK_FALSE(std::filesystem::exists(place.path("overlay.yaml")));
  }

  TEST_CASE("null takes away what the file has, and the environment is stronger") {
    const Place place;
    CHECK(why(place.set("models.fast", "null")) == "");
    CHECK(place.load().config.models.size() == 1);
    const OverlayOutcome set = place.set("log.level", "debug", {{"PATCHBAY_LOG_LEVEL", "warn"}});
    REQUIRE(set.notes.size() == 1);
    CHECK(set.notes[0] ==
          "log.level is set by environment: PATCHBAY_LOG_LEVEL, which goes before the overlay");
    CHECK(place.load({{"PATCHBAY_LOG_LEVEL", "warn"}}).config.log.level == "warn");
    LoadOptions without = place.options();
    without.with_overlay = false;
    CHECK(load(without, environment()).config.log.level == "info");
  }

  TEST_CASE("values are taken as they stand in the file, or as text") {
    const Place place;
    CHECK(why(place.set("models.\"*\"", "up/*")) == "");
    CHECK(why(place.set("rules", "[{use: main, when: {model: '*'}}]")) == "");
    CHECK(why(place.set("rules[0].when.model", "*")) == "");
    CHECK(why(place.set("rules[0].name", "#1")) == "");
    CHECK(place.load().config.rules[0].name == "#1");
    CHECK(why(place.set("server.drain", "1m")) == "");
    CHECK(place.load().config.server.drain_ms == 60'000);
    CHECK(why(place.set("log.modules", "{net: debug")).contains("the value:1:"));
  }

  TEST_CASE("what would be wrong is refused, and nothing is written") {
    const Place place;
    const auto refused = [&](const OverlayOutcome& o, Refused as, std::string_view what) {
      CHECK(o.refused == as);
      CHECK_FALSE(o.changed);
      CHECK_MESSAGE(why(o) == what, why(o));
      CHECK_FALSE(std::filesystem::exists(place.path("overlay.yaml")));
    };
    const std::string file = place.path("overlay.yaml");
    refused(place.set("log.levle", "debug"), Refused::path,
            "log.levle: there is no option `log.levle`; did you mean `log.level`?\n");
    refused(place.set("log.level", "loud"), Refused::value,
            file +
                ":4:10: log.level: unknown value `loud`; valid values: `trace`, `debug`, `info`, `warn`, "
                "`error`, `off`\n");
    refused(place.set("log", "{level: debug, color: red}"), Refused::value,
            file + ":5:3: log.color: unknown key; valid keys: `level`, `format`, `modules`\n");
    refused(place.set("models.x", "nowhere/y"), Refused::value,
            file + ":4:6: models.x: no provider is named `nowhere`; providers: `up`\n");
    // It is the whole that must be right: the file's own route goes to that provider.
    refused(place.set("providers.up", "null"), Refused::value,
            place.path("patchbay.yaml") +
                ":6:16: models.fast: no provider is named `up`; providers: `sim`\n" +
                place.path("patchbay.yaml") +
                ":6:37: models.gpt-5.4: no provider is named `up`; providers: `sim`\n" +
                place.path("patchbay.yaml") +
                ":8:30: routes.main.deployments[0]: no provider is named `up`; providers: `sim`\n" +
                place.path("patchbay.yaml") +
                ":8:50: routes.main.deployments[1]: no provider is named `up`; providers: `sim`\n");
    refused(place.set("routes.main.deployments.up/q.weight", "2"), Refused::value,
            file +
                ":6:7: routes.main.deployments.up/q: the list has no such entry; did you mean `up/x`?; to "
                "add one, "
                "write the list whole\n");
    refused(place.set("server.data_dir", "/elsewhere"), Refused::value,
            file + ":4:13: server.data_dir: cannot stand in the overlay: set it in the configuration file\n");
    refused(
        place.set("providers.up.api_key", "sk-abc"), Refused::secret,
        "providers.up.api_key: a secret is not kept in the overlay: put it into a variable of the gateway's "
        "environment and set '${NAME}' here\n");
    refused(place.unset("log.level"), Refused::path, "log.level: is not set in the overlay; nothing is\n");
    refused(place.set("a..b", "1"), Refused::path,
            "a..b: `.b` is no name; write one with such characters in quotes\n");
  }

  TEST_CASE("a configuration that is wrong already can be mended, not made worse") {
    const Place place(std::string(kFile) +
                      "default_model: gone\nteams: {t: {budget: {amount: \"${UNSET}\"}}}\n");
    const OverlayOutcome set = place.set("log.level", "debug");
    CHECK(why(set) == "");
    CHECK(set.changed);
    REQUIRE(set.notes.size() == 2);
    CHECK(set.notes[0].contains("default_model: no model is named `gone`"));
    CHECK(place.set("log.level", "loud").refused == Refused::value);
    CHECK(place.set("default_model", "fast").notes.size() == 1);
    place.write("overlay.yaml", "log: {level: [\n");
    const OverlayOutcome broken = place.set("log.level", "warn");
    CHECK(broken.refused == Refused::failed);
    CHECK(why(broken).contains("overlay.yaml:2:1: not valid YAML"));
    CHECK(why(broken).contains("patchbay config reset"));
    CHECK(why(place.edit(OverlayEdit::Kind::reset)) == "");
    CHECK_FALSE(std::filesystem::exists(place.path("overlay.yaml")));
    place.write("patchbay.yaml", "log: {level: [\n");
    CHECK(edit_overlay(
              {.file = place.path("patchbay.yaml"), .profile = {}, .overlay = place.path("overlay.yaml")},
              {OverlayEdit::Kind::set, "log.level", "warn"}, environment())
              .refused == Refused::value);
  }

  TEST_CASE("mistakes of the overlay's own file have its name") {
    const Place place;
    place.write("overlay.yaml", "# mine\nlog: {levle: debug}\nprofiles: {}\n");
    std::string all;
    for (const Mistake& m : place.load().mistakes) all += m.text() + "\n";
    CHECK(all == place.path("overlay.yaml") + ":2:7: log.levle: unknown key; did you mean `level`?\n" +
                     place.path("overlay.yaml") +
                     ":3:11: profiles: cannot stand in the overlay: set it in the configuration file\n");
  }

  TEST_CASE("many writers at once lose no edit") {
    const Place place;
    constexpr int kWriters = 8, kEdits = 5;
    std::vector<std::thread> writers;
    std::atomic<int> failed = 0;
    for (int w = 0; w < kWriters; ++w)
      writers.emplace_back([&, w] {
        for (int i = 0; i < kEdits; ++i)
          if (!place.set("models.m" + std::to_string(w) + "-" + std::to_string(i), "up/z").changed) ++failed;
      });
    for (std::thread& t : writers) t.join();
    CHECK(failed == 0);
    CHECK(place.load().config.models.size() == 2 + kWriters * kEdits);
  }

  TEST_CASE("what is set is shown, secrets masked") {
    const Place place;
    CHECK(show_overlay(place.options(), environment(), false).text.empty());
    CHECK(show_overlay(place.options(), environment(), true).text == "{}\n");
    place.write("overlay.yaml", "providers: {up: {api_key: sk-0123456789abcdef}}\nmodels: {fast: up/x}\n");
    const OverlayShown shown = show_overlay(place.options(), environment(), false);
    CHECK(shown.there);
    CHECK(shown.paths == std::vector<std::string>{"providers.up.api_key", "models.fast"});
    CHECK(shown.text.contains("fast: up/x\n"));
    CHECK_FALSE(shown.text.contains("0123456789"));
    CHECK(show_overlay(place.options(), environment(), true).text.contains("\"fast\": \"up/x\""));
  }
}
