#include "tools/chat/image_files.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

using namespace pb;
using namespace pb::tools;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    char name[] = "/tmp/patchbay-files-XXXXXX";
    path = ::mkdtemp(name);
    fs::create_directories(path / "open/inner");
    fs::create_directories(path / "open-not");
    write("open/a.png", "picture");
    write("open/inner/b.png", "another");
    write("open-not/secret", "secret");
    write("secret", "secret");
    fs::create_symlink(path / "secret", path / "open/link");
    fs::create_directory_symlink(path, path / "open/up");
    ::mkfifo((path / "open/pipe").c_str(), 0600);
  }
  ~Folder() { fs::remove_all(path); }
  void write(const char* name, const char* text) const { std::ofstream(path / name) << text; }
  std::string at(const char* name) const { return (path / name).string(); }
};

Code refused(const std::string& path, const std::vector<std::string>& folders, std::size_t most = 100) {
  auto read = read_below(path, folders, most);
  REQUIRE_FALSE(read);
  return read.error().code;
}

}  // namespace

TEST_SUITE_BEGIN("image_files");

TEST_CASE("files below the folders are read, others are not") {
  const Folder f;
  const std::vector<std::string> roots = {f.at("nowhere"), f.at("open") + "/"};
  CHECK(*read_below(f.at("open/a.png"), roots, 7) == "picture");
  CHECK(*read_below(f.at("open//inner/b.png"), roots, 100) == "another");
  CHECK(refused(f.at("secret"), roots) == Code::permission_denied);
  CHECK(refused(f.at("open-not/secret"), roots) == Code::permission_denied);
  CHECK(refused(f.at("open/a.png"), {}) == Code::permission_denied);
  CHECK(refused(f.at("open"), roots) == Code::permission_denied);
  CHECK(refused(f.at("open/none.png"), roots) == Code::not_found);
  CHECK(refused(f.at("open/inner"), roots) == Code::not_found);
  CHECK(refused(f.at("open/inner/"), roots) == Code::not_found);
  CHECK(refused(f.at("open/a.png"), roots, 6) == Code::too_large);
}

TEST_CASE("links and pipes are no files") {
  const Folder f;
  const std::vector<std::string> roots = {f.at("open")};
  CHECK(refused(f.at("open/link"), roots) == Code::not_found);
  CHECK(refused(f.at("open/up/secret"), roots) == Code::not_found);
  CHECK(refused(f.at("open/pipe"), roots) == Code::not_found);
  CHECK(refused(f.at("open/../secret"), roots) == Code::not_found);
}

TEST_CASE("paths and roots as clients write them") {
  CHECK(*plain_path("/a/b.png") == "/a/b.png");
  CHECK(*plain_path("file:///a/My%20b.png") == "/a/My b.png");
  CHECK(*plain_path("/a/..b/c..") == "/a/..b/c..");
  for (const char* bad : {"", "a.png", "./a.png", "file://host/a", "file:a", "/a/../b", "/a/..",
                          "file:///a/%2e%2e/b", "http://h/a", "file:///a%00b"})
    CHECK_FALSE_MESSAGE(plain_path(bad), bad);
  json::Arena arena;
  const auto roots = json::parse(
      R"({"roots":[{"uri":"file:///a%20b","name":"x"},{"uri":"https://h/a"},{"uri":"file://localhost/c"},{}]})",
      arena);
  CHECK(folders_of(*roots) == std::vector<std::string>{"/a b", "/c"});
  CHECK(lies_below("/c/d", {"/c"}));
  CHECK_FALSE(lies_below("/cd", {"/c"}));
  CHECK(lies_below("/x/y", {"/"}));
}

TEST_SUITE_END();
