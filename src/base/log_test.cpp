#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <thread>
#include <vector>

namespace log = pb::log;
using log::Level;
using log::Module;

TEST_SUITE_BEGIN("log");

namespace {

constexpr long long kTime = 1795176000123;  // 2026-11-20T12:00:00.123Z

std::string line(bool json, std::string_view message, std::initializer_list<log::Field> fields = {},
                 long long at = kTime) {
  std::string out;
  log::format_line(out, json, at, Module::gateway, Level::info, message, fields);
  return out;
}

// Everything that was logged while it lived, through a file that no longer has a name.
class Capture {
 public:
  explicit Capture(log::Options options) : file_(std::tmpfile()) {
    REQUIRE(file_ != nullptr);
    options.fd = ::fileno(file_);
    log::configure(options);
  }
  ~Capture() {
    log::configure({});
    std::fclose(file_);
  }
  std::string text() {
    log::flush();
    std::string all;
    char buffer[65536];
    std::rewind(file_);
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file_)) > 0;) all.append(buffer, n);
    return all;
  }

 private:
  std::FILE* file_;
};

}  // namespace

TEST_CASE("text lines") {
  CHECK(line(false, "started") == "2026-11-20T12:00:00.123Z info  gateway  started\n");
  CHECK(
      line(
          false, "m",
          {{"a", 1}, {"b", "two words"}, {"c", true}, {"d", 0.5}, {"e", ""}, {"f", "x=y"}, {"g", "plain"}}) ==
      "2026-11-20T12:00:00.123Z info  gateway  m a=1 b=\"two words\" c=true d=0.5 e=\"\" f=\"x=y\" "
      "g=plain\n");
  std::string out;
  log::format_line(out, false, 0, Module::net, Level::error, "x", {});
  CHECK(out == "1970-01-01T00:00:00.000Z error net      x\n");
  CHECK(line(false, "t", {}, -1) == "1969-12-31T23:59:59.999Z info  gateway  t\n");
}

TEST_CASE("JSON lines") {
  CHECK(
      line(true, "m \"q\"",
           {{"a", -1},
            {"b", "x\\y"},
            {"c", false},
            {"d", 1.25},
            {"n", std::numeric_limits<double>::infinity()}}) ==
      R"({"ts":"2026-11-20T12:00:00.123Z","level":"info","module":"gateway","msg":"m \"q\"","a":-1,"b":"x\\y","c":false,"d":1.25,"n":null})"
      "\n");
}

TEST_CASE("a line stays one line and obeys no terminal") {
  const std::string_view bad("a\nb\r\x1b[31m\0c\x7f", 12);
  CHECK(line(false, bad) == "2026-11-20T12:00:00.123Z info  gateway  a\\nb\\r\\u001b[31m\\u0000c\\u007f\n");
  for (const bool json : {false, true}) {
    const std::string text = line(json,
                                  "\xC2\x9B"
                                  "31m \xE2\x80\xAE \xE2\x80\xA8",
                                  {{"v", bad}});
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find("\\u009b31m \\u202e \\u2028") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("invalid UTF-8 becomes U+FFFD, valid stays") {
  const std::string r = "\xEF\xBF\xBD";
  const auto value = [](std::string_view text) {
    const std::string all = line(true, "", {{"v", text}});
    return all.substr(all.find("\"v\":\"") + 5, all.size() - all.find("\"v\":\"") - 8);
  };
  CHECK(value("h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == "h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(value("\xFF") == r);
  CHECK(value("\xC0\xAF") == r + r);                  // overlong
  CHECK(value("\xED\xA0\x80") == r + r + r);          // surrogate
  CHECK(value("\xF4\x90\x80\x80") == r + r + r + r);  // beyond U+10FFFF
  CHECK(value("\xE2\x82") == r + r);                  // cut
  CHECK(value("a\xC3") == "a" + r);
}

TEST_CASE("keys are masked in messages and fields") {
  for (const bool json : {false, true}) {
    const std::string text = line(json, "got sk-abcdef0123456789", {{"auth", "Bearer 0123456789abcdef"}});
    CHECK(text.find("0123456789") == std::string::npos);
    CHECK(text.find("sk-****") != std::string::npos);
  }
}

TEST_CASE("levels by module") {
  Capture capture({.level = Level::warn,
                   .json = false,
                   .modules = {{"store", Level::debug}, {"net", Level::off}, {"nonsense", Level::trace}}});
  CHECK(log::enabled(Module::store, Level::debug));
  CHECK_FALSE(log::enabled(Module::store, Level::trace));
  CHECK_FALSE(log::enabled(Module::gateway, Level::info));
  CHECK(log::enabled(Module::gateway, Level::warn));
  CHECK_FALSE(log::enabled(Module::net, Level::error));
  log::info(Module::gateway, "not this");
  log::debug(Module::store, "but this");
  log::error(Module::net, "nor this");
  const std::string text = capture.text();
  CHECK(text.find("but this") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("level names") {
  Level level{};
  CHECK(log::parse_level("warn", level));
  CHECK(level == Level::warn);
  CHECK(log::parse_level("off", level));
  CHECK_FALSE(log::parse_level("WARN", level));
  CHECK_FALSE(log::parse_level("", level));
  CHECK(level == Level::off);
}

TEST_CASE("lines of several threads never mix") {
  Capture capture({.level = Level::info, .json = false, .modules = {}});
  constexpr int kThreads = 4, kLines = 500;
  const std::string body(3000, 'x');
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < kLines; ++i) log::info(Module::net, body, {{"end", true}});
    });
  for (auto& thread : threads) thread.join();
  const std::string text = capture.text();
  const std::size_t head = line(false, "").size() - 1, length = head + body.size() + 10;
  REQUIRE(text.size() == length * kThreads * kLines);
  for (std::size_t at = 0; at < text.size(); at += length) {
    REQUIRE(text.compare(at + head, body.size(), body) == 0);
    REQUIRE(text.compare(at + head + body.size(), 10, " end=true\n") == 0);
  }
}

TEST_CASE("a full pipe does not stop the program") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
  const std::string filler(4096, 'x');
  while (::write(ends[1], filler.data(), filler.size()) > 0) {
  }
  log::configure({.level = Level::info, .json = false, .modules = {}, .fd = ends[1]});
  log::info(Module::net, "lost");  // returns
  log::configure({});
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_SUITE_END();
