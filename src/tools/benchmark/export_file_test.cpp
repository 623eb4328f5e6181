#include "tools/benchmark/export_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "store/testing.h"

namespace pb::tools::bench {

using store::testing::Folder;
using store::testing::read_file;
using store::testing::write_file;

TEST_SUITE("benchmark exports") {
  TEST_CASE("a report is written to the folder, for the owner only") {
    const Folder folder;
    const std::string reports = folder / "a/reports";
    const auto path = write_report({reports, ""}, "bm_1.md", "hello", false);
    REQUIRE(path);
    CHECK(*path == reports + "/bm_1.md");
    CHECK(read_file(*path) == "hello");
    struct stat info{};
    REQUIRE(::stat(path->c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(::stat(reports.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
  }

  TEST_CASE("what is there stays unless it is to be replaced") {
    const Folder folder;
    const std::string dir = folder / "r";
    REQUIRE(write_report({dir, ""}, "x.csv", "one", false));
    const auto again = write_report({dir, ""}, "x.csv", "two", false);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::invalid_request);
    CHECK(again.error().message.contains("is there already"));
    CHECK(read_file(dir + "/x.csv") == "one");
    REQUIRE(write_report({dir, ""}, "x.csv", "two", true));
    CHECK(read_file(dir + "/x.csv") == "two");
    // No drafts stay behind.
    CHECK(std::distance(std::filesystem::directory_iterator(dir), {}) == 1);
  }

  TEST_CASE("names that lead elsewhere are refused, each with its reason") {
    const Folder folder;
    const std::string dir = folder / "r";
    const auto says = [&](const std::string& name, std::string_view what) {
      const auto done = write_report({dir, ""}, name, "x", true);
      REQUIRE_FALSE(done);
      CHECK(done.error().code == Code::invalid_request);
      CHECK(done.error().param == "output_file");
      CHECK_MESSAGE(done.error().message.contains(what), name, ": ", done.error().message);
    };
    says("", "must not be empty");
    says("/etc/passwd", "not an absolute path");
    says("../x", "without `/`");
    says("a/b", "without `/`");
    says("..\\x", "without `/`");
    says("..", "not `..`");
    says(".", "not `.`");
    says(".hidden", "begin with a dot");
    says(std::string("a\0b", 3), "NUL");
    says("a\nb", "letters, digits");
    says("ö.md", "letters, digits");
    says("a.", "end with");
    says(std::string(129, 'a'), "longer than 128");
    CHECK_FALSE(std::filesystem::exists(dir));  // nothing was even begun
  }

  TEST_CASE("links and folders are not written to, with or without `replace`") {
    const Folder folder;
    const std::string dir = folder / "r", outside = folder / "outside.md";
    REQUIRE(write_report({dir, ""}, "a.md", "x", false));
    write_file(outside, "untouched");
    REQUIRE(::symlink(outside.c_str(), (dir + "/link.md").c_str()) == 0);
    REQUIRE(::symlink((folder / "not-there").c_str(), (dir + "/dangling.md").c_str()) == 0);
    std::filesystem::create_directory(dir + "/folder.md");
    for (const bool replace : {false, true}) {
      for (const char* name : {"link.md", "dangling.md"}) {
        const auto done = write_report({dir, ""}, name, "evil", replace);
        REQUIRE_FALSE(done);
        CHECK(done.error().message.contains("symbolic link"));
      }
      CHECK(write_report({dir, ""}, "folder.md", "evil", replace).error().message.contains("is no file"));
    }
    CHECK(read_file(outside) == "untouched");
    CHECK_FALSE(std::filesystem::exists(folder / "not-there"));
  }

  TEST_CASE("a caller's own folder is inside, and no link") {
    const Folder folder;
    const std::string dir = folder / "r";
    const auto path = write_report({dir, "key_1"}, "a.md", "mine", false);
    REQUIRE(path);
    CHECK(*path == dir + "/key_1/a.md");
    REQUIRE(write_report({dir, "key_2"}, "a.md", "theirs", false));
    CHECK(read_file(dir + "/key_1/a.md") == "mine");
    std::filesystem::create_directory(folder / "outside");
    REQUIRE(::symlink((folder / "outside").c_str(), (dir + "/key_3").c_str()) == 0);
    CHECK_FALSE(write_report({dir, "key_3"}, "a.md", "x", false));
    CHECK_FALSE(write_report({dir, ".."}, "a.md", "x", false));
    CHECK(std::filesystem::is_empty(folder / "outside"));
  }

  TEST_CASE("a folder that cannot be had is an error that names the option") {
    const Folder folder;
    write_file(folder / "file", "x");
    const auto done = write_report({folder / "file/r", ""}, "a.md", "x", false);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Code::internal);
    const auto proc = write_report({"/proc/nowhere", ""}, "a.md", "x", false);
    REQUIRE_FALSE(proc);
    CHECK(proc.error().code == Code::internal);
  }
}

}  // namespace pb::tools::bench
