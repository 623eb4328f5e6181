#include "media/pixels.h"

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb/stb_image_resize.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace pb::media {

Pixels Pixels::make(int width, int height, int channels) {
  Pixels p;
  p.width = width;
  p.height = height;
  p.channels = channels;
  p.data = std::make_unique_for_overwrite<unsigned char[]>(p.bytes());
  return p;
}

Result<Pixels> scale(const Pixels& from, Size to) {
  Pixels out = Pixels::make(to.width, to.height, from.channels);
  const int alpha = from.channels == 4 ? 3 : STBIR_ALPHA_CHANNEL_NONE;
  const int done = stbir_resize_uint8_generic(
      from.data.get(), from.width, from.height, 0, out.data.get(), to.width, to.height, 0, from.channels,
      alpha, 0, STBIR_EDGE_CLAMP, STBIR_FILTER_DEFAULT, STBIR_COLORSPACE_LINEAR, nullptr);
  if (done == 0) return fail(Code::internal, "there is not enough memory to scale a picture");
  return out;
}

Pixels upright(const Pixels& from, int orientation) {
  const bool swapped = orientation >= 5;
  Pixels to =
      Pixels::make(swapped ? from.height : from.width, swapped ? from.width : from.height, from.channels);
  const auto channels = static_cast<std::size_t>(from.channels);
  const std::size_t row = from.row_bytes();
  for (int y = 0; y < to.height; ++y) {
    unsigned char* out = to.data.get() + static_cast<std::size_t>(y) * to.row_bytes();
    for (int x = 0; x < to.width; ++x, out += channels) {
      // Where the pixel at x, y of the upright picture is stored.
      int sx = swapped ? y : x, sy = swapped ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        sx = from.width - 1 - sx;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        sy = from.height - 1 - sy;
      std::memcpy(
          out, from.data.get() + static_cast<std::size_t>(sy) * row + static_cast<std::size_t>(sx) * channels,
          channels);
    }
  }
  return to;
}

Pixels flatten(const Pixels& from) {
  Pixels to = Pixels::make(from.width, from.height, 3);
  const unsigned char* in = from.data.get();
  unsigned char* out = to.data.get();
  for (std::size_t i = 0, n = to.bytes() / 3; i < n; ++i, in += 4, out += 3)
    for (int c = 0; c < 3; ++c)
      out[c] = static_cast<unsigned char>((in[c] * unsigned{in[3]} + 255u * (255u - in[3]) + 127) / 255);
  return to;
}

bool transparent(const Pixels& pixels) {
  if (pixels.channels != 4) return false;
  const unsigned char* p = pixels.data.get() + 3;
  for (std::size_t i = 0, n = pixels.bytes() / 4; i < n; ++i, p += 4)
    if (*p != 255) return true;
  return false;
}

bool few_colours(const Pixels& pixels, std::size_t colours_max) {
  constexpr std::size_t kSlots = 16384;
  std::array<std::uint32_t, kSlots> slots{};  // colour + 1: black's slot must not look empty
  const auto channels = static_cast<std::size_t>(pixels.channels);
  std::size_t found = 0;
  std::uint32_t last = 0;
  const unsigned char* p = pixels.data.get();
  for (std::size_t i = 0, n = pixels.bytes() / channels; i < n; ++i, p += channels) {
    const std::uint32_t colour = (p[0] | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16) + 1;
    if (colour == last) continue;
    last = colour;
    std::size_t slot = colour * 2654435761u >> 18;
    while (slots[slot] != 0 && slots[slot] != colour) slot = (slot + 1) % kSlots;
    if (slots[slot] != 0) continue;
    if (++found > colours_max) return false;
    slots[slot] = colour;
  }
  return true;
}

}  // namespace pb::media
