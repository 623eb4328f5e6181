// Edits of the overlay through the running program: in force when they return.
#include "cli/live_config.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace pb;
using cli::LiveConfig;
using config::OverlayEdit;

namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("patchbay-live-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("an edit of the overlay is in force when it returns, a wrong one changes nothing") {
    const Folder folder;
    const std::string file = (folder.path / "patchbay.yaml").string();
    std::ofstream(file) << "providers_from_environment: false\nserver: {data_dir: " << folder.path.string()
                        << "}\nproviders: {a: {type: custom, base_url: \"http://h/v1\"}}\nmodels: {m: a/x}\n";
    const auto env = config::Environment::process();
    config::Loaded loaded = config::load(config::LoadOptions{.file = file, .profile = {}}, env);
    REQUIRE(loaded.mistakes.empty());
    const cli::LiveConfigOptions options{
        {.file = file, .profile = {}, .overlay = loaded.overlay}, loaded.files, 3'600'000};
    auto board = std::make_shared<route::Board>();
    auto first = gateway::Snapshot::make(std::move(loaded.config), board);
    REQUIRE(first);
    metrics::Registry metrics;
    LiveConfig::Snapshots running = *first;
    LiveConfig live(
        options, *first, metrics.add_shard(),
        [&](config::Config next) -> Result<LiveConfig::Snapshots> {
          return gateway::Snapshot::make(std::move(next), board);
        },
        [&](const LiveConfig::Snapshots& next) { running = next; });

    const auto set = live.edit({OverlayEdit::Kind::set, "models.m", "a/y"});
    CHECK(set.changed);
    CHECK(running->config().models.at(0).model == "y");
    CHECK(live.state().generation == 2);
    const auto wrong = live.edit({OverlayEdit::Kind::set, "models.m", "b/y"});
    CHECK(wrong.refused == config::OverlayOutcome::Refused::value);
    REQUIRE(wrong.mistakes.size() == 1);
    CHECK(wrong.mistakes[0].what == "no provider is named `b`; providers: `a`");
    CHECK(running->config().models.at(0).model == "y");
    CHECK(live.state().generation == 2);
    CHECK(live.state().refused.empty());
    CHECK(live.overlay(true).text == "{\n  \"models\": {\n    \"m\": \"a/y\"\n  }\n}\n");

    // Two at once: one after the other, none is lost.
    std::thread other([&] { live.edit({OverlayEdit::Kind::set, "models.two", "a/2"}); });
    live.edit({OverlayEdit::Kind::set, "models.one", "a/1"});
    other.join();
    CHECK(running->config().models.size() == 3);
    CHECK(live.edit({OverlayEdit::Kind::reset, {}, {}}).changed);
    CHECK(running->config().models.size() == 1);
    CHECK(running->config().models.at(0).model == "x");
  }
}
