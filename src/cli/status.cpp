// `patchbay status`: what a running gateway is doing, from its admin API; live on a terminal.
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/load_config.h"
#include "cli/status_view.h"

namespace pb::cli {
namespace {

constexpr int kEveryMs = 1000;
constexpr std::size_t kRequests = 50;

int complain(const std::string& what, int code) {
  std::fprintf(stderr, "patchbay status: %s\n", what.c_str());
  return code;
}

volatile sig_atomic_t g_stop = 0, g_resized = 0;
void on_stop(int) { g_stop = 1; }
void on_resize(int) { g_resized = 1; }

// Keys one by one and a screen of its own while it lives. Signals only arrive in wait().
class Terminal {
 public:
  Terminal() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
      sigaddset(&held, signal);
      struct sigaction action = {};
      action.sa_handler = signal == SIGWINCH ? on_resize : on_stop;
      ::sigaction(signal, &action, nullptr);
    }
    ::sigprocmask(SIG_BLOCK, &held, &open_);
    if (::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
      keys_ = true;
      termios now = before_;
      now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
    }
    put("\x1b[?1049h\x1b[?25l");
  }
  ~Terminal() {
    put("\x1b[?25h\x1b[?1049l");
    if (keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void draw(const std::string& lines) {
    std::string out = "\x1b[H";
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at);
      out.append(lines, at, end - at).append("\x1b[K\r\n");
      at = end + 1;
    }
    put(out + "\x1b[J");
  }
  // Until a key, a signal or so many milliseconds. False: it is to end.
  bool wait(int ms) {
    pollfd in = {STDIN_FILENO, POLLIN, 0};
    const timespec most = {ms / 1000, (ms % 1000) * 1'000'000L};
    ::ppoll(&in, keys_ ? 1 : 0, &most, &open_);
    if (keys_ && (in.revents & (POLLIN | POLLHUP)) != 0) {
      char key = 'q';  // also for the end of the input
      if (::read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q' || key == 4) return false;
    }
    return g_stop == 0;
  }

 private:
  static void put(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
  sigset_t open_{};
  termios before_{};
  bool keys_ = false;
};

// As wide and high as the terminal is.
void measure(Drawing& drawing) {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  if (size.ws_col > 0) drawing.columns = size.ws_col;
  if (size.ws_row > 1) drawing.lines = static_cast<std::size_t>(size.ws_row) - 1;
}

Result<StatusBodies> fetch(AdminClient& client) {
  StatusBodies b;
  TRY_ASSIGN(b.status, client.get("/admin/v1/status"));
  TRY_ASSIGN(b.deployments, client.get("/admin/v1/deployments?limit=1000"));
  TRY_ASSIGN(b.limits, client.get("/admin/v1/limits?used_over=0.5&limit=1000"));
  auto requests = client.get("/admin/v1/requests?limit=" + std::to_string(kRequests));
  if (requests) b.requests = std::move(*requests);
  if (!requests && requests.error().code != Code::not_found)
    return std::unexpected(std::move(requests.error()));
  return b;
}

int live(AdminClient& client, StatusView view, Drawing drawing) {
  Terminal terminal;
  client.interrupt_with([&terminal] { return !terminal.wait(0); });
  for (;;) {
    measure(drawing);
    terminal.draw(draw_status(view, drawing));
    if (!terminal.wait(kEveryMs)) return kOk;
    auto bodies = fetch(client);
    if (!bodies && bodies.error().code == Code::cancelled) return kOk;
    auto next = bodies ? read_status(*bodies) : std::unexpected(std::move(bodies.error()));
    drawing.trouble = next ? "" : next.error().message;
    if (next) view = std::move(*next);
  }
}

}  // namespace

int status(const StatusArgs& args) {
  const auto place = find_admin(args.url, args.config);
  if (!place) return place.error().message.empty() ? kUsage : complain(place.error().message, kUsage);
  AdminClient client(place->url, place->key);
  if (auto there = client.look(); !there) return complain(there.error().message, kFailed);
  auto bodies = fetch(client);
  if (!bodies) return complain(bodies.error().message, kFailed);
  if (args.json) {
    std::fputs(status_json(*bodies).c_str(), stdout);
    return kOk;
  }
  auto view = read_status(*bodies);
  if (!view) return complain("the answer is no JSON: " + view.error().message, kFailed);
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  Drawing drawing;
  drawing.url = place->url;
  drawing.colour = terminal && (no_colour == nullptr || *no_colour == '\0');
  if (terminal && !args.once) return live(client, std::move(*view), std::move(drawing));
  measure(drawing);
  drawing.lines = 0;
  std::fputs(draw_status(*view, drawing).c_str(), stdout);
  return kOk;
}

}  // namespace pb::cli
