#include "tools/chat/image_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "store/testing.h"

using namespace pb;
using namespace pb::tools;
namespace fs = std::filesystem;

namespace {

struct Files {
  store::testing::Folder folder;
  Files() {
    fs::create_directories(at("open/inner"));
    fs::create_directories(at("open-not"));
    store::testing::write_file(at("open/a.png"), "picture");
    store::testing::write_file(at("open/inner/b.png"), "another");
    store::testing::write_file(at("open-not/secret"), "secret");
    store::testing::write_file(at("secret"), "secret");
    fs::create_symlink(at("secret"), at("open/link"));
    fs::create_directory_symlink(at("."), at("open/up"));
    ::mkfifo(at("open/pipe").c_str(), 0600);
  }
  std::string at(const char* name) const { return folder / name; }
};

Code refused(const std::string& path, const std::vector<std::string>& folders, std::size_t most = 100) {
  auto read = read_below(path, folders, most);
  REQUIRE_FALSE(read);
  return read.error().code;
}

}  // namespace

TEST_SUITE_BEGIN("image_files");

TEST_CASE("files below the folders are read, others are not") {
  const Files f;
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
  const Files f;
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
