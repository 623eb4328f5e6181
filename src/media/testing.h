// Pictures for the tests: made by the libraries, or built by hand where a file must be odd.
#pragma once
#include <string>
#include <string_view>

#include "media/pixels.h"

namespace pb::media::testing {

// A soft picture with `channels` 3 or 4; the fourth is half transparent in the left half.
Pixels gradient(int width, int height, int channels = 3);
// Every pixel another colour: nothing compresses it.
Pixels noise(int width, int height, int channels = 3);
// Left half red, right half blue, with a green row on top.
Pixels flag(int width, int height);

std::string be32(std::uint32_t n);
std::string le16(std::uint32_t n);
std::string le24(std::uint32_t n);
std::string le32(std::uint32_t n);

std::string png_chunk(std::string_view kind, std::string_view body);  // with its CRC
std::string png16(int width, int height, std::uint16_t value);        // grey, 16 bits a channel, no gamma
std::string with_exif_orientation(std::string_view jpeg, int orientation, bool little_endian);
std::string progressive_jpeg(const Pixels& pixels);
std::string cmyk_jpeg(const Pixels& pixels);  // from RGB, stored inverted as Adobe's programs do
std::string gif(int width, int height, int frames,
                unsigned char index = 1);                    // palette: 0 white, 1 red, 2 green
std::string animated_webp(const Pixels& first, int frames);  // more frames are gradients

struct Rgb {
  int r, g, b;
};
Rgb at(const Pixels& pixels, int x, int y);
bool near(Rgb a, Rgb b, int tolerance = 12);
// Decodes any type, whole.
Pixels decoded(std::string_view bytes);

}  // namespace pb::media::testing
