// Whatever the bytes and however they are cut, a decoder gives the same text or an error, and keeps to its limit.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "net/inflate.h"

namespace {

constexpr std::size_t kOutMax = 1 << 20;

std::optional<std::string> decode(const char* coding, std::string_view in, std::size_t step) {
  const auto inflater = pb::net::Inflater::create(coding);
  std::string out;
  for (std::size_t i = 0; i < in.size(); i += step) {
    const bool good = inflater->feed(in.substr(i, step), out, kOutMax).has_value();
    if (out.size() > kOutMax) std::abort();
    if (!good) return std::nullopt;
  }
  if (!inflater->finish()) return std::nullopt;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static constexpr const char* kCodings[] = {"gzip", "deflate", "br", "zstd", "gzip, br"};
  const char* coding = kCodings[data[0] % 5];
  const std::string_view in(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = decode(coding, in, in.size() + 1),
             pieces = decode(coding, in, std::size_t{data[1]} % 13 + 1);
  // The size between two codings is bounded for each piece alone.
  const bool one_coding = data[0] % 5 < 4;
  if (one_coding && whole != pieces) std::abort();
  return 0;
}
