#include "net/address.h"

#include <doctest/doctest.h>

#include "net/fetch_url.h"
#include "net/resolver.h"

using namespace pb;
using namespace pb::net;

namespace {

bool is_public(const char* text) { return public_address(boost::asio::ip::make_address(text)); }

std::string host_of(std::string_view url) {
  auto u = parse_fetch_url(url);
  return u ? u->url.host + " " + std::to_string(u->url.port) : "refused: " + u.error().message;
}

}  // namespace

TEST_CASE("addresses: public ones") {
  for (const char* a : {"1.1.1.1",
                        "8.8.8.8",
                        "9.255.255.255",
                        "11.0.0.0",
                        "100.63.255.255",
                        "100.128.0.0",
                        "126.255.255.255",
                        "128.0.0.0",
                        "169.253.255.255",
                        "169.255.0.0",
                        "172.15.255.255",
                        "172.32.0.0",
                        "192.0.1.0",
                        "192.0.3.0",
                        "192.167.255.255",
                        "192.169.0.0",
                        "198.17.255.255",
                        "198.20.0.0",
                        "198.51.99.255",
                        "198.51.101.0",
                        "203.0.112.255",
                        "203.0.114.0",
                        "223.255.255.255",
                        "93.184.216.34",
                        "2606:4700:4700::1111",
                        "2a00:1450:4001::200e",
                        "2001:200::1",
                        "2001:4860::8888",
                        "2003::1",
                        "2620:0:860::1",
                        "3fff:1000::1"}) {
    CAPTURE(a);
    CHECK(is_public(a));
  }
}

TEST_CASE("addresses: everything else") {
  for (const char* a : {"0.0.0.0",
                        "0.1.2.3",
                        "10.0.0.1",
                        "10.255.255.255",
                        "100.64.0.1",
                        "100.127.255.255",
                        "127.0.0.1",
                        "127.255.255.254",
                        "169.254.169.254",
                        "169.254.0.1",
                        "172.16.0.1",
                        "172.31.255.255",
                        "192.0.0.1",
                        "192.0.0.170",
                        "192.0.2.1",
                        "192.88.99.1",
                        "192.168.0.1",
                        "192.168.255.255",
                        "198.18.0.1",
                        "198.19.255.255",
                        "198.51.100.7",
                        "203.0.113.7",
                        "224.0.0.1",
                        "239.255.255.255",
                        "240.0.0.1",
                        "255.255.255.255",
                        "::",
                        "::1",
                        "::127.0.0.1",
                        "::ffff:127.0.0.1",
                        "::ffff:8.8.8.8",
                        "::ffff:0:8.8.8.8",
                        "64:ff9b::8.8.8.8",
                        "64:ff9b::10.0.0.1",
                        "64:ff9b:1::1",
                        "100::1",
                        "2001::1",
                        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                        "2001:2::1",
                        "2001:10::1",
                        "2001:20::1",
                        "2001:1ff:ffff::1",
                        "2001:db8::1",
                        "2002:7f00:1::",
                        "2002:808:808::1",
                        "3fff::1",
                        "3fff:fff::1",
                        "5f00::1",
                        "fc00::1",
                        "fd00:ec2::254",
                        "fe80::1",
                        "fe80::1%1",
                        "febf::1",
                        "fec0::1",
                        "ff02::1",
                        "4000::1"}) {
    CAPTURE(a);
    CHECK(!is_public(a));
  }
}

TEST_CASE("fetch URLs: hosts and ports") {
  CHECK(host_of("http://example.com/a.png") == "example.com 80");
  CHECK(host_of("HTTPS://Example.COM") == "example.com 443");
  CHECK(host_of("https://example.com.:8443/x") == "example.com 8443");
  CHECK(host_of("https://example.com:/x") == "example.com 443");
  CHECK(host_of("https://xn--bcher-kva.example/x") == "xn--bcher-kva.example 443");
  CHECK(host_of("http://93.184.216.34/x") == "93.184.216.34 80");
  CHECK(host_of("http://[2606:4700:4700:0:0::1111]:80/x") == "2606:4700:4700::1111 80");
  CHECK(host_of("https://a_b.example/x") == "a_b.example 443");
  CHECK(host_of("https://1and1.com/x") == "1and1.com 443");
}

