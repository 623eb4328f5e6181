// The benchmark's provider: answers POSTs of both formats with canned bodies, as fast as one core can.
//   bench_upstream PORT
// What it answers is named in the request's model: "bench-16384" a JSON answer of about that many bytes;
// "bench-events" a stream of 100 events, each its own write, interleaved with other streams; "bench-first" the first
// event at once and the rest 2 ms later; "bench-slow" one event a second until the client goes away.
#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "http.h"

namespace {

using namespace bench;

std::string prose(std::size_t bytes) {
  static const std::string_view words =
      "The request was answered by a model that writes plain prose,\\nwith a \\\"quoted\\\" word, some "
      "`code` and a caf\\u00e9 here and there. ";
  std::string out;
  while (out.size() < bytes) out += words;
  return out;
}

std::string with_head(const std::string& body, const char* type = "application/json") {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nx-request-id: req_bench\r\n\r\n" + body;
}

std::string openai_answer(std::size_t bytes) {
  return with_head(
      R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":")" +
      prose(bytes - std::min<std::size_t>(bytes, 420)) +
      R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":190,"completion_tokens":140,)"
      R"("total_tokens":330,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}})");
}

std::string anthropic_answer(std::size_t bytes) {
  return with_head(
      R"({"id":"msg_bench","type":"message","role":"assistant","model":"bench","content":[{"type":"text","text":")" +
      prose(bytes - std::min<std::size_t>(bytes, 320)) +
      R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":190,"cache_creation_input_tokens":0,)"
      R"("cache_read_input_tokens":0,"output_tokens":140}})");
}

std::string chunk(const std::string& data) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

// The pieces of a stream, each to be written on its own; the head goes out with the first.
std::vector<std::string> stream_pieces(bool anthropic, int events) {
  std::vector<std::string> pieces;
  if (anthropic) {
    pieces.push_back(
        chunk("event: message_start\ndata: "
              "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":"
              "\"assistant\","
              "\"model\":\"bench\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{"
              "\"input_tokens\":190,\"output_tokens\":1}}}\n\n"
              "event: content_block_start\ndata: "
              "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":"
              "\"\"}}\n\n"));
    for (int i = 0; i < events; ++i)
      pieces.push_back(
          chunk("event: content_block_delta\ndata: "
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
                "\" some words " +
                std::to_string(i) + "\"}}\n\n"));
    pieces.push_back(
        chunk("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: "
              "message_delta\ndata: {\"type\":\"message_delta\","
              "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":"
              "140}}\n\n"
              "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n") +
        "0\r\n\r\n");
  } else {
    const std::string open =
        R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[)";
    pieces.push_back(chunk(
        open + R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})" + "\n\n"));
    for (int i = 0; i < events; ++i)
      pieces.push_back(chunk(open + R"({"index":0,"delta":{"content":" some words )" + std::to_string(i) +
                             R"("},"finish_reason":null}]})" + "\n\n"));
    pieces.push_back(chunk(open + R"({"index":0,"delta":{},"finish_reason":"stop"}]})" + "\n\n" + open +
                           R"(],"usage":{"prompt_tokens":190,"completion_tokens":140,"total_tokens":330}})" +
                           "\n\ndata: [DONE]\n\n") +
                     "0\r\n\r\n");
  }
  pieces[0] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces[0];
  return pieces;
}

struct Connection {
  int fd = -1;
  std::string in;
  std::size_t body_missing = 0;  // bytes of a large body still to be thrown away before `answer` is sent
  std::string_view answer;       // the rest of a JSON answer or of the current piece
  const std::vector<std::string>* pieces = nullptr;
  std::size_t next = 0;
  std::int64_t gap_ns = 0, first_gap_ns = 0;
  bool writable = true, scheduled = false, closed = false;
};

class Upstream {
 public:
  explicit Upstream(int port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address = loopback(port);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("bind");
    if (listen(listener_, 4096) != 0) die("listen");
    watch(listener_, EPOLL_CTL_ADD, EPOLLIN, nullptr);
    for (bool anthropic : {false, true}) {
      many_[anthropic] = stream_pieces(anthropic, 100);
      few_[anthropic] = stream_pieces(anthropic, 5);
    }
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(1024);
    for (;;) {
      timespec wait = until_due();
      const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
      for (int i = 0; i < count; ++i) {
        auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (connection == nullptr)
          accept_all();
        else
          on_event(*connection, events[static_cast<std::size_t>(i)].events);
      }
      const std::int64_t now = timed_.empty() ? 0 : now_ns();
      while (!timed_.empty() && timed_.begin()->first <= now) {
        Connection& connection = *timed_.begin()->second;
        timed_.erase(timed_.begin());
        connection.scheduled = false;
        advance(connection);
      }
      for (std::size_t turns = ready_.size(); turns > 0; --turns) {
        Connection& connection = *ready_.front();
        ready_.pop_front();
        connection.scheduled = false;
        advance(connection);
      }
      for (Connection* connection : closed_)
        if (!connection->scheduled)
          delete connection;
        else
          kept_.push_back(connection);
      closed_.swap(kept_);
      kept_.clear();
    }
  }

