// Decoded pictures and the libraries around them, one file each. All errors are invalid_request, worded to be read after a
// name: "is damaged: …".
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "media/image.h"

namespace pb::media {

// Rows from the top without padding; 3 (RGB) or 4 (RGBA, not premultiplied) bytes a pixel.
struct Pixels {
  int width = 0, height = 0;
  int channels = 3;
  std::unique_ptr<unsigned char[]> data;  // uninitialised when made

  static Pixels make(int width, int height, int channels);
  std::size_t bytes() const { return std::size_t(width) * std::size_t(height) * std::size_t(channels); }
  std::size_t row_bytes() const { return std::size_t(width) * std::size_t(channels); }
};

struct Size {
  int width = 0, height = 0;
};

std::unexpected<Error> damaged(Type type, std::string_view why);

// Decoders get an inspected file. `least`: the size that is wanted; the JPEG and WebP decoders may return any size from it up
// to the picture's own, which saves time and memory.
Result<Pixels> decode_jpeg(std::string_view bytes, const Info& info, Size least);
Result<Pixels> decode_png(std::string_view bytes, const Info& info);
Result<Pixels> decode_webp(std::string_view bytes, const Info& info, Size least);
Result<Pixels> decode_gif(std::string_view bytes, const Info& info);  // the first frame

Result<std::string> encode_jpeg(const Pixels& pixels, int quality);  // three channels only
Result<std::string> encode_png(const Pixels& pixels);  // with a palette where 256 colours are enough
Result<std::string> encode_webp(const Pixels& pixels, int quality);

// To a size not larger than it is.
Result<Pixels> scale(const Pixels& from, Size to);
// Turned and mirrored so that EXIF `orientation` 2 to 8 becomes upright.
Pixels upright(const Pixels& from, int orientation);
// Onto white, three channels.
Pixels flatten(const Pixels& from);
// True when a pixel is not opaque. Three channels: false.
bool transparent(const Pixels& pixels);
// Whether there are at most `colours_max` (up to 4096) different colours.
bool few_colours(const Pixels& pixels, std::size_t colours_max);

}  // namespace pb::media