TEST_CASE("fetch URLs: what programs read differently is refused") {
  const std::string spelling =
      "refused: has an IPv4 address in an unusual spelling; write it as four decimal numbers";
  for (const char* u :
       {"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/",
        "http://127.0.0.0x1/", "http://0x7f.0x0.0x0.0x1/", "http://127.0.1/", "http://017700000001/",
        "http://127.0.0.1.1/", "http://256.1.1.1/", "http://127.0.0.01/", "http://1.2.3.4.5/",
        "http://foo.0x/", "http://0/", "http://0x/", "http://127.0.0.1.1./"}) {
    CAPTURE(u);
    CHECK(host_of(u) == spelling);
  }
  CHECK(host_of("http://127.0.0.1./") ==
        "127.0.0.1 80");  // a dot at the end changes nothing: the address is checked
  CHECK(host_of("ftp://example.com/") == "refused: must start with http:// or https://");
  CHECK(host_of("file:///etc/passwd") == "refused: must start with http:// or https://");
  CHECK(host_of("gopher://x") == "refused: must start with http:// or https://");
  CHECK(host_of("example.com/a.png") == "refused: must start with http:// or https://");
  CHECK(host_of("http:example.com") == "refused: must start with http:// or https://");
  CHECK(host_of("http://user@example.com/") == "refused: must not hold a user name or password");
  CHECK(host_of("http://1.1.1.1@127.0.0.1/") == "refused: must not hold a user name or password");
  CHECK(host_of("http://user:pw@example.com/") == "refused: must not hold a user name or password");
  CHECK(host_of("http://example.com\\@127.0.0.1/") == "refused: has a backslash in its host");
  CHECK(host_of("http://exa mple.com/") == "refused: holds a space or a control character");
  CHECK(host_of("http://example.com/a\r\nHost: b") == "refused: holds a space or a control character");
  CHECK(host_of("http:///path") == "refused: has no host");
  CHECK(host_of("http://:80/") == "refused: has no host");
  CHECK(host_of("http://./") == "refused: has no host");
  CHECK(host_of("http://a..b/") == "refused: has a malformed host");
  CHECK(host_of("http://.a/") == "refused: has a malformed host");
  CHECK(host_of("http://" + std::string(64, 'a') + ".com/") == "refused: has a malformed host");
  CHECK(host_of("http://" + std::string(8200, 'a')) == "refused: is longer than 8192 bytes");
  CHECK(host_of("http://b\xC3\xBC"
                "cher.example/") ==
        "refused: has letters beyond ASCII in its host; write the name in its xn-- form");
  CHECK(host_of("http://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/") ==
        "refused: has letters beyond ASCII in its host; write the name in its xn-- form");
  CHECK(host_of("http://127.0.0.1%2e/") == "refused: has a character in its host that does not belong there");
  CHECK(host_of("http://%31%32%37.0.0.1/") ==
        "refused: has a character in its host that does not belong there");
  CHECK(host_of("http://a,b/") == "refused: has a character in its host that does not belong there");
  CHECK(host_of("http://[fe80::1%25eth0]/") == "refused: has an IPv6 zone in its host");
  CHECK(host_of("http://[::1/") == "refused: has an IPv6 address without its closing bracket");
  CHECK(host_of("http://[::1]x/") == "refused: has unexpected text after its host");
  CHECK(host_of("http://[example.com]/") == "refused: has a malformed IPv6 address");
  CHECK(host_of("http://a:0/") == "refused: has a port that is not a number from 1 to 65535");
  CHECK(host_of("http://a:65536/") == "refused: has a port that is not a number from 1 to 65535");
  CHECK(host_of("http://a:+80/") == "refused: has a port that is not a number from 1 to 65535");
  CHECK(host_of("http://a:8a/") == "refused: has a port that is not a number from 1 to 65535");
  CHECK(host_of("http://::1/") == "refused: has no host");
}

TEST_CASE("fetch URLs: what is asked for, and what is shown") {
  auto u = *parse_fetch_url("https://Example.com/a/\xC3\xA9.png?sig=secret&x=1#part");
  CHECK(u.target == "/a/%C3%A9.png?sig=secret&x=1");
  CHECK(u.shown == "https://example.com/a/%C3%A9.png");
  CHECK(parse_fetch_url("http://h?q=1")->target == "/?q=1");
  CHECK(parse_fetch_url("http://h")->target == "/");
  CHECK(parse_fetch_url("http://h#x/y")->target == "/");
}

TEST_CASE("fetch URLs: redirects") {
  const FetchUrl from = *parse_fetch_url("https://h:8443/a/b?q=1");
  CHECK(redirect_target(from, "http://other/x") == "http://other/x");
  CHECK(redirect_target(from, "file:///etc/passwd") == "file:///etc/passwd");
  CHECK(redirect_target(from, "//other/x") == "https://other/x");
  CHECK(redirect_target(from, "/x?y") == "https://h:8443/x?y");
  CHECK(redirect_target(from, "x") == "https://h:8443/a/x");
  CHECK(redirect_target(from, "x:y/z") == "x:y/z");
  CHECK(redirect_target(from, "./x:y") == "https://h:8443/a/./x:y");
  CHECK(redirect_target(from, "?z") == "https://h:8443/a/b?z");
}

TEST_CASE("fetch URLs: hosts that are allowed") {
  const auto allows = [](std::string_view entry, std::string_view url) {
    auto e = parse_allowed_host(entry);
    REQUIRE(e.has_value());
    return e->matches(parse_fetch_url(url)->url);
  };
  CHECK(allows("images.local", "http://IMAGES.local.:9000/"));
  CHECK(!allows("images.local", "http://x.images.local/"));
  CHECK(allows("Images.Local:9000", "http://images.local:9000/"));
  CHECK(!allows("images.local:9000", "http://images.local/"));
  CHECK(allows("*.corp.example", "http://a.b.corp.example/"));
  CHECK(!allows("*.corp.example", "http://corp.example/"));
  CHECK(!allows("*.corp.example", "http://evilcorp.example/"));
  CHECK(allows("127.0.0.1", "http://127.0.0.1:1234/"));
  CHECK(allows("[::1]:80", "http://[0:0:0:0:0:0:0:1]/"));
  CHECK(allows("fd00::5", "http://[fd00::5]:99/"));
  for (const char* entry : {"", "*", "http://a", "a/b", "a b", "*.1.2.3", "10.0.0.0/8", "a:x", "user@a"}) {
    CAPTURE(entry);
    CHECK(!parse_allowed_host(entry).has_value());
  }
}

TEST_CASE("resolver: literals need no name server") {
  CHECK(look_up("127.0.0.1")->front().to_string() == "127.0.0.1");
  CHECK(look_up("::1")->front().to_string() == "::1");
}
