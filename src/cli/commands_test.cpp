#include "cli/commands.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct Ran {
  int code;
  std::string out, err;
};

// Redirects one stream of the process into a file while it lives.
class Captured {
 public:
  Captured(FILE* stream, std::string path) : stream_(stream), path_(std::move(path)) {
    std::fflush(stream_);
    saved_ = ::dup(::fileno(stream_));
    const int fd = ::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    ::dup2(fd, ::fileno(stream_));
    ::close(fd);
  }
  std::string end() {
    std::fflush(stream_);
    ::dup2(saved_, ::fileno(stream_));
    ::close(saved_);
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  FILE* stream_;
  std::string path_;
  int saved_ = -1;
};

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("patchbay-cli-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string name(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Ran run(const Folder& folder, std::vector<const char*> args) {
  args.insert(args.begin(), "patchbay");
  Captured out(stdout, folder.name("out")), err(stderr, folder.name("err"));
  std::cout.flush();
  const int code = pb::cli::run(static_cast<int>(args.size()), args.data());
  std::cout.flush();
  std::cerr.flush();
  return {code, out.end(), err.end()};
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("help, version and wrong arguments") {
    const Folder folder;
    CHECK(run(folder, {}).code == 0);
    CHECK(run(folder, {}).out.contains("config"));
    CHECK(run(folder, {"--help"}).code == 0);
    CHECK(run(folder, {"--version"}).out == "patchbay " PATCHBAY_VERSION "\n");
    for (const std::vector<const char*>& wrong : {std::vector<const char*>{"nonsense"},
                                                  {"--nonsense"},
                                                  {"config"},
                                                  {"docs"},
                                                  {"docs", "nonsense"},
                                                  {"config", "show", "--nonsense"}}) {
      const Ran r = run(folder, wrong);
      CHECK_MESSAGE(r.code == 2, wrong[0]);
      CHECK_FALSE(r.err.empty());
    }
  }

  TEST_CASE("config validate") {
    const Folder folder;
    const std::string good = folder.file(
        "good.yaml",
        "providers_from_environment: false\nproviders: {up: {type: custom, base_url: \"http://h/v1\"}}\n");
    const std::string bad = folder.file("bad.yaml", "server: {listn: x}\nmodels: {a: b}\n");
    const Ran ok = run(folder, {"config", "validate", good.c_str()});
    CHECK(ok.code == 0);
    CHECK(ok.out.starts_with(good + ": no mistakes; 1 provider, 0 model names\n"));
    const Ran wrong = run(folder, {"config", "validate", bad.c_str()});
    CHECK(wrong.code == 2);
    CHECK(wrong.out.empty());
    CHECK(wrong.err == bad + ":1:10: server.listn: unknown key; did you mean `listen`?\n" + bad +
                           ":2:13: models.a: expected provider/model, found the text \"b\"\npatchbay: 2 "
                           "mistakes in the configuration\n");
    CHECK(run(folder, {"config", "validate", folder.name("none").c_str()}).code == 2);
    CHECK(run(folder, {"models", "--config", bad.c_str()}).code == 2);
    CHECK(run(folder, {"config", "show", bad.c_str()}).code == 2);
  }

  TEST_CASE("config show, models and docs") {
    const Folder folder;
    const std::string file =
        folder.file("c.yaml",
                    "providers_from_environment: false\n"
                    "providers: {groq: {api_key: gsk_0123456789abcdef}}\nmodels: {fast: groq/mine}\n"
                    "prices: {groq/mine: {input: 7, output: 8}}\n");
    const Ran shown = run(folder, {"config", "show", "--config", file.c_str()});
    CHECK(shown.code == 0);
    CHECK(shown.out.contains("fast: groq/mine  # " + file + ":3\n"));
    CHECK(shown.out.contains("    base_url: \"https://api.groq.com/openai/v1\"  # default\n"));
    CHECK_FALSE(shown.out.contains("0123456789"));
    const Ran json = run(folder, {"models", "--json", "--config", file.c_str()});
    CHECK(json.code == 0);
    CHECK(json.out.starts_with(
        "[{\"name\":\"fast\",\"provider\":\"groq\",\"model\":\"mine\",\"input_price\":7"));
    const Ran table = run(folder, {"models", "--config", file.c_str()});
    CHECK(table.out.contains("groq/openai/gpt-oss-120b"));
    for (const std::string& page : pb::cli::docs_pages()) {
      const Ran r = run(folder, {"docs", page.c_str()});
      CHECK(r.code == 0);
      std::ifstream in(std::string(PATCHBAY_SOURCE_DIR "/docs/") + page + ".md");
      const std::string file_text(std::istreambuf_iterator<char>(in), {});
      // The tests add what they saw to the page about translation.
      CHECK((page == "translation" ? file_text.starts_with(r.out) : file_text == r.out));
    }
    CHECK(run(folder, {"config", "schema"}).out.starts_with("{\n  \"$schema\""));
  }
}
