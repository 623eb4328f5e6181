#include "net/http.h"

#include <doctest/doctest.h>

#include <boost/asio/buffer.hpp>

#include "net/h1_parser.h"

using namespace pb::net;

TEST_SUITE_BEGIN("net/http");

TEST_CASE("the text of headers is exact while it grows") {
  for (const bool valid : {false, true}) {
    Headers headers;
    std::string expected;
    for (int i = 0; i < 60; ++i) {
      const std::string name = "x-" + std::to_string(i), value(static_cast<std::size_t>(i), 'v');
      valid ? headers.add_valid(name, value) : headers.add(name, value);
      expected += name + ": " + value + "\r\n";
      REQUIRE(headers.text() == expected);
      REQUIRE(headers.get(name) == value);
    }
  }
}

TEST_CASE("line ends and NUL cannot be put into a field") {
  Headers headers;
  headers.add("a\r\nb", std::string_view("c\r\nd: e\0f", 9));
  CHECK(headers.text() == "a  b: c  d: e f\r\n");
}

TEST_CASE("chunked bodies arrive in pieces of any size") {
  const std::string_view messages[] = {"0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n",
                                       "3;x=1\r\nabc\r\n0;y\r\nTrailer: t\r\n\r\n",
                                       "0\r\nTrailer: t\r\n\r\n"};
  for (std::string_view message : messages)
    for (std::size_t first = 1; first < message.size(); ++first)
      for (std::size_t piece = 1; piece <= 6; ++piece) {
        Headers headers;
        std::string body, method, target;
        H1Parser<true> p(headers, body);
        p.method = &method;
        p.target = &target;
        p.eager(true);
        std::string buffer = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        boost::system::error_code ec;
        std::size_t sent = 0, size = first;
        do {
          buffer.append(message.substr(sent, size));
          sent += std::min(size, message.size() - sent);
          size = piece;
          std::size_t used = 1;
          while (used != 0 && !buffer.empty() && !p.is_done()) {
            used = p.put(boost::asio::buffer(buffer), ec);
            buffer.erase(0, used);
            REQUIRE((!ec || ec == http::error::need_more));
            if (ec) break;
          }
        } while (sent < message.size());
        CHECK(p.is_done());
        CHECK(body == (message.starts_with('3') ? "abc" : ""));
      }
}

TEST_SUITE_END();
