#include <doctest/doctest.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <cstring>
#include <vector>

#include "media/testing.h"

namespace pb::media::testing {
namespace {

std::string_view as_text(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// tjCompress2 with all its choices.
std::string compress(const unsigned char* data, int width, int height, int format, int flags) {
  tjhandle handle = tjInitCompress();
  unsigned char* out = nullptr;
  unsigned long size = 0;
  REQUIRE(tjCompress2(handle, data, width, 0, height, format, &out, &size, TJSAMP_444, 95, flags) == 0);
  std::string bytes(as_text(out, size));
  tjFree(out);
  tjDestroy(handle);
  return bytes;
}

// LZW codes of constant width: a clear code before every second pixel keeps the table from growing.
std::string gif_picture(int pixels, unsigned char index) {
  std::string bits;
  std::uint32_t buffer = 0;
  int have = 0;
  const auto code = [&](std::uint32_t c) {
    buffer |= c << have;
    for (have += 3; have >= 8; have -= 8, buffer >>= 8) bits += static_cast<char>(buffer & 255);
  };
  for (int i = 0; i < pixels; ++i) {
    if (i % 2 == 0) code(4);
    code(index);
  }
  code(5);
  if (have > 0) bits += static_cast<char>(buffer & 255);
  std::string out(1, '\x02');
  for (std::size_t i = 0; i < bits.size(); i += 255) {
    const std::string_view part = std::string_view(bits).substr(i, 255);
    out += static_cast<char>(part.size());
    out += part;
  }
  return out + '\0';
}

std::string riff_chunk(std::string_view kind, std::string body) {
  std::string out = std::string(kind) + le32(static_cast<std::uint32_t>(body.size())) + body;
  if (body.size() % 2 != 0) out += '\0';
  return out;
}

}  // namespace

Pixels gradient(int width, int height, int channels) {
  Pixels p = Pixels::make(width, height, channels);
  unsigned char* out = p.data.get();
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      *out++ = static_cast<unsigned char>(x * 255 / std::max(1, width - 1));
      *out++ = static_cast<unsigned char>(y * 255 / std::max(1, height - 1));
      *out++ = static_cast<unsigned char>((x + y) & 255);
      if (channels == 4) *out++ = x * 2 < width ? 128 : 255;
    }
  return p;
}

Pixels noise(int width, int height, int channels) {
  Pixels p = Pixels::make(width, height, channels);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < p.bytes(); ++i) {
    state = state * 1664525 + 1013904223;
    p.data[i] = static_cast<unsigned char>(state >> 24);
  }
  return p;
}

Pixels flag(int width, int height) {
  Pixels p = Pixels::make(width, height, 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      unsigned char* out = &p.data[(std::size_t(y) * std::size_t(width) + std::size_t(x)) * 3];
      const bool top = y * 8 < height;
      out[0] = !top && x * 2 < width ? 255 : 0;
      out[1] = top ? 255 : 0;
      out[2] = !top && x * 2 >= width ? 255 : 0;
    }
  return p;
}

std::string be32(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}
std::string le16(std::uint32_t n) { return {static_cast<char>(n), static_cast<char>(n >> 8)}; }
std::string le24(std::uint32_t n) { return le16(n) + static_cast<char>(n >> 16); }
std::string le32(std::uint32_t n) { return le24(n) + static_cast<char>(n >> 24); }

std::string png_chunk(std::string_view kind, std::string_view body) {
  const std::string inside = std::string(kind).append(body);
  const auto crc =
      ::crc32(0, reinterpret_cast<const unsigned char*>(inside.data()), static_cast<unsigned>(inside.size()));
  return be32(static_cast<std::uint32_t>(body.size())) + inside + be32(static_cast<std::uint32_t>(crc));
}

std::string png16(int width, int height, std::uint16_t value) {
  std::string raw;
  for (int y = 0; y < height; ++y) {
    raw += '\0';
    for (int x = 0; x < width; ++x) raw.append({static_cast<char>(value >> 8), static_cast<char>(value)});
  }
  std::string packed(compressBound(raw.size()), '\0');
  uLongf size = packed.size();
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()),
             raw.size());
  packed.resize(size);
  const std::string head = be32(static_cast<std::uint32_t>(width)) +
                           be32(static_cast<std::uint32_t>(height)) + std::string("\x10\x00\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", head) + png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

