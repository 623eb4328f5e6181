// Working without a file: providers from keys and local servers, and files found.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "config/load.h"

using namespace pb::config;

namespace {

Environment environment(std::map<std::string, std::string> variables,
                        std::function<bool(const std::string&, int)> probe = nullptr) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  env.probe = std::move(probe);
  return env;
}

std::string names(const Loaded& loaded) {
  std::string out;
  for (const Provider& p : loaded.config.providers) out += (out.empty() ? "" : " ") + p.name;
  return out;
}

bool has_note(const Loaded& loaded, std::string_view part) {
  for (const std::string& n : loaded.notes)
    if (n.contains(part)) return true;
  return false;
}

}  // namespace

TEST_SUITE("config environment") {
  TEST_CASE("nothing at all: the simulator") {
    const Loaded l = load("", environment({}));
    CHECK(l.mistakes.empty());
    CHECK(l.config.simulator);
    CHECK(names(l) == "sim");
    CHECK(l.config.providers[0].base_url.empty());
    REQUIRE(l.config.providers[0].formats.size() >= 3);
    CHECK(l.config.providers[0].formats[0].path == "/v1/chat/completions");
    CHECK(l.config.providers[0].formats[1].path == "/v1/messages");
    CHECK(l.config.providers[0].formats[2].path == "/v1/mistral/v1/chat/completions");
    const Loaded in_file =
        load_text("providers: {s: {type: sim}}\nmodels: {e: s/echo}\n", "f", environment({}));
    CHECK(in_file.mistakes.empty());
    CHECK(in_file.config.simulator);
    CHECK(names(in_file) == "s");
    CHECK(load_text(show(in_file.config, false), "shown", environment({})).mistakes.empty());
    const Loaded elsewhere =
        load_text("providers: {s: {type: sim, base_url: \"http://h:1\"}}\n", "f", environment({}));
    CHECK_FALSE(elsewhere.config.simulator);
    CHECK(elsewhere.config.providers[0].base_url + elsewhere.config.providers[0].formats[0].path ==
          "http://h:1/v1/chat/completions");
    CHECK(has_note(l, "simulator"));
  }

  TEST_CASE("keys switch providers on, next to a file too") {
    const std::map<std::string, std::string> keys = {
        {"GROQ_API_KEY", "g"}, {"ANTHROPIC_API_KEY", "a"}, {"MISTRAL_API_KEY", ""}};
    const Loaded l = load("", environment(keys));
    CHECK(l.mistakes.empty());
    CHECK(names(l) == "anthropic groq");
    CHECK_FALSE(l.config.simulator);
    CHECK(l.config.providers[0].from_environment);
    CHECK(l.config.providers[0].api_key.reveal() == "a");
    CHECK(l.config.providers[1].base_url == "https://api.groq.com/openai/v1");
    CHECK(has_note(l, "provider groq: key from GROQ_API_KEY"));
    const Loaded both = load_text(
        "providers: {groq: {base_url: \"http://h/v1\"}}\nmodels: {c: anthropic/x}\n", "f", environment(keys));
    CHECK(both.mistakes.empty());
    CHECK(names(both) == "groq anthropic");
    CHECK(both.config.providers[0].base_url == "http://h/v1");
    CHECK(both.config.providers[0].api_key.reveal() == "g");
    CHECK_FALSE(both.config.providers[0].from_environment);
    CHECK(both.config.models.at(0).provider == 1);
    CHECK(names(load_text("providers_from_environment: false\nproviders: {openai: }\n", "f",
                          environment(keys))) == "openai");
    const Loaded off = load_text("providers_from_environment: false\n", "f", environment(keys));
    CHECK(off.config.simulator);
  }

  TEST_CASE("addresses from the environment") {
    const Loaded l =
        load("", environment({{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://proxy:1/v1/"}}));
    CHECK(l.config.providers.at(0).base_url == "http://proxy:1/v1");
    const Loaded azure = load("", environment({{"AZURE_OPENAI_API_KEY", "k"},
                                               {"AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/"}}));
    CHECK(azure.config.providers.at(0).base_url == "https://r.openai.azure.com/openai/v1");
    CHECK(azure.config.providers.at(0).auth == pb::llm::Auth::api_key);
    const Loaded half = load("", environment({{"AZURE_OPENAI_API_KEY", "k"}}));
    CHECK(half.config.simulator);
    CHECK(has_note(half, "AZURE_OPENAI_ENDPOINT is not"));
    const Loaded bad = load("", environment({{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "nonsense"}}));
    REQUIRE(bad.mistakes.size() == 1);
    CHECK(bad.mistakes[0].text().starts_with("OPENAI_BASE_URL: not a usable URL"));
  }

  TEST_CASE("variables that clients use to reach this gateway do not make it call itself") {
    const Loaded l =
        load("", environment({{"ANTHROPIC_API_KEY", "k"}, {"ANTHROPIC_BASE_URL", "http://localhost:8000"}}));
    CHECK(l.mistakes.empty());
    CHECK(l.config.providers.at(0).base_url == "https://api.anthropic.com");
    CHECK(has_note(l, "points at this gateway"));
  }

  TEST_CASE("local servers are probed where OLLAMA_HOST says") {
    std::vector<std::string> asked;
    const auto probe = [&](const std::string& host, int port) {
      asked.push_back(host + ":" + std::to_string(port));
      return port != 1234;
    };
    const Loaded l = load("", environment({}, probe));
    CHECK(asked == std::vector<std::string>{"127.0.0.1:11434", "127.0.0.1:1234"});
    CHECK(names(l) == "ollama");
    CHECK(l.config.providers[0].base_url == "http://127.0.0.1:11434");
    std::string paths;
    for (const ProviderFormat& f : l.config.providers[0].formats)
      paths += std::string(f.name) + " " + f.path + ", ";
    CHECK(paths ==
          "ollama /api/chat, openai_chat /v1/chat/completions, anthropic /v1/messages, openai_responses "
          "/v1/responses, openai_completions /v1/completions, ollama_generate /api/generate, ");
    CHECK(has_note(l, "provider ollama: at"));
    const std::map<std::string, std::string> hosts = {{"0.0.0.0", "http://127.0.0.1:11434"},
                                                      {"box", "http://box:11434"},
                                                      {"box:99", "http://box:99"},
                                                      {":99", "http://127.0.0.1:99"},
                                                      {"https://box.example", "https://box.example"},
                                                      {"0.0.0.0:99", "http://127.0.0.1:99"},
                                                      {"[::1]:99", "http://[::1]:99"},
                                                      {"http://box:99/v1", "http://box:99"},
                                                      {"box:99/api/", "http://box:99"}};
    for (const auto& [host, url] : hosts) {
      CAPTURE(host);
      const Loaded at = load("", environment({{"OLLAMA_HOST", host}},
                                             [](const std::string&, int port) { return port != 1234; }));
      CHECK(at.mistakes.empty());
      REQUIRE(at.config.providers.size() == 1);
      CHECK(at.config.providers[0].base_url == url);
    }
    CHECK(names(load_text("providers: {ollama: {base_url: \"http://far:1\"}}\n", "f",
                          environment({}, probe))) == "ollama");
    CHECK(names(load_text("providers_from_environment: false\n", "f", environment({}, probe))) == "sim");
  }

  TEST_CASE("a variable that has other uses too gives its key, but switches nothing on") {
    const std::map<std::string, std::string> keys = {{"HF_TOKEN", "hf_0123456789abcdef"}};
    const Loaded none = load_text("", "f", environment(keys));
    CHECK(none.config.providers.front().name == "sim");
    const Loaded asked = load_text("providers: {huggingface: }\n", "f", environment(keys));
    REQUIRE(asked.config.providers.size() == 1);
    CHECK(asked.config.providers[0].api_key.reveal() == "hf_0123456789abcdef");
  }

  TEST_CASE("a local server that the file's models go to is on, running or not") {
    const auto silent = [](const std::string&, int) { return false; };
    const Loaded l =
        load_text("models: {m: ollama/qwen, n: {use: lmstudio/x}}\n", "f", environment({}, silent));
    CHECK(l.mistakes.empty());
    CHECK(names(l) == "ollama lmstudio");
    CHECK(names(load_text("default_model: ollama/qwen\n", "f", environment({}))) == "ollama");
    CHECK(load_text("providers_from_environment: false\nmodels: {m: ollama/qwen}\n", "f", environment({}))
              .mistakes.size() == 1);
  }

  TEST_CASE("files are found, and a missing one is a mistake") {
    const std::filesystem::path home =
        std::filesystem::temp_directory_path() / ("patchbay-find-" + std::to_string(::getpid()));
    std::filesystem::create_directories(home / ".config/patchbay");
    const std::string file = (home / ".config/patchbay/patchbay.json").string();
    std::ofstream(file) << "{\"log\": {\"level\": \"warn\"}}";
    CHECK(find_file("", environment({{"HOME", home.string()}})) == file);
    CHECK(find_file("", environment({{"HOME", home.string()}, {"PATCHBAY_CONFIG", "/x.yaml"}})) == "/x.yaml");
    CHECK(find_file("given.yaml", environment({{"PATCHBAY_CONFIG", "/x.yaml"}})) == "given.yaml");
    const Loaded l = load(file, environment({}));
    CHECK(l.mistakes.empty());
    CHECK(l.config.log.level == "warn");
    CHECK(l.config.source == file);
    std::filesystem::remove_all(home);
    CHECK(load(file, environment({})).mistakes.at(0).text() == file + ": cannot be read; is the name right?");
    CHECK(load_text("a: 1\nb: \xff\n", "f", environment({})).mistakes.at(0).text() ==
          "f: is not UTF-8: line 2 has a byte that is none");
    CHECK(load_text(std::string(5 << 20, ' '), "f", environment({})).mistakes.at(0).text() ==
          "f: is larger than 4MiB");
    CHECK(load("/", environment({})).mistakes.at(0).text() == "/: is a folder, not a file");
    CHECK(data_dir(l.config, environment({{"HOME", "/h"}})) == "/h/.local/share/patchbay");
    CHECK(data_dir(l.config, environment({{"HOME", "/h"}, {"XDG_DATA_HOME", "/d"}})) == "/d/patchbay");
    CHECK(ledger_path(l.config, environment({{"HOME", "/h"}})) == "/h/.local/share/patchbay/patchbay.db");
  }
}
