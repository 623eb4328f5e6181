#include "store/provider_keys.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

using namespace pb;
using namespace pb::store;

namespace {

class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("patchbay-keys-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  KeyPlace place(const std::string& passphrase = {}) const {
    KeyPlace out{(path_ / "data/provider-keys").string(), (path_ / "conf/provider-keys.key").string(), {}};
    if (!passphrase.empty()) out.passphrase = [passphrase] { return Result<std::string>(passphrase); };
    return out;
  }

 private:
  std::filesystem::path path_;
};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

unsigned mode_of(const std::string& path) {
  struct stat st{};
  return ::stat(path.c_str(), &st) == 0 ? st.st_mode & 07777u : 0;
}

ProviderKeysChange put(const std::string& name, const std::string& secret) {
  return [=](ProviderKeys& keys) -> Result<void> {
    keys.keys.push_back({name, Secret(secret), 1'000, 0});
    keys.events.push_back({1'000, "set", name, "ann"});
    return {};
  };
}

std::string secret_of(const KeyPlace& place, const std::string& name) {
  const auto keys = read_provider_keys(place);
  if (!keys || !*keys || std::as_const(**keys).find(name) == nullptr) return {};
  return std::as_const(**keys).find(name)->secret.reveal();
}

}  // namespace

TEST_SUITE("provider keys") {
  TEST_CASE("with a key file: kept, readable by nobody else") {
    const Folder folder;
    const KeyPlace place = folder.place();
    CHECK_FALSE(read_provider_keys(place)->has_value());
    REQUIRE(change_provider_keys(place, std::nullopt, put("openai", "sk-the-secret")));
    REQUIRE(change_provider_keys(place, Unlock::key_file, put("groq", "gsk-another")));
    CHECK(secret_of(place, "openai") == "sk-the-secret");
    CHECK(secret_of(place, "groq") == "gsk-another");
    CHECK(mode_of(place.path) == 0600);
    CHECK(mode_of(place.key_file) == 0600);
    CHECK_FALSE(read(place.path).contains("sk-the"));
    CHECK_FALSE(read(place.path).contains("openai"));
    const auto all = read_provider_keys(place);
    CHECK((*all)->events.size() == 2);
    CHECK((*all)->keys[0].name == "groq");  // by name
    CHECK(change_provider_keys(place, Unlock::passphrase, put("x", "y")).error().message.contains("reseal"));
  }

  TEST_CASE("a key file that others can read, that is gone, another one, none") {
    const Folder folder;
    const KeyPlace place = folder.place();
    REQUIRE(change_provider_keys(place, std::nullopt, put("openai", "sk-the-secret")));
    const std::string good = read(place.key_file);
    for (const unsigned mode : {0640u, 0604u, 0660u}) {
      ::chmod(place.key_file.c_str(), mode);
      const auto got = read_provider_keys(place);
      REQUIRE_FALSE(got);
      CHECK(got.error().message.contains("can be read or changed by others (mode 06"));
      CHECK(got.error().message.contains("chmod 600 " + place.key_file));
    }
    ::chmod(place.key_file.c_str(), 0600);
    CHECK(secret_of(place, "openai") == "sk-the-secret");
    std::ofstream(place.key_file) << "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    CHECK(read_provider_keys(place).error().message.contains("is not the one that"));
    std::ofstream(place.key_file) << "short\n";
    CHECK(read_provider_keys(place).error().message.contains("does not hold a key"));
    // A new one is never made where there is a file that the old one opens.
    std::filesystem::remove(place.key_file);
    CHECK(read_provider_keys(place).error().message.contains("is not there, and"));
    CHECK_FALSE(change_provider_keys(place, std::nullopt, put("x", "y")));
    CHECK_FALSE(std::filesystem::exists(place.key_file));
    std::ofstream(place.key_file) << good;
    ::chmod(place.key_file.c_str(), 0600);
    CHECK(secret_of(place, "openai") == "sk-the-secret");
  }

  TEST_CASE("with a passphrase; another lock") {
    const Folder folder;
    const KeyPlace place = folder.place("correct horse");
    REQUIRE(change_provider_keys(place, Unlock::passphrase, put("openai", "sk-the-secret")));
    CHECK(secret_of(place, "openai") == "sk-the-secret");
    CHECK_FALSE(std::filesystem::exists(place.key_file));
    CHECK(read_provider_keys(folder.place("wrong horse")).error().message ==
          "wrong passphrase for " + place.path);
    CHECK(read_provider_keys(folder.place()).error().message.contains("PATCHBAY_KEYS_PASSPHRASE"));
    const auto none = [](ProviderKeys&) { return Result<void>(); };
    CHECK_FALSE(reseal_provider_keys(folder.place("wrong horse"), place, Unlock::key_file, none));
    REQUIRE(reseal_provider_keys(place, folder.place("new horse"), Unlock::passphrase, none));
    CHECK_FALSE(read_provider_keys(place));
    REQUIRE(reseal_provider_keys(folder.place("new horse"), place, Unlock::key_file, none));
    CHECK(secret_of(folder.place(), "openai") == "sk-the-secret");
  }

  TEST_CASE("what fails, or is cut off, leaves the old file") {
    const Folder folder;
    const KeyPlace place = folder.place();
    REQUIRE(change_provider_keys(place, std::nullopt, put("openai", "sk-the-secret")));
    const std::string before = read(place.path);
    CHECK_FALSE(change_provider_keys(place, std::nullopt, [](ProviderKeys& keys) -> Result<void> {
      keys.keys.clear();
      return fail(Code::invalid_request, "no");
    }));
    CHECK(read(place.path) == before);
    // As a process leaves it that is killed while it writes.
    std::ofstream(place.path + ".new") << before.substr(0, 40);
    CHECK(secret_of(place, "openai") == "sk-the-secret");
    REQUIRE(change_provider_keys(place, std::nullopt, put("groq", "gsk-another")));
    CHECK(secret_of(place, "openai") == "sk-the-secret");
    CHECK(secret_of(place, "groq") == "gsk-another");
    CHECK_FALSE(std::filesystem::exists(place.path + ".new"));
    std::ofstream(place.path) << before.substr(0, before.size() - 5);
    CHECK(read_provider_keys(place).error().message.starts_with(place.path + " has been changed or damaged"));
    std::ofstream(place.path) << "";
    CHECK(read_provider_keys(place).error().message.contains("is no file of sealed keys"));
  }

  TEST_CASE("many at the same time: nothing is lost") {
    const Folder folder;
    const KeyPlace place = folder.place();
    {
      std::vector<std::jthread> threads;
      threads.reserve(8);
      for (int i = 0; i < 8; ++i)
        threads.emplace_back([&place, i] {
          CHECK(change_provider_keys(place, std::nullopt, put("k" + std::to_string(i), "secret")));
        });
    }
    CHECK((*read_provider_keys(place))->keys.size() == 8);
  }

  TEST_CASE("old events go; names") {
    const Folder folder;
    const KeyPlace place = folder.place();
    REQUIRE(change_provider_keys(place, std::nullopt, [](ProviderKeys& keys) -> Result<void> {
      for (std::size_t i = 0; i < kKeyEventsMax + 7; ++i)
        keys.events.push_back({static_cast<std::int64_t>(i + 1), "set", "a", "ann"});
      return {};
    }));
    const auto all = read_provider_keys(place);
    REQUIRE((*all)->events.size() == kKeyEventsMax);
    CHECK((*all)->events.back().at_ms == static_cast<std::int64_t>(kKeyEventsMax + 7));
    CHECK(provider_key_name_fault("azure-openai_2.b").empty());
    for (const char* wrong : {"", "a b", "a/b", "ä", "a}"})
      CHECK_FALSE(provider_key_name_fault(wrong).empty());
  }
}
