#include "media/headers.h"
#include "media/pixels.h"

namespace pb::media {
namespace {

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::size_t kTagsMax = 512;

// The orientation in a TIFF structure (the body of an EXIF segment), 1 when there is none.
int exif_orientation(std::string_view tiff) {
  const Bytes b(tiff);
  const bool little = b.text(0, 2) == "II";
  if (!little && b.text(0, 2) != "MM") return 1;
  const auto u16 = [&](std::size_t at) { return little ? b.le16(at) : b.be16(at); };
  const auto u32 = [&](std::size_t at) { return little ? b.le32(at) : b.be32(at); };
  if (u16(2) != 42) return 1;
  const std::size_t directory = u32(4);
  if (!b.has(directory, 2)) return 1;
  const std::size_t tags = std::min<std::size_t>(u16(directory), kTagsMax);
  for (std::size_t i = 0; i < tags; ++i) {
    const std::size_t at = directory + 2 + i * 12;
    if (!b.has(at, 12)) return 1;
    if (u16(at) != kOrientationTag) continue;
    const std::uint32_t value = u16(at + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

bool is_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool without_length(std::uint32_t marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

}  // namespace

Result<JpegHeader> read_jpeg_header(std::string_view bytes) {
  const Bytes b(bytes);
  JpegHeader h;
  for (std::size_t at = 2;;) {
    if (!b.has(at, 4)) return damaged(Type::jpeg, "it ends before its size is told");
    if (b.u8(at) != 0xFF) return damaged(Type::jpeg, "a segment has no marker");
    const std::uint32_t marker = b.u8(at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    if (without_length(marker)) {
      at += 2;
      continue;
    }
    const std::size_t length = b.be16(at + 2);
    if (length < 2 || marker == 0xD9 || marker == 0xDA) return damaged(Type::jpeg, "its size is not told");
    if (is_frame(marker)) {
      if (!b.has(at, 10)) return damaged(Type::jpeg, "it ends before its size is told");
      h.height = static_cast<int>(b.be16(at + 5));
      h.width = static_cast<int>(b.be16(at + 7));
      h.components = static_cast<int>(b.u8(at + 9));
      h.progressive = (marker & 3) == 2;
      return h;
    }
    if (marker == 0xE1 && b.text(at + 4, 6) == std::string_view("Exif\0\0", 6) && length >= 8 &&
        b.has(at, 2 + length))
      h.orientation = exif_orientation(bytes.substr(at + 10, length - 8));
    if (marker == 0xEE && b.text(at + 4, 5) == "Adobe") h.adobe = true;
    at += 2 + length;
  }
}

}  // namespace pb::media