std::string with_exif_orientation(std::string_view jpeg, int orientation, bool little) {
  std::string tiff;
  const auto n = static_cast<char>(orientation);
  if (little)
    tiff = std::string("II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00", 18) + n +
           std::string(7, '\0');
  else
    tiff = std::string("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00", 19) + n +
           std::string(6, '\0');
  const std::string body = std::string("Exif\0\0", 6) + tiff;
  const std::size_t length = body.size() + 2;
  return std::string(jpeg.substr(0, 2)) + "\xFF\xE1" + static_cast<char>(length >> 8) +
         static_cast<char>(length) + body + std::string(jpeg.substr(2));
}

std::string progressive_jpeg(const Pixels& p) {
  return compress(p.data.get(), p.width, p.height, TJPF_RGB, TJFLAG_PROGRESSIVE);
}

std::string cmyk_jpeg(const Pixels& p) {
  // Black is not used, so inverted inks are the colours themselves.
  std::vector<unsigned char> inks;
  for (std::size_t i = 0; i < p.bytes(); i += 3)
    inks.insert(inks.end(), {p.data[i], p.data[i + 1], p.data[i + 2], 255});
  return compress(inks.data(), p.width, p.height, TJPF_CMYK, 0);
}

std::string gif(int width, int height, int frames, unsigned char index) {
  const auto w = static_cast<std::uint32_t>(width), h = static_cast<std::uint32_t>(height);
  std::string out = "GIF89a" + le16(w) + le16(h) + std::string("\x81\x00\x00", 3) +
                    std::string("\xFF\xFF\xFF\xFF\x00\x00\x00\xFF\x00\x00\x00\xFF", 12);
  for (int i = 0; i < frames; ++i) {
    out += std::string("\x21\xF9\x04\x00\x0A\x00\x00\x00", 8);
    out += std::string("\x2C\x00\x00\x00\x00", 5) + le16(w) + le16(h) + '\0';
    out += gif_picture(width * height, i == 0 ? index : 2);
  }
  return out + ';';
}

std::string animated_webp(const Pixels& first, int frames) {
  const auto w = static_cast<std::uint32_t>(first.width - 1),
             h = static_cast<std::uint32_t>(first.height - 1);
  std::string body = "WEBP" + riff_chunk("VP8X", std::string("\x02\x00\x00\x00", 4) + le24(w) + le24(h)) +
                     riff_chunk("ANIM", std::string("\xFF\xFF\xFF\xFF\x00\x00", 6));
  for (int i = 0; i < frames; ++i) {
    const Pixels other = gradient(first.width, first.height);
    const std::string file = *encode_webp(i == 0 ? std::as_const(first) : other, 95);
    body += riff_chunk("ANMF", le24(0) + le24(0) + le24(w) + le24(h) + le24(100) + '\0' + file.substr(12));
  }
  return "RIFF" + le32(static_cast<std::uint32_t>(body.size())) + body;
}

Rgb at(const Pixels& p, int x, int y) {
  const unsigned char* c = &p.data[(std::size_t(y) * std::size_t(p.width) + std::size_t(x)) *
                                   static_cast<std::size_t>(p.channels)];
  return {c[0], c[1], c[2]};
}

bool near(Rgb a, Rgb b, int tolerance) {
  return std::abs(a.r - b.r) <= tolerance && std::abs(a.g - b.g) <= tolerance &&
         std::abs(a.b - b.b) <= tolerance;
}

Pixels decoded(std::string_view bytes) {
  const auto info = inspect(bytes);
  REQUIRE(info.has_value());
  const Size size{info->width, info->height};
  auto p = info->type == Type::jpeg   ? decode_jpeg(bytes, *info, size)
           : info->type == Type::png  ? decode_png(bytes, *info)
           : info->type == Type::webp ? decode_webp(bytes, *info, size)
                                      : decode_gif(bytes, *info);
  REQUIRE_MESSAGE(p.has_value(), p.error().message);
  return std::move(*p);
}

}  // namespace pb::media::testing