 private:
  timespec until_due() const {
    if (!ready_.empty()) return {0, 0};
    if (timed_.empty()) return {3600, 0};
    const std::int64_t ns = std::max<std::int64_t>(0, timed_.begin()->first - now_ns());
    return {ns / 1'000'000'000, ns % 1'000'000'000};
  }

  void watch(int fd, int operation, std::uint32_t what, Connection* connection) {
    epoll_event event{};
    event.events = what;
    event.data.ptr = connection;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      set_nodelay(fd);
      auto* connection = new Connection;
      connection->fd = fd;
      watch(fd, EPOLL_CTL_ADD, EPOLLIN, connection);
    }
  }

  void close_now(Connection& connection) {
    if (connection.closed) return;
    connection.closed = true;
    close(connection.fd);
    closed_.push_back(&connection);
  }

  void on_event(Connection& connection, std::uint32_t what) {
    if (connection.closed) return;
    if ((what & EPOLLOUT) != 0) {
      connection.writable = true;
      watch(connection.fd, EPOLL_CTL_MOD, EPOLLIN, &connection);
      advance(connection);
    }
    if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || connection.closed) return;
    for (;;) {
      const ssize_t got = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN)) return close_now(connection);
      if (got < 0) return;
      const auto bytes = static_cast<std::size_t>(got);
      if (connection.body_missing > 0) {
        connection.body_missing -= std::min(connection.body_missing, bytes);
        if (connection.body_missing == 0) schedule(connection, 0);
      } else {
        connection.in.append(buffer_.data(), bytes);
        request(connection);
      }
      if (bytes < buffer_.size() || connection.closed) return;
    }
  }

  // One request at a time: none of the benchmark's clients pipelines.
  void request(Connection& connection) {
    const std::size_t end = connection.in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string_view head = std::string_view(connection.in).substr(0, end + 4);
    const std::size_t length = number(header(head, "content-length"));
    const std::size_t have = connection.in.size() - end - 4;
    // A large body's start already names the model; the rest is not kept.
    if (have < length && have < 4096) return;
    choose(connection, head.substr(0, head.find("\r\n")), std::string_view(connection.in).substr(end + 4));
    connection.body_missing = length > have ? length - have : 0;
    connection.in.clear();
    if (connection.body_missing == 0) advance(connection);
  }

  void choose(Connection& connection, std::string_view line, std::string_view body) {
    const bool anthropic = line.find("/messages") != line.npos;
    std::string_view name = body.substr(0, 4096);
    std::size_t at = name.find("bench-");
    if (at == name.npos) at = (name = body).rfind("bench-");
    name = at == name.npos ? "bench-1024" : name.substr(at, 24);
    connection.next = 0;
    connection.gap_ns = connection.first_gap_ns = 0;
    if (name.starts_with("bench-events")) {
      connection.pieces = &many_[anthropic];
    } else if (name.starts_with("bench-first")) {
      connection.pieces = &few_[anthropic];
      connection.first_gap_ns = 2'000'000;
    } else if (name.starts_with("bench-slow")) {
      connection.pieces = &many_[anthropic];
      connection.gap_ns = connection.first_gap_ns = 1'000'000'000;
    } else {
      const std::size_t bytes = number(name.substr(6));
      std::string& answer = answers_[anthropic][bytes];
      if (answer.empty()) answer = anthropic ? anthropic_answer(bytes) : openai_answer(bytes);
      connection.pieces = nullptr;
      connection.answer = answer;
    }
  }

  void schedule(Connection& connection, std::int64_t wait_ns) {
    if (connection.scheduled || connection.closed) return;
    connection.scheduled = true;
    if (wait_ns > 0)
      timed_.emplace(now_ns() + wait_ns, &connection);
    else
      ready_.push_back(&connection);
  }

  // Sends what is due: the rest of the answer, or one event.
  void advance(Connection& connection) {
    if (connection.closed || !connection.writable || connection.body_missing > 0) return;
    if (connection.answer.empty() && connection.pieces != nullptr) {
      connection.answer = (*connection.pieces)[connection.next++];
      if (connection.next == connection.pieces->size()) connection.pieces = nullptr;
    }
    while (!connection.answer.empty()) {
      const ssize_t sent =
          send(connection.fd, connection.answer.data(), connection.answer.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        connection.writable = false;
        watch(connection.fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT, &connection);
        return;
      }
      if (sent < 0) return close_now(connection);
      connection.answer.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (connection.pieces != nullptr)
      schedule(connection, connection.next == 1 ? connection.first_gap_ns : connection.gap_ns);
  }

  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int listener_ = -1;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::vector<std::string> many_[2], few_[2];
  std::map<std::size_t, std::string> answers_[2];
  std::deque<Connection*> ready_;
  std::multimap<std::int64_t, Connection*> timed_;
  std::vector<Connection*> closed_, kept_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fputs("usage: bench_upstream PORT\n", stderr), 2;
  raise_file_limit();
  Upstream(std::atoi(arguments[1])).run();
}
