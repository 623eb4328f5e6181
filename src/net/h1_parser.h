// HTTP/1.1 message heads and chunked bodies, read by Beast's basic_parser into our own storage. Included by
// server.cpp and client.cpp only (Beast's templates are slow to compile).
#pragma once
// Beast 1.81 asserts, of a last chunk's header that came without what follows it ("0\r\n"), that at least two more bytes come
// at once; one byte would end the program. The code behind the assertion does not need it: it is compiled without.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/http/basic_parser.hpp>
#undef BOOST_DISABLE_ASSERTS
#include <boost/assert.hpp>  // in force again
#include <boost/beast/http/error.hpp>

#include "base/limits.h"
#include "base/strings.h"
#include "net/http.h"

namespace pb::net {

namespace http = boost::beast::http;

// Fills `headers` with the end-to-end fields; chunked body bytes are appended to `sink`.
template <bool IsRequest>
class H1Parser final : public http::basic_parser<IsRequest> {
 public:
  using ErrorCode = boost::system::error_code;

  H1Parser(Headers& headers, std::string& sink) : headers_(headers), sink_(sink) {}

  std::string* method = nullptr;  // requests
  std::string* target = nullptr;
  int status = 0;         // responses
  int http_version = 11;  // 10 or 11
  bool expect_continue = false;
  bool expect_other = false;
  bool unknown_method = false;
  int hosts = 0;
  int transfer_encodings = 0;
  bool only_chunked = true;  // every Transfer-Encoding was exactly "chunked"
  std::string connection;    // the Connection field's value(s)

  // Removes the fields that Connection names (RFC 9110 §7.6.1).
  void strip_connection_fields() {
    std::string_view rest = connection;
    while (!rest.empty()) {
      const std::string_view name = next_item(rest);
      if (name.empty() || iequals(name, "close") || iequals(name, "keep-alive")) continue;
      headers_.remove(name);
    }
  }

 private:
  using View = boost::beast::string_view;
  static std::string_view sv(View v) { return {v.data(), v.size()}; }

  void on_request_impl(http::verb v, View m, View t, int ver, ErrorCode&) override {
    http_version = ver;
    unknown_method = v == http::verb::unknown;
    method->assign(m.data(), m.size());
    target->assign(t.data(), t.size());
  }
  void on_response_impl(int code, View, int ver, ErrorCode&) override {
    status = code;
    http_version = ver;
  }
  void on_field_impl(http::field f, View n, View v, ErrorCode& ec) override {
    if (in_body_) return;  // trailers carry nothing we use, and must not pose as headers
    switch (f) {
      case http::field::connection:
      case http::field::proxy_connection:
        if (!connection.empty()) connection += ',';
        connection += sv(v);
        return;
      case http::field::transfer_encoding:
        ++transfer_encodings;
        if (!iequals(sv(v), "chunked")) only_chunked = false;
        return;
      case http::field::expect:
        if (!IsRequest) break;
        if (iequals(sv(v), "100-continue"))
          expect_continue = true;
        else
          expect_other = true;
        return;
      case http::field::content_length:
      case http::field::keep_alive:
      case http::field::te:
      case http::field::trailer:
      case http::field::upgrade:
      case http::field::proxy_authenticate:
      case http::field::proxy_authorization:
        return;
      case http::field::host:
        ++hosts;
        break;
      default:
        break;
    }
    if (headers_.size() >= limits::kHeaderCountMax) {
      ec = http::error::header_limit;
      return;
    }
    headers_.add_valid(sv(n), sv(v));
  }
  void on_header_impl(ErrorCode&) override { in_body_ = true; }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCode&) override {}
  std::size_t on_body_impl(View b, ErrorCode&) override {
    sink_.append(b.data(), b.size());
    return b.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View b, ErrorCode&) override {
    sink_.append(b.data(), b.size());
    return b.size();
  }
  void on_finish_impl(ErrorCode&) override {}

  Headers& headers_;
  std::string& sink_;
  bool in_body_ = false;
};

}  // namespace pb::net
