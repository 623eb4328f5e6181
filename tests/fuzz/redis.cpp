// Whatever Redis sends and however it is cut, the same replies are read, and no more than the limits allow.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "net/redis/resp.h"

using namespace pb::net::redis;

namespace {

constexpr ReplyLimits kLimits{.bytes_max = 16 * 1024, .values_max = 500, .depth_max = 8};

struct Read {
  std::vector<Reply> replies;
  bool broken = false;
};

Read read(std::string_view bytes, std::size_t step) {
  ReplyParser parser(kLimits);
  Read out;
  std::size_t begin = 0;
  for (std::size_t end = 0; end < bytes.size();) {
    end = std::min(bytes.size(), end + step);
    for (;;) {
      Reply reply;
      std::size_t used = 0;
      const std::string_view there = bytes.substr(begin, end - begin);
      const Parsed got = parser.parse(there, reply, used);
      if (got == Parsed::more) break;
      if (got == Parsed::broken) {
        out.broken = true;
        return out;
      }
      if (used == 0 || used > there.size()) std::abort();
      begin += used;
      out.replies.push_back(std::move(reply));
    }
  }
  return out;
}

std::size_t values(const Reply& reply) {
  std::size_t n = 1;
  for (const Reply& item : reply.items) n += values(item);
  return n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Read whole = read(bytes, bytes.size() + 1);
  const Read cut = read(bytes, std::size_t{data[0]} % 13 + 1);
  if (cut.replies != whole.replies) std::abort();
  for (const Reply& reply : whole.replies)
    if (values(reply) > kLimits.values_max) std::abort();
  return 0;
}
