#include "net/address.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace pb::net {
namespace {

struct Block4 {
  std::uint32_t start;
  int bits;
};

constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr Block4 kSpecial4[] = {
    {ip(0, 0, 0, 0), 8},        // this host, this network
    {ip(10, 0, 0, 0), 8},       // private
    {ip(100, 64, 0, 0), 10},    // shared by carriers' customers
    {ip(127, 0, 0, 0), 8},      // loopback
    {ip(169, 254, 0, 0), 16},   // link-local
    {ip(172, 16, 0, 0), 12},    // private
    {ip(192, 0, 0, 0), 24},     // protocol assignments
    {ip(192, 0, 2, 0), 24},     // documentation
    {ip(192, 31, 196, 0), 24},  // AS112
    {ip(192, 52, 193, 0), 24},  // AMT
    {ip(192, 88, 99, 0), 24},   // 6to4 relays
    {ip(192, 168, 0, 0), 16},   // private
    {ip(192, 175, 48, 0), 24},  // AS112
    {ip(198, 18, 0, 0), 15},    // benchmarks
    {ip(198, 51, 100, 0), 24},  // documentation
    {ip(203, 0, 113, 0), 24},   // documentation
    {ip(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

bool public_v4(std::uint32_t address) {
  return std::none_of(std::begin(kSpecial4), std::end(kSpecial4),
                      [&](const Block4& b) { return (address ^ b.start) >> (32 - b.bits) == 0; });
}

struct Block6 {
  std::array<std::uint8_t, 4> start;
  int bits;
};

// Inside 2000::/3, outside of which nothing is global unicast.
constexpr Block6 kSpecial6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments: Teredo, benchmarks, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02, 0x00, 0x00}, 16},  // 6to4
    {{0x26, 0x20, 0x00, 0x4f}, 32},  // AS112 (2620:4f:8000::/48)
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
};

bool public_v6(const boost::asio::ip::address_v6::bytes_type& bytes) {
  if (bytes[0] >> 5 != 1) return false;  // 2000::/3
  const auto head = [](const auto& b) { return ip(b[0], b[1], b[2], b[3]); };
  return std::none_of(std::begin(kSpecial6), std::end(kSpecial6),
                      [&](const Block6& b) { return (head(bytes) ^ head(b.start)) >> (32 - b.bits) == 0; });
}

}  // namespace

bool public_address(const boost::asio::ip::address& address) {
  return address.is_v4() ? public_v4(address.to_v4().to_uint()) : public_v6(address.to_v6().to_bytes());
}

}  // namespace pb::net
