#include "net/redis/resp.h"

#include <algorithm>
#include <charconv>

namespace pb::net::redis {
namespace {

constexpr std::size_t kLineBytesMax = 64 * 1024;  // of statuses, errors and numbers

bool whole_number(std::string_view text, std::int64_t& to) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), to);
  return ec == std::errc() && at == text.data() + text.size();
}

}  // namespace

struct ReplyParser::Cursor {
  std::string_view bytes;
  std::size_t at = 0;
  std::size_t left() const { return bytes.size() - at; }
};

Parsed ReplyParser::broken(std::string_view why) {
  fault_ = why;
  return Parsed::broken;
}

Parsed ReplyParser::parse(std::string_view bytes, Reply& reply, std::size_t& used) {
  if (bytes.size() < std::max<std::size_t>(wanted_, 1)) return Parsed::more;
  Cursor at{bytes.substr(0, limits_.bytes_max)};
  values_ = 0;
  reply = {};
  const Parsed got = value(at, reply, 0);
  if (got == Parsed::whole) {
    used = at.at;
    wanted_ = 0;
  } else if (got == Parsed::more && (wanted_ > limits_.bytes_max || bytes.size() >= limits_.bytes_max)) {
    return broken("a reply is longer than is taken");
  }
  return got;
}

Parsed ReplyParser::value(Cursor& at, Reply& reply, std::size_t depth) {
  if (depth > limits_.depth_max) return broken("a reply is nested too deeply");
  if (++values_ > limits_.values_max) return broken("a reply has too many values");
  const std::size_t end = at.bytes.find("\r\n", at.at);
  if (end == at.bytes.npos || end - at.at > kLineBytesMax) {
    if (at.left() > kLineBytesMax) return broken("a line does not end");
    wanted_ = at.bytes.size() + 1;
    return Parsed::more;
  }
  if (end == at.at) return broken("an empty line is no reply");
  const char type = at.bytes[at.at];
  const std::string_view line = at.bytes.substr(at.at + 1, end - at.at - 1);
  at.at = end + 2;
  std::int64_t n = 0;
  switch (type) {
    case '+':
    case '-':
      reply.kind = type == '+' ? Reply::Kind::status : Reply::Kind::error;
      reply.text = line;
      return Parsed::whole;
    case ':':
      if (!whole_number(line, reply.integer)) return broken("not a whole number");
      reply.kind = Reply::Kind::integer;
      return Parsed::whole;
    case '#':
      if (line != "t" && line != "f") return broken("neither true nor false");
      reply.kind = Reply::Kind::integer;
      reply.integer = line == "t" ? 1 : 0;
      return Parsed::whole;
    case '_':
      return Parsed::whole;
    case ',':
    case '(':
      reply.kind = Reply::Kind::number;
      reply.text = line;
      return Parsed::whole;
    case '$':
    case '!':
    case '=':
      if (!whole_number(line, n) || n < -1) return broken("not a length");
      return bulk(at, reply, type, n);
    case '*':
    case '~':
    case '%':
    case '>':
    case '|':
      if (!whole_number(line, n) || n < -1) return broken("not a count");
      return list(at, reply, type, n, depth);
    default:
      return broken("not a type of reply");
  }
}

Parsed ReplyParser::bulk(Cursor& at, Reply& reply, char type, std::int64_t bytes) {
  if (bytes < 0) return Parsed::whole;  // RESP2's null
  const auto size = static_cast<std::size_t>(bytes);
  if (size > limits_.bytes_max) return broken("a reply is longer than is taken");
  if (at.left() < size + 2) {
    wanted_ = at.at + size + 2;
    return Parsed::more;
  }
  if (at.bytes.substr(at.at + size, 2) != "\r\n") return broken("a text does not end where it should");
  reply.kind = type == '!' ? Reply::Kind::error : Reply::Kind::bulk;
  reply.text = at.bytes.substr(at.at, size);
  if (type == '=') {  // three letters for the form, and a colon
    if (size < 4 || reply.text[3] != ':') return broken("a text without its form");
    reply.text.erase(0, 4);
  }
  at.at += size + 2;
  return Parsed::whole;
}

Parsed ReplyParser::list(Cursor& at, Reply& reply, char type, std::int64_t count, std::size_t depth) {
  if (count < 0) return Parsed::whole;  // RESP2's null
  const bool pairs = type == '%' || type == '|';
  if (static_cast<std::size_t>(count) > limits_.values_max) return broken("a reply has too many values");
  const std::size_t all = static_cast<std::size_t>(count) * (pairs ? 2 : 1);
  // Notes on the reply that follows, which takes their place; notes on notes count as depth, so that they end.
  Reply notes;
  Reply& to = type == '|' ? notes : reply;
  to.kind = type == '>' ? Reply::Kind::push : Reply::Kind::list;
  to.items.reserve(std::min(all, at.left() / 3 + 1));  // the shortest value has three bytes
  for (std::size_t i = 0; i < all; ++i)
    if (const Parsed got = value(at, to.items.emplace_back(), depth + 1); got != Parsed::whole) return got;
  return type == '|' ? value(at, reply, depth + 1) : Parsed::whole;
}

void write_command(std::string& out, std::span<const std::string_view> words) {
  out += '*';
  out += std::to_string(words.size());
  out += "\r\n";
  for (const std::string_view word : words) {
    out += '$';
    out += std::to_string(word.size());
    out += "\r\n";
    out += word;
    out += "\r\n";
  }
}

void write_command(std::string& out, std::initializer_list<std::string_view> words) {
  write_command(out, std::span(words.begin(), words.size()));
}

}  // namespace pb::net::redis
