#include <png.h>

#include <array>
#include <cstring>
#include <vector>

#include "media/pixels.h"

namespace pb::media {
namespace {

struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

constexpr std::size_t kPaletteMax = 256;

struct Paletted {
  std::array<unsigned char, kPaletteMax * 4> colours{};
  std::size_t count = 0;
  std::vector<unsigned char> indices;
};

// Finds the palette by trying: the pixel's hash points at a slot, neighbours often have the same colour.
bool make_palette(const Pixels& pixels, Paletted& out) {
  constexpr std::size_t kSlots = 1024;
  std::array<std::uint16_t, kSlots> slots{};  // index + 1
  const std::size_t n = std::size_t(pixels.width) * std::size_t(pixels.height);
  const auto channels = static_cast<std::size_t>(pixels.channels);
  out.indices.resize(n);
  const unsigned char* p = pixels.data.get();
  for (std::size_t i = 0; i < n; ++i, p += channels) {
    std::uint32_t colour = 0;
    std::memcpy(&colour, p, channels);
    std::size_t slot = colour * 2654435761u >> 22;
    while (slots[slot] != 0 && std::memcmp(&out.colours[(slots[slot] - 1u) * channels], p, channels) != 0)
      slot = (slot + 1) % kSlots;
    if (slots[slot] == 0) {
      if (out.count == kPaletteMax) return false;
      std::memcpy(&out.colours[out.count * channels], p, channels);
      slots[slot] = static_cast<std::uint16_t>(++out.count);
    }
    out.indices[i] = static_cast<unsigned char>(slots[slot] - 1);
  }
  return true;
}

Result<std::string> write(PngImage& image, const void* data, const void* colours) {
  png_alloc_size_t size = 0;
  std::string out;
  // A guess first: measuring would mean compressing twice.
  size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::size_t granted = 0;
  out.resize_and_overwrite(size, [&](char* to, std::size_t room) {
    size = room;
    granted = png_image_write_to_memory(&image, to, &size, 0, data, 0, colours) != 0 ? size : 0;
    return granted;
  });
  if (granted == 0) return fail(Code::internal, std::string("the PNG encoder failed: ") + image.message);
  out.shrink_to_fit();
  return out;
}

}  // namespace

Result<Pixels> decode_png(std::string_view bytes, const Info& info) {
  PngImage image;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0)
    return damaged(Type::png, image.message);
  if (image.width != static_cast<unsigned>(info.width) || image.height != static_cast<unsigned>(info.height))
    return damaged(Type::png, "it tells two sizes");
  const bool alpha = (image.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  image.format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits a channel are more of the same, not another brightness
  Pixels pixels = Pixels::make(info.width, info.height, alpha ? 4 : 3);
  if (png_image_finish_read(&image, nullptr, pixels.data.get(), 0, nullptr) == 0)
    return damaged(Type::png, image.message);
  return pixels;
}

Result<std::string> encode_png(const Pixels& pixels) {
  PngImage image;
  image.width = static_cast<unsigned>(pixels.width);
  image.height = static_cast<unsigned>(pixels.height);
  const bool alpha = pixels.channels == 4;
  Paletted paletted;
  if (make_palette(pixels, paletted)) {
    image.format = alpha ? PNG_FORMAT_RGBA_COLORMAP : PNG_FORMAT_RGB_COLORMAP;
    image.colormap_entries = static_cast<unsigned>(paletted.count);
    return write(image, paletted.indices.data(), paletted.colours.data());
  }
  image.format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  image.flags |= PNG_IMAGE_FLAG_FAST;  // half the time for a tenth more bytes
  return write(image, pixels.data.get(), nullptr);
}

}  // namespace pb::media
