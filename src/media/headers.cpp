#include "media/headers.h"

#include "media/pixels.h"

namespace pb::media {
namespace {

Info sized(Type type, std::uint32_t width, std::uint32_t height) {
  Info info;
  info.type = type;
  // What does not fit an int is far beyond what inspect() lets pass.
  info.width = static_cast<int>(std::min<std::uint32_t>(width, 1u << 30));
  info.height = static_cast<int>(std::min<std::uint32_t>(height, 1u << 30));
  return info;
}

// Past the sub-blocks at `at` (a length, that many bytes, …, 0); 0 when they do not end.
std::size_t skip_sub_blocks(const Bytes& b, std::size_t at) {
  for (;;) {
    if (!b.has(at, 1)) return 0;
    const std::size_t length = b.u8(at);
    at += 1 + length;
    if (length == 0) return at;
  }
}

std::size_t gif_colours(std::uint32_t flags) { return (flags & 0x80) != 0 ? 3u << ((flags & 7) + 1) : 0; }

}  // namespace

// All chunks are walked: it costs little and finds a file that was cut.
Result<Info> read_png_header(std::string_view bytes) {
  const Bytes b(bytes);
  if (!b.has(8, 25)) return damaged(Type::png, "it ends before its size is told");
  if (b.be32(8) != 13 || b.text(12, 4) != "IHDR") return damaged(Type::png, "its size is not told");
  Info info = sized(Type::png, b.be32(16), b.be32(20));
  bool data = false;
  for (std::size_t at = 8;;) {
    if (!b.has(at, 12)) return damaged(Type::png, "it is cut short");
    const std::size_t length = b.be32(at);
    const std::string_view kind = b.text(at + 4, 4);
    if (length > 0x7FFFFFFF || !b.has(at, 12 + length)) return damaged(Type::png, "it is cut short");
    if (kind == "IDAT") data = true;
    if (kind == "acTL" && !data && length >= 8) info.animated = b.be32(at + 8) > 1;
    if (kind == "IEND") break;
    at += 12 + length;
  }
  if (!data) return damaged(Type::png, "it holds no picture");
  return info;
}

Result<Info> read_webp_header(std::string_view bytes) {
  const Bytes b(bytes);
  if (!b.has(0, 30)) return damaged(Type::webp, "it ends before its size is told");
  if (!b.has(8, b.le32(4))) return damaged(Type::webp, "it is cut short");
  const std::string_view kind = b.text(12, 4);
  if (kind == "VP8X") {
    Info info = sized(Type::webp, b.le24(24) + 1, b.le24(27) + 1);
    info.animated = (b.u8(20) & 0x02) != 0;
    return info;
  }
  if (kind == "VP8L" && b.u8(20) == 0x2F) {
    const std::uint32_t bits = b.le32(21);
    return sized(Type::webp, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
  }
  if (kind == "VP8 " && b.text(23, 3) == "\x9D\x01\x2A")
    return sized(Type::webp, b.le16(26) & 0x3FFF, b.le16(28) & 0x3FFF);
  return damaged(Type::webp, "its size is not told");
}

// Blocks are walked up to the second picture, which makes it an animation.
Result<Info> read_gif_header(std::string_view bytes) {
  const Bytes b(bytes);
  if (!b.has(0, 13)) return damaged(Type::gif, "it ends before its size is told");
  Info info = sized(Type::gif, b.le16(6), b.le16(8));
  int frames = 0;
  for (std::size_t at = 13 + gif_colours(b.u8(10)); frames < 2 && b.has(at, 1);) {
    const std::uint32_t kind = b.u8(at);
    if (kind == 0x21) {
      at = skip_sub_blocks(b, at + 2);
    } else if (kind == 0x2C) {
      at = skip_sub_blocks(b, at + 11 + gif_colours(b.u8(at + 9)));
      if (at != 0) ++frames;
    } else {
      break;  // the trailer, or bytes after it
    }
    if (at == 0) break;
  }
  if (frames == 0) return damaged(Type::gif, "it is cut short");
  info.animated = frames > 1;
  return info;
}

}  // namespace pb::media
