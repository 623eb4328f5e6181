// Redis' protocol, RESP2 and RESP3 (redis.io/docs "Redis serialization protocol specification"), without a socket: commands out,
// replies in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pb::net::redis {

struct Reply {
  enum class Kind : std::uint8_t {
    null,
    status,   // +OK
    error,    // -ERR …; also RESP3's bulk errors
    integer,  // also RESP3's booleans: 0 or 1
    number,   // RESP3's doubles: `text` as it came
    bulk,     // text of any bytes
    list,     // arrays, sets and maps (names and values in turn)
    push,     // RESP3: what nobody has asked for
  };
  Kind kind = Kind::null;
  std::string text;
  std::int64_t integer = 0;
  std::vector<Reply> items;

  bool is_error(std::string_view code = {}) const {  // "NOSCRIPT"; "" = any
    return kind == Kind::error && text.starts_with(code);
  }
  bool operator==(const Reply&) const = default;
};

struct ReplyLimits {
  std::size_t bytes_max = 32u << 20;  // of one reply
  std::size_t values_max = 100'000;   // of one reply, inner ones included
  std::size_t depth_max = 8;
};

enum class Parsed : std::uint8_t { whole, more, broken };

// Reads replies from the front of a buffer. Keeps nothing but how much more must come before it is worth looking again.
class ReplyParser {
 public:
  explicit ReplyParser(ReplyLimits limits = {}) : limits_(limits) {}
  // whole: `reply` is filled and the first `used` bytes are its own. more: the reply is not all there. broken: these bytes are
  // no reply or go over a limit; fault() says why, and nothing that follows can be read.
  Parsed parse(std::string_view bytes, Reply& reply, std::size_t& used);
  std::string_view fault() const { return fault_; }

 private:
  struct Cursor;
  Parsed value(Cursor& at, Reply& reply, std::size_t depth);
  Parsed bulk(Cursor& at, Reply& reply, char type, std::int64_t bytes);
  Parsed list(Cursor& at, Reply& reply, char type, std::int64_t count, std::size_t depth);
  Parsed broken(std::string_view why);

  ReplyLimits limits_;
  std::size_t wanted_ = 0;  // bytes that the reply has at least
  std::size_t values_ = 0;
  std::string_view fault_;
};

// Appends a command as Redis wants it from clients: an array of bulk strings.
void write_command(std::string& out, std::span<const std::string_view> words);
void write_command(std::string& out, std::initializer_list<std::string_view> words);

}  // namespace pb::net::redis
