// HTTP messages as the server and the client pool hand them over (RFC 9110, RFC 9112).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pb::net {

bool iequals(std::string_view a, std::string_view b);  // ASCII, case-insensitive

// Header fields in the order they came, stored as one text ("Name: value\r\n" lines). Names compare
// case-insensitively. Reused between messages without freeing.
class Headers {
 public:
  struct Field {
    std::string_view name, value;
  };
  void add(std::string_view name, std::string_view value);  // CR, LF and NUL in either become spaces
  // The same for fields that a parser has read or that come from other Headers, and so hold none of these.
  void add_valid(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  // replaces all of that name
  void remove(std::string_view name);
  void clear();
  void release();  // the same, and the memory goes back
  void reserve(std::size_t bytes, std::size_t count);
  std::string_view get(std::string_view name) const;  // the first one; "" when absent
  bool has(std::string_view name) const;
  std::size_t size() const { return fields_.size(); }
  Field at(std::size_t i) const;
  // All lines, each ended by CRLF: ready to be sent.
  const std::string& text() const { return text_; }

 private:
  struct Span {
    std::uint32_t at;
    std::uint16_t name_bytes;
    std::uint32_t value_bytes;
  };
  std::string text_;
  std::vector<Span> fields_;
};

struct Request {
  std::string method;              // "GET"
  std::string target;              // as sent: "/v1/messages?beta=true"
  std::string_view path() const;   // up to '?'
  std::string_view query() const;  // after '?', "" when none
  Headers headers;   // hop-by-hop ones (Connection, Transfer-Encoding, Keep-Alive, …) are taken out
  std::string body;  // whole, de-chunked
  bool keep_alive = true;
  int minor = 1;     // HTTP/1.x
  std::string peer;  // "127.0.0.1:5123"
  void clear();
};

std::string_view reason_phrase(int status);
// True for names that are about one connection only (RFC 9110 §7.6.1) or about framing.
bool hop_by_hop(std::string_view name);
// The Date header's value for now, cached per thread and second.
std::string_view http_date();

}  // namespace pb::net
