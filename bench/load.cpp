// The benchmark's client: keeps N connections busy, each with one request at a time, and measures to the microsecond.
//   bench_load run PORT BODY_FILE CONNECTIONS SECONDS     requests/s, latency and time to the first body byte, as JSON
//   bench_load hold PORT BODY_FILE CONNECTIONS            opens as many streams, prints "open" when each has its first
//                                                         event, keeps them until standard input ends
// The body is posted to /v1/chat/completions on 127.0.0.1. Any answer but a complete 200 counts as an error. Of the environment:
// BENCH_KEY, BENCH_PATH, BENCH_HEADERS (lines instead of `Accept`), BENCH_WORDS (one for each connection, in place of `{word}`).
#include <algorithm>
#include <cmath>
#include <memory>

#include "http.h"

namespace {

using namespace bench;

std::string_view environment(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

std::string with_word(std::string request, std::string_view word) {
  constexpr std::string_view kPlace = "{word}";
  for (std::size_t at; !word.empty() && (at = request.find(kPlace)) != request.npos;)
    request.replace(at, kPlace.size(), word);
  return request;
}

struct Connection {
  int fd = -1;
  std::string request;
  std::size_t sent = 0;
  std::string in;  // head, or what is left of a chunked body's framing
  bool in_body = false, chunked = false, first_seen = false, ok = false;
  std::size_t body_left = 0;  // of Content-Length, or of the current chunk including its CRLF
  std::int64_t began = 0;
};

class Load {
 public:
  Load(int port, std::string request, std::size_t connections) : port_(port), connections_(connections) {
    std::string_view words = environment("BENCH_WORDS", "");
    for (Connection& connection : connections_) {
      const std::size_t comma = std::min(words.find(','), words.size());
      connection.request = with_word(request, words.substr(0, comma));
      words.remove_prefix(std::min(comma + 1, words.size()));
      open(connection);
    }
  }

  int run(double seconds) {
    const std::int64_t warm = now_ns() + static_cast<std::int64_t>(seconds * 0.1e9);
    const std::int64_t end = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    measure_from_ = warm;
    for (Connection& connection : connections_) begin(connection);
    while (now_ns() < end) poll(static_cast<int>((end - now_ns()) / 1'000'000) + 1);
    report(static_cast<double>(end - warm) / 1e9);
    return total_.empty() ? 1 : 0;
  }

  int hold() {
    const std::int64_t limit = now_ns() + 60'000'000'000;
    std::size_t at = 0;
    // A few at a time, so that the accept queue does not overflow.
    while (firsts_ < connections_.size() && errors_ == 0 && now_ns() < limit) {
      while (at < connections_.size() && at < firsts_ + 64) begin(connections_[at++]);
      poll(100);
    }
    if (firsts_ < connections_.size())
      return std::fprintf(stderr, "only %zu streams opened, %zu errors\n", firsts_, errors_), 1;
    std::puts("open");
    std::fflush(stdout);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, 0, &event);
    while (!input_ended_ && errors_ == 0) poll(1000);
    std::printf("%zu errors\n", errors_);
    return errors_ == 0 ? 0 : 1;
  }

 private:
  void open(Connection& connection) {
    if (connection.fd >= 0) close(connection.fd);
    std::string request = std::move(connection.request);
    connection = {};
    connection.request = std::move(request);
    connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(port_);
    if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
    set_nodelay(connection.fd);
    fcntl(connection.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  }

  void begin(Connection& connection) {
    connection.sent = 0;
    connection.in.clear();
    connection.in_body = connection.first_seen = false;
    connection.began = now_ns();
    push(connection);
  }

  void push(Connection& connection) {
    const std::size_t before = connection.sent;
    while (connection.sent < connection.request.size()) {
      const ssize_t sent = send(connection.fd, connection.request.data() + connection.sent,
                                connection.request.size() - connection.sent, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return fail(connection);
      if (sent < 0) break;
      connection.sent += static_cast<std::size_t>(sent);
    }
    const bool unsent = connection.sent < connection.request.size();
    if (!unsent && before == 0) return;
    epoll_event event{};
    event.events = unsent ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
  }

  void fail(Connection& connection) {
    if (++errors_ <= 3) std::fprintf(stderr, "bench_load: bad answer: %.300s\n", connection.in.c_str());
    if (errors_ > 1000) std::exit(1);
    open(connection);
    begin(connection);
  }

  void poll(int wait_ms) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, wait_ms);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[i].data.ptr);
      if (connection == nullptr) {
        char bytes[64];
        if (read(0, bytes, sizeof bytes) <= 0) input_ended_ = true;
        return;
      }
      if ((events[i].events & EPOLLOUT) != 0) push(*connection);
      if ((events[i].events & ~EPOLLOUT) != 0) receive(*connection);
    }
  }

  void receive(Connection& connection) {
    const ssize_t got = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return fail(connection);
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
    if (!connection.in_body) {
      connection.in += bytes;
      if (connection.in.starts_with("\r\n"))
        connection.in.erase(0, 2);  // the end of the last answer's last chunk
      const std::size_t end = connection.in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      if (!connection.in.starts_with("HTTP/1.1 200")) return fail(connection);
      const std::string_view head = std::string_view(connection.in).substr(0, end + 4);
      connection.chunked = header(head, "transfer-encoding") == "chunked";
      connection.body_left = connection.chunked ? 0 : number(header(head, "content-length"));
      connection.in_body = true;
      rest_.assign(connection.in, end + 4);
      connection.in.clear();
      bytes = rest_;
    }
    if (!bytes.empty() && !connection.first_seen) {
      connection.first_seen = true;
      ++firsts_;
      if (connection.began >= measure_from_) first_.push_back(now_ns() - connection.began);
    }
    if (consume(connection, bytes)) {
      if (connection.began >= measure_from_) total_.push_back(now_ns() - connection.began);
      begin(connection);
    }
  }

  // True when the body is complete.
  static bool consume(Connection& connection, std::string_view bytes) {
    if (!connection.chunked) {
      connection.body_left -= std::min(connection.body_left, bytes.size());
      return connection.body_left == 0;
    }
    for (;;) {
      const std::size_t skip = std::min(connection.body_left, bytes.size());
      connection.body_left -= skip;
      bytes.remove_prefix(skip);
      if (bytes.empty()) return false;
      const std::size_t line = bytes.find('\n');  // the size's line, perhaps begun in an earlier read
      connection.in += bytes.substr(0, line);
      if (line == bytes.npos) return false;
      bytes.remove_prefix(line + 1);
      const std::size_t size = std::strtoull(connection.in.c_str(), nullptr, 16);
      connection.in.clear();
      if (size == 0) return true;  // its own CRLF came in the same write
      connection.body_left = size + 2;
    }
  }

  static double percentile(std::vector<std::int64_t>& sorted, double p) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(std::ceil(p / 100 * static_cast<double>(sorted.size()))) - 1;
    return static_cast<double>(sorted[std::min(at, sorted.size() - 1)]) / 1000;
  }

  void report(double seconds) {
    std::sort(total_.begin(), total_.end());
    std::sort(first_.begin(), first_.end());
    std::printf(
        "{\"requests\": %zu, \"errors\": %zu, \"rps\": %.1f, \"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": "
        "%.1f, "
        "\"first_p50_us\": %.1f, \"first_p99_us\": %.1f}\n",
        total_.size(), errors_, static_cast<double>(total_.size()) / seconds, percentile(total_, 50),
        percentile(total_, 90), percentile(total_, 99), percentile(first_, 50), percentile(first_, 99));
  }

  int port_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::string rest_;
  std::vector<std::int64_t> total_, first_;
  std::int64_t measure_from_ = 0;
  std::size_t errors_ = 0, firsts_ = 0;
  bool input_ended_ = false;
};

std::string request_of(const char* path) {
  FILE* file = std::fopen(path, "rb");
  if (file == nullptr) die(path);
  std::string body;
  char bytes[65536];
  while (const std::size_t got = std::fread(bytes, 1, sizeof bytes, file)) body.append(bytes, got);
  std::fclose(file);
  std::string out = "POST " + std::string(environment("BENCH_PATH", "/v1/chat/completions"));
  out += " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ";
  out += environment("BENCH_KEY", "sk-bench-0123456789abcdef");
  out += "\r\nUser-Agent: bench\r\n";
  out += environment("BENCH_HEADERS", "Accept: */*\r\n");
  return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view mode = count > 1 ? arguments[1] : "";
  if (!((mode == "run" && count == 6) || (mode == "hold" && count == 5))) {
    std::fputs(
        "usage: bench_load run PORT BODY_FILE CONNECTIONS SECONDS | bench_load hold PORT BODY_FILE "
        "CONNECTIONS\n",
        stderr);
    return 2;
  }
  raise_file_limit();
  Load load(std::atoi(arguments[2]), request_of(arguments[3]), number(arguments[4]));
  return mode == "run" ? load.run(std::atof(arguments[5])) : load.hold();
}
