#include "cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/strings.h"
#include "base/whole_file.h"

namespace pb::cli {
namespace {

constexpr std::size_t kLineBytesMax = 16'384;

// Up to the line's end; nullopt at the end of input.
std::optional<std::string> read_line() {
  std::string out;
  for (char c = 0;;) {
    const auto n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return out.empty() ? std::nullopt : std::optional(out);
    if (c == '\n') return out;
    if (out.size() < kLineBytesMax) out += c;
  }
}

void say(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

// Hides what is typed while it lives.
class NoEcho {
 public:
  NoEcho() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace

bool has_terminal() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

Result<std::string> ask(const std::string& question, const std::string& fallback) {
  say(question + (fallback.empty() ? "" : " [" + fallback + "]") + ": ");
  const auto line = read_line();
  if (!line) return fail(Code::cancelled, "nothing more was typed");
  std::string answer(trim(*line));
  return answer.empty() ? fallback : answer;
}

Result<bool> ask_yes(const std::string& question, bool fallback) {
  for (;;) {
    TRY_ASSIGN(const std::string answer, ask(question + (fallback ? " [Y/n]" : " [y/N]")));
    if (answer.empty()) return fallback;
    const char first = static_cast<char>(answer.front() | 0x20);
    if (first == 'y' || first == 'n') return first == 'y';
  }
}

Result<std::string> ask_secret(const std::string& question) {
  const NoEcho quiet;  // before the question: who types fast is not shown either
  say(question + " (not shown): ");
  const auto line = read_line();
  say("\n");
  if (!line) return fail(Code::cancelled, "nothing more was typed");
  return std::string(trim(*line));
}

Result<std::string> take_secret(const SecretSource& source, const std::string& what, const std::string& flags,
                                bool twice) {
  std::string out, from;
  if (!source.variable.empty()) {
    const char* value = std::getenv(source.variable.c_str());
    if (value == nullptr)
      return fail(Code::invalid_request, "the variable " + source.variable + " is not set");
    out = value;
    from = "the variable " + source.variable;
  } else if (source.file == "-") {
    out = trim(read_line().value_or(""));
    from = "standard input";
  } else if (!source.file.empty()) {
    TRY_ASSIGN(const auto text, read_whole(source.file, kLineBytesMax));
    if (!text) return fail(Code::invalid_request, source.file + " is not there");
    out = trim(std::string_view(*text).substr(0, text->find('\n')));
    from = source.file;
  } else if (has_terminal()) {
    TRY_ASSIGN(out, ask_secret(what));
    if (twice) {
      TRY_ASSIGN(const std::string again, ask_secret("the same again"));
      if (again != out) return fail(Code::invalid_request, "the two are not the same");
    }
    from = "what was typed";
  } else {
    return fail(Code::invalid_request, what + " is missing: " + flags);
  }
  if (out.empty()) return fail(Code::invalid_request, what + " is missing: " + from + " is empty");
  return out;
}

}  // namespace pb::cli
