// Which addresses a server may be made to connect to by somebody else. Pure.
#pragma once
#include <boost/asio/ip/address.hpp>

namespace pb::net {

// True for addresses of the public Internet. False for everything that IANA's registries of special-purpose addresses
// (RFC 6890) do not call globally reachable: loopback, private, link-local (cloud metadata at 169.254.169.254), shared
// (100.64/10), documentation, benchmarks, multicast, reserved, unspecified; unique local IPv6; and IPv6 addresses that stand
// for an IPv4 one (mapped, 6to4, Teredo, NAT64), whatever that is.
bool public_address(const boost::asio::ip::address& address);

}  // namespace pb::net
